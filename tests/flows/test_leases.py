"""A run whose lease was lost writes no further: another one is at work on the same store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows import narrate, watching
from flows.parts import Parts, use
from flows.settings import build
from records.assessment import AssessedItem, Assessment, Harm, Kind, Stance
from records.crawl import CrawlLimits, CrawlOrder, FetchState, SourceReading
from records.errors import LeaseTaken
from records.item import Entry
from records.narrative import NO_WORDS, NarratableItem, PersonsWords, PlacedItem, Placement
from records.run import Lease
from records.source import Owner, Source, SourceKind, SourceState
from store import this_process
from tests.support import stores

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SOURCE = Source("bao", "Báo Ví Dụ", "https://bao.example/rss", SourceKind.FEED, Owner.PRESS, enabled=True)
SAID = Assessment(True, False, None, Kind.NEWS, Stance.NEUTRAL, Harm.NONE, {"health": 0.9}, (), (), "test")


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    """With one health item that waits for its narrative."""
    stores.prepare(tmp_path)
    parts = use(build({"home": tmp_path, "store": stores.section(tmp_path)}))
    store = parts.store
    store.sources.save(SOURCE, NOW)
    store.runs.start("run", NOW, NOW)
    reading = SourceReading(
        "bao",
        SourceState.WORKING,
        "",
        FetchState(SOURCE.address),
        (Entry("https://bao.example/1", "Tin đồn", text="Tin đồn về muối"),),
    )
    store.sink.source_read(CrawlOrder("run", NOW, (SOURCE,), CrawlLimits("test")), reading)
    (item,) = store.assessment_queue.waiting(2)
    store.assessment_queue.save("run", [AssessedItem(item.id, item.version, SAID)], NOW)
    yield parts
    parts.close()


def take_over(parts: Parts, name: str) -> None:
    """What another machine does when the holder stood still for longer than its lease."""
    parts.store.leases.renew(Lease(name, this_process(), NOW), -MINUTE)
    parts.store.leases.acquire(name, "elsewhere:1:1.0", MINUTE)


@dataclass
class Slow:
    """A narrator that takes so long that another run takes over."""

    parts: Parts
    window: timedelta = timedelta(days=14)

    def place(
        self, window: Sequence[PlacedItem], items: Sequence[NarratableItem], words: PersonsWords = NO_WORDS
    ) -> Iterator[Placement]:
        take_over(self.parts, "narrate")
        return iter([Placement(item.id, item.id, 1.0) for item in items])


def test_a_narration_that_was_overtaken_stores_nothing(parts: Parts) -> None:
    parts.__dict__["narrator"] = Slow(parts)
    with pytest.raises(LeaseTaken, match="elsewhere"):
        narrate.narrate(parts, "run", NOW, this_process())
    assert len(parts.store.narration.waiting()) == 1
    with pytest.raises(LeaseTaken):
        parts.store.leases.acquire("narrate", this_process(), MINUTE)  # it gave nobody else's lease back


def test_placements_are_not_stored_in_a_transaction_without_the_lease(parts: Parts) -> None:
    lease = parts.store.leases.acquire("narrate", this_process(), MINUTE)
    take_over(parts, "narrate")
    (item,) = parts.store.narration.waiting()
    with pytest.raises(LeaseTaken, match="elsewhere"):
        parts.store.narration.save("run", [Placement(item.id, item.id, 1.0)], NOW, lease)
    assert len(parts.store.narration.waiting()) == 1


def test_a_run_finds_out_between_its_steps(parts: Parts) -> None:
    leases = parts.store.leases
    with watching.held(leases, watching.RUN_LEASE):
        watching.keep(leases, watching.RUN_LEASE, this_process())
        take_over(parts, watching.RUN_LEASE)
        with pytest.raises(LeaseTaken, match="elsewhere"):
            watching.keep(leases, watching.RUN_LEASE, this_process())
    with pytest.raises(LeaseTaken, match="elsewhere"):
        leases.acquire(watching.RUN_LEASE, this_process(), MINUTE)
