"""Shares of few and of many, and when one has moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from records.drift import Share, Week, interval, shares

SINCE = datetime(2026, 3, 2, tzinfo=UTC)


def test_an_interval_is_wide_for_few_and_holds_for_none_and_all() -> None:
    assert interval(0, 0) == (0.0, 1.0)
    assert interval(0, 10) == (0.0, pytest.approx(0.278, abs=0.001))
    assert interval(10, 10)[1] == 1.0
    low, high = interval(500, 1000)
    assert (low, high) == (pytest.approx(0.469, abs=0.001), pytest.approx(0.531, abs=0.001))


@pytest.mark.parametrize(
    ("part", "whole", "part_before", "whole_before", "moved"),
    [(50, 100, 200, 1000, True), (25, 100, 200, 1000, False), (50, 99, 200, 1000, False), (0, 0, 0, 0, False)],
)
def test_only_what_is_more_than_chance_has_moved(
    part: int, whole: int, part_before: int, whole_before: int, moved: bool
) -> None:
    assert Share("health", part, whole, part_before, whole_before).moved is moved
    assert not Share("words", part, whole, part_before, whole_before, least_change=0.9).moved


def test_the_last_week_is_set_against_all_before_it() -> None:
    weeks = tuple(
        Week(SINCE + number * timedelta(days=7), 100, 300, 10 * number, {"news": 90, "rumor": 10}, {"kind": number})
        for number in range(3)
    )
    found = {share.name: share for share in shares(weeks)}
    assert list(found) == ["health", "attention", "kind: news", "kind: rumor", "corrected: kind"]
    assert found["health"] == Share("health", 100, 400, 200, 800)
    assert found["attention"] == Share("attention", 20, 100, 10, 200)
    assert found["corrected: kind"] == Share("corrected: kind", 2, 100, 1, 200)
    assert shares(()) == ()
