"""The metrics in Prometheus' text format, counted when they are asked for: several processes need no shared counters.

Labels are words of records/ and names of our modules: nothing personal, and no more series than those words.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import psutil
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from records.errors import StoreError
from records.operations import Waiting, Workload
from records.ports import Clock, Operations

#: The format that `exposition` gives, and every Prometheus reads.
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Word = TypeVar("Word", bound=str)


def registry_of(operations: Operations, clock: Clock, home: Path) -> CollectorRegistry:
    """A registry of our own: nothing that a library registers by itself comes along."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_OnRequest(lambda: _machine(home)))
    registry.register(_OnRequest(lambda: _store(operations, clock)))
    return registry


def exposition(registry: CollectorRegistry) -> bytes:
    return generate_latest(registry)


class _OnRequest(Collector):
    def __init__(self, measure: Callable[[], Iterable[Metric]]) -> None:
        self._measure = measure

    def collect(self) -> Iterable[Metric]:
        yield from self._measure()


def _gauge(name: str, help: str, value: float | None) -> Metric:
    """Without a sample where there is no value: Prometheus then knows that nothing is known."""
    gauge = GaugeMetricFamily(f"tin3c_{name}", help)
    if value is not None:
        gauge.add_metric([], value)
    return gauge


def _gauges(name: str, help: str, label: str, values: Mapping[Word, float]) -> Metric:
    gauge = GaugeMetricFamily(f"tin3c_{name}", help, labels=[label])
    for word, value in values.items():
        gauge.add_metric([word], value)
    return gauge


# --- this machine -----------------------------------------------------------------------------------------------------


def _machine(home: Path) -> Iterable[Metric]:
    build = InfoMetricFamily("tin3c_build", "The program.")
    build.add_metric([], {"version": version("tin3c")})
    yield build
    disk = shutil.disk_usage(home)
    yield _gauge("home_free_bytes", "Free space of the disk that TIN3C_HOME lies on.", disk.free)
    yield _gauge("home_size_bytes", "Size of the disk that TIN3C_HOME lies on.", disk.total)
    yield _gauges(
        "process_resident_memory_bytes",
        "Memory of the console and the processes that it started, by their module.",
        "process",
        _memory(),
    )


def _memory() -> dict[str, float]:
    """Of this process and all its descendants, bytes by module."""
    this = psutil.Process()
    used: Counter[str] = Counter({"console": this.memory_info().rss})
    for child in this.children(recursive=True):
        try:
            used[_module(child.cmdline())] += child.memory_info().rss
        except psutil.Error:  # it ended while we looked
            continue
    return dict(used)


def _module(command_line: list[str]) -> str:
    """The module of ours that a process runs, such as flows.schedule; "other" for any other program."""
    run = command_line[command_line.index("-m") + 1 :] if "-m" in command_line else []
    return run[0] if run and run[0].startswith("flows.") else "other"


# --- the store --------------------------------------------------------------------------------------------------------


def _store(operations: Operations, clock: Clock) -> Iterable[Metric]:
    now = clock()
    try:
        workload = operations.workload(now)
    except StoreError:
        yield _gauge("store_up", "Whether the store answered.", 0)
        return
    yield _gauge("store_up", "Whether the store answered.", 1)
    yield from _workload(workload, now)


def _workload(workload: Workload, now: datetime) -> Iterable[Metric]:
    queues = {queue: waiting.count for queue, waiting in workload.queues.items()}
    yield _gauges("queue_waiting", "What waits for a step; of the index: how far search is behind.", "queue", queues)
    yield _gauges(
        "queue_oldest_seconds",
        "How long the first one has waited; 0 when nothing waits. The index keeps no time.",
        "queue",
        _ages(workload.queues, now),
    )
    yield _gauge("not_assessable", "Items that the models could not take; they wait no more.", workload.not_assessable)
    yield _gauge("index_rejected", "Documents that the search engine would not take.", workload.index_rejected)
    yield _gauges("messages", "Messages by how far they are; of the refused a person must know.", "status",
                  workload.messages)  # fmt: skip
    run = workload.last_run
    fates = run.fates if run else {}
    yield _gauges("last_run_items", "Items of the last finished run, by what became of each.", "fate", fates)
    duration = run.duration.total_seconds() if run else None
    yield _gauge("last_run_duration_seconds", "How long the last finished run took.", duration)
    age = (now - run.finished_at).total_seconds() if run else None
    yield _gauge("last_run_age_seconds", "How long ago the last finished run ended.", age)
    yield _gauges("sources", "Sources that are switched on, by how they were last read.", "state", workload.sources)
    cases = {stage: waiting.count for stage, waiting in workload.cases.items()}
    yield _gauges("cases", "Cases by stage.", "stage", cases)
    yield _gauges(
        "case_oldest_seconds", "How long ago the first case of the stage was opened.", "stage",
        _ages(workload.cases, now),
    )  # fmt: skip
    yield _gauges("overdue", "Dates that a person set and that have passed.", "clock", workload.overdue)


def _ages(waiting: Mapping[Word, Waiting], now: datetime) -> dict[Word, float]:
    """Seconds; never below 0, should another machine's clock run ahead. Left out where it is not known."""
    return {
        word: max((now - one.oldest).total_seconds(), 0.0) if one.oldest else 0.0
        for word, one in waiting.items()
        if one.oldest or not one.count
    }
