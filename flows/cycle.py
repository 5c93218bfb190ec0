"""One run that several workers share: parts of its collection and batches of its items are taken from the store.

Prefect starts the workers, and decides nothing else: which sources a worker reads and which items it assesses is what
it takes, with a lease, from the store. So any number of them, none at all, and one that is killed come to the same: the
run itself works too, waits for those that live, and does again what a dead one had. Then it narrates, alone.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

from flows import assess, collect, hosts, wiring
from flows.background import renewed
from flows.parts import Parts
from records.crawl import CrawlOrder
from records.errors import FetchFailed, StoreError, Tin3CError
from records.run import RUN_LEASE
from records.source import Source
from records.work import WorkPart
from store import this_process

LEASE_LENGTH = timedelta(minutes=2)
_LOOK_SECONDS = 1.0


def begin(parts: Parts, now: datetime, *, all_sources: bool) -> str:
    """Start a run and note the parts of its collection; its id. Waits for workers of an earlier run to end."""
    settle(parts)
    run_id = f"{now:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"
    parts.store.runs.start(run_id, now, datetime.now(UTC))
    sources = parts.store.sources
    readable = sources.readable(now)
    due = {source.id for source in (readable if all_sources else sources.due(now))}
    groups = by_host(readable, parts.settings.workers.collect)
    parts.store.work_parts.plan(
        [
            WorkPart(
                id=f"{run_id}/{number}",
                job=run_id,
                number=number,
                order={"sources": [s.id for s in group if s.id in due], "pages_of": [s.id for s in group]},
                size=len(group),
            )
            for number, group in enumerate(groups)
        ]
    )
    return run_id


def by_host(sources: Sequence[Source], groups: int) -> list[list[Source]]:
    """The sources in at most `groups` groups of about the same number, those of one host together."""
    those_of = hosts.by_host(sources)
    found: list[list[Source]] = [[] for _ in range(groups)]
    for host in sorted(those_of, key=lambda host: (-len(those_of[host]), host)):
        min(found, key=len).extend(those_of[host])
    return [group for group in found if group]


def work(
    parts: Parts, run_id: str, now: datetime, run_holder: str, *, collects: bool = True, assesses: bool = True
) -> int:
    """Take parts and batches of the run until there is nothing left to take; how many were taken.

    Ends when `run_holder` does not hold the run any more. Several processes may call this at once.
    """
    store, taken = parts.store, 0
    while store.leases.holder(RUN_LEASE) == run_holder:
        if (collects and _collect_part(parts, run_id, now, run_holder)) or (
            assesses and assess.assess_batch(parts, run_id, now)
        ):
            taken += 1
        elif not assesses or not (store.work_parts.unfinished(run_id) or _others(parts)):
            break
        else:
            # What another is reading will have to be assessed; what a dead one had comes back.
            time.sleep(_LOOK_SECONDS)
    return taken


def collected(parts: Parts, run_id: str) -> None:
    """Raises FetchFailed when a part of the collection was given up: a story from half of it would be another one."""
    progress = parts.store.work_parts.progress(run_id)
    if not progress.is_finished:
        said = "; ".join(dict.fromkeys(problem for _, problem in progress.problems)) or "its workers ended"
        raise FetchFailed("collect", f"{progress.parts - progress.finished} of {progress.parts} parts failed: {said}")


def settle(parts: Parts, keep: Callable[[], None] = lambda: None) -> None:
    """Wait until nobody else collects or assesses. Bounded: leases of workers that stand still run out."""
    while _others(parts):
        keep()
        time.sleep(_LOOK_SECONDS)


def _others(parts: Parts) -> tuple[str, ...]:
    holder = this_process()
    return parts.store.work_parts.at_work(but=[holder]) + parts.store.assessment_queue.at_work(holder)


def _collect_part(parts: Parts, run_id: str, now: datetime, run_holder: str) -> bool:
    holder = this_process()
    part = parts.store.work_parts.claim(run_id, holder, LEASE_LENGTH)
    if part is None:
        return False
    try:
        with kept(parts, part, holder):
            collect.read(parts, order_of(parts, part, now), run_holder)
    except Exception as error:
        said = str(error) if isinstance(error, Tin3CError) else f"unforeseen: {type(error).__name__}"
        parts.store.work_parts.give_back(part, holder, said)
        if not isinstance(error, FetchFailed | StoreError):
            raise
        return True  # it is tried again, here or elsewhere, until it is given up
    parts.store.work_parts.finish(part, holder, {"sources": len(part.order["sources"])})
    return True


def order_of(parts: Parts, part: WorkPart, now: datetime) -> CrawlOrder:
    wanted = set(part.order["sources"])
    known = parts.store.sources.all()
    return CrawlOrder(
        run_id=part.job,
        now=now,
        sources=tuple(source for source in known if source.id in wanted),
        limits=wiring.crawl_limits(parts.settings),
        typed_addresses=frozenset(source.address for source in known if source.id in wanted),
        pages_of=frozenset(part.order["pages_of"]),
    )


def kept(parts: Parts, part: WorkPart, holder: str) -> AbstractContextManager[None]:
    """Keeps the lease of a part while the block runs."""
    return renewed(f"part {part.id}", lambda: parts.store.work_parts.renew(part, holder, LEASE_LENGTH))
