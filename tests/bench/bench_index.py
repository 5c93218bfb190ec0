"""`make bench-index`: both search engines at several sizes in one run, and the console's main page.

    python -m tests.bench.bench_index [--sizes 10000,100000,500000] [--engines sqlite,elasticsearch] [--questions 40]

One index grows from size to size; it is written by one process and asked by another, each made anew for each size, so
that memory and first answers are their own. Prints a Markdown table for each engine; progress goes to stderr.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from os import getloadavg
from pathlib import Path
from typing import TypeVar

import psutil

from records.ports import SearchIndex
from records.search import SearchQuery
from tests.bench import inbox_page
from tests.bench.__main__ import machine
from tests.bench.index_data import blocks, material
from tests.bench.index_questions import Times, asked, questions, recall
from tests.support.elasticsearch_node import Cluster, Login

RECALL_QUERIES = 200
ENGINES = ("sqlite", "elasticsearch")
_SETTLED_SECONDS = 300.0

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Place:
    """Where one engine's index is: a folder, or a cluster."""

    engine: str
    folder: Path
    login: Login | None = None

    def open(self) -> SearchIndex:
        if self.login is None:
            from index.sqlite import SqliteIndex

            return SqliteIndex(self.folder)
        from index.elastic_connection import Access
        from index.elasticsearch import ElasticsearchIndex, Layout

        login = self.login
        access = Access(
            login.addresses, login.user, login.password, ca_file=login.ca_file, search_seconds=60, write_seconds=300
        )
        return ElasticsearchIndex(access, Layout("tin3c-bench"))


@dataclass(frozen=True)
class Written:
    """`items_a_second` of the items that were added to reach a size; memory of the writing process."""

    items_a_second: float
    memory_bytes: int


@dataclass(frozen=True)
class Read:
    """`first_seconds`: of the first answer of a process. Memory of the asking process, after all questions."""

    first_seconds: float
    times: dict[str, Times]
    recall: float
    memory_bytes: int


def write(place: Place, first: int, end: int) -> Written:
    material()
    with closing(place.open()) as index:
        seconds = 0.0
        for block in blocks(first, end):
            started = time.perf_counter()
            if rejected := index.put(block):
                raise RuntimeError(f"{len(rejected)} documents rejected: {rejected[0].reason}")
            seconds += time.perf_counter() - started
        if index.count() != end:
            raise RuntimeError(f"{index.count()} documents where {end} were written")
        return Written((end - first) / seconds, psutil.Process().memory_info().rss)


def read(place: Place, size: int, each: int) -> Read:
    wanted = questions(size, each)
    before = psutil.Process().memory_info().rss
    with closing(place.open()) as index:
        started = time.perf_counter()
        index.search(SearchQuery("sởi"))
        first = time.perf_counter() - started
        times = asked(index, wanted)
        # What the questions themselves are made of is not the index's.
        memory = psutil.Process().memory_info().rss - before
        return Read(first, times, recall(index, size, RECALL_QUERIES), memory)


def settle(login: Login) -> float:
    """Wait until the cluster has no merges left; seconds waited."""
    started = time.monotonic()
    with closing(login.as_admin()) as client:
        while time.monotonic() - started < _SETTLED_SECONDS:
            merges = client.indices.stats(index="tin3c-bench*", metric="merge")["_all"]["total"]["merges"]
            if merges["current"] == 0:
                break
            time.sleep(1)
    return time.monotonic() - started


def stored_bytes(place: Place) -> int:
    if place.login is None:
        return sum(path.stat().st_size for path in place.folder.rglob("*") if path.is_file())
    with closing(place.login.as_admin()) as client:
        return int(
            client.indices.stats(index="tin3c-bench*", metric="store")["_all"]["primaries"]["store"]["size_in_bytes"]
        )


def in_a_process(work: Callable[[], Answer]) -> Answer:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(work).result()


