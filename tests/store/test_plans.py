"""On PostgreSQL, what is asked for again and again goes over indexes: none of it reads all items."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from records.source import Owner, Source, SourceKind
from store import Store, open_store
from store.tables import TO_JUDGE, narratives
from tests.support import postgresql
from tests.support.many_items import fill

pytestmark = pytest.mark.postgresql

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ITEMS = 20_000
ASKED: dict[str, Callable[[Store], object]] = {
    "inbox": lambda store: store.reader.inbox(NOW),
    "inbox of a topic": lambda store: store.reader.inbox(NOW, topic="topic3"),
    "inbox of a week": lambda store: store.reader.inbox(NOW, since=NOW - timedelta(days=7)),
    "evidence": lambda store: store.risk.evidence("n7", NOW),
    "members": lambda store: store.reader.members("n7"),
    "items of a narrative": lambda store: store.reader.narratable("n7", "encoder-1", 60),
    "items to assess": lambda store: store.assessment_queue.waiting(256),
    "items to narrate": lambda store: store.narration.waiting(),
    "the narrator's window": lambda store: store.narration.window(NOW - timedelta(hours=6)),
    "documents to index": lambda store: store.index_queue.pending(100),
    "sources": lambda store: store.sources.health(NOW),
    "a source's record": lambda store: store.reader.source_records(["s7", "s8"]),
}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    name = f"tin3c_plans_{secrets.token_hex(6)}"
    url = postgresql.create(name).render_as_string(hide_password=False)
    with open_store(url, home=tmp_path_factory.mktemp("plans"), author_key=b"k") as store:
        for n in range(100):
            address = f"https://s{n}.example/"
            store.sources.save(Source(f"s{n}", f"Báo {n}", address, SourceKind.FEED, Owner.PRESS, enabled=True), NOW)
        with store._database.writing() as connection:
            fill(connection, ITEMS, NOW)
        yield store
    postgresql.drop(name)


@pytest.mark.parametrize("what", ASKED)
def test_it_does_not_read_all_items(filled: Store, what: str) -> None:
    said: list[tuple[str, Any]] = []

    def hear(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        if statement.startswith("SELECT"):
            said.append((statement, parameters))

    event.listen(filled._database._engine, "before_cursor_execute", hear)
    try:
        ASKED[what](filled)
    finally:
        event.remove(filled._database._engine, "before_cursor_execute", hear)
    assert said
    with filled._database.reading() as connection:
        for statement, parameters in said:
            plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
            assert "items" not in _read_whole(plan[0]["Plan"]), (what, statement)


def test_what_has_to_be_judged_has_an_index_of_its_own(filled: Store) -> None:
    """So few narratives are read whole all the same: not where that is forbidden."""
    asked = select(narratives.c.id).where(TO_JUDGE).order_by(narratives.c.id).compile(filled._database._engine)
    with filled._database.reading() as connection:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = connection.exec_driver_sql(f"EXPLAIN {asked}").scalars().all()
    assert any("on ix_narratives_to_judge" in step for step in plan), plan


def _read_whole(plan: dict[str, Any]) -> set[str]:
    """The tables that a plan reads from one end to the other."""
    own = {plan["Relation Name"]} if plan["Node Type"] == "Seq Scan" else set()
    return own.union(*map(_read_whole, plan.get("Plans", ())))
