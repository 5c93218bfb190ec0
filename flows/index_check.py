"""Store and index compared, by id and version, and what differs put right through the queue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flows.indexing import catch_up
from flows.parts import Parts
from flows.rebuilding import PAGE_ITEMS, pages
from records.ports import IndexQueue, SearchIndex
from records.search import IndexedVersion, StoredRevision

_EXAMPLES = 5


@dataclass
class Comparison:
    """Items by what is wrong with them. `waiting` and `rejected` are known of and no difference.

    `stale`: another version than the store's; after a store came back from a backup that may be a higher one.
    """

    compared: int = 0
    waiting: int = 0
    rejected: int = 0
    missing: dict[str, int] = field(default_factory=dict)
    stale: dict[str, int] = field(default_factory=dict)
    surplus: dict[str, int] = field(default_factory=dict)

    @property
    def differences(self) -> int:
        return len(self.missing) + len(self.stale) + len(self.surplus)

    def examples(self) -> list[str]:
        """A few ids."""
        return [*self.missing, *self.stale, *self.surplus][:_EXAMPLES]


def compare(queue: IndexQueue, index: SearchIndex) -> Comparison:
    """Raises SearchUnavailable. What a run changes while this looks is looked at twice before it counts."""
    found = Comparison()
    for page in pages(queue):
        found.compared += len(page)
        found.waiting += sum(one.waiting for one in page)
        found.rejected += sum(one.rejected for one in page)
        suspects = [one.id for one in _differing(page, index)]
        if suspects:
            again = tuple(queue.known(suspects).values())
            there = index.versions_of(suspects)
            for one in _differing([one for one in again if not one.deleted], index):
                version = there.get(one.id)
                kind = found.missing if version is None or version.deleted else found.stale
                kind[one.id] = version.version if version else 0
    for page_there in _indexed(index):
        ids = [one.id for one in page_there]
        known = queue.known(ids)
        found.surplus |= {one.id: one.version for one in page_there if one.id not in known}
    return found


def repair(parts: Parts, found: Comparison, now: datetime) -> int:
    """Queue what differs, and bring the index up to date; how many items."""
    queue = parts.store.index_queue
    lacking, surplus = [*found.missing.items(), *found.stale.items()], list(found.surplus.items())
    for start in range(0, max(len(lacking), len(surplus)), PAGE_ITEMS):
        queue.requeue(lacking[start : start + PAGE_ITEMS])
        queue.forget(surplus[start : start + PAGE_ITEMS])
        catch_up(queue, parts.index, now)
    return found.differences


def _differing(page: Sequence[StoredRevision], index: SearchIndex) -> list[StoredRevision]:
    there = index.versions_of([one.id for one in page])
    return [one for one in page if not one.waiting and not one.rejected and _differs(there.get(one.id), one)]


def _differs(there: IndexedVersion | None, wanted: StoredRevision) -> bool:
    return there is None or there.deleted or there.version != wanted.revision


def _indexed(index: SearchIndex) -> Iterator[tuple[IndexedVersion, ...]]:
    after = ""
    while page := index.versions(after, PAGE_ITEMS):
        yield page
        after = page[-1].id
