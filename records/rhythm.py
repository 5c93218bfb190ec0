"""The hours of the week in Viet Nam at which items come: nights are quiet, Monday mornings are not. Pure.

A day on which nothing at all was collected is an outage: it says nothing of what is usual, and is left out. A public
holiday is a day as any other: Tết is compared with ordinary weeks, and the weeks after it with Tết, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from records.calendar import day_start, local, week_start

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
DAY_HOURS, WEEK_DAYS = 24, 7
WEEK_HOURS = DAY_HOURS * WEEK_DAYS
#: How many items it takes until what was counted weighs as much as what was supposed before: for an hour of the day
#: or a day of the week, and for an hour of the week, of which there are many more.
_SUPPOSED_OF_DAY, _SUPPOSED_OF_WEEK = 24.0, 168.0


def hour_of_week(moment: datetime) -> int:
    """0 for Monday's first hour in Viet Nam, to 167."""
    there = local(moment)
    return there.weekday() * DAY_HOURS + there.hour


@dataclass(frozen=True, slots=True)
class Rhythm:
    """`until[h]`: the share of a week's items that come before hour h of the week; WEEK_HOURS + 1 values, 0 to 1."""

    until: tuple[float, ...]

    def weeks(self, start: datetime, end: datetime, outages: Iterable[datetime] = ()) -> float:
        """How much of the items of one week comes from `start` to `end`: 1.0 for a whole week, whichever it is.

        What would have come on the days of `outages` is left out.
        """
        whole = self._since_monday(end) - self._since_monday(start) + (week_start(end) - week_start(start)) / WEEK
        return whole - sum(self.weeks(*part) for part in _parts(outages, start, end))

    def _since_monday(self, moment: datetime) -> float:
        hour, part = divmod((moment - week_start(moment)) / HOUR, 1)
        before = self.until[int(hour)]
        return before + part * (self.until[int(hour) + 1] - before)

    @property
    def shares(self) -> tuple[float, ...]:
        """Of each hour of the week; together 1."""
        return tuple(after - before for before, after in zip(self.until, self.until[1:], strict=False))

    def learnt(self, counts: Mapping[int, float]) -> Rhythm:
        """This one moved towards items counted by their hour of the week; the more there are, the farther.

        First by the hour of the day and the day of the week, of which few items say much, and then hour by hour.
        """
        total = sum(counts.values())
        shares = self.shares
        days, hours = [0.0] * WEEK_DAYS, [0.0] * DAY_HOURS
        for hour, share in enumerate(shares):
            supposed = _SUPPOSED_OF_DAY * share
            days[hour // DAY_HOURS] += supposed + counts.get(hour, 0)
            hours[hour % DAY_HOURS] += supposed + counts.get(hour, 0)
        whole = total + _SUPPOSED_OF_DAY
        crossed = [days[hour // DAY_HOURS] * hours[hour % DAY_HOURS] / whole**2 for hour in range(WEEK_HOURS)]
        weight = total + _SUPPOSED_OF_WEEK
        return rhythm_of(
            (counts.get(hour, 0) + _SUPPOSED_OF_WEEK * share) / weight for hour, share in enumerate(crossed)
        )


def rhythm_of(shares: Iterable[float]) -> Rhythm:
    """From WEEK_HOURS shares, which are brought to a sum of 1."""
    sums = tuple(accumulate(shares, initial=0.0))
    return Rhythm((*(value / sums[-1] for value in sums[:-1]), 1.0))


#: Before anything was counted: every hour as every other.
EVEN = rhythm_of([1.0] * WEEK_HOURS)


@dataclass(frozen=True, slots=True)
class WholeWeeks:
    """What was counted in whole weeks. `watched`: these weeks without outages; `items` came in it.

    `by_hour`: items by hour of the week, as if there had been no outage.
    """

    weeks: int
    watched: timedelta
    items: int
    by_hour: Mapping[int, float]


def whole_weeks(numbers: Iterable[tuple[datetime, int]], until: datetime, outages: Sequence[datetime]) -> WholeWeeks:
    """Of the whole weeks up to `until` since the first of `numbers`: (when, items) on days that are no outages.

    Of whole weeks only, so that every hour was watched as often as every other: a Sunday on which nobody watched yet
    must not be taken for a quiet one. For the hours of an outage stand the same ones of the other weeks; for those of a
    weekday that was never watched, the same hours of the other days.
    """
    known = list(numbers)
    weeks = (until - min((moment for moment, _ in known), default=until)) // WEEK
    start = until - weeks * WEEK
    counts: Counter[int] = Counter()
    for moment, number in known:
        if moment >= start:
            counts[hour_of_week(moment)] += number
    missed: Counter[int] = Counter()
    for day in outages:
        missed.update(hour_of_week(hour) for n in range(DAY_HOURS) if start <= (hour := day + n * HOUR) < until)
    seen = {hour: counts[hour] * weeks / (weeks - missed[hour]) for hour in range(WEEK_HOURS) if missed[hour] < weeks}
    by_hour = {hour: seen[hour] if hour in seen else _mean_of_days(seen, hour) for hour in range(WEEK_HOURS)}
    return WholeWeeks(weeks, watched(start, until, outages), counts.total(), by_hour)


def _mean_of_days(seen: Mapping[int, float], hour: int) -> float:
    same = [seen[other] for other in range(hour % DAY_HOURS, WEEK_HOURS, DAY_HOURS) if other in seen]
    return sum(same) / len(same) if same else 0.0


def watched(start: datetime, end: datetime, outages: Iterable[datetime]) -> timedelta:
    """How long it is from `start` to `end` without outages."""
    return end - start - sum((until - since for since, until in _parts(outages, start, end)), timedelta(0))


def without(outages: Sequence[datetime], moments: Iterable[datetime]) -> list[datetime]:
    """Those of `moments` that fall on none of the days."""
    days = frozenset(outages)
    return [moment for moment in moments if day_start(moment) not in days] if days else list(moments)


def _parts(days: Iterable[datetime], start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """What of each day lies from `start` to `end`."""
    for day in days:
        if day < end and start < day + DAY:
            yield max(day, start), min(day + DAY, end)
