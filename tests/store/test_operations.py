"""How the work stands: counted from the store, and cheap however large it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from records.assessment import AssessmentFailure
from records.case import CaseStage
from records.errors import StoreOutOfDate
from records.item import Fate
from records.operations import MessageStatus, Overdue, Queue, Waiting
from records.source import SourceState
from store import Store
from tests.store.conftest import Desk, entry
from tests.support import stores


def test_an_empty_store_names_every_key(open_here: Callable[[], Store]) -> None:
    store = open_here()
    store.operations.check()
    workload = store.operations.workload(Desk(store).now)
    assert workload.queues == dict.fromkeys(Queue, Waiting(0))
    assert workload.cases == dict.fromkeys(CaseStage, Waiting(0))
    assert workload.messages == dict.fromkeys(MessageStatus, 0)
    assert workload.overdue == dict.fromkeys(Overdue, 0)
    assert workload.sources == dict.fromkeys(SourceState, 0) | {SourceState.NEVER: 2}
    assert workload.last_run is None


def test_what_waits_and_since_when(desk: Desk) -> None:
    desk.read(entry("trang"), entry("tron", text="Số ca sốt xuất huyết tăng."))
    begun = desk.now
    queues = desk.store.operations.workload(begun).queues
    assert queues[Queue.PAGES] == Waiting(1, begun)
    assert queues[Queue.ASSESSMENT] == Waiting(1, begun)
    desk.begin("run-2", timedelta(minutes=5))
    desk.page("trang", "Bộ Y tế khuyến cáo người dân diệt bọ gậy.")
    desk.assess()
    queues = desk.store.operations.workload(desk.now).queues
    # The page is to be read again in six hours: it does not wait until then.
    assert queues[Queue.PAGES] == queues[Queue.ASSESSMENT] == Waiting(0)
    assert queues[Queue.NARRATION] == Waiting(2, desk.now)
    assert queues[Queue.INDEX] == Waiting(2)


def test_pages_of_a_source_that_is_off_are_not_late(desk: Desk) -> None:
    desk.read(entry("trang"))
    desk.store.sources.remove("bao")
    workload = desk.store.operations.workload(desk.now)
    assert workload.queues[Queue.PAGES].oldest is None
    assert sum(workload.sources.values()) == 1


def test_the_last_run_is_the_last_that_finished(desk: Desk) -> None:
    desk.read(entry("mot", text="Một ca sốt xuất huyết."), entry("hai", text="Hai ca sốt xuất huyết."))
    desk.assess("hai")
    started = desk.now
    desk.now += timedelta(minutes=3)
    desk.end()
    desk.begin("run-2", timedelta(minutes=15))
    run = desk.store.operations.workload(desk.now).last_run
    assert run is not None
    assert (run.started_at, run.duration) == (started, timedelta(minutes=3))
    assert run.fates == dict.fromkeys(Fate, 0) | {Fate.NEW: 1, Fate.NOT_HEALTH: 1}


def test_another_schema_is_not_ready(open_here: Callable[[], Store]) -> None:
    store = open_here()
    with store._database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(StoreOutOfDate, match="0000"):
        store.operations.check()


@pytest.mark.skipif(stores.ON_POSTGRESQL, reason="the plan of a nearly empty store says nothing on PostgreSQL")
@pytest.mark.skipif(stores.ON_POSTGRESQL, reason="these are plans of SQLite; test_plans.py has those of PostgreSQL")
def test_no_query_walks_through_all_items(desk: Desk) -> None:
    """SQLite's own plan: `SCAN items` would grow with the store. The 50 ms at 500,000 items are the benchmark's."""
    asked: list[str] = []
    with desk.store._database.reading() as connection:
        connection.connection.driver_connection.set_trace_callback(asked.append)  # type: ignore[union-attr]
    desk.store.operations.workload(desk.now)
    with desk.store._database.reading() as connection:
        connection.connection.driver_connection.set_trace_callback(None)  # type: ignore[union-attr]
        selects = [statement for statement in asked if statement.lstrip().startswith("SELECT")]
        assert len(selects) >= 9
        for statement in selects:
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")]
            assert not [step for step in plan if step.startswith("SCAN") and "items" in step], (statement, plan)


def test_what_no_model_can_take_is_counted_and_does_not_wait(desk: Desk) -> None:
    desk.read(entry("hong", text="Một ca sốt xuất huyết."), entry("lanh", text="Hai ca sốt xuất huyết."))
    broken = desk.item("hong")
    failure = AssessmentFailure(broken.id, broken.version, "test-1", "a broken text")
    assert desk.store.assessment_queue.give_up(desk.run, [failure], desk.now) == 1
    workload = desk.store.operations.workload(desk.now)
    assert (workload.not_assessable, workload.queues[Queue.ASSESSMENT].count) == (1, 1)
