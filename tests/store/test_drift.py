"""What the machine said week by week, from a real store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from records.assessment import Correction
from records.item import Entry
from tests.store.conftest import Desk

WEEK = timedelta(days=7)


def test_weeks_count_what_the_machine_said_and_what_persons_corrected(
    desk: Desk, entries: Callable[..., Entry]
) -> None:
    desk.read(*(entries(name, text=f"Nội dung {name}") for name in "abc"))
    desk.assess()
    desk.begin("run-2", WEEK)
    desk.read(entries("d", text="Nội dung d"))
    desk.assess()
    with desk.store.casebook.work() as work:
        work.correct(Correction(desk.item("a").id, "kind", "rumor", "news", "lan", desk.now))
        work.correct(Correction(desk.item("a").id, "kind", "news", "chatter", "mai", desk.now))
    before, first, last = desk.store.reader.weeks(desk.now + timedelta(hours=1), 3)
    assert (before.judged, dict(before.kinds), dict(before.corrected)) == (0, {}, {})
    assert (first.health, dict(first.kinds), dict(first.corrected)) == (3, {"rumor": 3}, {})
    assert (last.health, dict(last.kinds), dict(last.corrected)) == (1, {"rumor": 1}, {"kind": 1})
    assert desk.store.reader.health_texts(first.since, last.since, 2) == tuple(
        f"Tin về sốt xuất huyết Nội dung {name}" for name in sorted("abc", key=lambda name: desk.item(name).id)[:2]
    )
