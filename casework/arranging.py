"""What people say of which items are one narrative, and of its name. The narrator never undoes it.

The levels follow when the narratives are judged: call `judge_narratives` with their ids next.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from casework import refusals
from casework.rules_of_work import named, noted, reasoned, require
from casework.triage import merged_into, new_case, parted
from records.case import ALLOWED_FROM, Act, CaseStage
from records.errors import ActRefused, InputError, NotFound
from records.narrative import Arrangement, Merge
from records.ports import Casebook, Work
from records.text import excerpt, normalize

LONGEST_LABEL = 120  # characters
#: Arrangements of one narrative that are looked through for the one to undo.
_LOOKED_THROUGH = 200


def move_items(
    casebook: Casebook,
    narrative_id: str,
    item_ids: Sequence[str],
    into: str | None,
    reason: str,
    actor: str,
    now: datetime,
) -> str:
    """Items go into another narrative, or begin one (None); the other's id. The narrative's case stays with it."""
    actor, reason, chosen = named(actor), reasoned(reason), tuple(dict.fromkeys(item_ids))
    if not chosen:
        raise InputError(refusals.ITEMS_MISSING)
    with casebook.work() as work:
        narrative = work.narrative(narrative_id)
        if narrative.merged_into is not None:
            raise ActRefused(narrative_id, refusals.NARRATIVE_MERGED)
        if len(chosen) >= narrative.items:
            raise ActRefused(narrative_id, refusals.ITEMS_ALL)
        if into is not None:
            _require_target(work, narrative_id, into)
        other = work.move_items(chosen, narrative_id, into, actor, now)
        detail = {"into": other, "items": str(len(chosen)), **noted(work, reason, now)}
        work.trail(now, actor, Act.MOVE_ITEMS, narrative_id, detail)
        return other


def merge_narrative(casebook: Casebook, narrative_id: str, into: str, reason: str, actor: str, now: datetime) -> None:
    """A whole narrative goes into another: a duplicate, say. Its case, if it has one, goes on in the other's, which is
    opened for it and takes over the higher level."""
    actor, reason = named(actor), reasoned(reason)
    with casebook.work() as work:
        merged_before = work.narrative(narrative_id).merged_into
        if merged_before == into:
            return
        if merged_before is not None:
            raise ActRefused(narrative_id, refusals.NARRATIVE_MERGED)
        _require_target(work, narrative_id, into)
        case, other = work.case_of(narrative_id), work.case_of(into)
        if case is not None and case.stage is not CaseStage.MERGED:
            require(case, Act.MERGE)
            if other is not None and other.stage in (CaseStage.MERGED, CaseStage.SET_ASIDE):
                raise ActRefused(other.id, refusals.INTO_CLOSED)
            if work.narrative(into).risk is None:
                raise ActRefused(into, refusals.NOT_JUDGED)
            other = other or new_case(work, into, case.level, actor, now, thread=case.thread_id)
            merged_into(work, case, other, actor, now)
        work.merge_narratives(Merge(narrative_id, into, similarity=1.0, item_id=None), actor, now)
        work.trail(now, actor, Act.MERGE, narrative_id, {"into": into, **noted(work, reason, now)})


def undo_arrangement(casebook: Casebook, narrative_id: str, number: int, actor: str, now: datetime) -> Arrangement:
    """Take back what is among `Work.arrangements` of the narrative: a move, or a merge by whoever made it.

    Where the items went on since, what was done last is undone first: no narrative is left without items, and no case
    with them.
    """
    actor = named(actor)
    with casebook.work() as work:
        known = {one.number: one for one in work.arrangements(narrative_id, _LOOKED_THROUGH)}
        if (one := known.get(number)) is None:
            raise NotFound("arrangement", str(number))
        if one.whole:
            _part(work, one, actor, now)
        else:
            _put_back(work, one, actor, now)
        return one


def _part(work: Work, one: Arrangement, actor: str, now: datetime) -> None:
    holder = _surviving(work, one.into)
    work.split_narratives(one.narrative_id, actor, now)
    if not (work.narrative(one.narrative_id).items and work.narrative(holder).items):
        raise ActRefused(one.narrative_id, refusals.LEAVES_EMPTY)
    case = work.case_of(one.narrative_id)
    if case is not None and case.stage is CaseStage.MERGED:
        parted(work, case, actor, now)
    work.trail(now, actor, Act.SPLIT, one.narrative_id, {"from": one.into})


def _put_back(work: Work, one: Arrangement, actor: str, now: datetime) -> None:
    if any(later.whole and later.narrative_id == one.into for later in work.arrangements(one.into, _LOOKED_THROUGH)):
        raise ActRefused(one.into, refusals.MERGED_SINCE)
    holder = _surviving(work, one.into)
    work.take_back_move(one.number, actor, now)
    work.trail(now, actor, Act.UNDO_MOVE, one.narrative_id, {"from": one.into})
    source = work.narrative(holder).merged_into
    if source is not None and any(later.number > one.number for later in work.arrangements(holder, _LOOKED_THROUGH)):
        raise ActRefused(holder, refusals.LEAVES_EMPTY)
    case = work.case_of(holder)
    if case is None or case.stage is CaseStage.MERGED or not (one.begun or source):
        return
    if case.stage not in ALLOWED_FROM[Act.MERGE]:
        raise ActRefused(holder, refusals.HAS_CASE)
    if source is not None:
        # A rule may have opened it the moment the narrative was judged: it goes where the items went.
        into = work.case_of(source) or new_case(work, source, case.level, actor, now, thread=case.thread_id)
        if into.stage in (CaseStage.MERGED, CaseStage.SET_ASIDE):
            raise ActRefused(into.id, refusals.INTO_CLOSED)  # live work would end in what is closed
        merged_into(work, case, into, actor, now)


def _surviving(work: Work, narrative_id: str) -> str:
    """The id of the narrative that it was merged into, in however many steps; else itself."""
    while (into := work.narrative(narrative_id).merged_into) is not None:
        narrative_id = into
    return narrative_id


def rename(casebook: Casebook, narrative_id: str, label: str, actor: str, now: datetime) -> None:
    """A person's name for the narrative, which stays whatever comes; "" takes it back, and the narrator names it."""
    actor, label = named(actor), excerpt(normalize(label), LONGEST_LABEL)
    with casebook.work() as work:
        if work.narrative(narrative_id).label != label and work.rename(narrative_id, label, actor):
            work.trail(now, actor, Act.RENAME, narrative_id, noted(work, label, now))


def _require_target(work: Work, narrative_id: str, into: str) -> None:
    if into == narrative_id:
        raise ActRefused(narrative_id, refusals.TARGET_SAME)
    if work.narrative(into).merged_into is not None:
        raise ActRefused(into, refusals.TARGET_MERGED)
