"""Collect: the due sources are read by a crawling child, which commits page by page."""

from __future__ import annotations

import logging
from datetime import datetime

from flows import hosts, room, wiring
from flows.parts import Parts
from records.crawl import CrawlOrder
from records.errors import StoreFull

log = logging.getLogger(__name__)


def order(parts: Parts, run_id: str, now: datetime, *, all_sources: bool) -> CrawlOrder:
    """What the child is asked to do: the sources that are due, or all that may be read; and the pages left of all."""
    readable = parts.store.sources.readable(now)
    chosen = readable if all_sources else parts.store.sources.due(now)
    return CrawlOrder(
        run_id=run_id,
        now=now,
        sources=chosen,
        limits=wiring.crawl_limits(parts.settings),
        # Not their feeds' addresses: a page may have named those.
        typed_addresses=frozenset(s.address for s in chosen),
        pages_of=frozenset(s.id for s in readable),
    )


def collect(parts: Parts, run_id: str, now: datetime, *, all_sources: bool = False) -> int:
    """Read the sources; the number that were due. Safe to kill and repeat.

    With too little room on the disk nothing is read, or no more; the run goes on with what there is.
    """
    wanted = order(parts, run_id, now, all_sources=all_sources)
    return len(wanted.sources) if read(parts, wanted) else 0


def read(parts: Parts, wanted: CrawlOrder, run_holder: str = "") -> bool:
    """Carry out an order; False when the disk had too little room. `run_holder`: whose run it is, where others help."""
    try:
        if room.is_short(parts.settings):
            raise StoreFull("the disk has too little room to collect")
        hosts.crawl(parts, wanted, run_holder)
    except StoreFull as error:
        room.hold_back(parts, wanted.run_id, wanted.now)
        log.error("run %s does not collect: %s", wanted.run_id, error)
        return False
    return True
