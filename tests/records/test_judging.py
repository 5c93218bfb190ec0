"""Risk from evidence: every cell pinned, monotone in harm and spread, and a trend that does not flap."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.assessment import Harm, Kind, Stance
from records.judging import asserts, denies, is_loud, judge, spread_of, suggested_harm
from records.narrative import NarrativeMember, TopicHours
from records.risk import Level, Spread, Trend, assess_risk
from records.source import Owner, Source
from records.trend import TrendSettings, trend_of
from tests.support.desk_records import NOW, evidence, member, source

STEADY = Trend(False, 0, 0.0, 0.0, 24)
RISING = Trend(True, 9, 1.0, 1.0, 24)
HOUR = timedelta(hours=1)
FACEBOOK_A = source("Nhóm A")
FACEBOOK_B = source("Nhóm B")
YOUTUBE_A = source("Nhóm A", platform="youtube")
FORUM = source("Diễn đàn", Owner.FORUM, "web")
PRESS = source("Báo C", Owner.PRESS, "web")
FAMOUS = source("Người nổi tiếng", prominent=True)
OFFICIAL = source("Sở Y tế", Owner.OFFICIAL, "web")


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
    # Several official items count by themselves until somebody else speaks.
    officials_alone = {m.source.owner for m in some if not denies(m.assessment) or is_loud(m)} == {Owner.OFFICIAL}
    assert officials_alone or spread_of(some).scale <= spread_of(some + more).scale
    assert spread_of(some).scale <= spread_of(some, marked_by="Trần Bình").scale == 6


@given(members)
def test_denials_change_nothing_where_nobody_asserts(some: tuple) -> None:
    without = tuple(m for m in some if not denies(m.assessment) or is_loud(m))
    assert suggested_harm(some) == suggested_harm(without)
    asserted = any(asserts(m.assessment) for m in some)
    left_out = len(some) - len(without)
    assert spread_of(some).denials_left_out == (0 if asserted else left_out)
    assert asserted or spread_of(some) == replace(spread_of(without), denials_left_out=left_out)


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


def _denial(**of: object) -> NarrativeMember:
    return member("denial", Kind.CORRECTION, Stance.REFUTES, published=NOW - 2 * HOUR, **of)  # type: ignore[arg-type]


def _report(id: str = "report", hours_ago: int = 1, **of: object) -> NarrativeMember:
    published = NOW - hours_ago * HOUR
    return member(id, Kind.NEWS, Stance.NEUTRAL, attention=True, published=published, **of)  # type: ignore[arg-type]


def test_a_report_after_a_denial_is_judged_as_it_is_without_it() -> None:
    nurse, grandmother = _denial(from_=FORUM), _report(from_=FACEBOOK_A)
    risk = judge(evidence(nurse, grandmother), NOW)
    assert (risk.harm, risk.spread.scale, risk.level, risk.spread.denials_left_out) == (Harm.HIGH, 1, Level.MEDIUM, 1)
    alone = judge(evidence(grandmother), NOW)
    assert (alone.harm, alone.level) == (risk.harm, risk.level)
    assert alone.spread == replace(risk.spread, denials_left_out=0)


@pytest.mark.parametrize("who", [FORUM, YOUTUBE_A], ids=lambda who: who.name)
def test_no_denial_in_a_community_spreads_what_nobody_asserts(who: Source) -> None:
    denial = _denial(from_=who)
    assert spread_of([_report(hours_ago=3), denial]).scale == 1
    assert spread_of([denial]) == Spread(1, (), (), (), (), (), None, 1)


@pytest.mark.parametrize(("who", "scale"), [(PRESS, 4), (FAMOUS, 5), (OFFICIAL, 6)], ids=str)
def test_what_the_press_or_an_office_denies_is_going_round(who: Source, scale: int) -> None:
    spread = spread_of([_report(hours_ago=3), _denial(from_=who)])
    assert (spread.scale, spread.denials_left_out) == (scale, 0)


def test_an_office_that_denies_what_a_community_denied_answers_somebody() -> None:
    first = _denial(from_=FORUM)
    office = member("office", Kind.CORRECTION, Stance.REFUTES, from_=OFFICIAL, published=NOW)
    assert (spread_of([first, office]).scale, spread_of([office]).scale) == (6, spread_of([office]).scale)


@pytest.mark.parametrize(
    ("more", "scale", "left_out"),
    [
        (member("rumor", harm=Harm.NONE), 3, 0),
        (member("advert", Kind.ADVERT, Stance.ASSERTS, harm=Harm.NONE), 3, 0),
        (member("question", Kind.QUESTION, Stance.ASKS), 2, 1),
        (_report("before", hours_ago=3, from_=source("Nhóm B")), 2, 1),
        (_report("elsewhere", from_=source("Nhóm B")), 2, 1),
        (_report("press", from_=source("Báo C", Owner.PRESS, "web")), 4, 1),
    ],
    ids=lambda value: value.item.id if isinstance(value, NarrativeMember) else None,
)
def test_denials_count_once_an_item_asserts_and_reports_and_questions_always(
    more: NarrativeMember, scale: int, left_out: int
) -> None:
    risk = judge(evidence(_denial(from_=FORUM), _report(from_=FACEBOOK_A), more), NOW)
    assert (risk.harm, risk.spread.scale, risk.spread.denials_left_out) == (Harm.HIGH, scale, left_out)


def test_a_mark_that_acts_followed_holds_though_nobody_asserts() -> None:
    assert spread_of([_denial()], marked_by="Trần Bình").scale == 6


@pytest.mark.parametrize(
    ("sources", "scale", "evidence"),
    [
        ([FACEBOOK_A, FACEBOOK_A], 1, {"communities": ("Nhóm A",)}),
        ([FACEBOOK_A, FACEBOOK_B], 2, {"communities": ("Nhóm A", "Nhóm B")}),
        ([FACEBOOK_A, YOUTUBE_A], 2, {"communities": ("Nhóm A",)}),
        ([FACEBOOK_A, FORUM], 3, {"communities": ("Diễn đàn", "Nhóm A")}),
        ([FACEBOOK_A, PRESS], 4, {"communities": ("Báo C", "Nhóm A"), "press": ("Báo C",)}),
        ([PRESS, FAMOUS], 5, {"press": ("Báo C",), "prominent": ("Người nổi tiếng",)}),
        ([FACEBOOK_A, OFFICIAL], 6, {"communities": ("Nhóm A",), "official": ("Sở Y tế",)}),
        ([OFFICIAL], 1, {"communities": ("Sở Y tế",), "official": ()}),
        ([], 1, {"communities": ()}),
    ],
)
def test_the_breakout_scale(sources: list, scale: int, evidence: dict[str, tuple[str, ...]]) -> None:
    found = spread_of([member(f"i{n}", from_=s) for n, s in enumerate(sources)])
    assert (found.scale, {name: getattr(found, name) for name in evidence}) == (scale, evidence)


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
