"""A process that writes to a store without rest: `python -m tests.support.busy_store HOME [URL]`.

Items with captures come in, are assessed (one in four is not health) and archived; the trail grows.
Prints one line when the first round is in.
"""

from __future__ import annotations

import itertools
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from records.address import item_id
from records.assessment import AssessedItem, Assessment, Harm, Kind, Stance
from records.case import Act
from records.crawl import CrawlLimits, CrawlOrder, FetchState, PageReading, SourceReading
from records.item import CapturedPage, Entry
from records.source import Owner, Source, SourceKind, SourceState
from store import Store, open_store

KEY = b"a key for tests" + bytes(17)
NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
SOURCE = Source("bao", "Báo Ví Dụ", "https://bao.example/rss", SourceKind.FEED, Owner.PRESS, enabled=True)
_VECTOR = bytes.fromhex("003c") + bytes(2 * 383)
_ROUND = 20


def address(number: int) -> str:
    return f"https://bao.example/{number}"


def write_round(store: Store, number: int) -> None:
    """Twenty items from the web to their assessment; the captures of two are left staged."""
    now = NOW + timedelta(minutes=number)
    run = f"run-{number:05d}"
    store.runs.start(run, now, now)
    order = CrawlOrder(run, now, (SOURCE,), CrawlLimits("Tin3C test"))
    ids = range(number * _ROUND, (number + 1) * _ROUND)
    entries = tuple(Entry(address(one), f"Tin về sốt xuất huyết số {one}", author=f"Người {one}") for one in ids)
    fetch = FetchState(SOURCE.address, body_sha256=f"{number:064x}", fetched_at=now)
    store.sink.source_read(order, SourceReading(SOURCE.id, SourceState.WORKING, "", fetch, entries))
    for one in ids:
        text = f"Nội dung số {one}. " * 40
        page = CapturedPage(
            address(one), now + timedelta(days=number % 3), 200, (("Content-Type", "text/html"),), text.encode()
        )
        store.sink.page_read(
            order, PageReading(item_id(address(one)), SOURCE.id, FetchState(address(one)), text=text, capture=page)
        )
    waiting = store.assessment_queue.waiting(10_000)[: _ROUND - 2]
    said = [
        AssessedItem(one.id, one.version, assessment(health=int(one.id[:2], 16) % 4 > 0), _VECTOR, "encoder-1")
        for one in waiting
    ]
    store.assessment_queue.save(run, said, now)
    with store.casebook.work() as work:
        note = work.keep_note(f"Lý do {number}", now)
        work.trail(now, "người trực", Act.ACKNOWLEDGE, f"case-{number}", {"note": note})
    store.runs.finish(run, now)


def assessment(*, health: bool) -> Assessment:
    return Assessment(
        health=health,
        attention=False,
        topic="epidemic",
        kind=Kind.RUMOR,
        stance=Stance.ASSERTS,
        harm=Harm.MEDIUM,
        probabilities={"health": 0.93 if health else 0.1, "a third": 1 / 3},
        places=("Hà Nội",),
        reasons=(),
        model_version="test-1",
    )


def main() -> None:
    home, url = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None
    store = open_store(url, home=home, author_key=KEY)
    store.sources.save(SOURCE, NOW)
    for number in itertools.count():
        write_round(store, number)
        if number == 2:
            print("busy", flush=True)


if __name__ == "__main__":
    main()
