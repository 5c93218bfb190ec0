"""What passes between the crawlers and the store: tasks one way, readings the other.

Each reading is committed by the sink in one transaction: item, capture and fetch state together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from records.item import CapturedPage, Entry, Fate
from records.source import Source, SourceState


@dataclass(frozen=True, slots=True)
class FetchState:
    """What is remembered of an address for the next conditional request."""

    address: str
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: str | None = None
    fetched_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SourceReading:
    """One reading of a feed or a listing page. `entries` are in the order of the page, one per canonical address."""

    source_id: str
    state: SourceState
    detail: str
    fetch: FetchState
    entries: tuple[Entry, ...] = ()
    skipped_entries: int = 0  # entries without a usable address or title


@dataclass(frozen=True, slots=True)
class PageTask:
    """A page that is to be fetched for an item."""

    item_id: str
    source_id: str
    address: str
    fetch: FetchState | None = None  # for a conditional request, when it is read again
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class PageReading:
    """A page that was read. With `unchanged` (304 or the same bytes) the other fields are empty."""

    item_id: str
    source_id: str
    fetch: FetchState
    unchanged: bool = False
    title: str = ""
    text: str = ""
    published: datetime | None = None
    author: str | None = None
    capture: CapturedPage | None = None


@dataclass(frozen=True, slots=True)
class PageFailure:
    """A page that gave nothing. `fate` is UNREADABLE, REFUSED or FAILED: what the item is if the feed gave no text.

    `permanent` (404, 410, robots.txt, no article in it) is not tried again before the next time its feed changes.
    """

    item_id: str
    source_id: str
    fate: Fate
    detail: str
    fetch: FetchState
    permanent: bool
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class CrawlLimits:
    """Politeness and safety, for one crawl. Seconds and bytes."""

    user_agent: str
    delay_seconds: float = 1.0
    timeout_seconds: float = 30.0
    run_limit_seconds: float = 1800.0
    largest_body_bytes: int = 8_000_000  # packed and unpacked alike
    extraction_limit_seconds: float = 5.0  # a page
    retries: int = 2
    longest_wait_seconds: float = 60.0  # a Retry-After beyond this is left to a later run
    concurrent_hosts: int = 16


@dataclass(frozen=True, slots=True)
class CrawlOrder:
    """What one crawling child is asked to do. `typed_addresses`: allowed for exactly their host and port.

    `pages_of`: ids of the sources whose left pages it reads; None: of all that may be read. Where several children
    share a run, each source belongs to one of them.
    """

    run_id: str
    now: datetime
    sources: tuple[Source, ...]
    limits: CrawlLimits
    typed_addresses: frozenset[str] = field(default_factory=frozenset)
    pages_of: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Extract:
    """An article as it would be stored, or the feed's entry where there is no page."""

    address: str
    title: str
    text: str
    published: datetime | None
    author: str | None
