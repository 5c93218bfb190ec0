"""A notice as a mail. Pure. Everything is escaped by Jinja; links are http(s) only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from alerts import words
from alerts.letterhead import Letterhead, safe_link
from records.message import Letter, Notice
from records.risk import Level
from records.text import excerpt

SUBJECT_CHARACTERS = 150

#: (background, text) of a level's badge: readable in black and white too, because the word stands in it.
COLORS = {
    Level.LOW: ("#e5e7eb", "#1f2937"),
    Level.MEDIUM: ("#fde68a", "#713f12"),
    Level.HIGH: ("#fdba74", "#7c2d12"),
    Level.CRITICAL: ("#b91c1c", "#ffffff"),
}

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals |= {"words": words, "safe_link": safe_link, "colors": COLORS}


@dataclass(frozen=True, slots=True)
class MailContent:
    """`text` and `html` say the same."""

    subject: str
    text: str
    html: str


def compose_alert(notice: Notice, letterhead: Letterhead) -> MailContent:
    """`notice` as a mail from `letterhead`'s department."""
    level = words.LEVEL[notice.risk.level]
    event = words.EVENT[notice.kind]
    subject = excerpt(f"[Tin3C] {event}, rủi ro {level}: {notice.title}", SUBJECT_CHARACTERS)
    return render("alert", subject, notice=notice, letterhead=letterhead)


def composed(said: Notice | Letter, letterhead: Letterhead) -> MailContent:
    """What a message says, as a mail."""
    if isinstance(said, Letter):
        return MailContent(said.title, said.text, said.html)
    return compose_alert(said, letterhead)


def render(template: str, subject: str, **values: Any) -> MailContent:
    """`template`.txt.j2 and `template`.html.j2 with `values`."""
    subject = " ".join(subject.split())
    text = _templates.get_template(f"{template}.txt.j2").render(subject=subject, **values)
    html = _templates.get_template(f"{template}.html.j2").render(subject=subject, **values)
    return MailContent(subject, text, html)
