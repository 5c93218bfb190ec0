"""Back-fill: an archive becomes items of one source, part by part. flows/backfilling.py runs these functions on Dask.

A part is a range of a file. Each part is written and assessed by one worker at a time under its lease, and done again
whole when that worker is killed: every write is one that can be repeated. Narration begins when all parts are read.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

from crawlers.archives import Archive, ArchiveFile, Broken, Page, keyed, shown
from crawlers.parsing import Parsers, ParsingFailed
from flows import alert, assess, cycle, indexing, narrate, room
from flows.parts import Parts
from flows.watching import held
from records.address import canonical_address, item_id
from records.errors import InputError, LeaseTaken, NotFound, SearchUnavailable, StoreFull, Tin3CError
from records.run import RUN_LEASE, RunReport
from records.source import Source
from records.work import ArchivedItem, Backfill, WorkPart, WorkProgress
from store import this_process

#: Bytes of JSON lines in a part. Packed files are one part each: nobody can begin in their middle.
PART_BYTES = 1_000_000
LARGEST_PART_BYTES = 32_000_000
MOST_PARTS = 2_000
PREVIEWED_FILES = 50
#: Items written and assessed in one go.
BATCH_ITEMS = 256
_WAIT_SECONDS = 1.0

log = logging.getLogger(__name__)


def source_named(parts: Parts, name: str) -> Source:
    """The source on the list with that id or name. Raises InputError."""
    try:
        return parts.store.sources.get(name)
    except NotFound:
        found = [source for source in parts.store.sources.all() if source.name == name]
    if len(found) != 1:
        raise InputError(f"no source is called {name!r}: put it on the list first, where it may be off")
    return found[0]


def split(files: tuple[ArchiveFile, ...], job: str) -> tuple[WorkPart, ...]:
    """The parts of the archive's files, in their order. The same files are split in the same way."""
    size = min(max(PART_BYTES, sum(file.bytes for file in files) // MOST_PARTS), LARGEST_PART_BYTES)
    found: list[WorkPart] = []
    for file in files:
        whole = file.format == "warc" or file.is_packed
        starts = [0] if whole else list(range(0, max(file.bytes, 1), size))
        for start in starts:
            end = None if whole or start + size >= file.bytes else start + size
            key = hashlib.sha256(f"{file.name}|{file.mark}|{start}|{end}".encode()).hexdigest()[:20]
            order = {"file": file.name, "format": file.format, "start": start, "end": end}
            share = file.bytes if whole else min(size, file.bytes - start)
            found.append(WorkPart(f"{job}/{key}", job, len(found), order, max(share, 1)))
    return tuple(found)


def preview(location: str) -> list[str]:
    """What lies there, a line each. Nothing is stored."""
    archive = Archive(location)
    files = archive.files()
    lines = [f"{shown(file.name)}: {file.format}, {file.bytes:,} bytes" for file in files[:PREVIEWED_FILES]]
    if len(files) > PREVIEWED_FILES:
        lines.append(f"… and {len(files) - PREVIEWED_FILES} more")
    total = sum(file.bytes for file in files)
    return [*lines, f"{len(files)} files, {total:,} bytes, {len(split(files, ''))} parts"]


def begin(parts: Parts, location: str, source: Source, now: datetime, *, alert: bool) -> tuple[Backfill, WorkProgress]:
    """Note the back-fill of `location` and its parts, or go on with it. Raises InputError when it cannot be read."""
    store = parts.store
    job = "backfill:" + hashlib.sha256(f"{location}|{source.id}".encode()).hexdigest()[:12]
    planned = split(Archive(location).files(), job)
    wanted = Backfill(job, location, source.id, f"{job}:{now:%Y%m%dT%H%M%S}", now, alert)
    backfill = store.backfills.begin(wanted)
    store.work_parts.plan(planned)
    store.work_parts.try_again(job)
    if backfill.read_at is not None and store.work_parts.unfinished(job):
        # New files, or changed ones: what comes now is narrated when it has all come.
        store.backfills.again(wanted)
        backfill = wanted
    store.runs.start(backfill.run_id, backfill.now, datetime.now(UTC))
    return backfill, store.work_parts.progress(job)


def do_part(parts: Parts, job: str, part_id: str) -> bool:
    """Write and assess one part; False when another process has it or had it. Raises what it failed with."""
    store, holder = parts.store, this_process()
    part = store.work_parts.claim(job, holder, cycle.LEASE_LENGTH, part_id)
    if part is None:
        return False
    try:
        with cycle.kept(parts, part, holder):
            counts = _read(parts, store.backfills.get(job), part)
    except Exception as error:
        # Not what an unforeseen error says: it may quote a text.
        said = str(error) if isinstance(error, Tin3CError) else f"unforeseen: {type(error).__name__}"
        store.work_parts.give_back(part, holder, said)
        raise
    return store.work_parts.finish(part, holder, counts)


def _read(parts: Parts, backfill: Backfill, part: WorkPart) -> dict[str, int]:
    counts: Counter[str] = Counter()
    batch: list[ArchivedItem] = []
    for one in _archived(parts, Archive(backfill.location), backfill, part):
        if isinstance(one, Broken):
            counts["broken"] += 1
            log.info("%s, %d: %s", shown(part.order["file"]), one.at, one.problem)
            continue
        batch.append(keyed(one, backfill.source_id))
        if len(batch) == BATCH_ITEMS:
            counts.update(_write(parts, backfill, batch))
            batch = []
    counts.update(_write(parts, backfill, batch))
    return dict(counts)


def _write(parts: Parts, backfill: Backfill, batch: list[ArchivedItem]) -> dict[str, int]:
    """Raises StoreFull, with nothing of the batch written, when the disk has too little room."""
    if batch and room.is_short(parts.settings):
        raise StoreFull(
            "the disk of the home has too little room to read in more of the archive (keep.least_free_bytes): make room"
        )
    new, known = parts.store.backfills.write(backfill, batch) if batch else (0, 0)
    while assess.assess_batch(parts, backfill.run_id, backfill.now, backfill.id):
        pass
    return {"items": len(batch), "new": new, "known": known}


def _archived(parts: Parts, archive: Archive, backfill: Backfill, part: WorkPart) -> Iterator[ArchivedItem | Broken]:
    order = part.order
    if order["format"] == "lines":
        yield from archive.lines(order["file"], order["start"], order["end"])
        return
    limits = parts.settings.crawl
    with asyncio.Runner() as runner:
        parsers = Parsers(limits.extraction_limit_seconds, workers=1)
        try:
            for number, page in enumerate(archive.pages(order["file"], limits.largest_body_bytes), 1):
                yield page if isinstance(page, Broken) else runner.run(_article(parsers, page, number, backfill.now))
        finally:
            runner.run(parsers.close())


async def _article(parsers: Parsers, page: Page, number: int, now: datetime) -> ArchivedItem | Broken:
    """A page is parsed in a process of its own, which is killed when it takes too long or too much."""
    try:
        article = await parsers.article(page.body, page.address, page.content_type, now)
        if not article.text or article.challenge:
            return Broken(number, "there is no article in it")
        key, id = canonical_address(page.address), item_id(page.address)
    except ParsingFailed as error:
        return Broken(number, str(error))
    except (ValueError, UnicodeError):
        return Broken(number, "its address cannot be read")
    return ArchivedItem(id, key, page.address, article.title, article.text, article.published, article.author)


def finish(parts: Parts, backfill: Backfill) -> RunReport:
    """After the last part: assess what dead workers left, narrate in the order of publishing, judge and index.

    Safe to kill and repeat. Other runs get their turn between two batches of narration. Raises InputError while a part
    is not read.
    """
    store, holder = parts.store, this_process()
    if not store.work_parts.progress(backfill.id).is_finished:
        raise InputError("not all of the archive was read")
    while True:
        if not assess.assess_batch(parts, backfill.run_id, backfill.now, backfill.id):
            if not store.assessment_queue.at_work(holder, backfill.id):
                break
            time.sleep(_WAIT_SECONDS)
    store.backfills.read(backfill.id)
    while True:
        with _turn(parts):
            narrate.narrate(parts, backfill.run_id, backfill.now, holder, most_batches=1)
            outcome = alert.judge(parts, datetime.now(UTC))
            store.runs.note(backfill.run_id, cases_opened=outcome.opened)
        if not store.narration.waiting(1):
            break
    try:
        indexing.catch_up(store.index_queue, parts.index, datetime.now(UTC))
    except SearchUnavailable as error:
        log.warning("search is behind: %s", error)
    store.backfills.finish(backfill.id)
    return store.runs.finish(backfill.run_id, datetime.now(UTC))


@contextmanager
def _turn(parts: Parts) -> Iterator[None]:
    """Narrating and judging are a run's: wait until no other is at it."""
    with ExitStack() as stack:
        while True:
            try:
                stack.enter_context(held(parts.store.leases, RUN_LEASE))
                break
            except LeaseTaken as error:
                log.info("waiting for the run at work: %s", error.holder)
        yield
