"""What every page says of the search engine: whether it answers, and how many items it does not have yet."""

from __future__ import annotations

from dataclasses import dataclass

from records.ports import IndexQueue, SearchIndex


@dataclass(frozen=True, slots=True)
class SearchState:
    away: bool
    waiting: int


def search_state(index: SearchIndex, queue: IndexQueue) -> SearchState:
    """A second at most, and that only now and then, when the engine hangs."""
    return SearchState(away=not index.reachable(), waiting=queue.waiting())
