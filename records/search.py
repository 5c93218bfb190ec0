"""What the index is asked and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from records.assessment import Harm, Kind, Stance
from records.source import Owner


@dataclass(frozen=True, slots=True)
class IndexDocument:
    """An item as the index holds it. `version` grows with the item: a late older write never wins.

    `vector`: float16, little-endian, L2-normalised; b"" for an item that is not health (title only, on request).
    """

    id: str
    version: int
    title: str
    text: str
    source_id: str
    owner: Owner
    published: datetime | None
    first_seen: datetime
    health: bool
    topic: str | None = None
    kind: Kind | None = None
    stance: Stance | None = None
    harm: Harm | None = None
    places: tuple[str, ...] = ()
    narrative_id: str | None = None
    vector: bytes = b""


class SearchOrder(StrEnum):
    RELEVANCE = "relevance"
    NEWEST = "newest"


class Facet(StrEnum):
    SOURCE = "source_id"
    OWNER = "owner"
    TOPIC = "topic"
    KIND = "kind"
    STANCE = "stance"
    HARM = "harm"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """Values of one facet are alternatives; facets hold together. `since` ≤ time < `until`,
    by published or else first seen."""

    values: dict[Facet, tuple[str, ...]] = field(default_factory=dict)
    narrative_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    include_not_health: bool = False


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """`text`: words, all wanted; "quoted" is a phrase; -word is unwanted. "" asks for everything, newest first."""

    text: str = ""
    filter: SearchFilter = field(default_factory=SearchFilter)
    order: SearchOrder = SearchOrder.RELEVANCE
    offset: int = 0
    limit: int = 20
    facets: tuple[Facet, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """`exact`: found with its marks as typed; False: only on the folded copy, a weaker match.

    `title` and `excerpt` are plain text in which \\x02 and \\x03 stand around what matched.
    """

    id: str
    score: float
    exact: bool
    title: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class SearchResults:
    """`total` counts all hits, not just this page. `facets`: per facet, (value, count), most first."""

    hits: tuple[Hit, ...]
    total: int
    facets: dict[Facet, tuple[tuple[str, int], ...]] = field(default_factory=dict)


class Interval(StrEnum):
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True, slots=True)
class TimeCount:
    """`start` is in UTC, of an hour, day or week as Viet Nam counts it."""

    start: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """A document that the engine would not take, put aside with its reason."""

    id: str
    version: int
    reason: str


@dataclass(frozen=True, slots=True)
class IndexedVersion:
    """What the index holds of one item. `deleted`: only the version, so that a late older write does not win."""

    id: str
    version: int
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class StoredRevision:
    """What the index should hold of one item, as the store has it.

    `waiting`: still in the queue; `rejected`: put aside with a reason; `deleted`: the item is gone, and so shall be the
    index's document.
    """

    id: str
    revision: int
    waiting: bool = False
    rejected: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class IndexState:
    """How the search engine is. `detail` is a sentence for `doctor`; `rebuilding`: a new index is being made."""

    engine: str
    documents: int
    healthy: bool
    detail: str
    rebuilding: bool = False
