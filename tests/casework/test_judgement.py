"""Rules open cases, raise them, and say each narrative once at each level."""

from __future__ import annotations

from datetime import timedelta

import pytest

import casework
from casework import Recipients
from records.alert_rules import AlertRule
from records.assessment import Harm, Kind, Stance
from records.case import Act, CaseStage, SetAsideReason
from records.message import Channel, NoticeKind
from records.risk import Level
from records.source import Owner
from tests.casework.conftest import Newsroom
from tests.support.desk_records import source


def test_a_matching_narrative_gets_a_case_and_its_messages(room: Newsroom) -> None:
    id = room.item("a")
    room.spread(id)
    outcome = room.judge()
    assert (outcome.judged, outcome.opened, outcome.raised, outcome.messages) == (1, 1, 0, 2)
    case = room.case(id)
    assert (case.stage, case.level, case.opened_by) == (CaseStage.DETECTED, Level.HIGH, "rule:nguy cơ cao")
    messages = room.outbox()
    assert {m.key for m in messages} == {
        f"case:{id}:high:slack:#tin3c",
        f"case:{id}:high:mail:truc-ban@soyte.example",
    }
    notice = messages[0].notice
    assert (notice.kind, notice.rule, notice.items, notice.first_source) == (
        NoticeKind.CASE_OPENED,
        "nguy cơ cao",
        2,
        "Nhóm Mẹ và Bé",
    )
    assert notice.representative[0].address.startswith("https://nguon.example/")
    assert room.acts(case.id) == [Act.OPEN]


def test_what_people_found_of_the_first_source_goes_along(room: Newsroom) -> None:
    id = room.item("a")
    for kind in ("news", "rumor"):
        casework.correct(room.store.casebook, id, "kind", kind, "xem lại", "Lan", room.now)
    room.spread(id)
    room.judge()
    record = room.outbox()[0].notice.first_source_record
    assert (record.rumors, record.corrections, record.not_health, record.items) == (1, 0, 0, 1)


def test_what_does_not_match_gets_a_risk_and_nothing_else(room: Newsroom) -> None:
    id = room.item("a", harm=Harm.LOW)
    assert room.judge().opened == 0
    risk = room.store.reader.narrative(id).risk
    assert risk is not None and risk.level is Level.LOW
    assert room.outbox() == [] and room.store.reader.case_of(id) is None
    assert room.store.risk.to_judge() == ()


@pytest.fixture
def denied(room: Newsroom) -> str:
    """A nurse's denial, and after it, in another community, a post that is taken for a report."""
    nurse = {"kind": Kind.CORRECTION, "stance": Stance.REFUTES}
    id = room.item("nurse", None, source("Diễn đàn", Owner.FORUM, "web"), **nurse)
    room.later(hours=1)
    room.item("grandmother", id, kind=Kind.NEWS, stance=Stance.NEUTRAL, attention=True)
    return id


def test_a_denial_makes_no_case_of_a_post_after_it_and_leaves_it_in_sight(room: Newsroom, denied: str) -> None:
    assert room.judge().opened == 0
    assert room.outbox() == [] and room.store.reader.case_of(denied) is None
    risk = room.store.reader.narrative(denied).risk
    assert risk is not None and (risk.harm, risk.level) == (Harm.HIGH, Level.MEDIUM)
    assert (risk.spread.scale, risk.spread.denials_left_out) == (1, 1)


def test_the_desk_finds_that_an_item_asserts_and_a_case_is_opened(room: Newsroom, denied: str) -> None:
    room.judge()
    post = next(m.item.id for m in room.store.reader.members(denied, 9) if m.assessment.kind is Kind.NEWS)
    for about, value in (("kind", "rumor"), ("stance", "asserts")):
        casework.correct(room.store.casebook, post, about, value, "nói có trẻ chết", "Lan", room.now)
    assert room.judge().opened == 1 and len(room.outbox()) == 2


@pytest.mark.parametrize("denial", [False, True])
def test_a_report_of_an_incident_opens_a_case_though_nobody_asserts(room: Newsroom, denial: bool) -> None:
    report = {"kind": Kind.NEWS, "stance": Stance.NEUTRAL, "attention": True}
    id = room.item("parent", **report)
    room.later(minutes=5)
    room.item("paper", id, source("Báo C", Owner.PRESS, "web"), **report)
    if denial:
        room.later(minutes=5)
        room.item("school", id, source("Trường"), kind=Kind.CORRECTION, stance=Stance.REFUTES)
    assert room.judge().opened == 1


