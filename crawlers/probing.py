"""What is at an address, without storing anything: for `sources add`, `sources check` and `extract`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from crawlers.crawl import HTML_TYPES, state_of
from crawlers.fetching import Answer, Fetcher
from crawlers.pages import is_page
from crawlers.parsing import Parsers, ParsingFailed
from crawlers.process import run
from crawlers.readings import SourcePage
from crawlers.social import POST_PLATFORMS, feed_of, platform_of
from crawlers.targets import Target
from records.address import is_web_address
from records.crawl import CrawlLimits, Extract
from records.errors import FetchError, NotReadable
from records.item import Entry
from records.source import Probe, SourceKind, SourceState

_SAMPLES = 3
#: Fewer article links than this, and a page is not taken for a listing.
FEWEST_ARTICLES = 5
CHALLENGE_DETAIL = "A challenge page: the site wants a browser, a cookie or a captcha, and we do not get round it."


def probe(address: str, limits: CrawlLimits, *, typed: bool = True) -> Probe:
    """What a source at `address` would give: a feed, a page that names one, or a listing page. Once in a process.

    Every outcome is a Probe: an address that cannot be read has its state and one sentence on why.
    """
    return probe_all((Target(address, typed),), limits)[0]


def probe_all(targets: Sequence[Target], limits: CrawlLimits) -> tuple[Probe, ...]:
    """As `probe`, for all of `targets` at once, in their order."""
    now = datetime.now(UTC)

    async def work(fetcher: Fetcher, parsers: Parsers) -> tuple[Probe, ...]:
        return tuple(await asyncio.gather(*(_Look(fetcher, parsers, now, target).look() for target in targets)))

    typed = {target.address for target in targets if target.typed and is_web_address(target.address)}
    return run(work, typed, limits, now)


def extract(address: str, limits: CrawlLimits, *, typed: bool = True) -> Extract:
    """The article at `address`, or its feed's first entry. Raises FetchError. Once in a process."""
    now = datetime.now(UTC)

    async def work(fetcher: Fetcher, parsers: Parsers) -> Extract:
        answer = await fetcher.fetch(address)
        return await _extracted(parsers, address, answer.body, answer.content_type, answer.address, now)

    return run(work, {address} if typed else (), limits, now)


def extract_bytes(body: bytes, name: str, limits: CrawlLimits) -> Extract:
    """The article in a file's bytes. `name` is what errors call it. Raises NotReadable. Asks for nothing on the web."""
    now = datetime.now(UTC)

    async def work(fetcher: Fetcher, parsers: Parsers) -> Extract:
        return await _extracted(parsers, name, body, "", "https://file.invalid/", now)

    return run(work, (), limits, now)


async def _extracted(parsers: Parsers, name: str, body: bytes, content_type: str, base: str, now: datetime) -> Extract:
    kind = content_type.partition(";")[0].strip().lower()
    if kind and kind not in HTML_TYPES and not kind.endswith(("xml", "json")):
        raise NotReadable(name, f"it is not a page but {kind[:60]}")
    if not body.strip():
        raise NotReadable(name, "it is empty")
    try:
        page = await parsers.source(body, base, content_type, now, posts=False, link_pattern=None)
        if page.is_feed:
            if not page.entries:
                raise NotReadable(name, "it is a feed without entries")
            return _from_entry(page.entries[0])
        if not is_page(body, content_type):
            raise NotReadable(name, "it is not an HTML page")
        article = await parsers.article(body, base, content_type, now)
    except ParsingFailed as error:
        raise NotReadable(name, str(error)) from error
    if article.challenge:
        raise NotReadable(name, "a challenge page stands there")
    if not article.text:
        raise NotReadable(name, "there is no article in it")
    return Extract(name, article.title, article.text, article.published, article.author)


def _from_entry(entry: Entry) -> Extract:
    return Extract(entry.address, entry.title, entry.text or entry.summary, entry.published, entry.author)


