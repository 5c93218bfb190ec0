"""Open, acknowledge, set aside and the way back, and what a merge does to cases: when it may be, once, on record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

import casework
from casework import Recipients, refusals
from records.case import Act, Case, CaseStage, SetAsideReason
from records.errors import ActRefused, InputError, NotFound
from records.message import NoticeKind
from records.ports import Casebook
from records.risk import Level
from tests.casework.conftest import RECIPIENTS, Newsroom
from tests.support.desk_records import NOW

LOOK = NOW + timedelta(days=3)
WATCH = SetAsideReason.WATCH


@pytest.fixture
def opened(room: Newsroom) -> Case:
    """A case that a rule opened, and whose alerts are delivered."""
    id = room.item("a")
    room.spread(id)
    room.judge()
    room.outbox()
    return room.case(id)


@pytest.fixture
def other(room: Newsroom, opened: Case) -> Case:
    id = room.item("other")
    room.spread(id, "Nhóm xa")
    room.judge()
    room.outbox()
    return room.case(id)


Do = Callable[[Casebook, str, str], object]
ACTS: dict[str, Do] = {
    "acknowledge": lambda book, id, who: casework.acknowledge(book, id, who, NOW),
    "set aside": lambda book, id, who: casework.set_aside(book, id, WATCH, "để xem", LOOK, who, NOW),
    "ask": lambda book, id, who: casework.ask_spokesperson(book, id, "Không có căn cứ.", who, NOW),
}


def test_a_person_opens_a_case_by_hand(room: Newsroom) -> None:
    room.rules = ()
    id = room.item("a")
    with pytest.raises(ActRefused, match=refusals.NOT_JUDGED):
        casework.open_case(room.store.casebook, id, "Trần Bình", room.now, RECIPIENTS)
    room.judge()
    case = casework.open_case(room.store.casebook, id, "Trần Bình", room.now, RECIPIENTS)
    again = casework.open_case(room.store.casebook, id, "Lê Chi", room.now, RECIPIENTS)
    assert case == again and (case.opened_by, case.level) == ("Trần Bình", Level.MEDIUM)
    assert len(room.outbox()) == 2 and room.acts(case.id) == [Act.OPEN]


def test_acknowledging_is_one_persons_and_once(room: Newsroom, opened: Case) -> None:
    book = room.store.casebook
    case = casework.acknowledge(book, opened.id, "  Trần  Bình ", room.now)
    assert (case.stage, case.owner, case.acknowledged_at) == (CaseStage.ACKNOWLEDGED, "Trần Bình", room.now)
    assert casework.acknowledge(book, opened.id, "Trần Bình", room.now + timedelta(hours=1)) == case
    with pytest.raises(ActRefused, match=refusals.ALREADY_TAKEN):
        casework.acknowledge(book, opened.id, "Lê Chi", room.now)
    assert room.acts(opened.id) == [Act.OPEN, Act.ACKNOWLEDGE]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("name", ["", "   ", "\u200b"])
def test_every_act_is_a_named_persons(room: Newsroom, opened: Case, act: str, name: str) -> None:
    with pytest.raises(InputError, match=refusals.NAME_MISSING):
        ACTS[act](room.store.casebook, opened.id, name)


@pytest.mark.parametrize("act", ACTS)
def test_an_act_on_no_case(room: Newsroom, act: str) -> None:
    with pytest.raises(NotFound):
        ACTS[act](room.store.casebook, "case-khong-co", "Trần Bình")


def test_setting_aside_is_said_in_the_thread_and_can_be_undone(room: Newsroom, opened: Case) -> None:
    book = room.store.casebook
    aside = casework.set_aside(book, opened.id, WATCH, "Chưa lan rộng.", LOOK, "Trần Bình", room.now)
    assert casework.set_aside(book, opened.id, WATCH, "Chưa lan rộng.", LOOK, "Trần Bình", room.now) == aside
    assert (aside.set_aside_reason, aside.note, aside.look_again_at) == (WATCH, "Chưa lan rộng.", LOOK)
    told = room.outbox()
    assert [(m.notice.kind, m.notice.note) for m in told] == [(NoticeKind.CASE_CLOSED, "Chưa lan rộng.")] * 2
    back = casework.reopen(book, opened.id, "Lê Chi", room.now)
    assert (back.stage, back.set_aside_reason, back.look_again_at) == (CaseStage.DETECTED, None, None)
    assert casework.reopen(book, opened.id, "Lê Chi", room.now) == back
    assert room.acts(opened.id) == [Act.OPEN, Act.SET_ASIDE, Act.REOPEN]
    entry = room.store.reader.trail_of(opened.id)[1]
    assert "Chưa lan rộng." not in entry.detail.values()
    assert room.store.reader.note(entry.detail["note_sha256"]) == "Chưa lan rộng."


@pytest.mark.parametrize(
    ("reason", "look", "problem"),
    [
        (WATCH, None, refusals.WHEN_TO_LOOK_AGAIN),
        (WATCH, NOW - timedelta(days=1), refusals.WHEN_TO_LOOK_AGAIN),
        (SetAsideReason.DUPLICATE, None, refusals.MERGE_INSTEAD),
    ],
)
def test_setting_aside_wants_what_its_reason_wants(room: Newsroom, opened: Case, reason, look, problem: str) -> None:
    with pytest.raises(ActRefused, match=problem):
        casework.set_aside(room.store.casebook, opened.id, reason, "", look, "Trần Bình", room.now)


def test_what_is_set_aside_is_reopened_before_anything_else(room: Newsroom, opened: Case) -> None:
    book = room.store.casebook
    casework.set_aside(book, opened.id, SetAsideReason.NOT_OURS, "", None, "Trần Bình", room.now)
    for act in ("acknowledge", "ask"):
        with pytest.raises(ActRefused, match="set aside"):
            ACTS[act](book, opened.id, "Lê Chi")
    with pytest.raises(ActRefused, match="set aside"):
        casework.set_aside(book, opened.id, SetAsideReason.NOT_OURS, "", None, "Lê Chi", room.now)


def test_merging_takes_the_narrative_along_and_can_be_undone(room: Newsroom, opened: Case, other: Case) -> None:
    book, reader = room.store.casebook, room.store.reader
    for _ in range(2):
        casework.merge_narrative(book, other.narrative_id, opened.narrative_id, "trùng", "Trần Bình", room.now)
    merged = room.case(other.narrative_id)
    assert (merged.stage, merged.merged_into, merged.version) == (CaseStage.MERGED, opened.id, other.version + 1)
    assert reader.narrative(other.narrative_id).id == opened.narrative_id
    told = room.outbox()
    assert [(m.notice.kind, m.thread) for m in told] == [(NoticeKind.CASE_MERGED, other.narrative_id)] * 2
    assert {m.notice.narrative_id for m in told} == {opened.narrative_id}
    room.judge()
    assert all(m.thread == opened.narrative_id for m in room.outbox())
    with pytest.raises(ActRefused, match=refusals.MERGED):
        casework.acknowledge(book, other.id, "Trần Bình", room.now)
    (merge,) = reader.arrangements(other.narrative_id)
    casework.undo_arrangement(book, other.narrative_id, merge.number, "Trần Bình", room.now)
    back = room.case(other.narrative_id)
    assert (back.stage, back.merged_into) == (CaseStage.DETECTED, None)
    assert reader.narrative(other.narrative_id).id == other.narrative_id
    assert room.acts(other.id) == [Act.OPEN, Act.MERGE, Act.SPLIT]


def test_a_merge_needs_an_open_other(room: Newsroom, opened: Case, other: Case) -> None:
    book = room.store.casebook
    with pytest.raises(ActRefused, match=refusals.TARGET_SAME):
        casework.merge_narrative(book, opened.narrative_id, opened.narrative_id, "trùng", "Trần Bình", room.now)
    casework.set_aside(book, other.id, WATCH, "", LOOK, "Trần Bình", room.now)
    with pytest.raises(ActRefused, match=refusals.INTO_CLOSED):
        casework.merge_narrative(book, opened.narrative_id, other.narrative_id, "trùng", "Trần Bình", room.now)


def test_the_higher_level_is_taken_over_and_not_said_again(room: Newsroom, opened: Case) -> None:
    room.rules = ()
    low = room.item("thấp", harm="low")  # type: ignore[arg-type]
    room.judge()
    casework.open_case(room.store.casebook, low, "Trần Bình", room.now, Recipients())
    casework.merge_narrative(room.store.casebook, opened.narrative_id, low, "trùng", "Trần Bình", room.now)
    assert room.case(low).level is Level.HIGH


def test_an_act_that_fails_leaves_nothing(room: Newsroom, opened: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    from store.casebook import SqlWork

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(SqlWork, "trail", killed)
        with pytest.raises(KeyboardInterrupt):
            casework.acknowledge(room.store.casebook, opened.id, "Trần Bình", room.now)
    assert room.case(opened.narrative_id) == opened


def test_refusals_are_sentences_without_holes() -> None:
    assert len(refusals.ALL) > 20
    assert all(sentence[0].isupper() and sentence.endswith(".") and "{" not in sentence for sentence in refusals.ALL)
