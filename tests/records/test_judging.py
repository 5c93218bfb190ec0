"""Risk from evidence: every cell pinned, monotone in harm and spread, and a trend that does not flap."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.assessment import Harm, Kind, Stance
from records.judging import deciding_evidence, judge, spread_of, suggested_harm
from records.narrative import TopicHours
from records.risk import Level, Spread, Trend, assess_risk
from records.source import Owner
from records.trend import TrendSettings, trend_of
from tests.support.desk_records import NOW, evidence, member, source

STEADY = Trend(False, 0, 0.0, 0.0, 24)
RISING = Trend(True, 9, 1.0, 1.0, 24)
HOUR = timedelta(hours=1)


def spread(scale: int) -> Spread:
    return Spread(scale, (), (), (), (), ())


@pytest.mark.parametrize(
    ("harm", "levels"),
    [
        (Harm.NONE, "low low low low low low"),
        (Harm.LOW, "low low low low medium medium"),
        (Harm.MEDIUM, "low low medium medium high high"),
        (Harm.HIGH, "medium high high critical critical critical"),
    ],
)
def test_the_whole_default_table(harm: Harm, levels: str) -> None:
    for scale, level in enumerate(levels.split(), 1):
        assert assess_risk(harm, spread(scale), STEADY).level == level
        raised = assess_risk(harm, spread(scale), RISING)
        assert raised.cell == level
        assert raised.level == (level if harm is Harm.NONE else Level(level).above)


harms = st.sampled_from(list(Harm))
scales = st.integers(1, 6)


@given(harms, harms, scales, scales, st.booleans())
def test_the_level_is_monotone_in_harm_and_spread(a: Harm, b: Harm, s: int, t: int, rising: bool) -> None:
    trend = RISING if rising else STEADY
    low = assess_risk(min(a, b), spread(min(s, t)), trend)
    high = assess_risk(max(a, b), spread(max(s, t)), trend)
    assert low.level <= high.level


names = st.sampled_from(["Nhóm A", "Nhóm B", "Báo C", "Sở Y tế"])
members = st.lists(
    st.builds(
        member,
        kind=st.sampled_from(list(Kind)),
        stance=st.sampled_from(list(Stance)),
        harm=harms,
        attention=st.booleans(),
        from_=st.builds(
            source, names, st.sampled_from(list(Owner)), st.sampled_from(["web", "facebook"]), prominent=st.booleans()
        ),
        published=st.one_of(st.none(), st.integers(0, 900).map(lambda hours: NOW - hours * HOUR)),
    ),
    max_size=8,
).map(tuple)


@given(members, members)
def test_more_items_never_lower_harm_or_spread(some: tuple, more: tuple) -> None:
    assert suggested_harm(some) <= suggested_harm(some + more)
    assert spread_of(some).scale <= spread_of(some + more).scale
    assert spread_of(some).scale <= spread_of(some, marked_by="Trần Bình").scale == 6


@given(members)
def test_the_order_of_the_items_changes_nothing(some: tuple) -> None:
    assert judge(evidence(*some), NOW) == judge(evidence(*reversed(some)), NOW)


def test_corrections_and_ordinary_news_never_raise_the_harm() -> None:
    quiet = (
        member(kind=Kind.CORRECTION, stance=Stance.REFUTES, attention=True),
        member(kind=Kind.NEWS, stance=Stance.NEUTRAL),
        member(kind=Kind.RUMOR, stance=Stance.REFUTES),
        member(kind=Kind.ADVERT, stance=Stance.ASSERTS),
    )
    assert suggested_harm(quiet) is Harm.NONE
    assert suggested_harm((*quiet, member(kind=Kind.QUESTION, stance=Stance.ASKS, harm=Harm.MEDIUM))) is Harm.MEDIUM
    assert suggested_harm((*quiet, member(kind=Kind.NEWS, stance=Stance.NEUTRAL, attention=True))) is Harm.HIGH


FACEBOOK_A = source("Nhóm A")
FACEBOOK_B = source("Nhóm B")
YOUTUBE_A = source("Nhóm A", platform="youtube")
FORUM = source("Diễn đàn", Owner.FORUM, "web")
PRESS = source("Báo C", Owner.PRESS, "web")
FAMOUS = source("Người nổi tiếng", prominent=True)
OFFICIAL = source("Sở Y tế", Owner.OFFICIAL, "web")


@pytest.mark.parametrize(
    ("sources", "scale", "decided_by"),
    [
        ([FACEBOOK_A, FACEBOOK_A], 1, ("Nhóm A",)),
        ([FACEBOOK_A, FACEBOOK_B], 2, ("Nhóm A", "Nhóm B")),
        ([FACEBOOK_A, YOUTUBE_A], 2, ("Nhóm A",)),
        ([FACEBOOK_A, FORUM], 3, ("Diễn đàn", "Nhóm A")),
        ([FACEBOOK_A, PRESS], 4, ("Báo C",)),
        ([PRESS, FAMOUS], 5, ("Người nổi tiếng",)),
        ([FACEBOOK_A, OFFICIAL], 6, ("Sở Y tế",)),
        ([OFFICIAL], 1, ("Sở Y tế",)),
        ([], 1, ()),
    ],
)
def test_the_breakout_scale(sources: list, scale: int, decided_by: tuple[str, ...]) -> None:
    found = spread_of([member(f"i{n}", from_=s) for n, s in enumerate(sources)])
    assert (found.scale, deciding_evidence(found)) == (scale, decided_by)


def test_an_official_item_before_anybody_spoke_is_no_response() -> None:
    notice = member(from_=OFFICIAL, published=NOW - 2 * HOUR)
    assert spread_of([notice, member("i2", from_=FACEBOOK_A)]).scale == 1
    assert spread_of([notice, member("i2", from_=FACEBOOK_A, published=NOW - 3 * HOUR)]).scale == 6


def test_a_near_duplicate_counts_as_a_community() -> None:
    copy = member("i2", from_=FACEBOOK_B)
    assert spread_of([member(from_=FACEBOOK_A), copy]).communities == ("Nhóm A", "Nhóm B")


def test_a_persons_word_on_harm_stands_over_the_models() -> None:
    risk = judge(evidence(member(harm=Harm.HIGH), confirmed=Harm.LOW), NOW)
    assert (risk.harm, risk.harm_set_by) == (Harm.LOW, "Trần Bình")
    assert judge(evidence(member(harm=Harm.HIGH)), NOW).harm_set_by is None


SETTINGS = TrendSettings(window_hours=24, least_items=3, factor=2.0, cool_down_hours=24)


#: A topic of which nothing is known yet.
UNKNOWN = TopicHours((), 0, NOW)


def rises(times: list, now=NOW) -> bool:
    return trend_of(times, UNKNOWN, now, SETTINGS).rising


def test_too_few_recent_items_never_rise() -> None:
    assert not rises([NOW - HOUR, NOW])
    assert rises([NOW - 2 * HOUR, NOW - HOUR, NOW])


def test_a_rise_is_against_the_narratives_own_pace() -> None:
    burst = [NOW - n * HOUR for n in range(4)]
    assert rises(burst)
    steady = [NOW - timedelta(days=day, hours=n) for day in range(1, 8) for n in range(1, 5)]
    assert not rises(burst + steady)


def test_items_later_than_now_do_not_count() -> None:
    assert trend_of([NOW + HOUR] * 5, UNKNOWN, NOW, SETTINGS).recent == 0


def test_the_cool_down_keeps_a_trend_from_flapping_and_ends() -> None:
    burst = [NOW - n * HOUR for n in range(3)]
    states = [rises(burst, NOW + hours * HOUR) for hours in range(72)]
    changes = sum(a != b for a, b in itertools.pairwise(states))
    assert states[0] and not states[-1] and changes == 1
    assert rises(burst, NOW + 40 * HOUR) and trend_of(burst, UNKNOWN, NOW + 40 * HOUR, SETTINGS).recent == 0


@given(st.lists(st.integers(0, 24 * 40), max_size=30), st.integers(0, 48))
def test_a_longer_cool_down_never_ends_a_trend_earlier(hours: list[int], cool: int) -> None:
    times = [NOW - h * HOUR for h in hours]
    short = trend_of(times, UNKNOWN, NOW, TrendSettings(cool_down_hours=cool))
    longer = trend_of(times, UNKNOWN, NOW, TrendSettings(cool_down_hours=cool + 12))
    assert longer.rising or not short.rising


def test_a_single_item_before_the_window_is_no_steady_pace() -> None:
    times = [NOW - 25 * HOUR, NOW]
    assert trend_of(times, UNKNOWN, NOW, SETTINGS).baseline == 1.0


def test_unknown_dates_count_when_they_were_seen() -> None:
    unknown = [member(f"i{n}", published=None, first_seen=NOW - HOUR) for n in range(3)]
    assert judge(evidence(*unknown), NOW).trend.recent == 3
