"""The hours of the week in Viet Nam at which items come: nights are quiet, Monday mornings are not. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from records.calendar import local, week_start

WEEK = timedelta(weeks=1)
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

    def weeks(self, start: datetime, end: datetime) -> float:
        """How much of the items of one week comes from `start` to `end`: 1.0 for a whole week, whichever it is."""
        return self._since_monday(end) - self._since_monday(start) + (week_start(end) - week_start(start)) / WEEK

    def _since_monday(self, moment: datetime) -> float:
        hour, part = divmod((moment - week_start(moment)) / timedelta(hours=1), 1)
        before = self.until[int(hour)]
        return before + part * (self.until[int(hour) + 1] - before)

    @property
    def shares(self) -> tuple[float, ...]:
        """Of each hour of the week; together 1."""
        return tuple(after - before for before, after in zip(self.until, self.until[1:], strict=False))

    def learnt(self, counts: Mapping[int, int]) -> Rhythm:
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
