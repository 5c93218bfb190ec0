"""Hybrid ranking: what the words find and what the vector finds, joined by reciprocal rank fusion, for every engine.

Cormack, Clarke and Büttcher, SIGIR 2009. On our side, because Elasticsearch asks a paid licence for its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from index.query import ParsedQuery
from index.showing import shown
from records.search import SearchOrder, SearchQuery, SearchResults

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


def of_words(query: SearchQuery) -> SearchQuery:
    """What is asked of the words alone: the candidates that a hybrid `query` ranks."""
    return replace(query, order=SearchOrder.RELEVANCE, offset=0, limit=CANDIDATES)


def fused(
    parsed: ParsedQuery,
    query: SearchQuery,
    by_words: SearchResults,
    near: Sequence[str],
    texts: Callable[[Sequence[str]], dict[str, tuple[str, str]]],
) -> SearchResults:
    """One page of both rankings. `by_words`: the answer to `of_words`, whose titles and excerpts are not looked at,
    since hundreds are ranked; `near`: ids by their vectors, nearest first; `texts`: (title, text) of the page's, by id.

    `total` counts the hits of the words, and those that only the vector found; facets are of the words.
    """
    exact = {hit.id: hit.exact for hit in by_words.hits}
    ranked = reciprocal_ranks([list(exact) if query.text.strip() else [], near[:CANDIDATES]])
    only_near = sum(id not in exact for id, _ in ranked)
    first = max(query.offset, 0)
    page = ranked[first : first + max(query.limit, 0)]
    found = texts([id for id, _ in page])
    # What was deleted between two questions is not shown.
    hits = [shown(parsed, id, *found[id], score, exact.get(id, False)) for id, score in page if id in found]
    return SearchResults(tuple(hits), by_words.total + only_near, by_words.facets)
