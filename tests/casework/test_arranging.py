"""Arranging narratives as acts: with a reason, on record, and back again unless people work on the outcome."""

from __future__ import annotations

import pytest

import casework
from casework import refusals
from records.case import Act, CaseStage, SetAsideReason
from records.errors import ActRefused, InputError, NotFound
from tests.casework.conftest import Newsroom


@pytest.fixture
def narrative(room: Newsroom) -> str:
    """Three items of one narrative; rules open no case."""
    room.rules = ()
    id = room.item("a")
    room.spread(id, "Nhóm hai")
    room.spread(id, "Nhóm ba")
    room.judge()
    return id


def _others(room: Newsroom, narrative: str) -> list[str]:
    return [m.item.id for m in room.store.reader.members(narrative, limit=9) if m.item.id != narrative]


def _number(room: Newsroom, narrative: str) -> int:
    with room.store.casebook.work() as work:
        return work.arrangements(narrative)[0].number


def test_what_was_begun_is_merged_back_and_stays_once_it_has_a_statement(room: Newsroom, narrative: str) -> None:
    book, chosen = room.store.casebook, _others(room, narrative)
    with pytest.raises(InputError, match=refusals.REASON_MISSING):
        casework.move_items(book, narrative, chosen, None, " ", "Lan", room.now)
    new = casework.move_items(book, narrative, chosen, None, "chuyện khác", "Lan", room.now)
    assert room.acts(narrative) == [Act.MOVE_ITEMS] and room.store.reader.narrative(new).items == 2
    room.judge(new)
    case = casework.open_case(book, new, "Lan", room.now)
    casework.merge_narrative(book, new, narrative, "vẫn là một chuyện", "Lan", room.now)
    assert room.case(new).stage is CaseStage.MERGED and room.case(narrative).thread_id == case.thread_id
    casework.undo_arrangement(book, new, _number(room, new), "Lan", room.now)
    assert room.case(new).stage is CaseStage.DETECTED and room.store.reader.narrative(new).items == 2
    assert room.acts(new) == [Act.MERGE, Act.SPLIT]
    casework.acknowledge(book, case.id, "Lan", room.now)
    casework.ask_spokesperson(book, case.id, "Không có căn cứ.", "Lan", room.now)
    with pytest.raises(ActRefused, match=refusals.HAS_CASE):
        casework.undo_arrangement(book, narrative, _number(room, narrative), "Lan", room.now)


def test_undoing_a_move_takes_the_new_case_along(room: Newsroom, narrative: str) -> None:
    book = room.store.casebook
    new = casework.move_items(book, narrative, _others(room, narrative), None, "chuyện khác", "Lan", room.now)
    room.judge(new)
    casework.open_case(book, new, "rule:nguy cơ cao", room.now)
    casework.undo_arrangement(book, narrative, _number(room, narrative), "Lan", room.now)
    assert (room.case(new).stage, room.case(new).merged_into) == (CaseStage.MERGED, room.case(narrative).id)
    assert room.store.reader.narrative(new).id == narrative


def test_live_work_does_not_go_into_a_case_that_was_set_aside(room: Newsroom, narrative: str) -> None:
    book = room.store.casebook
    new = casework.move_items(book, narrative, _others(room, narrative), None, "chuyện khác", "Lan", room.now)
    room.judge(new)
    aside = casework.open_case(book, narrative, "Lan", room.now)
    casework.set_aside(book, aside.id, SetAsideReason.NOT_OURS, "", None, "Lan", room.now)
    casework.acknowledge(book, casework.open_case(book, new, "Lan", room.now).id, "Lan", room.now)
    with pytest.raises(ActRefused, match=refusals.INTO_CLOSED):
        casework.undo_arrangement(book, narrative, _number(room, narrative), "Lan", room.now)
    assert room.case(new).stage is CaseStage.ACKNOWLEDGED and room.store.reader.narrative(new).items == 2
    casework.reopen(book, aside.id, "Lan", room.now)
    casework.undo_arrangement(book, narrative, _number(room, narrative), "Lan", room.now)
    assert room.case(new).merged_into == aside.id


