"""Grasping (chủ động nắm bắt): open, acknowledge, set aside, and the way back; what a merge does to the cases."""

from __future__ import annotations

from datetime import datetime

from casework import refusals
from casework.notices import put_out
from casework.recipients import NOBODY, Recipients
from casework.rules_of_work import case_id_of, changed, named, noted, reasoned, require
from records.case import Act, Case, CaseStage, SetAsideReason
from records.errors import ActRefused
from records.message import NoticeKind
from records.ports import Casebook, Work
from records.risk import Level, Risk

_AT_WORK = frozenset({CaseStage.DETECTED, CaseStage.ACKNOWLEDGED})


def open_case(
    casebook: Casebook,
    narrative_id: str,
    actor: str,
    now: datetime,
    recipients: Recipients = NOBODY,
) -> Case:
    """A person opens a case by hand; `recipients` hear of it. A narrative has one case: it is given again."""
    actor = named(actor)
    with casebook.work() as work:
        narrative = work.narrative(narrative_id)
        if narrative.merged_into is not None:
            raise ActRefused(narrative_id, refusals.NARRATIVE_MERGED)
        if (known := work.case_of(narrative_id)) is not None:
            return known
        if narrative.risk is None:
            raise ActRefused(narrative_id, refusals.NOT_JUDGED)
        case = new_case(work, narrative_id, narrative.risk.level, actor, now)
        put_out(work, NoticeKind.CASE_OPENED, case, alert_cause(case), recipients.addresses, now)
        return case


def new_case(
    work: Work, narrative_id: str, level: Level, opened_by: str, now: datetime, thread: str | None = None
) -> Case:
    case = Case(
        id=case_id_of(narrative_id),
        narrative_id=narrative_id,
        stage=CaseStage.DETECTED,
        level=level,
        opened_at=now,
        opened_by=opened_by,
        version=1,
        thread=thread,
    )
    work.save_case(case)
    work.trail(now, opened_by, Act.OPEN, case.id, {"level": level})
    return case


def alert_cause(case: Case) -> str:
    """What an alert's key is made of: a narrative is said once at each level."""
    return f"case:{case.narrative_id}:{case.level}"


def acknowledge(casebook: Casebook, case_id: str, actor: str, now: datetime) -> Case:
    """Somebody takes the case."""
    actor = named(actor)
    with casebook.work() as work:
        case = work.case(case_id)
        if case.stage is CaseStage.ACKNOWLEDGED and case.owner == actor:
            return case
        require(case, Act.ACKNOWLEDGE)
        taken = {"owner": actor, "acknowledged_at": now, "look_again_at": None}
        case = changed(work, case, stage=CaseStage.ACKNOWLEDGED, **taken)
        work.trail(now, actor, Act.ACKNOWLEDGE, case.id, {})
        return case


def set_aside(
    casebook: Casebook,
    case_id: str,
    reason: SetAsideReason,
    note: str,
    look_again_at: datetime | None,
    actor: str,
    now: datetime,
) -> Case:
    """Decide not to act. WATCH ("watch and do not amplify") wants a time to look again, and comes back by itself when
    the narrative's level rises above what it is now. With a time to look again it comes back then, too;
    otherwise the decision holds until a person reopens the case.
    """
    actor, note = named(actor), reasoned(note, needed=False)
    with casebook.work() as work:
        case = work.case(case_id)
        decision = (reason, note, look_again_at)
        if case.stage is CaseStage.SET_ASIDE and case.owner == actor and _decision(case) == decision:
            return case
        require(case, Act.SET_ASIDE)
        if reason is SetAsideReason.DUPLICATE:
            raise ActRefused(case.id, refusals.MERGE_INSTEAD)
        if reason is SetAsideReason.WATCH and (look_again_at is None or look_again_at <= now):
            raise ActRefused(case.id, refusals.WHEN_TO_LOOK_AGAIN)
        risk = work.narrative(case.narrative_id).risk
        case = changed(
            work,
            case,
            stage=CaseStage.SET_ASIDE,
            owner=actor,
            set_aside_reason=reason,
            note=note,
            look_again_at=look_again_at,
            level=max(case.level, risk.level) if risk else case.level,
        )
        detail = {"reason": reason.value, "level": case.level.value, **noted(work, note, now)}
        if look_again_at is not None:
            detail["look_again_at"] = look_again_at.isoformat()
        work.trail(now, actor, Act.SET_ASIDE, case.id, detail)
        _say_closed(work, case, now, note)
        return case


def _decision(case: Case) -> tuple[SetAsideReason | None, str, datetime | None]:
    return case.set_aside_reason, case.note, case.look_again_at


def reopen(casebook: Casebook, case_id: str, actor: str, now: datetime) -> Case:
    """Undo setting aside: back to whom it was taken by, or to newly detected. A case at work is left as it is."""
    actor = named(actor)
    with casebook.work() as work:
        case = work.case(case_id)
        if case.stage in _AT_WORK:
            return case
        require_stage(case, CaseStage.SET_ASIDE, refusals.NOT_SET_ASIDE)
        return reopened(work, case, actor, now, _stage_before(case))


def reopened(
    work: Work, case: Case, actor: str, now: datetime, stage: CaseStage, look_again_at: datetime | None = None
) -> Case:
    """To `stage`; newly detected, the case is nobody's and its clock of acknowledging runs again."""
    fresh = {"owner": None, "acknowledged_at": None} if stage is CaseStage.DETECTED else {"owner": actor}
    closed = {"set_aside_reason": None, "look_again_at": look_again_at, "note": ""}
    case = changed(work, case, stage=stage, **closed, **fresh)
    work.trail(now, actor, Act.REOPEN, case.id, {})
    return case


def require_stage(case: Case, stage: CaseStage, problem: str) -> None:
    if case.stage is not stage:
        raise ActRefused(case.id, problem)


def _stage_before(case: Case) -> CaseStage:
    return CaseStage.DETECTED if case.acknowledged_at is None else CaseStage.ACKNOWLEDGED


def merged_into(work: Work, case: Case, into: Case, actor: str, now: datetime, into_risk: Risk | None = None) -> Case:
    """The cases' part of a merge: one closes, the other is said to be at least as high.

    Who was told of the one hears, in its thread, of the other; `into_risk` when that is not saved yet.
    """
    case = changed(work, case, stage=CaseStage.MERGED, merged_into=into.id, set_aside_reason=None, look_again_at=None)
    work.trail(now, actor, Act.MERGE, case.id, {"into": into.id})
    if case.level > into.level:
        into = changed(work, into, level=case.level)
    told = work.addresses(case.thread_id)
    cause = f"merged:{case.id}:{case.version}"
    put_out(work, NoticeKind.CASE_MERGED, into, cause, told, now, risk=into_risk, thread=case.thread_id)
    return case


def parted(work: Work, case: Case, actor: str, now: datetime) -> Case:
    """The case's part of undoing a merge."""
    case = changed(work, case, stage=_stage_before(case), merged_into=None)
    work.trail(now, actor, Act.SPLIT, case.id, {})
    return case


def _say_closed(work: Work, case: Case, now: datetime, note: str = "") -> None:
    """In the thread, to everybody who was told of the case."""
    told = work.addresses(case.thread_id)
    put_out(work, NoticeKind.CASE_CLOSED, case, f"closed:{case.id}:{case.version}", told, now, note=note)
