"""The geometry of the small charts; templates draw them as inline SVG. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from records.calendar import day_start
from records.search import Interval, TimeCount

#: A time line of more days than this is drawn by weeks; of at most SHORT_DAYS, by hours.
LONG_DAYS = 90
SHORT_DAYS = 2
WIDEST_BAR = 56.0  # in the units of the viewBox


@dataclass(frozen=True, slots=True)
class Bar:
    """Lengths in the units of the chart's viewBox."""

    x: float
    y: float
    width: float
    height: float
    start: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Chart:
    """`ticks`: the bars whose start is written under them."""

    bars: tuple[Bar, ...]
    ticks: tuple[Bar, ...]
    width: float
    height: float
    highest: int
    total: int


def chart(counts: Sequence[TimeCount], width: float, height: float, gap: float = 0.2, ticks: int = 5) -> Chart:
    """`counts` as bars that fill `width` × `height`; `gap` is the part of each step left empty."""
    highest = max((count.count for count in counts), default=0)
    step = width / max(1, len(counts))
    wide = min(step * (1 - gap), WIDEST_BAR)
    bars = []
    for place, count in enumerate(counts):
        # A bar of one item must be seen beside one of thousands.
        tall = max(height * count.count / highest, 2.0) if count.count else 0.0
        bars.append(
            Bar(
                x=round(place * step + (step - wide) / 2, 2),
                y=round(height - tall, 2),
                width=round(wide, 2),
                height=round(tall, 2),
                start=count.start,
                count=count.count,
            )
        )
    every = max(1, -(-len(bars) // ticks))
    return Chart(tuple(bars), tuple(bars[::every]), width, height, highest, sum(count.count for count in counts))


def interval_for(first: datetime, last: datetime) -> Interval:
    length = last - first
    if length > timedelta(days=LONG_DAYS):
        return Interval.WEEK
    return Interval.HOUR if length <= timedelta(days=SHORT_DAYS) else Interval.DAY


def last_days(counts: Sequence[TimeCount], now: datetime, days: int = 14) -> tuple[TimeCount, ...]:
    """Counts by day of the last `days` days, today included, days without an item as zeros."""
    by_day: dict[datetime, int] = {}
    for count in counts:
        start = day_start(count.start)
        by_day[start] = by_day.get(start, 0) + count.count
    first = day_start(now) - timedelta(days=days - 1)
    starts = [first + timedelta(days=place) for place in range(days)]
    return tuple(TimeCount(start, by_day.get(start, 0)) for start in starts)


_STEPS = {Interval.HOUR: timedelta(hours=1), Interval.DAY: timedelta(days=1), Interval.WEEK: timedelta(weeks=1)}


def without_holes(counts: Sequence[TimeCount], interval: Interval, limit: int = 400) -> tuple[TimeCount, ...]:
    """`counts` in order with the empty steps between first and last as zeros; beyond `limit` steps as they are."""
    ordered = sorted(counts, key=lambda count: count.start)
    if len(ordered) < 2:
        return tuple(ordered)
    step = _STEPS[interval]
    steps = int((ordered[-1].start - ordered[0].start) / step) + 1
    if steps > limit:
        return tuple(ordered)
    known = {count.start: count.count for count in ordered}
    starts = [ordered[0].start + step * place for place in range(steps)]
    return tuple(TimeCount(start, known.get(start, 0)) for start in starts)
