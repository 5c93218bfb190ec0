"""From publication to alert, over one day: sources, hosts at one request a second, workers, one narrator. Seeded.

A run polls what is due, fetches the new pages, and only when that has ended assesses, narrates and alerts; the next
run begins then, or at its time. So what is simulated is: who waits for whom. Costs are `capacity.Measured`, the rest is
assumed.
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tests.bench.capacity import (
    COMMUNE,
    COUNTRY,
    DAY_SECONDS,
    PROVINCE,
    Assumed,
    Load,
    Measured,
    Plan,
    duration,
    markdown,
    number,
)

#: Share of a day's items by the hour, as Vietnamese newspapers publish: our assumption, with its peak at eight.
_HOURS = np.array([1, 0.6, 0.5, 0.5, 1, 3, 6, 9, 11, 9, 8, 6, 5, 5, 6, 6.5, 6.5, 5, 4, 4, 3.5, 3, 2, 1.5])
_CRISIS_HOURS = (9, 12)
_RUN_EVERY_SECONDS = 900.0
_POLL_EVERY_SECONDS = 1_800.0
_RUN_LIMIT_SECONDS = 1_800.0
_SHORT_RUN_LIMIT_SECONDS = 300.0
_DELAY_SECONDS = 1.0
_HOSTS_A_WORKER = 16
_CORES_A_WORKER = 2
_HOSTS_OF_SOURCES = 0.6
#: Of a crawling child; with a Prefect server that is up already.
_START_SECONDS = 3.0
#: Of Prefect's temporary server, where `watch --once` has to start one (docs/decisions/0002: 5 to 15 s).
_SERVER_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Seconds from an item's publication to its alert, weighted by items; the longest run; most pages that waited."""

    p50: float
    p95: float
    longest_run: float
    most_waiting: float
    items: float


@dataclass(frozen=True, slots=True)
class Day:
    """`cores` of workers; `crisis`: ten times the items from nine to twelve. A crawl ends at its limit."""

    load: Load
    cores: int
    crisis: bool
    run_limit_seconds: float = _RUN_LIMIT_SECONDS
    seed: int = 1