def test_questions_about_a_harmful_claim_open_a_case_beside_its_denial(room: Newsroom, denied: str) -> None:
    for name in ("Hội A", "Hội B"):
        room.item(name, denied, source(name), kind=Kind.QUESTION, stance=Stance.ASKS)
    assert room.judge().opened == 1


def test_judging_again_says_nothing_again(room: Newsroom) -> None:
    id = room.item("a")
    room.spread(id)
    room.judge()
    room.outbox()
    for _ in range(3):
        room.later(hours=1)
        room.judge(id)
    assert room.outbox() == [] and room.case(id).version == 1


def test_a_rise_is_said_once_and_a_fall_is_not(room: Newsroom) -> None:
    id = room.item("a")
    room.spread(id)
    room.judge()
    room.outbox()
    room.item("press", id, source("Báo C", Owner.PRESS, "web"))
    outcome = room.judge()
    assert (outcome.raised, outcome.messages, room.case(id).level) == (1, 2, Level.CRITICAL)
    assert {m.notice.kind for m in room.outbox()} == {NoticeKind.LEVEL_RAISED}
    casework.confirm_harm(room.store.casebook, id, Harm.LOW, "chỉ là hiểu lầm", "Trần Bình", room.now)
    room.judge()
    casework.confirm_harm(room.store.casebook, id, Harm.HIGH, "có người bỏ điều trị", "Trần Bình", room.now)
    room.judge()
    assert room.outbox() == []
    assert room.acts(room.case(id).id) == [Act.OPEN, Act.RAISE]


def test_a_rise_is_said_even_where_the_rule_holds_no_more(room: Newsroom) -> None:
    room.rules = (AlertRule("tăng đột biến", spike=True, slack=("#dot-bien",)),)
    id = room.item("a", harm=Harm.MEDIUM)
    for n in range(3):
        room.item(f"b{n}", id)
    room.judge()
    assert [m.to.recipient for m in room.outbox()] == ["#dot-bien"]
    room.later(days=4)
    room.item("press", id, source("Báo C", Owner.PRESS, "web"), kind=Kind.NEWS, stance=Stance.NEUTRAL)
    room.item("famous", id, source("Người nổi tiếng", prominent=True))
    outcome = room.judge()
    told = room.outbox()
    assert outcome.raised == 1 and [m.to.recipient for m in told] == ["#dot-bien"]


def test_rules_send_where_they_say_and_everybody_is_told_once(room: Newsroom) -> None:
    room.rules = (
        AlertRule("mức cao", level=Level.HIGH, slack=("#truc",)),
        AlertRule("vùng", places=("Đắk Lắk",), slack=("#truc",), mail=("huyen@soyte.example",)),
        AlertRule("từ khóa", keywords=("lá đu đủ",)),
    )
    id = room.item("a")
    room.spread(id)
    room.judge()
    told = [(m.to.channel, m.to.recipient) for m in room.outbox()]
    assert sorted(told) == [
        (Channel.MAIL, "truc-ban@soyte.example"),
        (Channel.SLACK, "#tin3c"),
        (Channel.SLACK, "#truc"),
    ]


def test_a_rule_that_matches_later_tells_its_own_people_only(room: Newsroom) -> None:
    id = room.item("a")
    room.spread(id)
    room.judge()
    room.outbox()
    room.rules = (*room.rules, AlertRule("từ khóa", keywords=("lá đu đủ",), mail=("huyen@soyte.example",)))
    room.judge(id)
    assert [m.to.recipient for m in room.outbox()] == ["huyen@soyte.example"]


