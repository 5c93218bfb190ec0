"""What the machine said week by week, from a real store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from records.assessment import Correction
from records.item import Entry
from tests.store.conftest import Desk

DAY, WEEK = timedelta(days=1), timedelta(days=7)


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
        work.correct(Correction(desk.item("b").id, "kind", "rumor", "rumor", "mai", desk.now))  # the machine was right
    assert desk.store.reader.weeks(desk.now, 1)[0].health == 3, "today is not over"
    before, first, last = desk.store.reader.weeks(desk.now + DAY, 3)
    assert (before.judged, dict(before.kinds), dict(before.corrected)) == (0, {}, {})
    assert (first.health, dict(first.kinds), dict(first.corrected)) == (3, {"rumor": 3}, {})
    assert (last.health, dict(last.kinds), dict(last.corrected)) == (1, {"rumor": 1}, {"kind": 1})
    assert desk.store.reader.health_texts(first.since, last.since, 2) == tuple(
        f"Tin về sốt xuất huyết Nội dung {name}" for name in sorted("abc", key=lambda name: desk.item(name).id)[:2]
    )


def test_a_day_is_counted_once_when_nothing_of_it_waits_and_stays_as_it_was(
    desk: Desk, entries: Callable[..., Entry]
) -> None:
    store, tomorrow = desk.store, desk.now + DAY
    desk.read(*(entries(name, text=f"Nội dung {name}") for name in "abc"), entries("d"))
    desk.assess("c")
    assert store.count_days(desk.now) == 0, "the day is not over"
    assert store.count_days(tomorrow) == 0, "an item waits for its page"
    (live,) = store.reader.weeks(tomorrow, 1)
    assert (live.health, live.not_health) == (2, 1), "counted all the same when asked"
    desk.page("d", "Nội dung d")
    desk.assess()
    assert [store.count_days(tomorrow) for _ in range(2)] == [1, 0], "of empty days nothing is kept"
    (kept,) = store.reader.weeks(tomorrow, 1)
    assert (kept.health, kept.not_health, dict(kept.kinds)) == (3, 1, {"rumor": 3})
    with store.casebook.work() as work:
        work.correct(Correction(desk.item("a").id, "health", "true", "false", "lan", desk.now))
        work.correct(Correction(desk.item("b").id, "kind", "rumor", "news", "lan", desk.now))
    assert store.keep(desk.now + 91 * DAY)["not_health"] == 1
    assert store.reader.weeks(tomorrow, 1) == (replace(kept, corrected={"health": 1, "kind": 1}),)


def test_what_waits_for_long_is_not_waited_for(desk: Desk, entries: Callable[..., Entry]) -> None:
    desk.read(entries("a", text="Nội dung a"), entries("d"))
    desk.assess()
    assert desk.store.count_days(desk.now + WEEK) == 0
    assert desk.store.count_days(desk.now + WEEK + DAY) == 1
    assert desk.store.reader.weeks(desk.now + WEEK, 1)[0].health == 1
