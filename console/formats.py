"""How times, numbers and other people's texts are shown."""

from __future__ import annotations

from datetime import datetime

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from markupsafe import Markup, escape

from records.calendar import local
from records.text import mask_personal

MARK_START, MARK_END = "\x02", "\x03"


def moment(when: datetime, language: str) -> str:
    """`when` in Viet Nam: "08:15, 23/8/2026"; the month by name in English."""
    return f"{local(when):%H:%M}, {day(when, language)}"


def day(when: datetime, language: str) -> str:
    shown = local(when)
    return f"{shown.day}/{shown.month}/{shown.year}" if language == "vi" else format_date(shown, "d MMM y", "en")


def short_day(when: datetime, language: str) -> str:
    shown = local(when)
    return f"{shown.day}/{shown.month}" if language == "vi" else format_date(shown, "d MMM", "en")


def number(value: float, language: str) -> str:
    return format_decimal(value, format="#,##0.#", locale=language)


def percent(value: float, language: str) -> str:
    return format_percent(value, locale=language)


def size(count: int, language: str) -> str:
    """A number of bytes in kB, at least 1."""
    return f"{format_decimal(max(1, round(count / 1000)), locale=language)} kB"


def marked(text: str) -> Markup:
    """A search hit's text as HTML: personal data masked, everything escaped, what matched in <mark>.

    Where masking changes the text its highlights are given up: a mark inside a number must not uncover it.
    """
    plain = text.replace(MARK_START, "").replace(MARK_END, "")
    masked = mask_personal(plain)
    if masked != plain:
        return escape(masked)
    parts = str(escape(text)).replace(MARK_START, "<mark>").replace(MARK_END, "</mark>")
    if parts.count("<mark>") != parts.count("</mark>"):
        return escape(plain)
    return Markup(parts)  # noqa: S704  (escaped above)
