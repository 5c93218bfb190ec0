"""Room on the disk of the home. Too little of it stops collecting, and not alerting.

`keep.least_free_bytes` is what collecting leaves to the rest. Should others fill the disk all the same, a reserve of
our own is let go, so that the store can still be written: what was found goes on to those who must hear of it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from alerts.operations import compose_disk_full
from flows import wiring
from flows.parts import Parts
from flows.settings import Settings
from records.calendar import local
from records.crawl import CrawlOrder, FetchState, PageFailure, PageReading, PageTask, SourceReading
from records.errors import StoreFull
from records.message import Letter, Message
from records.ports import Sink
from records.run import HeldBack

RESERVE = "reserve"
RESERVE_BYTES = 64_000_000

log = logging.getLogger(__name__)


def free_bytes(home: Path) -> int:
    return shutil.disk_usage(home).free


def is_short(settings: Settings) -> bool:
    return free_bytes(settings.home) < settings.keep.least_free_bytes


def make_way(settings: Settings) -> None:
    """Let the reserve go when the disk is as good as full; lay it by again when there is room for it and more."""
    path = settings.home / RESERVE
    free = free_bytes(settings.home)
    if free < RESERVE_BYTES:
        path.unlink(missing_ok=True)
    elif not path.exists() and free > settings.keep.least_free_bytes + 2 * RESERVE_BYTES:
        # Laying it by is worth no failure: another process may do the same.
        with contextlib.suppress(OSError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, RESERVE_BYTES)
            finally:
                os.close(descriptor)


def hold_back(parts: Parts, run_id: str, now: datetime) -> None:
    """Note that a run does not collect, and say so to the team, once a day."""
    log.error("collecting is held back: the disk of the home has too little room")
    make_way(parts.settings)
    try:
        parts.store.runs.hold_back(run_id, HeldBack.DISK_FULL)
        _tell(parts, now)
    except StoreFull as error:
        # Then nothing can be written at all; what was put to the outbox before may still go out.
        log.error("the store is full: %s", error)


def _tell(parts: Parts, now: datetime) -> None:
    settings = parts.settings
    content = compose_disk_full(
        free_bytes(settings.home), settings.keep.least_free_bytes, wiring.letterhead(settings), now
    )
    letter = Letter(content.subject, content.text, content.html, at=now)
    thread = f"disk-full:{local(now):%Y-%m-%d}"
    with parts.store.casebook.work() as work:
        for to in wiring.default_recipients(settings).addresses:
            work.enqueue(Message(f"{thread}:{to.channel}:{to.recipient}", to, thread, letter, created_at=now))


class RoomKeepingSink:
    """A Sink that takes nothing more in once there is too little room. Raises StoreFull."""

    def __init__(self, sink: Sink, is_short: Callable[[], bool]) -> None:
        self._sink = sink
        self._is_short = is_short

    def _check(self) -> None:
        if self._is_short():
            raise StoreFull("the disk has too little room to collect")

    def fetch_state(self, address: str) -> FetchState | None:
        return self._sink.fetch_state(address)

    def source_read(self, order: CrawlOrder, reading: SourceReading) -> tuple[PageTask, ...]:
        self._check()
        return self._sink.source_read(order, reading)

    def due_pages(self, order: CrawlOrder) -> tuple[PageTask, ...]:
        return self._sink.due_pages(order)

    def page_read(self, order: CrawlOrder, reading: PageReading) -> None:
        self._check()
        self._sink.page_read(order, reading)

    def page_failed(self, order: CrawlOrder, failure: PageFailure) -> None:
        self._sink.page_failed(order, failure)
