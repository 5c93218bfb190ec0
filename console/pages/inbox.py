"""The inbox: narratives by risk."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from console import labels
from console.charts import Chart, chart, last_days
from console.language import mark as N_
from console.pages.choices import PERIODS, address, last_page, one, page_number, pairs, since, topic_pairs
from console.render import render, words
from console.services import Services
from console.session import language_of
from records.case import Case, CaseStage
from records.narrative import Narrative
from records.risk import Level
from records.search import Interval
from records.topics import TOPICS

router = APIRouter()

PER_PAGE = 20
SPARK_WIDTH, SPARK_HEIGHT = 140, 32


@dataclass(frozen=True, slots=True)
class Row:
    narrative: Narrative
    case: Case | None
    first_source: str
    spark: Chart


@router.get("/")
def inbox(
    request: Request, level: str = "", topic: str = "", period: str = "", stage: str = "", page: str = "1"
) -> Response:
    services: Services = request.app.state.services
    reader, now = services.reader, services.clock()
    chosen_level, chosen_stage = one(Level, level), one(CaseStage, stage)
    chosen = {
        "level": chosen_level.value if chosen_level else "",
        "topic": topic if topic in TOPICS else "",
        "period": period if period in PERIODS else "",
        "stage": chosen_stage.value if chosen_stage else "",
    }
    start, of_topic = since(period, now), chosen["topic"] or None
    stages = frozenset({chosen_stage}) if chosen_stage else None
    counts = reader.inbox_counts(since=start, topic=of_topic, stages=stages)
    total = counts[chosen_level] if chosen_level else sum(counts.values())
    last = last_page(total, PER_PAGE)
    number = min(page_number(page), last)
    found = reader.inbox(
        now,
        since=start,
        topic=of_topic,
        level=chosen_level,
        stages=stages,
        offset=(number - 1) * PER_PAGE,
        limit=PER_PAGE,
    )
    names = {source.id: source.name for source in services.sources.all()}
    word = words(request)
    return render(
        request,
        "inbox.html",
        "_inbox.html",
        # To count everything takes long where there is much, and then the answer is known.
        collected=total > 0 or _collected(services),
        chosen=chosen,
        periods=pairs(word, PERIODS.items()),
        levels=pairs(word, reversed(labels.LEVELS.items()), N_("All levels")),
        topics=topic_pairs(language_of(request), word("All topics")),
        stages=pairs(word, labels.STAGES.items(), N_("Open and approved")),
        level_counts=[(each, counts[each]) for each in reversed(Level)],
        level_address=lambda each: address("/", (chosen | {"level": each.value}).items()),
        total=total,
        rows=[_row(services, narrative, case, names) for narrative, case in found],
        page=number,
        last_page=last,
        page_address=lambda other: address("/", [*chosen.items(), ("page", str(other))]),
    )


def _collected(services: Services) -> bool:
    counts = services.reader.counts()
    return any(counts.get(name, 0) for name in ("items", "not_health", "awaiting_page"))


def _row(services: Services, narrative: Narrative, case: Case | None, names: dict[str, str]) -> Row:
    days = last_days(services.reader.narrative_timeline(narrative.id, Interval.DAY), services.clock())
    return Row(
        narrative=narrative,
        case=case,
        first_source=names.get(narrative.first_source_id, narrative.first_source_id),
        spark=chart(days, SPARK_WIDTH, SPARK_HEIGHT),
    )
