"""Hybrid ranking: what the words find and what the vector finds, joined by reciprocal rank fusion, for every engine.

Cormack, Clarke and Büttcher, SIGIR 2009. On our side, because Elasticsearch asks a paid licence for its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from records.search import Hit, SearchOrder, SearchQuery, SearchResults

#: So many of each ranking are joined; a page beyond them is empty.
CANDIDATES = 100
_RANK_CONSTANT = 60


def reciprocal_ranks(rankings: Sequence[Sequence[str]]) -> list[tuple[str, float]]:
    """(id, score), best first; ties by the earlier ranking, then by its order."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, id in enumerate(ranking, 1):
            scores[id] = scores.get(id, 0.0) + 1 / (_RANK_CONSTANT + rank)
    return sorted(scores.items(), key=lambda pair: -pair[1])


def fused(
    query: SearchQuery,
    search: Callable[[SearchQuery], SearchResults],
    near: Sequence[str],
    hits_of: Callable[[Sequence[str]], dict[str, Hit]],
) -> SearchResults:
    """One page of both rankings. `near`: ids by their vectors, nearest first; `hits_of` shows those without the words.

    `total` counts the hits of the words, and those that only the vector found; facets are of the words.
    """
    by_words = search(replace(query, order=SearchOrder.RELEVANCE, offset=0, limit=CANDIDATES))
    found = {hit.id: hit for hit in by_words.hits}
    ranked = reciprocal_ranks([list(found) if query.text.strip() else [], near[:CANDIDATES]])
    only_near = sum(id not in found for id, _ in ranked)
    first = max(query.offset, 0)
    page = ranked[first : first + max(query.limit, 0)]
    # What was deleted between the two questions is shown by neither.
    found |= hits_of([id for id, _ in page if id not in found])
    hits = [replace(found[id], score=round(score, 6)) for id, score in page if id in found]
    return SearchResults(tuple(hits), by_words.total + only_near, by_words.facets)
