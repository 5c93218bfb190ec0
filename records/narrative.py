"""Narrative (luồng tin): items that make, deny or ask about the same claim."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from records.assessment import Assessment, Harm, Kind, Stance
from records.item import Item
from records.risk import Risk
from records.source import Source


@dataclass(frozen=True, slots=True)
class NarratableItem:
    """What the narrator is given of an assessed item. `vector` as in AssessedItem.

    `begins`: the id of the narrative that it begins where it joins none; "": its own, which no narrative has.
    """

    id: str
    title: str
    text: str
    published: datetime | None
    first_seen: datetime
    vector: bytes
    version: int = 1
    begins: str = ""

    @property
    def when(self) -> datetime:
        return self.published or self.first_seen


@dataclass(frozen=True, slots=True)
class PlacedItem:
    """An item of the window with the narrative it is in: the narrator's memory, read from the store."""

    item: NarratableItem
    narrative_id: str


@dataclass(frozen=True, slots=True)
class Merge:
    """Two narratives found to be one. `into` is the older; recorded, so that it can be undone."""

    narrative_id: str
    into: str
    similarity: float
    item_id: str | None  # the item that joined them; None when a person did


@dataclass(frozen=True, slots=True)
class PersonsWords:
    """What people said of which items belong together, as the narrator has to honor it.

    `apart`: pairs of narratives, the smaller id first, that are never merged. `halves`: (narrative, items of one of the
    narratives that a person joined to it): what resembles either belongs to it. `belongs` and `outside`: of an item
    that is to be placed anew, the narrative that it is in, and those that it is not in.
    """

    apart: frozenset[tuple[str, str]] = frozenset()
    halves: tuple[tuple[str, frozenset[str]], ...] = ()
    belongs: Mapping[str, str] = field(default_factory=dict)
    outside: Mapping[str, frozenset[str]] = field(default_factory=dict)


NO_WORDS = PersonsWords()


@dataclass(frozen=True, slots=True)
class NarrativePair:
    """A training row: whether two items are of one narrative, as a person said."""

    one: NarratableItem
    other: NarratableItem
    together: bool
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Items that went from one narrative into another, by a person or by the narrator; it can be undone.

    `whole`: the narrative went with them. `begun`: they began the other.
    """

    number: int
    narrative_id: str
    into: str
    items: int
    whole: bool
    begun: bool
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the narrator put an item. `similarity` (0 to 1) to the narrative; 1.0 for a narrative's first item."""

    item_id: str
    narrative_id: str
    similarity: float
    near_duplicate_of: str | None = None
    merges: tuple[Merge, ...] = ()


@dataclass(frozen=True, slots=True)
class Narrative:
    """`id` is its first item's. `label` is its most central title; `words` are those that distinguish it.

    `first_source_id`, `first_published`: of the first item that tells the claim, asks about it or wants attention, of
    the first of all where none does.
    """

    id: str
    label: str
    words: tuple[str, ...]
    topic: str | None
    places: tuple[str, ...]
    items: int
    first_published: datetime | None
    first_seen: datetime
    last_seen: datetime
    first_source_id: str
    kinds: dict[Kind, int]
    stances: dict[Stance, int]
    risk: Risk | None
    merged_into: str | None = None


@dataclass(frozen=True, slots=True)
class NarrativeMember:
    """An item of a narrative, as the narrative's page lists it and as risk is computed from."""

    item: Item
    assessment: Assessment
    source: Source
    similarity: float
    near_duplicate_of: str | None


@dataclass(frozen=True, slots=True)
class TopicHours:
    """How many items the `narratives` of a topic took in by hour, in the four weeks up to `until`.

    `hours`: (start of the hour in UTC, items), by time, empty ones left out. `outages`: the days of the last weeks, by
    their first moment in Viet Nam, on which nothing of any source was collected.
    """

    hours: tuple[tuple[datetime, int], ...]
    narratives: int
    until: datetime
    outages: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class NarrativeEvidence:
    """All that risk is computed from, read in one transaction.

    `revision`: the narrative's as it was read; None when nobody counts.
    """

    narrative_id: str
    members: tuple[NarrativeMember, ...]
    topic: TopicHours
    harm_confirmed: Harm | None
    harm_confirmed_by: str | None
    acts_marked_by: str | None
    revision: int | None = None
