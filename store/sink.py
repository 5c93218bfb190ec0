"""The Sink port: where the crawling child puts what it reads, one transaction a reading."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select, update

from records.crawl import CrawlOrder, FetchState, PageFailure, PageReading, PageTask, SourceReading
from records.source import SourceState
from store import pages
from store.captures import CaptureFiles
from store.database import Database, insert_new, retried, upsert
from store.entries import write_entries
from store.sources import source_values
from store.tables import run_sources, sources

_READ = frozenset({SourceState.WORKING, SourceState.UNCHANGED, SourceState.EMPTY})


class SqlSink:
    def __init__(self, database: Database, files: CaptureFiles, author_key: bytes) -> None:
        self._database = database
        self._files = files
        self._author_key = author_key

    def fetch_state(self, address: str) -> FetchState | None:
        with self._database.reading() as connection:
            return pages.known_fetch(connection, address)

    @retried
    def source_read(self, order: CrawlOrder, reading: SourceReading) -> tuple[PageTask, ...]:
        with self._database.writing() as connection:
            _know_source(connection, order, reading.source_id)
            ids, new = write_entries(connection, order, reading.source_id, reading.entries, self._author_key)
            if reading.state in _READ:
                unchanged = reading.state is SourceState.UNCHANGED
                pages.remember_fetch(connection, reading.fetch, unchanged=unchanged)
            _note_state(connection, order, reading, new)
            return pages.hand_out(connection, order, ids)

    @retried
    def due_pages(self, order: CrawlOrder) -> tuple[PageTask, ...]:
        with self._database.writing() as connection:
            return pages.hand_out(connection, order)

    @retried
    def page_read(self, order: CrawlOrder, reading: PageReading) -> None:
        sha256 = None
        if reading.capture is not None and reading.text and not reading.unchanged:
            sha256 = self._files.stage(reading.item_id, reading.capture)
        with self._database.writing() as connection:
            taken = pages.page_read(connection, order, reading, sha256, self._author_key)
            wanted = taken or self._files.is_staged_for(connection, reading.item_id, sha256)
        if sha256 is not None and not wanted:
            self._files.unstage(reading.item_id, sha256)

    @retried
    def page_failed(self, order: CrawlOrder, failure: PageFailure) -> None:
        with self._database.writing() as connection:
            pages.page_failed(connection, order, failure)


def _know_source(connection: Connection, order: CrawlOrder, source_id: str) -> None:
    """An order may name a source that nobody saved: what it gives still needs one to belong to."""
    for source in order.sources:
        if source.id == source_id:
            insert_new(connection, sources, source_values(source))


def _note_state(connection: Connection, order: CrawlOrder, reading: SourceReading, new: int) -> None:
    before = connection.execute(
        select(sources).where(sources.c.id == reading.source_id).with_for_update(key_share=True)
    ).one()
    failed = reading.state not in _READ
    again = before.last_read == order.now and before.state == reading.state  # the same reading, handed in twice
    values = {
        "state": reading.state.value,
        "detail": reading.detail,
        "state_since": before.state_since if before.state == reading.state else order.now,
        "last_read": order.now,
        "last_new_item": order.now if new else before.last_new_item,
        "failures_in_a_row": before.failures_in_a_row + (0 if again else 1) if failed else 0,
    }
    connection.execute(update(sources).where(sources.c.id == reading.source_id).values(**values))
    noted: dict[str, Any] = {
        "run_id": order.run_id,
        "source_id": reading.source_id,
        "state": reading.state.value,
        "detail": reading.detail,
        "fates": {},
    }
    upsert(connection, run_sources, noted)
