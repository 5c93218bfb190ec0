"""What every act begins and ends with: a named person, an allowed stage, a reason, and one more version."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from casework import refusals
from records.case import ALLOWED_FROM, Act, Case, CaseStage
from records.errors import ActRefused, InputError
from records.ports import Work
from records.text import excerpt, normalize

LONGEST_NOTE = 1000  # characters
LONGEST_NAME = 100
LONGEST_STATEMENT = 2000

_WHY_NOT = {
    CaseStage.DETECTED: refusals.NOT_ACKNOWLEDGED,
    CaseStage.ACKNOWLEDGED: refusals.ALREADY_TAKEN,
    CaseStage.SET_ASIDE: refusals.SET_ASIDE,
    CaseStage.ASKED: refusals.WITH_SPOKESPERSON,
    CaseStage.APPROVED: refusals.STATEMENT_APPROVED,
    CaseStage.MERGED: refusals.MERGED,
}


def case_id_of(narrative_id: str) -> str:
    return f"case-{narrative_id}"


def require(case: Case, act: Act) -> None:
    """Raises ActRefused when the case's stage does not allow `act`."""
    if case.stage not in ALLOWED_FROM[act]:
        raise ActRefused(case.id, _WHY_NOT[case.stage])


def named(actor: str) -> str:
    """The actor's name in one spelling. Raises InputError when there is none."""
    name = excerpt(normalize(actor), LONGEST_NAME)
    if not name:
        raise InputError(refusals.NAME_MISSING)
    return name


def same_person(a: str, b: str) -> bool:
    return normalize(a).casefold() == normalize(b).casefold()


def reasoned(text: str, *, needed: bool = True) -> str:
    """A reason or note in one spelling. Raises InputError when it is missing or longer than LONGEST_NOTE."""
    reason = normalize(text)
    if needed and not reason:
        raise InputError(refusals.REASON_MISSING)
    if len(reason) > LONGEST_NOTE:
        raise InputError(refusals.TEXT_TOO_LONG)
    return reason


def noted(work: Work, text: str, now: datetime) -> dict[str, str]:
    """The trail's detail for a reason: its hash. The text itself is kept where it can be erased."""
    return {"note_sha256": work.keep_note(text, now)} if text else {}


def changed(work: Work, case: Case, **fields: Any) -> Case:
    """Save `case` with `fields` changed, as its next version."""
    case = replace(case, version=case.version + 1, **fields)
    work.save_case(case)
    return case