def run_seconds(
    requests: list[float], items: float, cores: int, narrated_a_second: float, measured: Measured | None = None
) -> float:
    """How long one run takes that has to send `requests` to each of its hosts and finds `items`. Nothing is random."""
    measured = measured or Measured()
    slots = [0.0] * (_HOSTS_A_WORKER * max(cores // _CORES_A_WORKER, 1))
    finished = [0.0]
    for wanted in requests:
        begin = heapq.heappop(slots)
        finished.append(begin + wanted * _DELAY_SECONDS)
        heapq.heappush(slots, finished[-1])
    return _after(max(finished), sum(requests), items, cores, narrated_a_second, measured)


def _after(
    fetched: float, requests: float, items: float, cores: int, narrated_a_second: float, measured: Measured
) -> float:
    """Of a run whose last host ended at `fetched`: reading pages keeps up or not, the rest follows one by one."""
    collected = max(fetched, requests / (measured.extracted_a_second * cores))
    assessed = items * _CORES_A_WORKER / (measured.assessed_a_second * cores)
    narrated = items * Assumed().health_share / narrated_a_second
    return _START_SECONDS + collected + assessed + narrated


class _Clock:
    """How much of a day's items is published up to a second of it."""

    def __init__(self, crisis: bool) -> None:
        weights = _HOURS / _HOURS.sum()
        if crisis:
            weights = weights * np.array([10.0 if hour in range(*_CRISIS_HOURS) else 1.0 for hour in range(24)])
        self._published = np.concatenate([[0.0], np.cumsum(weights)])

    def until(self, second: float | NDArray[np.float64]) -> NDArray[np.float64]:
        days, inside = np.divmod(np.asarray(second, np.float64), DAY_SECONDS)
        return np.asarray(
            days * self._published[-1] + np.interp(inside / 3_600, np.arange(25), self._published)
        )  # fmt: skip


def simulate(day: Day) -> Outcome:
    """One day, begun with nothing waiting."""
    measured, assumed = Measured(), Assumed()
    plan = Plan(day.load, measured, assumed)
    narrated = plan.narrated_a_second
    draw, clock = np.random.default_rng(day.seed), _Clock(day.crisis)
    shares = _shares(max(int(day.load.sources * _HOSTS_OF_SOURCES), 1), day.load.busiest_share)
    polled = -draw.uniform(0, _POLL_EVERY_SECONDS, len(shares))
    a_page = assumed.pages_share * (1 + assumed.health_share * assumed.rereads)  # requests an item
    waiting: list[deque[list[float]]] = [deque() for _ in shares]  # [published, items], oldest first
    delays: list[tuple[float, float]] = []
    longest, most, unread, now = 0.0, 0.0, 0.0, 0.0
    while now < DAY_SECONDS:
        due = np.flatnonzero(now - polled >= _POLL_EVERY_SECONDS)
        expected = shares[due] * day.load.items_a_day * (clock.until(now) - clock.until(polled[due]))
        found = draw.poisson(np.maximum(expected, 0))
        published = draw.uniform(polled[due], now)
        for host, items, when in zip(due.tolist(), found.tolist(), published.tolist(), strict=True):
            if items:
                waiting[host].append([when, items])
        polled[due] = now
        unread += float(found.sum())
        most = max(most, a_page * unread)
        slots = [now] * (_HOSTS_A_WORKER * max(day.cores // _CORES_A_WORKER, 1))
        fetched, requests, collected = now, 0.0, []
        polls = set(due.tolist())
        busy = [host for host, queue in enumerate(waiting) if queue or host in polls]
        for host in draw.permutation(busy).tolist():
            begin = heapq.heappop(slots)
            left = max((now + day.run_limit_seconds - begin) / _DELAY_SECONDS - 1, 0.0)
            used = 1.0
            while waiting[host] and left > 0:
                when, items = waiting[host][0]
                done = min(items, left / a_page)
                left, used = left - done * a_page, used + done * a_page
                collected.append((when, done))
                if done < items:
                    waiting[host][0][1] = items - done
                else:
                    waiting[host].popleft()
            heapq.heappush(slots, begin + used * _DELAY_SECONDS)
            fetched, requests = max(fetched, begin + used * _DELAY_SECONDS), requests + used
        total = sum(items for _, items in collected)
        unread -= total
        took = _after(fetched - now, requests, total, day.cores, narrated, measured)
        delays += [(now + took - when, items) for when, items in collected]
        longest = max(longest, took)
        now = max(now + took, now + min(_RUN_EVERY_SECONDS, day.run_limit_seconds))
    seconds, weights = (np.array(values) for values in zip(*delays, strict=True))
    order = np.argsort(seconds)
    below = np.cumsum(weights[order]) / weights.sum()
    p50, p95 = (float(seconds[order][np.searchsorted(below, share)]) for share in (0.5, 0.95))
    return Outcome(p50, p95, longest, most, float(weights.sum()))


def _shares(hosts: int, busiest: float) -> NDArray[np.float64]:
    """(hosts,) of all items: 1 / (rank + q), with the q that gives the first `busiest`."""
    low, high = 1e-9, 1e9
    for _ in range(100):
        q = (low * high) ** 0.5
        shares = 1 / (np.arange(hosts) + q)
        shares /= shares.sum()
        low, high = (q, high) if shares[0] > busiest else (low, q)
    return np.asarray(shares)


def days() -> tuple[Day, ...]:
    """Ordinary days and crises; the country also with crawls that end soon."""
    made = []
    for load in (COMMUNE, PROVINCE, COUNTRY):
        plan = Plan(load, Measured(), Assumed())
        ordinary = Day(load, max(plan.worker_cores, _CORES_A_WORKER), crisis=False)
        more = Day(load, plan.crisis_cores, crisis=True)
        if load is COUNTRY:
            soon = {"run_limit_seconds": _SHORT_RUN_LIMIT_SECONDS}
            made += [ordinary, replace(ordinary, **soon), replace(more, **soon)]
        else:
            made += [ordinary, replace(ordinary, crisis=True), *([more] if load is PROVINCE else [])]
    return tuple(made)


def delays() -> str:
    """The table of the simulated days."""
    rows = []
    for day in days():
        outcome = simulate(day)
        rows.append(
            [
                f"{day.load.name}, {'crisis from 9 to 12' if day.crisis else 'an ordinary day'}",
                number(day.cores),
                duration(day.run_limit_seconds),
                duration(outcome.p50),
                duration(outcome.p95),
                duration(outcome.longest_run),
                number(outcome.most_waiting),
            ]
        )
    head = [
        "",
        "workers' cores",
        "crawl ends after",
        "publication to alert, p50",
        "p95",
        "longest run",
        "most pages waiting",
    ]
    return markdown(head, rows)


@dataclass(frozen=True, slots=True)
class Real:
    """A run that was measured: 12 real sources replayed, the delay of one second a host, its own Prefect server."""

    items: int = 566
    busiest_host_requests: int = 186
    seconds: float = 234.0

    def simulated_seconds(self) -> float:
        # The other hosts sent the rest of the pages meanwhile; none of them had more than the busiest.
        rest = self.items + 12 - self.busiest_host_requests
        requests = [float(self.busiest_host_requests), *(rest / 8 for _ in range(8))]
        return _SERVER_SECONDS + run_seconds(requests, self.items, _CORES_A_WORKER, 685.0)


def main() -> None:
    real = Real()
    print(f"measured {real.seconds:.0f} s, simulated {real.simulated_seconds():.0f} s\n\n{delays()}")


if __name__ == "__main__":
    main()