def say(words: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {words}", file=sys.stderr, flush=True)


def measure(place: Place, sizes: list[int], each: int, node: psutil.Process | None) -> dict[str, list[str | float]]:
    """{row: a value for each size}."""
    rows: dict[str, list[str | float]] = {}

    def put(row: str, value: str | float) -> None:
        rows.setdefault(row, []).append(value)

    first = 0
    for size in sizes:
        written = in_a_process(partial(write, place, first, size))
        waited = settle(place.login) if place.login else 0.0
        say(f"{place.engine} {size:,}: {written.items_a_second:,.0f} items/s written, settled after {waited:.0f} s")
        found = in_a_process(partial(read, place, size, each))
        slowest = max(found.times.items(), key=lambda pair: pair[1].p95)
        say(f"{place.engine} {size:,}: slowest p95 {slowest[1].p95:.0f} ms ({slowest[0]}), recall {found.recall:.3f}")
        put("written, items/s", written.items_a_second)
        put("on disk, MB", stored_bytes(place) / 1e6)
        put("memory of the asking process, MB", found.memory_bytes / 1e6)
        put("memory of the writing process, MB", written.memory_bytes / 1e6)
        if node is not None:
            put("memory of the node (heap of 512 MB in it), MB", node.memory_info().rss / 1e6)
        put("first answer of a process, ms", found.first_seconds * 1_000)
        put(f"recall@10 of {RECALL_QUERIES} vectors", f"{found.recall:.3f}")
        for kind, times in found.times.items():
            put(f"{kind}, ms", times)  # type: ignore[arg-type]
        first = size
    return rows


def main_page(folder: Path, sizes: list[int]) -> dict[str, list[str | float]]:
    rows: dict[str, list[str | float]] = {}
    first = 0
    for size in sizes:
        in_a_process(partial(inbox_page.fill, folder, first, size))
        found = in_a_process(partial(inbox_page.times, folder, size))
        slow = ", ".join(f"{name} {seconds * 1_000:.0f}" for name, seconds in inbox_page.parts(folder, size))
        say(f"main page {size:,}: {found.p50:.0f} / {found.p95:.0f} ms; one by one, ms: {slow}")
        stored = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
        rows.setdefault("main page, ms", []).append(found)  # type: ignore[arg-type]
        rows.setdefault("store on disk, MB", []).append(stored / 1e6)
        first = size
    return rows


def table(title: str, sizes: list[int], rows: dict[str, list[str | float]]) -> str:
    """Markdown. Times: p50 / p95, and in brackets those of this process' own processor time. Growth: how many times as
    much at ten times the items, between the two largest sizes, by the median."""
    lines = [f"| {title} | " + " | ".join(f"{size:,}" for size in sizes) + " | growth per tenfold |"]
    lines.append("|---|" + "---|" * (len(sizes) + 1))
    for name, values in rows.items():
        lines.append(f"| {name} | " + " | ".join(map(_cell, values)) + f" | {_growth(sizes, values)} |")
    return "\n".join(lines)


def _cell(value: object) -> str:
    if isinstance(value, Times):
        return f"{value.p50:.0f} / {value.p95:.0f} ({value.processor_p50:.0f} / {value.processor_p95:.0f})"
    return f"{value:,.0f}" if isinstance(value, float) else str(value)


def _growth(sizes: list[int], values: list[str | float]) -> str:
    if len(sizes) < 2 or isinstance(values[0], str):
        return ""
    before, after = (value.p50 if isinstance(value, Times) else float(value) for value in values[-2:])
    if before <= 0:
        return ""
    return f"×{(after / before) ** (1 / math.log10(sizes[-1] / sizes[-2])):.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000,100000,500000")
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--questions", type=int, default=40, help="of each kind")
    given = parser.parse_args()
    sizes = sorted(int(size) for size in given.sizes.split(","))
    print(f"On {machine()}; {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; load at the start {getloadavg()[0]:.1f}\n")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tin3c-bench-")))
        for engine in given.engines.split(","):
            if engine == "elasticsearch":
                cluster = stack.enter_context(Cluster())
                node = psutil.Process(cluster.nodes[0].pid)
                rows = measure(Place(engine, folder, cluster.login), sizes, given.questions, node)
            else:
                rows = measure(Place(engine, folder / engine), sizes, given.questions, None)
            print(table(engine, sizes, rows) + "\n", flush=True)
        print(table("console", sizes, main_page(folder / "home", sizes)))
        print(f"\nLoad at the end {getloadavg()[0]:.1f}.")


if __name__ == "__main__":
    main()
