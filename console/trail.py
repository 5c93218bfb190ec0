"""The history of a case, an item or a narrative, as its page tells it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from casework.judgement import NARRATOR
from casework.looking_again import CALENDAR
from console.labels import VERDICTS
from console.language import mark as N_
from records.case import Act
from records.claim import Verdict
from records.ports import Reader

RULE_PREFIX = "rule:"
BY_RULES = N_("Alert rules")
BY_RULE = N_("Alert rule “%(name)s”")
BY_NARRATION = N_("Automatic narration")
BY_CALENDAR = N_("The time to look again has come")


@dataclass(frozen=True, slots=True)
class Happening:
    """`note`: the reason that was given, "" when there was none or it has been erased."""

    act: Act
    who: str
    at: datetime
    note: str


def history(reader: Reader, words: Callable[[str], str], *subjects: str) -> list[Happening]:
    """What happened to any of `subjects`, latest first."""
    entries = {entry.number: entry for subject in subjects for entry in reader.trail_of(subject)}
    return [
        Happening(
            act=entry.act,
            who=who(entry.actor, words),
            at=entry.at,
            note=_note(reader, words, entry.detail),
        )
        for _number, entry in sorted(entries.items(), reverse=True)
    ]


def _note(reader: Reader, words: Callable[[str], str], detail: dict[str, str]) -> str:
    """The reason that was given; of a claim whose verdict changed, what it was and is."""
    if "note_sha256" in detail:
        return reader.note(detail["note_sha256"]) or ""
    if "verdict_before" in detail:
        before, after = (words(VERDICTS[Verdict(detail[name])]) for name in ("verdict_before", "verdict"))
        return f"{before} → {after}"
    return ""


def who(actor: str, words: Callable[[str], str]) -> str:
    """A person's name as it is; a rule, the narrator and the calendar in words."""
    if actor == NARRATOR:
        return words(BY_NARRATION)
    if actor == CALENDAR:
        return words(BY_CALENDAR)
    if not actor.startswith(RULE_PREFIX):
        return actor
    name = actor.removeprefix(RULE_PREFIX)
    return words(BY_RULE) % {"name": name} if name else words(BY_RULES)
