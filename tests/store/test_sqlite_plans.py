"""On SQLite, which nobody gives statistics of its tables, what is asked for is found over the index meant for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from records.item import Entry
from records.narrative import Placement
from tests.store.conftest import Desk
from tests.support import stores

DAY = timedelta(days=1)


pytestmark = pytest.mark.skipif(stores.ON_POSTGRESQL, reason="of SQLite's planner")


def _plans(desk: Desk, words: str, ask: Callable[[], object]) -> list[list[str]]:
    """The steps of each statement with these words in it that `ask` makes."""
    said: list[tuple[str, Any]] = []

    def hear(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        if statement.startswith("SELECT") and words in statement:
            said.append((statement, parameters))

    engine = desk.store._database._engine
    event.listen(engine, "before_cursor_execute", hear)
    ask()
    event.remove(engine, "before_cursor_execute", hear)
    assert said
    with desk.store._database.reading() as connection:
        return [
            [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            for statement, parameters in said
        ]


def test_a_days_items_are_not_looked_for_among_all_of_their_stage(desk: Desk, entries: Callable[..., Entry]) -> None:
    desk.read(*(entries(name, text=f"Nội dung {name}") for name in "abc"))
    desk.assess("c")

    def ask() -> None:
        assert desk.store.count_days(desk.now + DAY) == 1
        assert desk.store.reader.health_texts(desk.now - DAY, desk.now + DAY, 2)

    for plan in _plans(desk, "items.first_seen >= ?", ask):
        assert any("first_seen>? AND first_seen<?" in step for step in plan), plan


def test_what_has_to_be_judged_is_not_looked_for_among_all_narratives(desk: Desk) -> None:
    (plan,) = _plans(desk, "judged_revision", desk.store.risk.to_judge)
    assert plan == ["SCAN narratives USING INDEX ix_narratives_to_judge"]


def test_a_topics_hours_are_counted_from_the_items_of_their_weeks(desk: Desk, entries: Callable[..., Entry]) -> None:
    desk.read(entries("a", text="Nội dung a"))
    desk.assess()
    (item,) = desk.store.narration.waiting()
    desk.store.narration.save(desk.run, [Placement(item.id, item.id, 1.0)], desk.now)
    plans = _plans(desk, "items.moment >= ?", lambda: desk.store.risk.evidence(item.id, desk.now + DAY))
    assert len(plans) == 2
    for plan in plans:
        assert plan[:2] == [
            "SEARCH items USING COVERING INDEX ix_items_placed (moment>? AND moment<?)",
            "SEARCH narratives USING INDEX sqlite_autoindex_narratives_1 (id=?)",
        ]


def test_the_narrators_window_is_read_by_time(desk: Desk) -> None:
    (plan,) = _plans(desk, "items.moment >= ?", lambda: desk.store.narration.window(desk.now - DAY, desk.now))
    assert plan[0] == "SEARCH items USING INDEX ix_items_placed (moment>? AND moment<?)"
