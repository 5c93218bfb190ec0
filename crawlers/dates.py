"""Dates as pages and feeds write them → UTC. Pure.

Vietnamese pages put the day first. What can only be read month first is unknown: a guess would be worse than none.
A date without a time is that day's midnight in Viet Nam; a time without a zone is Vietnam time.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from records.calendar import VIETNAM, believed

_LONGEST = 100  # characters
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{1,2}:\d{2}(:\d{2}(\.\d{1,9})?)?\s?(Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?", re.I)
_SHORT_YEAR = re.compile(r"\b0\d{3}\b(?!:)(?<![+-]\d{4})")  # year 0001, which the library takes for 2001
_DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?!\d)")
_IN_WORDS = re.compile(r"(\d{1,2})\s+tháng\s+(\d{1,2})(?:\s+năm|,)?\s+(\d{4})", re.I)
_TIME = re.compile(r"(?<!\d)(\d{1,2})\s*[:hg]\s*(\d{2})(?::(\d{2}))?(?!\d)\s*(AM|PM|SA|CH)?", re.I)
_ZONE = re.compile(r"(?:GMT|UTC)?\s*([+-])(\d{1,2})(?::?(\d{2}))?\s*\)?\s*$", re.I)


def parse_date(written: str | None, now: datetime) -> datetime | None:
    """The moment in UTC, or None when it is missing, unreadable or not believed (see `records.calendar.believed`)."""
    if not written:
        return None
    text = " ".join(str(written)[:_LONGEST].split())
    try:
        moment = _iso(text) or _mail(text) or _vietnamese(text)
    except (ValueError, OverflowError):
        return None
    return believed(moment, now)


def _iso(text: str) -> datetime | None:
    match = _ISO.fullmatch(text)
    if not match:
        return None
    value = re.sub(r"\s?(UTC|GMT|Z)$", "+00:00", text, flags=re.I)
    value = re.sub(r"(\.\d{6})\d+", r"\1", re.sub(r"\s(?=[+-]\d{2}:?\d{2}$)", "", value))
    value = re.sub(r"([T ])(\d):", r"\g<1>0\2:", value)
    return datetime.fromisoformat(value)


def _mail(text: str) -> datetime | None:
    """RFC 822, as RSS has it. "GMT+7", which it does not know, is read as Vietnam time by giving no zone."""
    if _SHORT_YEAR.search(text):
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError):
        return None
    return moment.replace(tzinfo=UTC) if text.endswith("-0000") else moment


def _vietnamese(text: str) -> datetime | None:
    match = _DAY_FIRST.search(text) or _IN_WORDS.search(text)
    if not match:
        return None
    day, month, year = (int(part) for part in match.groups())
    rest = text[: match.start()] + " " + text[match.end() :]
    hour = minute = second = 0
    if clock := _TIME.search(rest):
        hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
        half = (clock[4] or "").upper()
        if half in ("PM", "CH") and hour < 12:
            hour += 12
        elif half in ("AM", "SA") and hour == 12:
            hour = 0
        zone = _ZONE.search(rest[clock.end() :])
        if zone:
            offset = f"{zone[1]}{int(zone[2]):02d}:{zone[3] or '00'}"
            return datetime.fromisoformat(
                f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}{offset}"
            )
    return datetime(year, month, day, hour, minute, second, tzinfo=VIETNAM)
