"""Cases, statements, the trail, the outbox and the inbox: each act whole, and nothing said twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from records.case import Act, Case, CaseStage, Statement, StatementStage
from records.digest import Period
from records.errors import NotFound, StoreError
from records.judging import judge
from records.message import Address, Channel, Delivery, Message, Notice, NoticeKind
from records.narrative import Placement
from records.risk import Level
from store.tables import trail

HOUR = timedelta(hours=1)
ROOM = Address(Channel.SLACK, "#suc-khoe")


@pytest.fixture
def narrative(desk, entries):
    desk.read(entries("a", text="Nghe nói có dịch", published=desk.now - HOUR))
    desk.assess()
    (item,) = desk.store.narration.waiting()
    desk.store.narration.save(desk.run, [Placement(item.id, item.id, 1.0)], desk.now)
    risk = judge(desk.store.risk.evidence(item.id, desk.now), desk.now)
    with desk.store.casebook.work() as work:
        work.save_risk(item.id, risk, desk.now)
    return desk.store.reader.narrative(item.id)


@pytest.fixture
def case(desk, narrative):
    opened = Case(f"case-{narrative.id}", narrative.id, CaseStage.DETECTED, Level.HIGH, desk.now, "rule:x", 1)
    with desk.store.casebook.work() as work:
        work.save_case(opened)
    return opened


@pytest.fixture
def message(desk, narrative):
    def make(key, to=ROOM, thread=narrative.id):
        notice = Notice(
            kind=NoticeKind.CASE_OPENED,
            case_id="case-1",
            narrative_id=narrative.id,
            title=key,
            risk=narrative.risk,
            topic=None,
            places=(),
            items=1,
            first_source="Báo Ví Dụ",
            first_published=None,
            at=desk.now,
            representative=(),
        )
        return Message(key, to, thread, notice, desk.now)

    return make


def test_a_case_is_saved_over_the_version_that_was_read(desk, case):
    with desk.store.casebook.work() as work:
        assert work.case_of(case.narrative_id) == case
        work.save_case(replace(case, version=2, stage=CaseStage.ACKNOWLEDGED, owner="lan", acknowledged_at=desk.now))
    for version in (1, 2, 4):
        with pytest.raises(StoreError, match="meanwhile"), desk.store.casebook.work() as work:
            work.save_case(replace(case, version=version))
    assert desk.store.reader.case(case.id).owner == "lan"


def test_an_act_that_fails_leaves_nothing(desk, case, message):
    with pytest.raises(RuntimeError), desk.store.casebook.work() as work:
        work.enqueue(message("a"))
        work.trail(desk.now, "lan", Act.OPEN, case.id, {})
        raise RuntimeError
    assert desk.store.reader.verify_trail() == 0
    assert desk.store.outbox.counts() == {"waiting": 0, "delivered": 0, "refused": 0}


def test_the_inbox_shows_the_highest_risk_and_hides_what_was_set_aside(desk, case, narrative):
    reader = desk.store.reader
    assert reader.inbox(desk.now) == ((narrative, case),)
    nothing = dict.fromkeys((None, *Level), 0)
    assert reader.inbox_counts(topic="epidemic") == nothing | {narrative.risk.level: 1}
    assert reader.inbox_counts(topic="another") == reader.inbox_counts(since=desk.now + HOUR) == nothing
    with desk.store.casebook.work() as work:
        work.save_case(replace(case, version=2, stage=CaseStage.SET_ASIDE))
    assert reader.inbox(desk.now) == ()
    ((_, shown),) = reader.inbox(desk.now, stages=frozenset({CaseStage.SET_ASIDE}))
    assert shown.stage is CaseStage.SET_ASIDE


def test_statements_that_wait(desk, case, narrative):
    asked = Statement("s1", case.id, "Chưa ghi nhận ca bệnh.", StatementStage.ASKED, "lan", desk.now)
    with desk.store.casebook.work() as work:
        work.save_statement(asked)
    ((statement, of_case, of),) = desk.store.reader.statements(waiting_only=True)
    assert (statement, of_case, of) == (asked, case, narrative)
    with desk.store.casebook.work() as work:
        work.save_statement(replace(asked, stage=StatementStage.APPROVED, decided_by="hoa", decided_at=desk.now))
        assert work.statements(case.id)[0].decided_by == "hoa"
    assert desk.store.reader.statements(waiting_only=True) == ()


def test_a_change_of_the_trail_is_found(desk):
    for number in range(4):
        with desk.store.casebook.work() as work:
            work.trail(desk.now, "lan", Act.OPEN, f"case-{number}", {"level": "high"})
    assert desk.store.reader.verify_trail() == 4
    assert [entry.number for entry in desk.store.reader.trail_of("case-2")] == [3]
    for change in ({"actor": "ai đó"}, {"detail": {"level": "low"}}, {"previous_hash": "0" * 64}, {"number": 9}):
        with pytest.raises(StoreError, match="does not verify"), desk.store._database.writing() as connection:
            connection.execute(update(trail).where(trail.c.number == 2).values(**change))
            from store.trail import verify

            verify(connection)
    assert desk.store.reader.verify_trail() == 4


def test_a_key_is_said_once_and_a_thread_in_order(desk, message):
    with desk.store.casebook.work() as work:
        assert [work.enqueue(message(key)) for key in ("a", "b", "a")] == [True, True, False]
        work.enqueue(message("c", to=Address(Channel.MAIL, "lan@so.example")))
        assert work.addresses(message("a").thread) == (ROOM, Address(Channel.MAIL, "lan@so.example"))
    outbox = desk.store.outbox
    assert [one.key for one in outbox.due(desk.now)] == ["a", "c"]
    assert outbox.due(desk.now)[0] == message("a")
    outbox.delayed("a", "429", desk.now + HOUR)
    assert [one.key for one in outbox.due(desk.now)] == ["c"], "b waits behind a"
    assert outbox.due(desk.now + HOUR)[0].attempts == 1
    assert outbox.sending("a", desk.now) is False
    assert outbox.sending("a", desk.now) is True, "the first was cut off"
    outbox.delivered("a", Delivery("171.1", "C1"), desk.now)
    root = outbox.thread_root(message("a").thread, ROOM)
    assert (root.external_id, root.external_channel, root.notice) == ("171.1", "C1", message("a").notice)
    assert outbox.thread_root(message("a").thread, Address(Channel.MAIL, "lan@so.example")) is None
    outbox.refused("b", "channel_not_found", desk.now)
    assert outbox.counts() == {"waiting": 1, "delivered": 1, "refused": 1}
    assert outbox.retry_refused(desk.now) == 1
    assert [one.key for one in outbox.due(desk.now)] == ["b", "c"]
    with pytest.raises(NotFound):
        outbox.delivered("unknown", Delivery("1"), desk.now)


def test_what_a_run_in_the_future_said_does_not_wait_for_it(desk, message):
    """A run under `--now` that was killed before it delivered: the next one, under the true time, does."""
    with desk.store.casebook.work() as work:
        work.enqueue(replace(message("a"), created_at=desk.now + 24 * HOUR))
    assert [one.key for one in desk.store.outbox.due(desk.now)] == ["a"]


def test_a_reason_is_kept_apart_from_the_trail(desk):
    with desk.store.casebook.work() as work:
        sha256 = work.keep_note("Trùng với vụ việc khác", desk.now)
        assert work.keep_note("Trùng với vụ việc khác", desk.now) == sha256
    assert desk.store.reader.note(sha256) == "Trùng với vụ việc khác"
    assert desk.store.reader.note("0") is None


def test_a_digest_counts_its_day(desk, case, narrative):
    digest = desk.store.reader.digest(Period.DAY, desk.now + timedelta(days=1))
    assert digest.since <= desk.now < digest.until
    assert (digest.items, digest.items_before, digest.not_health) == (1, 0, 0)
    assert [count.count for count in digest.timeline] == [1]
    assert (digest.topics, digest.narratives, digest.cases) == ((("epidemic", 1),), (narrative,), (case,))
    assert [silent.source.id for silent in digest.silent_sources] == ["cong"]
    week = desk.store.reader.digest(Period.WEEK, desk.now + timedelta(days=7))
    assert (week.until - week.since, week.items) == (timedelta(days=7), 1)


def test_counts(desk, case):
    counts = desk.store.reader.counts()
    assert (counts["items"], counts["health"], counts["narratives"], counts["open_cases"]) == (1, 1, 1, 1)
    assert (counts["to_assess"], counts["to_narrate"], counts["index_queue"]) == (0, 0, 1)
