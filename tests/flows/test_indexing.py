"""Search answers while the same process brings the index up to date, and finds what was written."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows import wiring
from flows.indexing import catch_up, keeping_up
from flows.parts import Parts, use
from flows.settings import build
from index.schema import FILE_NAME
from records.search import SearchQuery
from tests.support import console_seed as seed
from tests.support import stores

NOW = datetime(2026, 8, 24, tzinfo=UTC)
EVERYTHING = SearchQuery("")


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    stores.prepare(tmp_path)
    with closing(use(build({"home": tmp_path, "store": stores.section(tmp_path)}))) as parts:
        seed.collect(parts.store)
        catch_up(parts.store.index_queue, parts.index, NOW)
        yield parts


def search_anew(parts: Parts) -> int:
    """As another process that begins to search only now."""
    with closing(wiring.open_index(parts.settings)) as index:
        return index.search(EVERYTHING).total


def test_a_search_does_not_wait_for_a_batch(parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queue, total = parts.store.index_queue, parts.index.search(EVERYTHING).total
    again, gone = queue.known([hit.id for hit in parts.index.search(EVERYTHING).hits[:2]]).values()
    queue.requeue([(again.id, again.revision)])
    queue.forget([(gone.id, gone.revision)])
    begun, pending = threading.Event(), queue.pending

    def noted(limit: int) -> object:
        begun.set()
        return pending(limit)

    monkeypatch.setattr(queue, "pending", noted)
    with closing(sqlite3.connect(tmp_path / "index" / FILE_NAME, isolation_level=None)) as busy:
        busy.execute("BEGIN IMMEDIATE")  # whoever writes waits for this one, for seconds
        with ThreadPoolExecutor(1) as aside, keeping_up(parts, 0.05):
            try:
                assert begun.wait(60)
                time.sleep(0.3)  # on the way from the queue into the index
                assert aside.submit(parts.index.search, EVERYTHING).result(timeout=10).total == total
                assert aside.submit(search_anew, parts).result(timeout=10) == total
                assert queue.waiting() == 2
            finally:
                busy.execute("ROLLBACK")
            last = time.monotonic() + 60
            while queue.waiting() and time.monotonic() < last:
                time.sleep(0.05)
        assert parts.index.search(EVERYTHING).total == total - 1
