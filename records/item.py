"""Item (tin) and Capture (bản lưu): what was published at one address, and the bytes that prove it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Fate(StrEnum):
    """What became of an item in a run: each is counted once, and the counts add up."""

    NEW = "new"
    EDITED = "edited"  # title or own text changed after it was complete
    SEEN = "seen"  # known and unchanged, health or not
    NOT_HEALTH = "not_health"  # new or edited, and judged not health after its text
    UNREADABLE = "unreadable"  # neither page nor feed gave text
    REFUSED = "refused"  # its page may not be fetched, and the feed gave no text
    FAILED = "failed"  # its page could not be fetched, and the feed gave no text


class ItemStage(StrEnum):
    """How far the newest version of an item has come."""

    AWAITING_PAGE = "awaiting_page"  # its page is in the queue
    COMPLETE = "complete"  # has its text; to be assessed
    ASSESSED = "assessed"  # health; to be narrated, or narrated
    NOT_HEALTH = "not_health"  # text and capture are gone
    UNREADABLE = "unreadable"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Engagement:
    """Counts as the platform showed them; None where it showed none."""

    reactions: int | None = None
    comments: int | None = None
    shares: int | None = None
    views: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed or a listing page said of one piece. Text is plain, cleaned and normalized; dates are believed.

    `text` is the piece's own full text where the feed carries it (a post, a full-text feed), else "": then the page is
    fetched. `author` is the handle or name as given: the store keeps only its keyed hash. Of a comment or a reply,
    `context` is the title of the article or thread that it stands under, and `parent` the address of what it answers:
    each "" where nothing tells it.
    """

    address: str
    title: str
    summary: str = ""
    text: str = ""
    published: datetime | None = None
    author: str | None = None
    engagement: Engagement | None = None
    context: str = ""
    parent: str = ""


@dataclass(frozen=True, slots=True)
class CapturedPage:
    """An HTTP exchange as it happened: the evidence. `body` is unpacked, as read."""

    address: str
    fetched_at: datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Capture:
    """A capture in the store. `sha256` is of the body; `warc_file` is relative to the captures folder."""

    sha256: str
    address: str
    fetched_at: datetime
    status: int
    content_type: str
    bytes: int
    warc_file: str | None = None
    warc_offset: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One published piece at one address. A later edit is a new `version` (from 1) of the same item.

    For a NOT_HEALTH item `summary` and `text` are empty. `published` is None when unknown. `context`: of a comment or
    a reply, the title of the article or thread that it stands under, where that is known; `parent_id`: the item that it
    answers, which may not be there, or "".
    """

    id: str
    source_id: str
    address: str
    title: str
    summary: str
    text: str
    published: datetime | None
    first_seen: datetime
    last_seen: datetime
    version: int
    stage: ItemStage
    text_hash: str
    author_hash: str | None = None
    engagement: Engagement | None = None
    capture_sha256: str | None = None
    #: Brought by a back-fill and not shown by any source since: it is there to be found, and alerts nobody.
    quiet: bool = False
    context: str = ""
    #: Of a NOT_HEALTH item alone: the chance of health that it was let go with. Other items' is in their assessment.
    health_chance: float | None = None
    parent_id: str = ""

    @property
    def is_comment(self) -> bool:
        """Its text stands in its feed alone: its page is that of what it stands under."""
        return bool(self.context or self.parent_id)

    @property
    def own_text(self) -> str:
        """The text where there is one, else the feed's summary."""
        return self.text or self.summary


@dataclass(frozen=True, slots=True)
class ItemVersion:
    """An earlier wording of an item."""

    item_id: str
    version: int
    title: str
    text: str
    seen_at: datetime
    text_hash: str
