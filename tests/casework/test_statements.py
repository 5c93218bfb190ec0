"""A statement is drafted by one and approved by another."""

from __future__ import annotations

import pytest

import casework
from casework import refusals
from casework.rules_of_work import LONGEST_STATEMENT
from records.case import Act, Case, CaseStage, StatementStage
from records.errors import ActRefused, InputError
from records.message import NoticeKind
from tests.casework.conftest import Newsroom

TEXT = "Lá đu đủ không chữa được sốt xuất huyết. Người bệnh cần đến cơ sở y tế."
DRAFTER, SPOKESPERSON = "Trần Bình", "Lê Chi"


@pytest.fixture
def case(room: Newsroom) -> Case:
    id = room.item("a")
    room.spread(id)
    room.judge()
    room.outbox()
    return casework.acknowledge(room.store.casebook, room.case(id).id, DRAFTER, room.now)


def test_asked_and_approved(room: Newsroom, case: Case) -> None:
    book = room.store.casebook
    asked = casework.ask_spokesperson(book, case.id, TEXT, DRAFTER, room.now)
    assert casework.ask_spokesperson(book, case.id, f" {TEXT}\n", DRAFTER, room.now) == asked
    assert room.case(case.narrative_id).stage is CaseStage.ASKED
    with pytest.raises(ActRefused, match=refusals.OWN_STATEMENT):
        casework.approve(book, asked.id, "trần bình", room.now)
    approved = casework.approve(book, asked.id, SPOKESPERSON, room.now)
    assert casework.approve(book, asked.id, SPOKESPERSON, room.now) == approved
    assert (approved.stage, approved.decided_by) == (StatementStage.APPROVED, SPOKESPERSON)
    assert room.case(case.narrative_id).stage is CaseStage.APPROVED
    told = room.outbox()
    assert [m.notice.kind for m in told if m.to.channel == "slack"] == [
        NoticeKind.STATEMENT_ASKED,
        NoticeKind.STATEMENT_APPROVED,
    ]
    assert told[0].notice.note == TEXT
    assert room.acts(case.id) == [Act.OPEN, Act.ACKNOWLEDGE, Act.ASK, Act.APPROVE]


def test_returned_with_a_note_and_asked_again(room: Newsroom, case: Case) -> None:
    book = room.store.casebook
    first = casework.ask_spokesperson(book, case.id, TEXT, DRAFTER, room.now)
    returned = casework.return_statement(book, first.id, "Nêu nguồn.", SPOKESPERSON, room.now)
    assert casework.return_statement(book, first.id, "Nêu nguồn.", SPOKESPERSON, room.now) == returned
    assert room.case(case.narrative_id).stage is CaseStage.ACKNOWLEDGED
    with pytest.raises(ActRefused, match=refusals.STATEMENT_DECIDED):
        casework.approve(book, first.id, SPOKESPERSON, room.now)
    second = casework.ask_spokesperson(book, case.id, TEXT, DRAFTER, room.now)
    assert second.id != first.id
    assert [s.stage for s, _, _ in room.store.reader.statements(case_id=case.id)].count(StatementStage.ASKED) == 1
    assert room.acts(case.id) == [Act.OPEN, Act.ACKNOWLEDGE, Act.ASK, Act.RETURN, Act.ASK]


def test_one_statement_at_a_time(room: Newsroom, case: Case) -> None:
    casework.ask_spokesperson(room.store.casebook, case.id, TEXT, DRAFTER, room.now)
    for text, actor in ((TEXT, SPOKESPERSON), ("Bản khác.", DRAFTER)):
        with pytest.raises(ActRefused, match=refusals.WITH_SPOKESPERSON):
            casework.ask_spokesperson(room.store.casebook, case.id, text, actor, room.now)


@pytest.mark.parametrize(("text", "problem"), [(" \n", refusals.TEXT_MISSING), ("a" * 2001, refusals.TEXT_TOO_LONG)])
def test_a_statement_has_a_text_of_some_length(room: Newsroom, case: Case, text: str, problem: str) -> None:
    assert LONGEST_STATEMENT == 2000
    with pytest.raises(InputError, match=problem):
        casework.ask_spokesperson(room.store.casebook, case.id, text, DRAFTER, room.now)


def test_a_return_has_a_note(room: Newsroom, case: Case) -> None:
    asked = casework.ask_spokesperson(room.store.casebook, case.id, TEXT, DRAFTER, room.now)
    with pytest.raises(InputError, match=refusals.REASON_MISSING):
        casework.return_statement(room.store.casebook, asked.id, " ", SPOKESPERSON, room.now)


def test_a_case_is_acknowledged_first(room: Newsroom) -> None:
    id = room.item("b")
    room.spread(id)
    room.judge()
    with pytest.raises(ActRefused, match=refusals.NOT_ACKNOWLEDGED):
        casework.ask_spokesperson(room.store.casebook, room.case(id).id, TEXT, DRAFTER, room.now)
