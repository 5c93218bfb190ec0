"""Whole searches to be asked of Elasticsearch: a page of hits, how many there are, the nearest vectors. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from index.elastic_query import BEST_FIRST, NEWEST_FIRST, Clause, facet_counts, matching, ranked
from index.query import ParsedQuery
from index.showing import MOST_HITS
from records.search import SearchOrder, SearchQuery

#: Hits further down than this are not shown: narrow the search.
MOST_RANKED = 10_000
#: Vectors looked at in each segment; those nearest by int8, so many times as are wanted, are compared again with all
#: their digits: it costs most where a hundred are ranked, of which the last are never seen.
_NEAREST_LOOKED_AT = 200
_FEW = 30
_FEW_COMPARED_AGAIN, _MANY_COMPARED_AGAIN = 3.0, 1.5


def is_ranked(parsed: ParsedQuery, query: SearchQuery) -> bool:
    return query.order is SearchOrder.RELEVANCE and bool(parsed.wanted)


def page_bounds(query: SearchQuery) -> tuple[int, int]:
    """(first, limit) of the page that may be shown."""
    first, limit = max(query.offset, 0), min(max(query.limit, 0), MOST_HITS)
    return first, min(limit, max(MOST_RANKED - first, 0))


def first_searches(parsed: ParsedQuery, query: SearchQuery, fields: list[str] | None) -> list[Clause]:
    """Two searches to be asked side by side: counting reads all matches, the page stops where no better one can follow.

    A ranked page holds exact matches alone; what follows on it, if it has room, is asked afterwards. Without `fields`
    the page's hits have neither title nor text. There is no page where none of it may be shown.
    """
    first, limit = page_bounds(query)
    counting = count_search(matching(parsed, query.filter)) | {"aggs": facet_counts(query.facets)}
    if not limit:
        return [counting]
    if is_ranked(parsed, query):
        return [counting, page_search(ranked(parsed, query.filter, exact=True), BEST_FIRST, first, limit, fields)]
    return [counting, page_search(matching(parsed, query.filter), NEWEST_FIRST, first, limit, fields)]


def page_search(query: Clause, sort: list[Clause], first: int, limit: int, fields: list[str] | None) -> Clause:
    return {
        "query": query,
        "sort": sort,
        "from": first,
        "size": limit,
        "_source": fields or False,
        "track_total_hits": False,
    }


def count_search(query: Clause) -> Clause:
    return {"query": query, "size": 0, "track_total_hits": True}


def nearest_search(vector: NDArray[np.float32], limit: int, passing: list[Clause]) -> Clause:
    """The `limit` nearest to `vector`, which has length 1, of those that `passing` lets through."""
    nearest: Clause = {
        "field": "vector",
        "query_vector": [round(float(number), 6) for number in vector],
        "k": limit,
        "num_candidates": max(_NEAREST_LOOKED_AT, 2 * limit),
        "filter": passing,
        "rescore_vector": {"oversample": _FEW_COMPARED_AGAIN if limit <= _FEW else _MANY_COMPARED_AGAIN},
    }
    return {"knn": nearest, "size": limit, "_source": False}
