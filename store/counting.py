"""Counting in time, by hours, days and weeks as Viet Nam has them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from records.calendar import VIETNAM, day_start, to_utc, week_start
from records.search import Interval, TimeCount
from store.database import local_hour


def counted_by_hour(
    connection: Connection, moment: ColumnElement[Any], *wanted: ColumnElement[bool]
) -> dict[datetime, int]:
    """How many rows of the table of `moment` fall on each hour, by its start in UTC; empty hours left out."""
    hour = local_hour(moment)
    statement = select(hour.label("hour"), func.count().label("number")).where(*wanted).group_by(hour)
    return {hour_start(row.hour): row.number for row in connection.execute(statement)}


@lru_cache(maxsize=1_024)  # each topic has the same hours
def hour_start(hour: str) -> datetime:
    """In UTC, of what `local_hour` gives."""
    return to_utc(datetime.strptime(hour, "%Y-%m-%d %H").replace(tzinfo=VIETNAM))


def by_interval(hours: dict[datetime, int], interval: Interval) -> tuple[TimeCount, ...]:
    """In order; empty intervals left out."""
    start_of = {Interval.HOUR: _itself, Interval.DAY: day_start, Interval.WEEK: week_start}[interval]
    counts: Counter[datetime] = Counter()
    for hour, number in hours.items():
        counts[start_of(hour)] += number
    return tuple(TimeCount(start, counts[start]) for start in sorted(counts))


def _itself(moment: datetime) -> datetime:
    return moment
