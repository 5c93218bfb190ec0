"""The search index, and the queue that feeds it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from records.search import (
    Facet,
    IndexDocument,
    IndexedVersion,
    IndexState,
    Interval,
    Rejected,
    SearchFilter,
    SearchQuery,
    SearchResults,
    StoredRevision,
    TimeCount,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class IndexQueue(Protocol):
    """In the store: what the index does not have yet."""

    def pending(self, limit: int) -> tuple[tuple[IndexDocument, ...], tuple[tuple[str, int], ...]]:
        """(documents to put, (id, version) pairs to delete)."""
        ...

    def done(self, versions: Sequence[tuple[str, int]]) -> None: ...

    def rejected(self, rejected: Sequence[Rejected], now: datetime) -> None: ...

    def requeue_all(self) -> int:
        """Queue every item."""
        ...

    def requeue(self, versions: Sequence[tuple[str, int]]) -> int:
        """Queue these items with revisions above the given ones, which the index has; how many there are."""
        ...

    def forget(self, versions: Sequence[tuple[str, int]]) -> None:
        """Queue the deletion of (id, version) pairs that the index has and the store has not."""
        ...

    def waiting(self) -> int: ...

    def aside(self, limit: int = 20) -> tuple[Rejected, ...]:
        """What the engine would not take, the latest first."""
        ...

    def put_aside(self, after: str, limit: int) -> tuple[StoredRevision, ...]:
        """The revisions that the engine would not take, by id, those after the id `after`; "" begins."""
        ...

    def taken(self, versions: Sequence[tuple[str, int]]) -> None:
        """An engine has these (id, version) pairs after all: they are put aside no more."""
        ...

    def stored(self, after: str, limit: int) -> tuple[StoredRevision, ...]:
        """The items that the index should have, by id, those after the id `after`; "" begins."""
        ...

    def known(self, item_ids: Sequence[str]) -> dict[str, StoredRevision]:
        """Of these ids, those that the index should have, and those whose deletion is waiting."""
        ...

    def documents(self, item_ids: Sequence[str]) -> tuple[IndexDocument, ...]:
        """As they are now; unknown ids left out."""
        ...


class IndexBuild(Protocol):
    """A new index, made beside the one that is searched, into which SearchIndex.put and delete write too.

    It outlives the process: the next `rebuild` goes on with it. Raises SearchUnavailable when the engine is away.
    """

    def put(self, documents: Sequence[IndexDocument]) -> tuple[Rejected, ...]: ...

    def versions_of(self, item_ids: Sequence[str]) -> dict[str, IndexedVersion]: ...

    def take_over(self) -> None:
        """From here on it is the one that is searched, in every process; the old one is deleted."""
        ...

    def discard(self) -> None: ...

    def close(self) -> None: ...


class SearchIndex(Protocol):
    """Raises SearchUnavailable when the engine is away and QueryError when `text` cannot be read.

    `put` and `delete` may be repeated: a version that is older than the index's own changes nothing. What one object
    wrote it finds at once; other processes find it within a second or so.
    """

    def put(self, documents: Sequence[IndexDocument]) -> tuple[Rejected, ...]:
        """Those that the engine would not take, with the reason. A thousand or more at a time go fastest."""
        ...

    def delete(self, versions: Sequence[tuple[str, int]]) -> None: ...

    def search(self, query: SearchQuery) -> SearchResults: ...

    def hybrid(self, query: SearchQuery, vector: NDArray[np.float32]) -> SearchResults:
        """What the words find and what `vector` (the words' own, by the encoder) finds, fused by rank.

        The best hundred of each. `total` counts all hits of the words and those that only the vector found.
        """
        ...

    def distinguishing(self, query: SearchQuery, limit: int = 20) -> tuple[tuple[str, int], ...]:
        """Words that set the newest hits apart from everything else, and in how many of them (at most 200) each is."""
        ...

    def timeline(self, query: SearchQuery, interval: Interval) -> tuple[TimeCount, ...]: ...

    def similar(self, vector: NDArray[np.float32], limit: int, filter: SearchFilter) -> tuple[tuple[str, float], ...]:
        """(item id, cosine), nearest first."""
        ...

    def suggest(self, facet: Facet, prefix: str, limit: int = 10) -> tuple[str, ...]: ...

    def count(self) -> int: ...

    def versions(self, after: str, limit: int) -> tuple[IndexedVersion, ...]:
        """What is not deleted, by id, those after the id `after`; "" begins."""
        ...

    def versions_of(self, item_ids: Sequence[str]) -> dict[str, IndexedVersion]: ...

    def rebuild(self) -> IndexBuild:
        """Begin a new index, or go on with the one that was begun."""
        ...

    def state(self) -> IndexState: ...

    def reachable(self) -> bool:
        """Whether the engine answers; takes a second at most, and never raises."""
        ...

    def clear(self) -> None: ...

    def close(self) -> None: ...
