"""Collect: the due sources are read by a crawling child, which commits page by page."""

from __future__ import annotations

from datetime import datetime

from flows import crawling, wiring
from flows.parts import Parts
from records.crawl import CrawlOrder


def order(parts: Parts, run_id: str, now: datetime, *, all_sources: bool) -> CrawlOrder:
    """What the child is asked to do: the sources that are due, or all that are enabled."""
    sources = parts.store.sources
    chosen = tuple(s for s in sources.all() if s.enabled) if all_sources else sources.due(now)
    return CrawlOrder(
        run_id=run_id,
        now=now,
        sources=chosen,
        limits=wiring.crawl_limits(parts.settings),
        # Not their feeds' addresses: a page may have named those.
        typed_addresses=frozenset(s.address for s in chosen),
    )


def collect(parts: Parts, run_id: str, now: datetime, *, all_sources: bool = False) -> int:
    """Read the sources; the number that were due. Safe to kill and repeat."""
    wanted = order(parts, run_id, now, all_sources=all_sources)
    crawling.crawl(parts.settings, wanted)
    return len(wanted.sources)
