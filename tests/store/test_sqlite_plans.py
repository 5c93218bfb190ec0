"""On SQLite, which nobody gives statistics of its tables, a day's items are found by their day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from records.item import Entry
from tests.store.conftest import Desk
from tests.support import stores

DAY = timedelta(days=1)


@pytest.mark.skipif(stores.ON_POSTGRESQL, reason="of SQLite's planner")
def test_a_days_items_are_not_looked_for_among_all_of_their_stage(desk: Desk, entries: Callable[..., Entry]) -> None:
    desk.read(*(entries(name, text=f"Nội dung {name}") for name in "abc"))
    desk.assess("c")
    said: list[tuple[str, Any]] = []

    def hear(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        if statement.startswith("SELECT") and "items.first_seen >= ?" in statement:
            said.append((statement, parameters))

    engine = desk.store._database._engine
    event.listen(engine, "before_cursor_execute", hear)
    assert desk.store.count_days(desk.now + DAY) == 1
    assert desk.store.reader.health_texts(desk.now - DAY, desk.now + DAY, 2)
    event.remove(engine, "before_cursor_execute", hear)
    assert said
    with desk.store._database.reading() as connection:
        for statement, parameters in said:
            plan = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            assert any("first_seen>? AND first_seen<?" in step for step in plan), (statement, plan)
