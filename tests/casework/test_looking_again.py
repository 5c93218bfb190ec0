"""A case set aside until a day is back on that day, once, and the desk hears of it once."""

from __future__ import annotations

from datetime import timedelta

import casework
from casework.looking_again import CALENDAR, look_again
from records.case import Act, Case, CaseStage, SetAsideReason
from records.message import NoticeKind
from tests.casework.conftest import RECIPIENTS, Newsroom

WHO = "Trần Bình"


def watched(room: Newsroom, name: str = "a", reason: SetAsideReason = SetAsideReason.WATCH, days: int = 2) -> Case:
    id = room.item(name)
    room.spread(id)
    room.judge()
    case_id = room.case(id).id
    when = room.now + timedelta(days=days)
    return casework.set_aside(room.store.casebook, case_id, reason, "Chưa lan rộng", when, WHO, room.now)


def test_it_comes_back_to_the_inbox_and_one_message_says_so(room: Newsroom) -> None:
    case = watched(room)
    book, reader = room.store.casebook, room.store.reader
    room.outbox()
    room.later(days=1, hours=23)
    assert look_again(book, room.now, RECIPIENTS) == 0
    assert reader.inbox(room.now) == ()
    room.later(hours=2)
    assert [look_again(book, room.now, RECIPIENTS) for _ in range(3)] == [1, 0, 0]
    ((_, back),) = reader.inbox(room.now)
    assert back is not None and (back.id, back.stage) == (case.id, CaseStage.DETECTED)
    assert back.look_again_at == case.look_again_at, "the inbox marks it by this"
    told = room.outbox()
    assert [message.notice.kind for message in told] == [NoticeKind.LOOK_AGAIN] * 2  # Slack and mail
    assert {message.to for message in told} == set(RECIPIENTS.addresses)
    assert {message.notice.note for message in told} == {"Chưa lan rộng"}
    entry = reader.trail_of(case.id)[-1]
    assert (entry.act, entry.actor) == (Act.REOPEN, CALENDAR)
    taken = casework.acknowledge(book, case.id, WHO, room.now)
    assert taken.look_again_at is None


def test_it_can_be_set_aside_again_and_comes_back_again(room: Newsroom) -> None:
    case = watched(room)
    room.later(days=3)
    look_again(room.store.casebook, room.now, RECIPIENTS)
    room.outbox()
    when = room.now + timedelta(days=2)
    casework.set_aside(room.store.casebook, case.id, SetAsideReason.WATCH, "", when, WHO, room.now)
    room.later(days=3)
    room.outbox()
    assert look_again(room.store.casebook, room.now, RECIPIENTS) == 1
    assert len(room.outbox()) == 2


def test_a_person_who_reopened_it_first_is_not_told(room: Newsroom) -> None:
    case = watched(room)
    casework.reopen(room.store.casebook, case.id, WHO, room.now)
    room.later(days=3)
    assert look_again(room.store.casebook, room.now, RECIPIENTS) == 0


def test_a_case_that_nobody_was_told_of_goes_to_the_desk(room: Newsroom) -> None:
    room.rules = ()
    id = room.item("a")
    room.judge()
    case = casework.open_case(room.store.casebook, id, WHO, room.now)
    when = room.now + timedelta(days=1)
    casework.set_aside(room.store.casebook, case.id, SetAsideReason.NOT_OURS, "", when, WHO, room.now)
    room.later(days=2)
    assert look_again(room.store.casebook, room.now, RECIPIENTS) == 1
    assert {message.to for message in room.outbox()} == set(RECIPIENTS.addresses)
