"""A spike is improbably many items for this hour of this day of the week, by the narrative's and its topic's weeks."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.calendar import day_start
from records.narrative import TopicHours
from records.rhythm import EVEN, WEEK_HOURS, hour_of_week, watched, whole_weeks, without
from records.risk import Trend
from records.trend import TrendSettings, at_least, trend_of

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
#: Monday, 2 March 2026, midnight in Viet Nam.
MONDAY = datetime(2026, 3, 1, 17, tzinfo=UTC)
SETTINGS = TrendSettings(cool_down_hours=0)


def at(day: int, hour: float) -> datetime:
    """`day` 0 is MONDAY."""
    return MONDAY + day * DAY + hour * HOUR


def topic(now: datetime, by_day: Iterable[int], weeks: int = 4, narratives: int = 40, monday: int = 0) -> TopicHours:
    """Of every hour of the `weeks` before the window that ends `now`: `by_day`, 24 numbers, and `monday` more for each
    hour of a Monday morning, 7 to 11."""
    until, numbers = now - DAY, tuple(by_day)
    counts = []
    for back in range(weeks * WEEK_HOURS, 0, -1):
        hour = hour_of_week(start := until.replace(minute=0) - back * HOUR)
        counts.append((start, numbers[hour % 24] + (monday if 7 <= hour < 11 else 0)))
    return TopicHours(tuple((start, count) for start, count in counts if count), narratives, until)


def switched_off(topic: TopicHours, *days: int) -> TopicHours:
    """Nothing was collected on those days, and so nothing is known of them; `days` as in `at`."""
    outages = tuple(at(day, 0) for day in days)
    hours = tuple((start, n) for start, n in topic.hours if day_start(start) not in outages)
    return TopicHours(hours, topic.narratives, topic.until, outages)


#: Items of a topic by the hour of a day: none at night, four an hour by day.
DAYTIME = (0,) * 6 + (4,) * 16 + (0,) * 2


def test_three_items_in_a_quiet_night_are_a_spike_and_by_day_they_are_not() -> None:
    night, afternoon = at(2, 4), at(2, 16)
    for now, rises in ((night, True), (afternoon, False)):
        weeks_before = [
            now.replace(minute=0) - d * DAY - 12 * HOUR * (now is night) - h * HOUR
            for d in range(2, 28)
            for h in (0, 1)
        ]
        trend = trend_of([*weeks_before, *(now - n * HOUR for n in range(3))], topic(now, DAYTIME), now, SETTINGS)
        assert trend.rising is rises, trend
    assert trend.chance is not None


def test_what_every_monday_morning_brings_is_no_spike_and_on_a_thursday_it_is() -> None:
    for day, rises in ((0, False), (3, True)):
        now = at(day, 11)
        mondays = [MONDAY - back * WEEK + (7.5 + n / 2) * HOUR for back in range(1, 5) for n in range(6)]
        burst = [now - n * HOUR / 2 - HOUR / 4 for n in range(6)]
        trend = trend_of([*mondays, *burst], topic(now, [1] * 24, monday=30), now, SETTINGS)
        assert trend.rising is rises, trend
        assert trend.recent == 6


def test_a_new_narrative_is_compared_with_its_topic() -> None:
    now = at(2, 12)
    burst = [now - n * HOUR for n in range(4)]
    quiet, busy = topic(now, [1] * 24), topic(now, [10] * 24, narratives=20)
    assert trend_of(burst, quiet, now, SETTINGS) == Trend(True, 4, 0.15, 0.15, 6, pytest.approx(0.0, abs=0.001))
    assert not trend_of(burst, busy, now, SETTINGS).rising


def test_with_too_little_to_compare_with_the_plain_rule_stands_and_says_so() -> None:
    now = at(2, 12)
    burst = [now - n * HOUR for n in range(3)]
    for little in (TopicHours((), 0, now - DAY), topic(now, DAYTIME, weeks=1), topic(now, [0] * 12 + [1] + [0] * 11)):
        trend = trend_of(burst, little, now, SETTINGS)
        assert (trend.rising, trend.chance, trend.window_hours) == (True, None, 24)
    assert not trend_of([*burst, *(t - d * DAY for t in burst for d in (1, 2))], little, now, SETTINGS).rising


def test_a_day_on_which_nobody_watched_yet_is_not_taken_for_a_quiet_one() -> None:
    now = at(6, 12)  # a Sunday, of a topic that is watched since a Sunday's afternoon two weeks ago
    watched = topic(now, [1] * 24, weeks=2, narratives=4)
    late = TopicHours(tuple((hour, n) for hour, n in watched.hours if hour > now - 14 * DAY), 4, watched.until)
    assert trend_of([now - n * HOUR for n in range(3)], late, now, SETTINGS).chance is None
    assert trend_of([now - n * HOUR for n in range(3)], watched, now, SETTINGS).topic_baseline == pytest.approx(6)


def test_a_week_without_collection_is_not_taken_for_a_quiet_one() -> None:
    now = at(2, 12)
    whole, week = topic(now, DAYTIME, narratives=20), range(-14, -7)
    off = switched_off(whole, *week)
    taken_for_quiet = TopicHours(off.hours, off.narratives, off.until)
    steady = [now - (d + 0.3) * DAY for d in range(1, 28)]
    told = without(off.outages, steady)
    assert len(told) == len(steady) - 7
    full, right, wrong = (
        trend_of([*times, now - HOUR, now], of, now, SETTINGS)
        for times, of in ((steady, whole), (told, off), (told, taken_for_quiet))
    )
    assert right.topic_baseline == pytest.approx(full.topic_baseline, rel=0.02)
    assert right.baseline == pytest.approx(full.baseline, rel=0.05)
    assert wrong.topic_baseline == pytest.approx(full.topic_baseline * 3 / 4, rel=0.02)
    # What became known of those days later teaches nothing either: it is not all of it.
    assert trend_of([*steady, now - HOUR, now], off, now, SETTINGS) == right


def test_a_machine_that_is_off_at_weekends_expects_of_a_sunday_what_the_other_days_bring() -> None:
    sunday = at(6, 16)
    weekends = [day for week in range(-4, 0) for day in (7 * week + 5, 7 * week + 6)]
    whole = topic(sunday, DAYTIME, narratives=20)
    off = switched_off(whole, *weekends)
    usual, quiet = (
        trend_of([sunday], of, sunday, SETTINGS).topic_baseline
        for of in (off, TopicHours(off.hours, off.narratives, off.until))
    )
    assert usual == pytest.approx(trend_of([sunday], whole, sunday, SETTINGS).topic_baseline, rel=0.02)
    assert quiet < usual / 2


def test_two_weeks_with_an_outage_are_too_little_to_compare_with() -> None:
    now = at(2, 12)
    two_weeks = topic(now, [4] * 24, weeks=2)
    burst = [now - n * HOUR for n in range(3)]
    assert trend_of(burst, two_weeks, now, SETTINGS).chance is not None
    assert trend_of(burst, switched_off(two_weeks, -4), now, SETTINGS).chance is None
    # Nor are they for a narrative whose topic is new.
    own = [now - DAY - n * HOUR * 4 for n in range(6 * 15)]
    assert trend_of([*own, *burst], TopicHours((), 0, now - DAY), now, SETTINGS).chance is not None
    assert trend_of([*own, *burst], TopicHours((), 0, now - DAY, (at(-4, 0), at(-3, 0))), now, SETTINGS).chance is None


def test_outages_leave_the_weeks_that_were_watched_as_they_are() -> None:
    until, outages = at(0, 0), (at(-7, 0), at(-20, 0))  # a Monday, and a Tuesday of another week
    numbers = [(at(day, hour), 1) for day in range(-28, 0) for hour in range(24) if at(day, 0) not in outages]
    counted = whole_weeks(numbers, until, outages)
    assert (counted.weeks, counted.watched, counted.items) == (4, 26 * DAY, 26 * 24)
    assert set(counted.by_hour.values()) == {4.0}, "every hour of the week came four times"
    assert watched(at(-7, 6), at(-6, 12), outages) == 12 * HOUR
    assert EVEN.weeks(at(-8, 0), at(-6, 0), outages) == pytest.approx(1 / 7)
    assert whole_weeks([], until, outages).by_hour[0] == 0.0


def test_a_new_topic_is_compared_with_the_narratives_own_weeks() -> None:
    now = at(2, 12)
    steady = [now - (d + 0.3) * DAY for d in range(1, 28)] + [now - (d + 0.5) * DAY for d in range(1, 28)]
    unknown = TopicHours((), 0, now - DAY)
    usual = trend_of([*steady, now - HOUR, now], unknown, now, SETTINGS)
    assert not usual.rising and usual.chance is not None and usual.usual == pytest.approx(2, abs=0.4)
    assert trend_of([*steady, *(now - n * HOUR for n in range(9))], unknown, now, SETTINGS).rising


def test_a_steady_large_narrative_does_not_rise_for_a_little_more() -> None:
    now = at(2, 12)
    steady = [now - DAY - n * HOUR / 2 for n in range(27 * 48)]
    more = [now - n * HOUR / 3 for n in range(72)]  # half as many again: improbable, but no spike
    assert not trend_of([*steady, *more], topic(now, [60] * 24, narratives=300), now, SETTINGS).rising
    assert trend_of([*steady, *more, *more], topic(now, [60] * 24, narratives=300), now, SETTINGS).rising


def test_the_hours_are_those_of_viet_nam_and_a_week_is_one_however_it_lies() -> None:
    assert hour_of_week(MONDAY) == 0 and hour_of_week(MONDAY - HOUR) == WEEK_HOURS - 1
    learnt = EVEN.learnt(Counter({7: 300, 8: 100}))
    assert sum(learnt.shares) == pytest.approx(1)
    assert learnt.weeks(at(0, 5.5), at(7, 5.5)) == pytest.approx(1)
    assert learnt.weeks(at(0, 7), at(0, 8)) > 20 * learnt.weeks(at(1, 2), at(1, 3))
    # A Tuesday's seventh hour is supposed busier than its second, though nothing was counted there yet.
    assert learnt.weeks(at(1, 7), at(1, 8)) > 2 * learnt.weeks(at(1, 2), at(1, 3)) > 0


@given(st.integers(0, 60), st.floats(0.01, 50), st.floats(0.5, 500))
def test_more_is_never_more_probable_and_the_chances_are_whole(number: int, mean: float, shape: float) -> None:
    assert 0 <= at_least(number + 1, mean, shape) <= at_least(number, mean, shape) <= 1


def test_the_tail_is_the_known_one() -> None:
    assert at_least(4, 2.0, 1.0) == pytest.approx((2 / 3) ** 4)  # geometric
    poisson = 1 - sum(math.exp(-2) * 2**n / math.factorial(n) for n in range(5))
    assert at_least(5, 2.0, 1e9) == pytest.approx(poisson, rel=1e-4)
