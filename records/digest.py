"""Digest (điểm tin): what a day or a week brought, counted by the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from records.case import Case
from records.narrative import Narrative
from records.search import TimeCount
from records.source import SourceHealth


class Period(StrEnum):
    DAY = "day"
    WEEK = "week"


@dataclass(frozen=True, slots=True)
class Digest:
    """[`since`, `until`) in UTC, whole days or weeks as Viet Nam counts them.

    `items` are health items first seen in the period, `items_before` those of the period before; `timeline` per day
    (per hour for a day's digest); `narratives` those that grew in the period, highest risk first, then most items.
    """

    period: Period
    since: datetime
    until: datetime
    items: int
    items_before: int
    not_health: int
    timeline: tuple[TimeCount, ...]
    topics: tuple[tuple[str, int], ...]
    narratives: tuple[Narrative, ...]
    cases: tuple[Case, ...]
    silent_sources: tuple[SourceHealth, ...]
    sources_enabled: int