class _Look:
    """At one address, and at the feed that it leads to."""

    def __init__(self, fetcher: Fetcher, parsers: Parsers, now: datetime, target: Target) -> None:
        self._fetcher = fetcher
        self._parsers = parsers
        self._now = now
        self._target = target

    async def look(self) -> Probe:
        address = self._target.address
        if not is_web_address(address):
            return Probe(address, SourceState.REFUSED, "This is not an http or https address.")
        platform = platform_of(address)
        if feed := feed_of(address):
            return await self._feed_of_page(address, feed, platform, ())
        try:
            answer, page = await self._page(address, platform)
        except FetchError as error:
            return _failed(address, error)
        if page.is_feed:
            return _of_feed(Probe(address, SourceState.EMPTY, "", platform=_platform(answer, platform)), page)
        if page.challenge:
            return Probe(address, SourceState.CHALLENGE, CHALLENGE_DETAIL, title=page.title)
        is_listing = self._target.kind is SourceKind.LISTING
        if page.feeds and not is_listing:
            found = await self._feed_of_page(address, page.feeds[0], platform, page.feeds[1:])
            if found.state is SourceState.WORKING or len(page.entries) < FEWEST_ARTICLES:
                return found
        if len(page.entries) >= (1 if is_listing else FEWEST_ARTICLES):
            return replace(
                _with_entries(Probe(address, SourceState.WORKING, "", SourceKind.LISTING, title=page.title), page),
                detail=f"A listing page with {len(page.entries)} article links.",
                other_feeds=page.feeds,
            )
        if is_listing:
            return Probe(address, SourceState.EMPTY, "A page without article links.", title=page.title)
        detail = f"A web page that names no feed and has {len(page.entries)} article links."
        return Probe(address, SourceState.NOT_A_FEED, detail, title=page.title)

    async def _feed_of_page(self, address: str, feed: str, platform: str, others: tuple[str, ...]) -> Probe:
        try:
            _, page = await self._page(feed, platform)
        except FetchError as error:
            return replace(_failed(address, error), feed_address=feed, other_feeds=others)
        base = Probe(address, SourceState.NOT_A_FEED, "", feed_address=feed, platform=platform, other_feeds=others)
        if page.challenge:
            return replace(base, state=SourceState.CHALLENGE, detail=CHALLENGE_DETAIL)
        if not page.is_feed:
            return replace(base, detail="The page names a feed, and something else stands at its address.")
        return _of_feed(base, page)

    async def _page(self, address: str, platform: str) -> tuple[Answer, SourcePage]:
        answer = await self._fetcher.fetch(address)
        try:
            page = await self._parsers.source(
                answer.body,
                answer.address,
                answer.content_type,
                self._now,
                posts=platform in POST_PLATFORMS,
                link_pattern=self._target.link_pattern,
            )
        except ParsingFailed as error:
            raise NotReadable(address, str(error)) from error
        return answer, page


def _platform(answer: Answer, platform: str) -> str:
    return platform if platform != "web" else platform_of(answer.address)


def _of_feed(base: Probe, page: SourcePage) -> Probe:
    found = _with_entries(replace(base, kind=SourceKind.FEED, title=page.title), page)
    if not page.entries:
        return replace(found, state=SourceState.EMPTY, detail="A feed without entries.")
    skipped = f", and {page.skipped_entries} without an address or a title" if page.skipped_entries else ""
    return replace(found, state=SourceState.WORKING, detail=f"A feed with {len(page.entries)} entries{skipped}.")


def _with_entries(base: Probe, page: SourcePage) -> Probe:
    return replace(
        base,
        entries=len(page.entries),
        newest=max((entry.published for entry in page.entries if entry.published), default=None),
        sample_titles=tuple(entry.title for entry in page.entries[:_SAMPLES]),
    )


def _failed(address: str, error: FetchError) -> Probe:
    return Probe(address, state_of(error), f"It could not be read: {error.problem}.")
