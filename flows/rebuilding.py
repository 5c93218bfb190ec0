"""A new index, filled from the store beside the one that is searched, which it then replaces.

What changes meanwhile is written into both (SearchIndex.put), so that one walk over the store fills it. A second walk
proves it: it takes over when the walk finds nothing that it lacks. Killed anywhere, the next rebuild goes on: the new
index is still there, and says itself what it has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from flows.indexing import catch_up
from flows.parts import Parts
from flows.watching import held
from records.ports import IndexBuild, IndexQueue, SearchIndex
from records.search import IndexedVersion, StoredRevision

LEASE = "index-rebuild"
PAGE_ITEMS = 1_000
_MOST_WALKS = 10

#: (items looked at, documents written) so far, in this walk
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """`kept`: documents that an earlier, cut off rebuild had written. `rejected`: put aside, seen in `doctor`."""

    written: int
    kept: int
    rejected: int


def rebuild(parts: Parts, now: datetime, progress: Progress) -> Rebuilt:
    """Raises LeaseTaken while another rebuild is at work, SearchUnavailable when the engine is away."""
    queue = parts.store.index_queue
    with held(parts.store.leases, LEASE), closing(parts.index.rebuild()) as build:
        written, kept, refused = 0, 0, dict[str, int]()
        for walk in range(_MOST_WALKS):
            looked_at, put = _fill(queue, build, refused, progress)
            if walk == 0:
                kept = looked_at - put
            written += put
            if not put:
                break
        build.take_over()
        _take_back(queue, parts.index)
        if refused:
            # Through the queue, as everything: it puts them aside with their reasons.
            queue.requeue(list(refused.items()))
        catch_up(queue, parts.index, now)
    return Rebuilt(written - len(refused), kept, len(refused))


def _fill(queue: IndexQueue, build: IndexBuild, refused: dict[str, int], progress: Progress) -> tuple[int, int]:
    """(items looked at, documents put): what `build` lacks is put there, and what it refuses into `refused`."""
    looked_at = put = 0
    for page in pages(queue):
        there = build.versions_of([one.id for one in page])
        lacking = [one.id for one in page if lacks(there.get(one.id), one) and refused.get(one.id) != one.revision]
        documents = queue.documents(lacking)
        if documents:
            refused |= {one.id: one.version for one in build.put(documents)}
        looked_at, put = looked_at + len(page), put + len(documents)
        progress(looked_at, put)
    return looked_at, put


def _take_back(queue: IndexQueue, index: SearchIndex) -> None:
    """What the old index would not take is put aside no more where the new one has it."""
    after = ""
    while page := queue.put_aside(after, PAGE_ITEMS):
        there = index.versions_of([one.id for one in page])
        queue.taken([(one.id, one.revision) for one in page if not lacks(there.get(one.id), one)])
        after = page[-1].id


def pages(queue: IndexQueue) -> Iterator[tuple[StoredRevision, ...]]:
    """All that the index should hold, by id."""
    after = ""
    while page := queue.stored(after, PAGE_ITEMS):
        yield page
        after = page[-1].id


def lacks(there: IndexedVersion | None, wanted: StoredRevision) -> bool:
    return there is None or there.deleted or there.version < wanted.revision
