"""Search over everything that was kept, with facets and a time line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from fastapi import APIRouter, Request, Response

from console import labels
from console.charts import Chart, chart, interval_for, without_holes
from console.language import mark as N_
from console.notice import bad
from console.pages.choices import PERIODS, address, last_page, one, page_number, pairs, since
from console.render import render, words
from console.services import Services
from console.session import language_of
from records.assessment import Harm, Kind, Stance
from records.errors import QueryError, SearchUnavailable
from records.item import Item
from records.operations import Queue
from records.search import Facet, Hit, Interval, SearchFilter, SearchOrder, SearchQuery, SearchResults
from records.source import Owner

router = APIRouter()

PER_PAGE = 20
MOST_VALUES = 12  # of one facet
TIMELINE_WIDTH, TIMELINE_HEIGHT = 640, 90
LONGEST_QUERY = 400  # characters
ORDERS = {SearchOrder.RELEVANCE: N_("Best match first"), SearchOrder.NEWEST: N_("Newest first")}
_NAMES: dict[Facet, tuple[type[StrEnum], Any]] = {
    Facet.KIND: (Kind, labels.KINDS),
    Facet.STANCE: (Stance, labels.STANCES),
    Facet.HARM: (Harm, labels.HARMS),
    Facet.OWNER: (Owner, labels.OWNERS),
}


@dataclass(frozen=True, slots=True)
class FacetValue:
    value: str
    name: str
    count: int | None
    chosen: bool


@dataclass(frozen=True, slots=True)
class FacetChoices:
    field: str
    name: str
    values: list[FacetValue]
    any_chosen: bool


@dataclass(frozen=True, slots=True)
class HitRow:
    hit: Hit
    item: Item | None
    source: str


@router.get("/search")
def search(
    request: Request,
    q: str = "",
    narrative: str = "",
    period: str = "",
    order: str = "",
    not_health: str = "",
    page: str = "1",
) -> Response:
    services: Services = request.app.state.services
    now, word = services.clock(), words(request)
    text = q[:LONGEST_QUERY].strip()
    values = {facet: tuple(request.query_params.getlist(facet.value))[:MOST_VALUES] for facet in labels.FACETS}
    chosen = {
        "q": text,
        "narrative": narrative,
        "period": period if period in PERIODS else "",
        "order": (one(SearchOrder, order) or SearchOrder.RELEVANCE).value,
        "not_health": "1" if not_health == "1" else "",
    }
    number = page_number(page)
    query = SearchQuery(
        text=text,
        filter=SearchFilter(
            values={facet: given for facet, given in values.items() if given},
            narrative_id=narrative or None,
            since=since(period, now),
            include_not_health=not_health == "1",
        ),
        order=SearchOrder(chosen["order"]),
        offset=(number - 1) * PER_PAGE,
        limit=PER_PAGE,
        facets=tuple(labels.FACETS),
    )
    results, drawn, message, status = None, None, None, 200
    interval = Interval.DAY
    try:
        results = services.index.search(query)
        interval, drawn = _timeline(services, query, now)
    except QueryError:
        message, status = bad(word("The query cannot be read. Check its quotation marks and minus signs.")), 422
    except SearchUnavailable:
        message = bad(word("Search is not available at the moment. Narratives, cases and sources are not affected."))
        status = 503
    names = {source.id: source.name for source in services.sources.all()}
    fields = [*chosen.items(), *((facet.value, value) for facet, given in values.items() for value in given)]
    return render(
        request,
        "search.html",
        "_search.html",
        status=status,
        chosen=chosen,
        message=message,
        behind=services.operations.workload(now).queues[Queue.INDEX].count,
        periods=pairs(word, PERIODS.items()),
        orders=pairs(word, ORDERS.items()),
        facets=_facets(results, values, names, word, language_of(request)),
        results=results,
        hits=_rows(services, results, names),
        timeline=drawn,
        interval=interval,
        page=number,
        last_page=last_page(results.total if results else 0, PER_PAGE),
        page_address=lambda other: address("/search", [*fields, ("page", str(other))]),
    )


def _timeline(services: Services, query: SearchQuery, now: datetime) -> tuple[Interval, Chart]:
    """By day when that can be seen, else by week."""
    start = query.filter.since
    interval = interval_for(start, now + timedelta(days=3)) if start else Interval.DAY
    counts = services.index.timeline(query, interval)
    if not start and counts:
        fitting = interval_for(min(count.start for count in counts), max(count.start for count in counts))
        if fitting is Interval.WEEK:
            interval, counts = fitting, services.index.timeline(query, fitting)
    return interval, chart(without_holes(counts, interval), TIMELINE_WIDTH, TIMELINE_HEIGHT)


def _rows(services: Services, results: SearchResults | None, names: dict[str, str]) -> list[HitRow]:
    if results is None:
        return []
    found = {item.id: item for item in services.reader.items([hit.id for hit in results.hits])}
    rows = []
    for hit in results.hits:
        item = found.get(hit.id)
        rows.append(HitRow(hit, item, names.get(item.source_id, item.source_id) if item else ""))
    return rows


def _facets(
    results: SearchResults | None,
    chosen: dict[Facet, tuple[str, ...]],
    sources: dict[str, str],
    word: Callable[[str], str],
    language: str,
) -> list[FacetChoices]:
    """What was found under each facet, most first; what was chosen stays to be seen where nothing was found."""
    shown = []
    for facet, name in labels.FACETS.items():
        counted = dict((results.facets.get(facet, ()) if results else ())[:MOST_VALUES])
        listed = [*counted, *(value for value in chosen[facet] if value not in counted)]
        values = [
            FacetValue(
                value, _value_name(facet, value, sources, word, language), counted.get(value), value in chosen[facet]
            )
            for value in listed
        ]
        shown.append(FacetChoices(facet.value, word(name), values, bool(chosen[facet])))
    return shown


def _value_name(facet: Facet, value: str, sources: dict[str, str], word: Callable[[str], str], language: str) -> str:
    if facet in _NAMES:
        kind, names = _NAMES[facet]
        return word(names[kind(value)]) if value in set(kind) else value
    if facet is Facet.TOPIC:
        return labels.topic_name(value, language)
    return sources.get(value, value) if facet is Facet.SOURCE else value
