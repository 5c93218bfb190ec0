"""A real store in a temporary folder, and short ways to what crawlers and models hand it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from records.address import item_id
from records.assessment import AssessedItem, Assessment, Harm, Kind, Reason, Stance
from records.crawl import CrawlLimits, CrawlOrder, FetchState, PageFailure, PageReading, PageTask, SourceReading
from records.item import CapturedPage, Entry, Fate, Item
from records.retention import Tidied
from records.run import RunReport
from records.source import Owner, Source, SourceKind, SourceState
from store import Store, this_process
from tests.support import stores

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
KEY = stores.KEY
#: The lease under which captures are deleted.
CAPTURES = "captures"


def address(name: str) -> str:
    return f"https://bao.example/{name}"


def entry(name: str, title: str = "Tin về sốt xuất huyết", summary: str = "", text: str = "", **more: object) -> Entry:
    return Entry(address(name), title, summary, text, **more)  # type: ignore[arg-type]


@dataclass
class Desk:
    """One store, and the time that passes for it."""

    store: Store
    now: datetime = NOW
    run: str = "run-1"
    sources: tuple[Source, ...] = field(
        default_factory=lambda: (
            Source("bao", "Báo Ví Dụ", "https://bao.example/rss", SourceKind.FEED, Owner.PRESS, enabled=True),
            Source("cong", "Cổng Ví Dụ", "https://cong.example/rss", SourceKind.FEED, Owner.OFFICIAL, enabled=True),
        )
    )

    def __post_init__(self) -> None:
        for source in self.sources:
            self.store.sources.save(source, self.now)
        self.begin(self.run)

    def begin(self, run: str, later: timedelta = timedelta(0)) -> None:
        self.now += later
        self.run = run
        self.store.runs.start(run, self.now, self.now)

    def end(self) -> RunReport:
        return self.store.runs.finish(self.run, self.now)

    @property
    def order(self) -> CrawlOrder:
        return CrawlOrder(self.run, self.now, self.sources, CrawlLimits("Tin3C test"))

    def read(
        self, *entries: Entry, source: str = "bao", state: SourceState = SourceState.WORKING
    ) -> tuple[PageTask, ...]:
        fetch = FetchState(f"https://{source}.example/rss", etag='"1"', body_sha256="0" * 64, fetched_at=self.now)
        return self.store.sink.source_read(self.order, SourceReading(source, state, "", fetch, entries))

    def page(self, name: str, text: str, body: bytes | None = None, **more: object) -> None:
        captured = CapturedPage(
            address(name),
            self.now,
            200,
            (("Content-Type", "text/html; charset=utf-8"), ("Set-Cookie", "who=me"), ("Content-Encoding", "gzip")),
            text.encode() if body is None else body,
        )
        reading = PageReading(
            item_id(address(name)), "bao", FetchState(address(name)), text=text, capture=captured, **more
        )  # type: ignore[arg-type]
        self.store.sink.page_read(self.order, reading)

    def unchanged(self, name: str) -> None:
        reading = PageReading(item_id(address(name)), "bao", FetchState(address(name)), unchanged=True)
        self.store.sink.page_read(self.order, reading)

    def fail(self, name: str, fate: Fate = Fate.FAILED, permanent: bool = False) -> None:
        failure = PageFailure(item_id(address(name)), "bao", fate, "500", FetchState(address(name)), permanent)
        self.store.sink.page_failed(self.order, failure)

    def assess(
        self, *not_health: str, said: Callable[[Assessment], Assessment] = lambda assessment: assessment
    ) -> None:
        """All that wait: health, but for the items of the names given."""
        away = {item_id(address(name)) for name in not_health}
        answers = [
            AssessedItem(
                item.id, item.version, said(replace(ASSESSMENT, health=item.id not in away)), VECTOR, "encoder-1"
            )
            for item in self.store.assessment_queue.waiting(10_000)
        ]
        self.store.assessment_queue.save(self.run, answers, self.now)

    def tidy(self) -> Tidied:
        lease = self.store.leases.acquire(CAPTURES, this_process(), timedelta(minutes=2))
        try:
            return self.store.tidy_captures(lease)
        finally:
            self.store.leases.release(lease)

    def item(self, name: str) -> Item:
        return self.store.reader.item(item_id(address(name)))

    def fates(self) -> dict[Fate, int]:
        return {fate: number for fate, number in self.store.runs.report(self.run).fates.items() if number}


ASSESSMENT = Assessment(
    health=True,
    attention=False,
    topic="epidemic",
    kind=Kind.RUMOR,
    stance=Stance.ASSERTS,
    harm=Harm.MEDIUM,
    probabilities={"health": 0.9321},
    places=("Hà Nội",),
    reasons=(Reason("kind", "words", ("nghe nói",)),),
    model_version="test-1",
)
VECTOR = bytes.fromhex("003c") + bytes(2 * 383)  # float16 1.0, then zeros: length 1


@pytest.fixture
def open_here(tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Opens the store of this test, as often as it is called: what several processes do."""
    opened: list[Store] = []

    def open_one() -> Store:
        opened.append(stores.open_at(tmp_path, KEY))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def desk(open_here: Callable[[], Store]) -> Desk:
    return Desk(open_here())


@pytest.fixture
def entries() -> Callable[..., Entry]:
    return entry


@pytest.fixture
def desk_class() -> type[Desk]:
    return Desk
