"""Queries in Elasticsearch's own language. Pure; no word of what was typed is ever part of that language."""

from __future__ import annotations

from typing import Any

from index.elastic_schema import DELETED, HEALTH, NOT_HEALTH, TEXT_WEIGHT, TITLE_WEIGHT
from index.query import ParsedQuery, Phrase, folded
from index.times import INTERVAL_SECONDS, microseconds, shift_seconds
from records.search import Facet, Interval, SearchFilter

Clause = dict[str, Any]

#: Of one facet, in an answer.
MOST_FACET_VALUES = 1_000
NEWEST_FIRST: list[Clause] = [{"time": "desc"}, {"id": "asc"}]
BEST_FIRST: list[Clause] = [{"_score": {"order": "desc"}}, *NEWEST_FIRST]
NOT_DELETED: Clause = {"bool": {"must_not": {"term": {"state": DELETED}}}}


def filters(filter: SearchFilter) -> list[Clause]:
    """What `filter` lets through, for a filter context."""
    states = [HEALTH, NOT_HEALTH] if filter.include_not_health else [HEALTH]
    clauses: list[Clause] = [{"terms": {"state": states}}]
    for facet, values in filter.values.items():
        if values:
            clauses.append({"terms": {facet.value: [str(value) for value in values]}})
    if filter.narrative_id is not None:
        clauses.append({"term": {"narrative_id": filter.narrative_id}})
    times = {"gte": filter.since, "lt": filter.until}
    if bounds := {name: microseconds(moment) for name, moment in times.items() if moment is not None}:
        clauses.append({"range": {"time": bounds}})
    return clauses


def matching(parsed: ParsedQuery, filter: SearchFilter, *, wanted: bool = True) -> Clause:
    """All hits, exact and folded, without a score; `wanted` False leaves only the unwanted words out."""
    phrases = [_stands("folded", phrase) for phrase in folded(parsed.wanted)] if wanted else []
    return {"bool": {"filter": [*filters(filter), *phrases], "must_not": _unwanted(parsed)}}


def ranked(parsed: ParsedQuery, filter: SearchFilter, *, exact: bool) -> Clause:
    """The same hits by BM25: those in which every phrase stands with its marks, or else the others.

    Asked apart, each by its own copy alone: where one score is made of both, Elasticsearch must score every match.
    """
    marked = [_stands("exact", phrase) for phrase in parsed.wanted]
    bare = [_stands("folded", phrase) for phrase in folded(parsed.wanted)]
    others: list[Clause] = [] if exact else [{"bool": {"must": marked}}]
    must_not = [*_unwanted(parsed), *others]
    return {"bool": {"filter": filters(filter), "must": marked if exact else bare, "must_not": must_not}}


def exact_among(parsed: ParsedQuery, ids: list[str]) -> Clause:
    """Those of `ids` in which every phrase stands with its marks."""
    phrases = [_stands("exact", phrase) for phrase in parsed.wanted]
    return {"bool": {"filter": [{"terms": {"id": ids}}, *phrases]}}


def facet_counts(facets: tuple[Facet, ...]) -> dict[str, Clause]:
    # The default order is by count, then by value.
    return {facet.value: {"terms": {"field": facet.value, "size": MOST_FACET_VALUES}} for facet in facets}


def time_line(interval: Interval) -> Clause:
    """Hours, days or weeks as Viet Nam counts them, in microseconds; those without a document are left out."""
    length, micro = INTERVAL_SECONDS[interval], 1_000_000
    offset = -shift_seconds(interval) % length * micro
    return {"histogram": {"field": "time", "interval": length * micro, "offset": offset, "min_doc_count": 1}}


def _unwanted(parsed: ParsedQuery) -> list[Clause]:
    # Who types without marks means the word however it is marked.
    if parsed.marked:
        return [_stands("exact", phrase) for phrase in parsed.unwanted]
    return [_stands("folded", phrase) for phrase in folded(parsed.unwanted)]


def _stands(copy: str, phrase: Phrase) -> Clause:
    """`phrase` stands in the title or in the text of that copy."""
    words = " ".join(phrase)
    title = {"match_phrase": {f"{copy}_title": {"query": words, "boost": TITLE_WEIGHT}}}
    text = {"match_phrase": {f"{copy}_text": {"query": words, "boost": TEXT_WEIGHT}}}
    return {"bool": {"should": [title, text], "minimum_should_match": 1}}
