"""Whether a narrative takes in improbably many items for this hour of this day of the week. Pure.

What is usual comes from the narrative's own last weeks and from those of its topic, at these hours of the week. Items
do not come one by one at even odds, some narratives grow much faster than others, and how fast one grows is known from
few items only: so the number to expect is spread as a negative binomial (a Poisson of uncertain pace), not as a
Poisson, which would call every second burst a spike.

Days on which nothing at all was collected are left out of what is usual; public holidays are not (records/rhythm.py).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from records.calendar import day_start
from records.narrative import TopicHours
from records.rhythm import EVEN, WEEK, Rhythm, watched, whole_weeks, without
from records.risk import Trend

#: How far back a narrative's own baseline looks, as the topic's does.
BASELINE_PERIOD = timedelta(weeks=4)
#: Two of each hour of the week, and enough items to tell a night from a day: with less, nothing is compared.
LEAST_WEEKS = 2
LEAST_COMPARED = 30


@dataclass(frozen=True, slots=True)
class TrendSettings:
    """Rising: `least_items` or more in the window, `factor` times what is usual, and a chance of at most `chance`.

    Two windows are looked at: the last `short_hours`, in which a rumor that runs is seen the same morning, and the last
    `window_hours`, in which one is seen that grows all day. Where there is too little to compare with, the first two
    conditions stand alone, in the longer window: a rumor of the first weeks must not be missed.

    `chance` 0.01: one look in a hundred at a narrative in which nothing happens would say that it rises.
    For `cool_down_hours` after all that last held, the trend still counts as rising, so that a level does not flap.
    """

    window_hours: int = 24
    short_hours: int = 6
    least_items: int = 3
    factor: float = 2.0
    chance: float = 0.01
    cool_down_hours: int = 24


DEFAULT_TREND = TrendSettings()


@dataclass(frozen=True, slots=True)
class _Topic:
    """What is usual in a topic. `pace`: items that one narrative takes in a week; None: too little was counted."""

    rhythm: Rhythm
    pace: float | None
    outages: tuple[datetime, ...]


def trend_of(times: Iterable[datetime], topic: TopicHours, now: datetime, settings: TrendSettings) -> Trend:
    """The trend at `now` of items that happened at `times`; later times are ignored.

    The cool-down looks back over the times themselves, not over what was decided then.
    """
    known = sorted(t for t in times if t <= now)
    window, cool_down = timedelta(hours=settings.window_hours), timedelta(hours=settings.cool_down_hours)
    usual = _usual_in(topic)
    teaching = without(usual.outages, known)
    # What is judged now, or was during the cool-down, does not teach what is usual.
    until = now - window - cool_down
    counted = whole_weeks(((t, 1) for t in teaching if until - BASELINE_PERIOD < t <= until), until, usual.outages)
    own = usual.rhythm.learnt(counted.by_hour) if counted.watched >= LEAST_WEEKS * WEEK else usual.rhythm

    def look_at(moment: datetime, hours: int) -> Trend:
        return _look(known, teaching, moment, hours, own, usual)

    looks = {hours: look_at(now, hours) for hours in {settings.short_hours, settings.window_hours}}
    held = [look for look in looks.values() if _rises(look, settings)]
    shown = min(held, key=lambda look: (look.chance or 0.0, -look.window_hours), default=looks[settings.window_hours])
    rising = bool(held) or any(
        _rises(look_at(moment, hours), settings) for moment in _moments(known, now, cool_down) for hours in looks
    )
    return Trend(rising, shown.recent, shown.baseline, shown.topic_baseline, shown.window_hours, shown.chance)


def _moments(known: Sequence[datetime], now: datetime, cool_down: timedelta) -> set[datetime]:
    """When it is asked whether it rose: each hour back from `now`, and the last item of each hour of the clock.

    The count is highest at an item's own moment; one in each hour keeps a narrative of thousands cheap.
    """
    hour = timedelta(hours=1)
    last_of_hour = {
        t.replace(minute=0, second=0, microsecond=0): t for t in known[bisect_right(known, now - cool_down) :]
    }
    return {now - number * hour for number in range(1, cool_down // hour + 1)}.union(last_of_hour.values())


def _look(
    known: Sequence[datetime], teaching: Sequence[datetime], moment: datetime, hours: int, own: Rhythm, topic: _Topic
) -> Trend:
    """The window of `hours` that ends at `moment`; `rising` is left open.

    `known` and `teaching`, those of them that say what is usual, are sorted.
    """
    start = moment - timedelta(hours=hours)
    recent = bisect_right(known, moment) - bisect_right(known, start)
    earliest, until = bisect_right(teaching, start - BASELINE_PERIOD), bisect_right(teaching, start)
    earlier = until - earliest
    first = teaching[earliest] if earlier else start
    here = own.weeks(start, moment)
    before = own.weeks(first, start, topic.outages)
    if topic.pace is None:
        # At least one whole window, so that a single item just before it is not taken for a steady pace.
        baseline = earlier / max(before / here, 1.0)
        enough = earlier >= LEAST_COMPARED and watched(first, start, topic.outages) >= LEAST_WEEKS * WEEK
        chance = at_least(recent, baseline, earlier) if enough else None
        return Trend(False, recent, round(baseline, 2), 0.0, hours, chance)
    # Its own pace, of which little is known at first: it is supposed to be as its topic's until items say otherwise.
    baseline = (earlier + 1) / (1 / topic.pace + before) * here
    of_topic = topic.pace * topic.rhythm.weeks(start, moment)
    chance = max(at_least(recent, baseline, earlier + 1), at_least(recent, of_topic, 1))
    return Trend(False, recent, round(baseline, 2), round(of_topic, 2), hours, chance)


def _rises(look: Trend, settings: TrendSettings) -> bool:
    if look.chance is None and look.window_hours != settings.window_hours:
        return False  # what is usual at these hours is not known, and a night would be compared with a day
    many = look.recent >= settings.least_items and look.recent >= settings.factor * look.usual
    return many and (look.chance is None or look.chance <= settings.chance)


@lru_cache(maxsize=32)
def _usual_in(topic: TopicHours) -> _Topic:
    days = frozenset(topic.outages)
    numbers = [(hour, number) for hour, number in topic.hours if day_start(hour) not in days]
    counted = whole_weeks(numbers, topic.until, topic.outages)
    if counted.watched < LEAST_WEEKS * WEEK or counted.items < LEAST_COMPARED or not topic.narratives:
        return _Topic(EVEN, None, topic.outages)
    pace = sum(counted.by_hour.values()) / topic.narratives / counted.weeks
    return _Topic(EVEN.learnt(counted.by_hour), pace, topic.outages)


def at_least(number: int, mean: float, shape: float) -> float:
    """The chance of `number` items or more where `mean` are expected: a negative binomial, which is wider for a small
    `shape` (1: paces differ exponentially) and comes close to Poisson's for a large one."""
    if number <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    stay = math.log(mean / (mean + shape))
    here = shape * math.log(shape / (mean + shape))  # the logarithm of the chance of none
    below = 0.0
    for count in range(number):
        below += math.exp(here)
        here += stay + math.log((count + shape) / (count + 1))
    return min(max(1.0 - below, 0.0), 1.0)
