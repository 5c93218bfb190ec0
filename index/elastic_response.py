"""What Elasticsearch answers, as the port has it: hits, their number, facets and times. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from index.query import ParsedQuery
from index.showing import shown
from index.times import moment
from records.search import Facet, Hit, TimeCount


def hits_of(answer: Any) -> list[dict[str, Any]]:
    hits: list[dict[str, Any]] = answer["hits"]["hits"]
    return hits


def total_of(answer: Any) -> int:
    """All hits, those outside the page among them."""
    return int(answer["hits"]["total"]["value"])


def text_of(hit: dict[str, Any]) -> tuple[str, str]:
    """(title, text), empty where they were not asked for."""
    source = hit.get("_source", {})
    return source.get("title", ""), source.get("text", "")


def shown_hits(
    parsed: ParsedQuery, found: Sequence[dict[str, Any]], exact: Collection[str], *, by_score: bool
) -> tuple[Hit, ...]:
    """`found` as it is shown. `exact`: the ids of exact matches; `by_score`: it was ranked, not sorted by time."""
    hits = []
    for hit in found:
        is_exact = hit["_id"] in exact
        score = _tidy(float(hit["_score"]), exact=is_exact) if by_score else float(is_exact)
        hits.append(shown(parsed, hit["_id"], *text_of(hit), score, is_exact))
    return tuple(hits)


def cosines_of(answer: Any) -> list[tuple[str, float]]:
    """(id, cosine). Elasticsearch adds 1 to a cosine and halves it, because a score must not be below 0."""
    return [(hit["_id"], round(2 * hit["_score"] - 1, 6)) for hit in hits_of(answer)]


def facets_of(answer: Any, facets: tuple[Facet, ...]) -> dict[Facet, tuple[tuple[str, int], ...]]:
    return {facet: tuple((one["key"], one["doc_count"]) for one in _buckets(answer, facet.value)) for facet in facets}


def time_counts_of(answer: Any, name: str) -> tuple[TimeCount, ...]:
    """The buckets of the time line that was asked for under `name`."""
    return tuple(TimeCount(moment(int(one["key"])), one["doc_count"]) for one in _buckets(answer, name))


def frequencies_of(answer: Any, field: str) -> tuple[dict[str, int], int]:
    """({word: documents that hold it}, documents) by the term vectors of `field`."""
    vectors = answer["term_vectors"].get(field, {"terms": {}, "field_statistics": {"doc_count": 0}})
    found = {word: said.get("doc_freq", 0) for word, said in vectors["terms"].items()}
    return found, vectors["field_statistics"]["doc_count"]


def _tidy(score: float, *, exact: bool) -> float:
    """A BM25 score as the port has it: above 1 for exact matches, below 1 for folded ones."""
    return score / (1 + score) + float(exact)


def _buckets(answer: Any, name: str) -> list[dict[str, Any]]:
    """Those of the aggregation `name`; an index that is not there yet has none."""
    buckets: list[dict[str, Any]] = answer.get("aggregations", {}).get(name, {}).get("buckets", [])
    return buckets
