"""A child that ends is noticed, started again and, when that does not help, given up with a reason."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from flows import lifeline
from flows.lifeline import how_it_ended
from flows.supervising import QUICK_FAILURES, Problem, Supervisor
from records.errors import Tin3CError

SLEEPS = "import time; time.sleep(60)"


def child_of(
    programs: list[str], started: list[lifeline.Child]
) -> Callable[[threading.Event], AbstractContextManager[Problem]]:
    """Starts the next of `programs`, the last one again and again."""

    @contextmanager
    def start(stop: threading.Event) -> Iterator[Problem]:
        program = programs.pop(0) if len(programs) > 1 else programs[0]
        child = lifeline.start([sys.executable, "-c", program], stderr=subprocess.DEVNULL)
        started.append(child)
        try:
            yield lambda: how_it_ended(child.poll())
        finally:
            child.end(5)

    return start


def test_a_child_that_is_killed_is_started_again_and_ends_with_its_supervisor() -> None:
    started: list[lifeline.Child] = []
    said: list[str] = []
    with Supervisor(child_of([SLEEPS], started), said.append, first_wait_seconds=0.05) as supervisor:
        assert supervisor.started.wait(10)
        supervisor.started.clear()
        started[0].kill()
        assert supervisor.started.wait(10)
        assert not supervisor.given_up.is_set()
    assert said == ["The schedule ended: killed by signal 9. It is started again in 0.05 s."]
    assert [child.poll() is not None for child in started] == [True, True]


def test_one_that_ends_at_once_again_and_again_is_given_up() -> None:
    started: list[lifeline.Child] = []
    said: list[str] = []
    starting = child_of(["raise SystemExit(3)"], started)
    with Supervisor(starting, said.append, first_wait_seconds=0.01) as supervisor:
        assert supervisor.given_up.wait(20)
    assert len(started) == QUICK_FAILURES
    assert supervisor.problem.endswith("exit status 3")
    assert "0.01 s" in said[0] and "0.08 s" in said[-1], "each time it waits twice as long"


def test_one_that_had_lived_well_is_not_counted_with_those_that_failed_at_once() -> None:
    started: list[lifeline.Child] = []
    starting = child_of(["raise SystemExit(3)"], started)
    with Supervisor(starting, lambda _: None, healthy_seconds=0.0, first_wait_seconds=0.01) as supervisor:
        assert not supervisor.given_up.wait(4)
    assert len(started) > QUICK_FAILURES


def test_what_cannot_be_started_is_said() -> None:
    @contextmanager
    def start(stop: threading.Event) -> Iterator[Problem]:
        raise Tin3CError("Prefect's server did not answer")
        yield

    with Supervisor(start, lambda _: None, first_wait_seconds=0.01) as supervisor:
        assert supervisor.started.wait(10), "who waits for the start hears of its failure"
        assert supervisor.given_up.wait(10)
    assert "Prefect's server did not answer" in supervisor.problem
