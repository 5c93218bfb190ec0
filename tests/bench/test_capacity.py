"""docs/scaling.md says what model and simulation compute, and the simulation agrees with a real run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench.capacity import COMMUNE, COUNTRY, PROVINCE, Assumed, Load, Measured, Plan, gives_way, limits, needs
from tests.bench.capacity import narrated_a_second as narrated
from tests.bench.simulation import Day, Real, delays, run_seconds, simulate

DOCUMENT = Path(__file__).parents[2] / "docs" / "scaling.md"


def test_the_document_holds_what_is_computed():
    text = DOCUMENT.read_text("utf-8")
    for made in (needs(), gives_way(), delays()):
        assert made in text, f"python -m tests.bench.capacity now prints:\n{made}"


def test_a_real_run_takes_as_long_as_simulated():
    real = Real()
    assert real.simulated_seconds() == pytest.approx(real.seconds, rel=0.1)


def test_a_run_waits_for_its_busiest_host_or_for_its_slots():
    idle = run_seconds([0.0], 0, 2, 685.0)
    assert run_seconds([100.0, *[1.0] * 15], 0, 2, 685.0) == pytest.approx(idle + 100)
    # 64 hosts in the 16 places of one worker, and in the 64 of four.
    assert run_seconds([10.0] * 64, 0, 2, 685.0) == pytest.approx(idle + 40)
    assert run_seconds([10.0] * 64, 0, 8, 685.0) == pytest.approx(idle + 10)


def test_a_day_loses_nothing_and_a_crisis_waits_longer():
    day = Day(replace(PROVINCE, items_a_day=20_000), cores=2, crisis=False)
    ordinary, crisis = simulate(day), simulate(replace(day, crisis=True))
    # What was published after the last poll comes the next day.
    assert ordinary.items == pytest.approx(20_000, rel=0.05)
    assert crisis.items > 2 * ordinary.items
    assert crisis.p95 >= ordinary.p95 > ordinary.p50 > 0
    assert simulate(day) == ordinary


@pytest.mark.parametrize(("window", "least", "most"), [(10, 685, 685), (10_000, 197, 199), (7e6, 50, 154)])
def test_the_narrator_slows_down_with_its_window(window, least, most):
    assert least <= narrated(window, Measured()) <= most


def test_ten_times_the_items_cost_about_ten_times_as_much():
    small, large = (Plan(Load("", 300, items, 3, 0.05), Measured(), Assumed()) for items in (1e6, 1e7))
    assert 8 < large.dong_a_month / small.dong_a_month < 10.5
    assert large.store_bytes == pytest.approx(10 * small.store_bytes)
    assert Plan(COMMUNE, Measured(), Assumed()).on_one_machine
    assert not Plan(COUNTRY, Measured(), Assumed()).on_one_machine


def test_the_narrator_s_limit_is_where_it_is_fully_busy():
    limit = next(limit for limit in limits() if "speed" in limit.what)
    assert Plan(Load("", 0, limit.items_a_day, 3, 0), Measured(), Assumed()).narrator_share == pytest.approx(1)
