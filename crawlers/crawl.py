"""One crawl: all sources of the order and all pages that are due, host by host, each reading handed to the sink."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass, field

from crawlers.fetching import Answer, Challenged, Fetcher, Gone, RobotsUnread
from crawlers.guard import slot_of
from crawlers.hosts import HostTurns
from crawlers.parsing import Parsers, ParsingFailed
from crawlers.process import run
from crawlers.settings import REQUESTS_PER_HOST_WITHOUT_DELAY
from crawlers.social import POST_PLATFORMS, feed_of
from records.crawl import CrawlOrder, FetchState, PageFailure, PageReading, PageTask, SourceReading
from records.errors import FetchError, FetchFailed, FetchRefused, NotReadable
from records.item import Fate
from records.ports import Leases, Sink
from records.source import Source, SourceKind, SourceState

logger = logging.getLogger(__name__)

HTML_TYPES = ("text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml")


def crawl(order: CrawlOrder, sink: Sink, leases: Leases | None = None, holder: str = "") -> None:
    """Read everything once and return. Once in a process. With `leases`, other crawls' requests to a host count too.

    Raises what the sink raises (StoreError): the crawl then ends, and what was committed stays.
    """
    typed = order.typed_addresses | {source.address for source in order.sources}
    limits = order.limits
    turns = HostTurns(leases, holder, limits.delay_seconds, limits.timeout_seconds) if leases else None
    run(lambda fetcher, parsers: _Crawl(order, sink, fetcher, parsers).all(), typed, limits, order.now, turns)


def address_read(source: Source) -> str:
    """A social page is read at its feed, even where nobody has looked it up."""
    return source.feed_address or feed_of(source.address) or source.address


@dataclass(slots=True)
class _Host:
    """What is to be read at one host and port: sources first, and its pages behind them."""

    sources: deque[Source] = field(default_factory=deque)
    pages: deque[PageTask] = field(default_factory=deque)
    workers: int = 0


class _Crawl:
    def __init__(self, order: CrawlOrder, sink: Sink, fetcher: Fetcher, parsers: Parsers) -> None:
        self._order = order
        self._sink = sink
        self._fetcher = fetcher
        self._parsers = parsers
        self._hosts: dict[str, _Host] = {}
        self._queued: set[str] = set()  # ids of items whose page waits or is being read
        self._tasks: set[asyncio.Task[None]] = set()
        self._most_workers = 1 if order.limits.delay_seconds > 0 else REQUESTS_PER_HOST_WITHOUT_DELAY

    async def all(self) -> None:
        for source in self._order.sources:
            self._host(address_read(source)).sources.append(source)
        for page in self._sink.due_pages(self._order):
            self._queue(page)
        for host in list(self._hosts.values()):
            self._work_at(host)
        try:
            while self._tasks:
                done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_EXCEPTION)
                self._tasks -= done
                for task in done:
                    task.result()
        finally:
            for task in self._tasks:
                task.cancel()
        if left := sum(len(host.pages) for host in self._hosts.values()):
            logger.warning("the run's time limit was reached: %d pages are left to the next run", left)

    # --- the queues

    def _host(self, address: str) -> _Host:
        return self._hosts.setdefault(slot_of(address), _Host())

    def _queue(self, task: PageTask) -> None:
        if task.item_id in self._queued:
            return
        self._queued.add(task.item_id)
        host = self._host(task.address)
        host.pages.append(task)
        self._work_at(host)

    def _work_at(self, host: _Host) -> None:
        """One worker a host keeps its pauses; several only where there are none (a replay)."""
        while host.workers < min(self._most_workers, len(host.sources) + len(host.pages)):
            host.workers += 1
            self._tasks.add(asyncio.ensure_future(self._work(host)))

    async def _work(self, host: _Host) -> None:
        try:
            while host.sources:
                await self._read_source(host.sources.popleft())
            while (host.pages or host.sources) and self._fetcher.seconds_left > 0:
                if host.sources:
                    await self._read_source(host.sources.popleft())
                else:
                    await self._read_page(host.pages.popleft())
        finally:
            host.workers -= 1

    # --- sources

    async def _read_source(self, source: Source) -> None:
        address = address_read(source)
        known = self._sink.fetch_state(address)
        nothing = known or FetchState(address)
        if self._fetcher.seconds_left <= 0:
            limit = f"{self._order.limits.run_limit_seconds:g} s"
            reading = SourceReading(
                source.id, SourceState.FAILING, f"not read: the run's time limit of {limit} was reached", nothing
            )
        else:
            try:
                answer = await self._fetcher.fetch(address, known)
                reading = await self._source_reading(source, answer)
            except FetchError as error:
                reading = SourceReading(source.id, state_of(error), error.problem, nothing)
        for task in self._sink.source_read(self._order, reading):
            self._queue(task)

    async def _source_reading(self, source: Source, answer: Answer) -> SourceReading:
        if answer.unchanged:
            return SourceReading(source.id, SourceState.UNCHANGED, "nothing has changed", answer.fetch)
        # Only a good reading is remembered: what is wrong today must be seen again tomorrow.
        forgotten = FetchState(answer.fetch.address, fetched_at=answer.fetch.fetched_at)
        try:
            page = await self._parsers.source(
                answer.body,
                answer.address,
                answer.content_type,
                self._order.now,
                posts=source.platform in POST_PLATFORMS,
                link_pattern=source.link_pattern if source.kind is SourceKind.LISTING else None,
            )
        except ParsingFailed as error:
            return SourceReading(source.id, SourceState.FAILING, str(error), forgotten)
        if page.challenge:
            detail = "a challenge page that wants a browser, a cookie or a captcha"
            return SourceReading(source.id, SourceState.CHALLENGE, detail, forgotten)
        if source.kind is SourceKind.FEED and not page.is_feed:
            detail = f"there is no feed, but {_named(answer.content_type)}"
            return SourceReading(source.id, SourceState.NOT_A_FEED, detail, forgotten)
        if not page.entries:
            detail = (
                f"none of its {page.skipped_entries} entries has an address and a title"
                if page.skipped_entries
                else ("a feed without entries" if page.is_feed else "a page without article links")
            )
            return SourceReading(source.id, SourceState.EMPTY, detail, forgotten, (), page.skipped_entries)
        detail = f"{len(page.entries)} entries"
        if len(page.entries) < source.expected_items:
            detail += f", fewer than the {source.expected_items} expected"
        if page.skipped_entries:
            detail += f"; {page.skipped_entries} without an address or a title"
        return SourceReading(source.id, SourceState.WORKING, detail, answer.fetch, page.entries, page.skipped_entries)

    # --- pages

    async def _read_page(self, task: PageTask) -> None:
        try:
            answer = await self._fetcher.fetch(task.address, task.fetch)
            if answer.unchanged:
                reading = PageReading(task.item_id, task.source_id, answer.fetch, unchanged=True)
            else:
                reading = await self._page_reading(task, answer)
        except FetchError as error:
            self._sink.page_failed(self._order, self._page_failure(task, error))
        else:
            self._sink.page_read(self._order, reading)
        finally:
            self._queued.discard(task.item_id)

    async def _page_reading(self, task: PageTask, answer: Answer) -> PageReading:
        """Raises NotReadable, or Challenged."""
        kind = answer.content_type.partition(";")[0].strip().lower()
        if kind and kind not in HTML_TYPES:
            raise NotReadable(task.address, f"it is not a page but {kind[:60]}")
        try:
            article = await self._parsers.article(answer.body, answer.address, answer.content_type, self._order.now)
        except ParsingFailed as error:
            raise NotReadable(task.address, str(error)) from error
        if article.challenge:
            raise Challenged(task.address, "a challenge page that wants a browser, a cookie or a captcha")
        if not article.text:
            raise NotReadable(task.address, "there is no article in it")
        return PageReading(
            item_id=task.item_id,
            source_id=task.source_id,
            fetch=answer.fetch,
            title=article.title,
            text=article.text,
            published=article.published,
            author=article.author,
            capture=answer.capture,
        )

    @staticmethod
    def _page_failure(task: PageTask, error: FetchError) -> PageFailure:
        match error:
            case NotReadable():
                fate, permanent = Fate.UNREADABLE, True
            case RobotsUnread() | Challenged():
                fate, permanent = Fate.REFUSED, False
            case FetchFailed():
                fate, permanent = Fate.FAILED, isinstance(error, Gone)
            case _:
                fate, permanent = Fate.REFUSED, True
        return PageFailure(
            item_id=task.item_id,
            source_id=task.source_id,
            fate=fate,
            detail=error.problem,
            fetch=task.fetch or FetchState(task.address),
            permanent=permanent,
            retry_after_seconds=error.retry_after_seconds if isinstance(error, FetchFailed) else None,
        )


def state_of(error: FetchError) -> SourceState:
    """The state of a source that could not be had."""
    match error:
        case Challenged():
            return SourceState.CHALLENGE
        case FetchRefused():
            return SourceState.REFUSED
        case FetchFailed() | NotReadable():
            return SourceState.FAILING
        case _:
            return SourceState.REFUSED


def _named(content_type: str) -> str:
    kind = content_type.partition(";")[0].strip().lower()
    return {"text/html": "a web page", "application/json": "JSON", "": "something unnamed"}.get(kind, kind[:60])
