"""Two processes that write at once: neither fails, and nothing of either is lost."""

from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime

from records.case import Act
from records.crawl import CrawlLimits, CrawlOrder, FetchState, SourceReading
from records.item import Entry, Fate
from records.source import Owner, Source, SourceKind, SourceState
from store import open_store
from tests.support import stores

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ROUNDS = 15


def _write(url, home, name):
    store = open_store(url, home=home, author_key=b"k")
    source = Source(name, name, f"https://{name}.example/", SourceKind.FEED, Owner.PRESS, enabled=True)
    order = CrawlOrder("run", NOW, (source,), CrawlLimits("test"))
    for number in range(ROUNDS):
        # Every second item is known to both.
        entries = tuple(Entry(f"https://bao.example/{n}", "T", text="X") for n in (f"{name}{number}", f"both{number}"))
        fetch = FetchState(f"https://{name}.example/")
        store.sink.source_read(order, SourceReading(name, SourceState.WORKING, "", fetch, entries))
        with store.casebook.work() as work:
            work.trail(NOW, name, Act.OPEN, f"{name}-{number}", {})
    store.close()


def test_two_processes_write_at_once(tmp_path, desk):
    desk.begin("run")
    context = multiprocessing.get_context("spawn")
    both = [
        context.Process(target=_write, args=(stores.url_of(tmp_path), tmp_path, name), daemon=True)
        for name in ("mot", "hai")
    ]
    for process in both:
        process.start()
    for process in both:
        process.join(90)
    assert [process.exitcode for process in both] == [0, 0]
    assert desk.store.reader.verify_trail() == 2 * ROUNDS
    report = desk.store.runs.report("run")
    assert report.fates[Fate.NEW] == 3 * ROUNDS
    assert sum(sum(source.fates.values()) for source in report.sources) == 3 * ROUNDS