def test_what_is_watched_alerts_again_only_when_it_rises(room: Newsroom) -> None:
    id = room.item("a")
    room.spread(id)
    room.judge()
    case = room.case(id)
    again = room.now + timedelta(days=2)
    casework.set_aside(room.store.casebook, case.id, SetAsideReason.WATCH, "", again, "Trần Bình", room.now)
    room.outbox()
    room.later(hours=30)
    room.spread(id, "Nhóm thứ ba")
    assert room.judge().messages == 0 and room.case(id).stage is CaseStage.SET_ASIDE
    room.item("press", id, source("Báo C", Owner.PRESS, "web"))
    assert room.judge().raised == 1
    case = room.case(id)
    assert (case.stage, case.level, case.owner) == (CaseStage.DETECTED, Level.CRITICAL, None)
    assert {m.notice.kind for m in room.outbox()} == {NoticeKind.LEVEL_RAISED}
    assert room.acts(case.id) == [Act.OPEN, Act.SET_ASIDE, Act.REOPEN, Act.RAISE]


@pytest.mark.parametrize("reason", [SetAsideReason.NOT_HEALTH, SetAsideReason.NOT_OURS])
def test_other_reasons_hold_until_a_person_reopens(room: Newsroom, reason: SetAsideReason) -> None:
    id = room.item("a")
    room.spread(id)
    room.judge()
    casework.set_aside(room.store.casebook, room.case(id).id, reason, "", None, "Trần Bình", room.now)
    room.outbox()
    room.item("press", id, source("Báo C", Owner.PRESS, "web"))
    room.judge()
    assert room.outbox() == [] and room.case(id).stage is CaseStage.SET_ASIDE


def test_a_merge_by_the_narrator_takes_the_case_along(room: Newsroom) -> None:
    older, younger = room.item("a"), room.item("b")
    room.spread(younger)
    room.judge()
    case = room.case(younger)
    casework.acknowledge(room.store.casebook, case.id, "Trần Bình", room.now)
    room.outbox()
    room.narrator_merges(younger, older)
    room.judge()
    assert room.store.reader.case(case.id).stage is CaseStage.MERGED
    survivor = room.case(older)
    assert (survivor.stage, survivor.owner) == (CaseStage.ACKNOWLEDGED, "Trần Bình")
    assert survivor.level >= case.level
    told = room.outbox()
    # One thread: that of the case which went along. Nobody is told of a new case, for there is none.
    assert {m.thread for m in told} == {younger} and {m.notice.narrative_id for m in told} == {older}
    assert NoticeKind.CASE_MERGED in {m.notice.kind for m in told}
    assert NoticeKind.CASE_OPENED not in {m.notice.kind for m in told}
    assert all(m.notice.items for m in told)
    room.judge()
    assert room.outbox() == []
    room.judge(older, younger)
    assert room.outbox() == [] and younger not in room.store.risk.to_judge()


def test_killed_between_any_two_narratives_and_run_again_gives_the_same(room: Newsroom) -> None:
    ids = [room.item(name) for name in "abc"]
    for id in ids:
        room.spread(id, f"Nhóm {id}")
    room.judge(ids[1])  # killed after the second
    room.judge()
    room.judge()
    keys = [m.key for m in room.outbox()]
    assert sorted(keys) == sorted(
        f"case:{id}:high:{to}" for id in ids for to in ("slack:#tin3c", "mail:truc-ban@soyte.example")
    )


def test_a_failure_inside_the_transaction_leaves_nothing(room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    from store.casebook import SqlWork

    id = room.item("a")
    room.spread(id)

    def killed(*_: object) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(SqlWork, "enqueue", killed)
        with pytest.raises(KeyboardInterrupt):
            room.judge()
    assert room.store.reader.case_of(id) is None and room.store.risk.to_judge() == (id,)
    assert room.judge().messages == 2


def test_messages_carry_nothing_personal_and_no_full_text(room: Newsroom) -> None:
    title = "Gọi 0905 123 456 hoặc an@x.example, hỏi @nguyenvana " + "dài " * 200
    id = room.item("a", title=title)
    room.spread(id)
    room.judge()
    for message in room.outbox():
        for text in (message.notice.title, *(item.title for item in message.notice.representative)):
            assert len(text) <= 300
            for personal in ("0905", "an@x.example", "nguyenvana"):
                assert personal not in text


def test_without_recipients_the_case_is_opened_all_the_same(room: Newsroom) -> None:
    room.recipients = Recipients()
    id = room.item("a")
    room.spread(id)
    assert room.judge().opened == 1 and room.outbox() == []