def test_a_move_without_a_case_comes_back_once(room: Newsroom, narrative: str) -> None:
    book, chosen = room.store.casebook, _others(room, narrative)
    new = casework.move_items(book, narrative, chosen[:1], None, "chuyện khác", "Lan", room.now)
    number = _number(room, new)
    casework.undo_arrangement(book, new, number, "Lan", room.now)
    assert room.store.reader.narrative(new).id == narrative and room.store.reader.narrative(narrative).items == 3
    assert room.acts(narrative) == [Act.MOVE_ITEMS, Act.UNDO_MOVE]
    with pytest.raises(NotFound):
        casework.undo_arrangement(book, narrative, number, "Lan", room.now)
    casework.merge_narrative(book, new, narrative, "gộp", "Lan", room.now)
    assert room.acts(new) == [], "it is there already"
    with pytest.raises(ActRefused, match=refusals.NARRATIVE_MERGED):
        casework.merge_narrative(book, new, room.item("b"), "gộp", "Lan", room.now)
    with pytest.raises(ActRefused, match=refusals.TARGET_MERGED):
        casework.move_items(book, narrative, chosen[:1], new, "lại chuyển", "Lan", room.now)


def test_a_move_waits_for_the_merge_that_came_after_it(room: Newsroom, narrative: str) -> None:
    book, other, third = room.store.casebook, room.item("b"), room.item("c")
    room.judge()
    new = casework.move_items(book, narrative, _others(room, narrative), None, "chuyện khác", "Lan", room.now)
    first = _number(room, narrative)
    case = casework.acknowledge(book, casework.open_case(book, other, "Lan", room.now).id, "Lan", room.now)
    casework.merge_narrative(book, new, other, "gộp", "Lan", room.now)
    casework.move_items(book, other, [other], third, "chuyện khác", "Lan", room.now)
    with pytest.raises(ActRefused, match=refusals.MERGED_SINCE):
        casework.undo_arrangement(book, narrative, first, "Lan", room.now)
    with pytest.raises(ActRefused, match=refusals.LEAVES_EMPTY):
        casework.undo_arrangement(book, new, _number(room, new), "Lan", room.now)
    assert room.case(other) == case and room.store.reader.narrative(other).items == 2
    for where in (third, new, narrative):
        casework.undo_arrangement(book, where, _number(room, where), "Lan", room.now)
    assert [room.store.reader.narrative(id).items for id in (narrative, other, third)] == [3, 1, 1]
    assert room.store.reader.narrative(new).id == narrative and room.case(other) == case


def test_a_case_never_stays_with_a_narrative_that_has_no_items(room: Newsroom, narrative: str) -> None:
    book, chosen, other = room.store.casebook, _others(room, narrative), room.item("b")
    room.judge()
    casework.open_case(book, other, "Lan", room.now)
    casework.move_items(book, narrative, chosen, other, "chuyện khác", "Lan", room.now)
    number = _number(room, narrative)
    third = casework.move_items(book, other, [other], None, "chuyện khác", "Lan", room.now)
    with pytest.raises(ActRefused, match=refusals.LEAVES_EMPTY):
        casework.undo_arrangement(book, narrative, number, "Lan", room.now)
    assert room.case(other).stage is CaseStage.DETECTED and room.store.reader.narrative(third).items == 1
    casework.undo_arrangement(book, third, _number(room, third), "Lan", room.now)

    casework.undo_arrangement(book, narrative, number, "Lan", room.now)
    new = casework.move_items(book, narrative, chosen[:1], None, "chuyện khác", "Lan", room.now)
    begun = _number(room, new)
    casework.move_items(book, narrative, chosen[1:], new, "cả tin này", "Lan", room.now)
    casework.undo_arrangement(book, narrative, begun, "Lan", room.now)
    room.judge(new)
    casework.open_case(book, new, "Lan", room.now)
    casework.undo_arrangement(book, narrative, _number(room, narrative), "Lan", room.now)
    assert room.case(new).merged_into == room.case(narrative).id and room.store.reader.narrative(new).id == narrative


def test_a_merge_waits_for_the_move_that_came_after_it(room: Newsroom, narrative: str) -> None:
    book, other, third = room.store.casebook, room.item("b"), room.item("c")
    room.judge()
    casework.open_case(book, other, "Lan", room.now)
    casework.merge_narrative(book, other, narrative, "gộp", "Lan", room.now)
    casework.move_items(book, narrative, [other], third, "chuyện khác", "Lan", room.now)
    with pytest.raises(ActRefused, match=refusals.LEAVES_EMPTY):
        casework.undo_arrangement(book, other, _number(room, other), "Lan", room.now)
    assert room.case(other).stage is CaseStage.MERGED and room.store.reader.narrative(other).id == narrative
    for where in (third, other):
        casework.undo_arrangement(book, where, _number(room, where), "Lan", room.now)
    assert room.case(other).stage is CaseStage.DETECTED
    assert [room.store.reader.narrative(id).items for id in (narrative, other, third)] == [3, 1, 1]
