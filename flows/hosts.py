"""One crawl, whatever its hosts do to it: a host that ends the crawling process is found, left alone and said aloud.

A crawl whose process ended is done again in two halves, those again in halves, until the host that does it is alone.
What was read stays, and is asked for again with "has it changed?". How often it happened is counted in the store, so
that every worker, and the next run, knows (Sources.crawler_died).
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from flows import crawling
from flows.parts import Parts
from records.address import host_and_port
from records.calendar import local
from records.crawl import CrawlOrder, FetchState, SourceReading
from records.errors import CrawlerDied
from records.run import RUN_LEASE
from records.source import Source, SourceState

log = logging.getLogger(__name__)


def by_host(sources: Iterable[Source]) -> dict[tuple[str, int], list[Source]]:
    """The sources by the host and port that they are read at."""
    hosts: dict[tuple[str, int], list[Source]] = defaultdict(list)
    for source in sources:
        hosts[host_and_port(source.read_address)].append(source)
    return hosts


def crawl(parts: Parts, order: CrawlOrder, run_holder: str) -> None:
    """Carry out an order that names its `pages_of`. Raises what `crawling.crawl` raises, CrawlerDied only when it was
    no host's doing: the process was told to end, the run is over, or it ends with nothing to read as well."""
    pages_of = order.pages_of or frozenset()
    known = {source.id: source for source in parts.store.sources.all() if source.id in pages_of}
    hosts = list(by_host((known | {source.id: source for source in order.sources}).values()).values())
    suspects = parts.store.sources.suspects()
    alone = [host for host in hosts if any(source.id in suspects for source in host)]
    _together(parts, order, [host for host in hosts if host not in alone], run_holder)
    for host in alone:
        _alone(parts, order, host, run_holder)


def _together(parts: Parts, order: CrawlOrder, hosts: list[list[Source]], run_holder: str) -> None:
    if len(hosts) == 1:
        _alone(parts, order, hosts[0], run_holder)
    if len(hosts) <= 1:
        return
    try:
        _crawl(parts, order, [source for host in hosts for source in host], run_holder)
    except CrawlerDied as error:
        _raise_unless_a_host_did_it(parts, order, error, run_holder)
        log.warning("the crawling process ended (%s): its %d hosts are read in two halves", error.how, len(hosts))
        middle = len(hosts) // 2
        _together(parts, order, hosts[:middle], run_holder)
        _together(parts, order, hosts[middle:], run_holder)


def _alone(parts: Parts, order: CrawlOrder, host: list[Source], run_holder: str) -> None:
    """One host, until it is read or left alone."""
    until = None
    while until is None:
        try:
            _crawl(parts, order, host, run_holder)
            return
        except CrawlerDied as error:
            _raise_unless_a_host_did_it(parts, order, error, run_holder)
            until, how = parts.store.sources.crawler_died([source.id for source in host], order.now), error.how
    _say_why(parts, order, host, how, until)


def _crawl(parts: Parts, order: CrawlOrder, sources: list[Source], run_holder: str) -> None:
    ids = frozenset(source.id for source in sources)
    due = tuple(source for source in order.sources if source.id in ids)
    crawling.crawl(parts.settings, replace(order, sources=due, pages_of=ids), run_holder)
    parts.store.sources.crawled(ids)


def _raise_unless_a_host_did_it(parts: Parts, order: CrawlOrder, error: CrawlerDied, run_holder: str) -> None:
    if error.asked or (run_holder and parts.store.leases.holder(RUN_LEASE) != run_holder):
        raise error
    # With nothing to read. What ends this one as well is the installation's, or the machine's: no host is to blame.
    crawling.crawl(parts.settings, replace(order, sources=(), pages_of=frozenset()), run_holder)


def _say_why(parts: Parts, order: CrawlOrder, host: list[Source], how: str, until: datetime) -> None:
    detail = (
        f"what this host answers ends the crawling process ({how}), time and again;"
        f" it is left alone until {local(until):%H:%M %d/%m/%Y}"
    )
    log.error("%d sources of a host are left alone: what it answers ends the crawling process (%s)", len(host), how)
    of_host = replace(order, sources=tuple(host))
    for source in host:
        nothing = parts.store.sink.fetch_state(source.read_address) or FetchState(source.read_address)
        parts.store.sink.source_read(of_host, SourceReading(source.id, SourceState.FAILING, detail, nothing))
