"""Text → assessment and narrative in stores of several sizes: does an item cost more where more are stored?

    python -m tests.bench.store_sizes [--days 1095] [SIZE ...]

Each size is filled and measured in processes of its own. A store holds so many health items, the last of them of now,
spread evenly over `--days`: three years, after which texts go. So what is in the narrator's window grows with the size;
fewer days for a smaller store make it hold as much. The rows are put in by SQL, as the program leaves them, no
statistics for the planner among them, which it makes none of. Then 1,000 new items of the newspaper mix come in as the
crawler hands them in (a feed's entry, then its page), and the functions run that `watch` runs. A small run goes before
it, as one did in any process of `watch`: models are loaded by then, and the narrator has computed its window.

Prints a Markdown table: times by the clock, and in brackets those of the process' own processor time, which is what to
compare where other work runs beside it.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from os import getloadavg
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numpy as np
from sqlalchemy import create_engine, event, insert

from flows import alert, assess, narrate, wiring
from flows.parts import Parts
from flows.settings import load
from models.encoder import load_encoder
from records.address import item_id
from records.assessment import AssessableItem, AssessedItem, Harm, Kind, Stance
from records.crawl import CrawlOrder, FetchState, PageReading, PageTask, SourceReading
from records.item import CapturedPage, Entry
from records.ports import Assessor
from records.search import IndexDocument
from records.source import Owner, Source, SourceState
from records.topics import TOPICS
from store import this_process
from store.core import FILE_NAME
from store.pages import REREAD_AFTER
from store.tables import assessments, captures, cases, fetch_states, items, narratives, page_queue, vectors
from tests.bench.__main__ import machine
from tests.bench.embeddings import home
from tests.bench.end_to_end import threshold_of
from tests.bench.inbox_page import Rows, rows_of, source_of
from tests.bench.index_data import BLOCK, ITEMS_OF_A_NARRATIVE, SOURCES, material
from tests.bench.measuring import corpus, newspaper_mix, peak_mb
from tests.support import stores

SIZES = (10_000, 100_000, 500_000)
DAYS = 1_095
NEW_ITEMS = 1_000
FIRST_ITEMS = 100
NOW = datetime(2026, 11, 2, tzinfo=UTC)
_FIRST_NOW = NOW - timedelta(hours=6)
_ENTRIES_OF_A_FEED = 50
_CAPTURES_KEPT = timedelta(days=365)

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


@dataclass
class Watch:
    """Seconds by what they were spent on: (wall clock, this process' processor)."""

    spent: dict[str, tuple[float, float]] = field(default_factory=lambda: defaultdict(lambda: (0.0, 0.0)))

    @contextmanager
    def on(self, name: str) -> Iterator[None]:
        wall, processor = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            before = self.spent[name]
            self.spent[name] = before[0] + time.perf_counter() - wall, before[1] + time.process_time() - processor

    def timed(self, name: str, function: Callable[Given, Answer]) -> Callable[Given, Answer]:
        def called(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
            with self.on(name):
                return function(*args, **kwargs)

        return called


@dataclass(frozen=True)
class Measured:
    """`spent`: see Watch, of the 1,000; `first`: of the small run before. `window`: items that were loaded of it."""

    spent: dict[str, tuple[float, float]]
    first: dict[str, tuple[float, float]]
    counts: tuple[float, float]
    health: int
    window: int
    peak_mb: float


# --- the store --------------------------------------------------------------------------------------------------------


def fill(folder: Path, size: int, days: float) -> None:
    with closing(stores.open_at(folder)) as store:
        for number in range(SOURCES):
            store.sources.save(source_of(number), NOW)
    engine = create_engine(stores.url_of(folder) or f"sqlite:///{folder / FILE_NAME}")
    if engine.dialect.name == "sqlite":
        # Filling only: nothing is lost but the benchmark.
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    for start in range(0, size, BLOCK):
        rows = _rows(_block(start, min(start + BLOCK, size), size, timedelta(days=days) / size))
        with engine.begin() as connection:
            for table in (narratives, items, assessments, vectors, cases, fetch_states, captures, page_queue):
                if rows[table.name]:
                    connection.execute(insert(table), rows[table.name])
    engine.dispose()


def _id(number: int) -> str:
    return hashlib.sha256(f"bài {number}".encode()).hexdigest()[:20]


def _block(start: int, end: int, size: int, apart: timedelta) -> list[IndexDocument]:
    """Items `start` to `end` of `size`: those of a narrative tell one of our own texts, each with more beside it, and
    no two narratives of a window tell the same."""
    made, draw = material(), np.random.default_rng([41, start])
    order = np.random.default_rng(43).permutation(len(made.texts))
    count = end - start
    bases = order[np.arange(start, end) // ITEMS_OF_A_NARRATIVE % len(order)]
    towards, away = draw.integers(len(made.vectors), size=(2, count))
    moved = made.vectors[bases] + 0.15 * (made.vectors[towards] - made.vectors[away])
    near = (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype("<f2")
    told = draw.integers(len(made.sentences), size=(count, 4))
    documents = []
    for at, number in enumerate(range(start, end)):
        title, text = made.texts[bases[at]]
        when = _FIRST_NOW - apart * (size - number)
        documents.append(
            IndexDocument(
                id=_id(number),
                version=1,
                title=title or text[:80].rpartition(" ")[0],
                text=" ".join([text, *(made.sentences[n] for n in told[at].tolist()), f"Tin số {number}."]),
                source_id=f"nguon-{number * 7919 % SOURCES}",
                owner=list(Owner)[number % len(Owner)],
                published=when,
                first_seen=when,
                health=True,
                topic=list(TOPICS)[number // ITEMS_OF_A_NARRATIVE % len(TOPICS)],
                kind=list(Kind)[number * 13 % len(Kind)],
                stance=list(Stance)[number * 11 % len(Stance)],
                harm=list(Harm)[number * 17 % len(Harm)],
                places=("Bình Sơn",),
                narrative_id=_id(number - number % ITEMS_OF_A_NARRATIVE),
                vector=near[at].tobytes(),
            )
        )
    return documents


def _rows(block: list[IndexDocument]) -> Rows:
    rows = rows_of(block)
    for narrative in rows["narratives"]:
        # What rises is judged by every run; it does for a day or two.
        narrative["rising"] = narrative["rising"] and narrative["last_seen"] > NOW - timedelta(days=1)
    for table in (fetch_states, captures, page_queue):
        rows[table.name] = []
    for item in rows["items"]:
        seen, sha256 = item["first_seen"], item["capture_sha256"]
        fetched = {"address": item["address"], "etag": f'"{item["id"]}"', "last_modified": None}
        rows["fetch_states"].append(fetched | {"body_sha256": sha256, "fetched_at": seen})
        if seen > NOW - _CAPTURES_KEPT:
            rows["captures"].append(_capture(item))
        done = sum(seen + after <= _FIRST_NOW for after in REREAD_AFTER)
        if done < len(REREAD_AFTER):
            due = {"item_id": item["id"], "due_at": seen + REREAD_AFTER[done], "attempts": 0}
            rows["page_queue"].append(due | {"reread_from": seen, "rereads": done})
    return rows


def _capture(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "item_id": item["id"],
        "sha256": item["capture_sha256"],
        "address": item["address"],
        "fetched_at": item["first_seen"],
        "status": 200,
        "content_type": "text/html",
        "bytes": 40_000,
        "headers": [["content-type", "text/html"]],
        "warc_file": f"{item['first_seen']:%Y-%m-%d}.warc.gz",
        "warc_offset": 0,
    }


# --- what is measured -------------------------------------------------------------------------------------------------


def measure(folder: Path) -> Measured:
    texts = _texts(FIRST_ITEMS + NEW_ITEMS)
    settings = load(folder)
    of_models = settings.models.model_copy(
        update={"filter_threshold": threshold_of([" ".join(pair) for pair in texts])}
    )
    settings = settings.model_copy(update={"models": of_models})
    with closing(Parts(settings)) as parts:
        parts.store = stores.open_at(folder)
        parts.encoder = load_encoder("builtin", home())
        watch = Watch()
        window = _follow(parts, watch)
        _one_run(parts, watch, "first", _FIRST_NOW, texts[:FIRST_ITEMS])
        first = dict(watch.spent)
        watch.spent.clear()
        health = parts.store.reader.counts()["health"]
        _one_run(parts, watch, "new", NOW, texts[FIRST_ITEMS:])
        with watch.on("counts"):
            health = parts.store.reader.counts()["health"] - health
        return Measured(dict(watch.spent), first, watch.spent["counts"], health, window[-1], peak_mb())


def _texts(count: int) -> list[tuple[str, str]]:
    """The newspaper mix, each tenth piece one of the corpus' own on health: of real ones it is less than that."""
    health = [(str(r["title"]), str(r["text"])) for r in corpus() if r["channel"] == "newspaper" and r["health"]]
    texts = newspaper_mix(count)
    for number in range(0, count, 10):
        title, text = health[number // 10 % len(health)]
        texts[number] = title, f"{text} Bản tin số {number}."
    return texts


class _Timed:
    """An assessor whose time is taken."""

    def __init__(self, assessor: Assessor, watch: Watch) -> None:
        self.version = assessor.version
        self._assess = watch.timed("models", assessor.assess)

    def assess(self, items: Sequence[AssessableItem], *, cascade: bool) -> tuple[AssessedItem, ...]:
        return self._assess(items, cascade=cascade)


def _follow(parts: Parts, watch: Watch) -> list[int]:
    """Take the time of what the steps call; the number of items in each window that is loaded from now on."""
    found: list[int] = []
    narration, place = parts.store.narration, parts.narrator.place
    read = watch.timed("window", narration.window)

    def window(since: datetime, until: datetime | None = None) -> Any:
        answer = read(since, until)
        found.append(len(answer))
        return answer

    parts.assessor = _Timed(parts.assessor, watch)
    narration.window = window  # type: ignore[method-assign]
    parts.narrator.place = watch.timed("placing", lambda *given: list(place(*given)))  # type: ignore
    parts.store.risk.to_judge = watch.timed("to_judge", parts.store.risk.to_judge)  # type: ignore[method-assign]
    return found


def _one_run(parts: Parts, watch: Watch, run_id: str, now: datetime, texts: list[tuple[str, str]]) -> None:
    """What flows.watching and flows.orchestration do, without crawling, delivering and indexing."""
    store = parts.store
    press = [number for number in range(SOURCES) if source_of(number).owner is Owner.PRESS]
    feeds = [texts[start : start + _ENTRIES_OF_A_FEED] for start in range(0, len(texts), _ENTRIES_OF_A_FEED)]
    sources = [source_of(number) for number in press[: len(feeds)]]
    store.runs.start(run_id, now, now)
    order = CrawlOrder(run_id, now, tuple(sources), wiring.crawl_limits(parts.settings))
    for source, feed in zip(sources, feeds, strict=True):
        _collect(parts, watch, order, source, feed)
    with watch.on("assessing"):
        while assess.assess_batch(parts, run_id, now):
            pass
    with watch.on("narrating"):
        narrate.narrate(parts, run_id, now, this_process())
    with watch.on("risk"):
        alert.judge(parts, now)
    with watch.on("ending"):
        store.count_days(now)
        store.runs.finish(run_id, now)


def _collect(parts: Parts, watch: Watch, order: CrawlOrder, source: Source, feed: list[tuple[str, str]]) -> None:
    told: dict[str, PageReading] = {}
    entries = []
    for number, (title, text) in enumerate(feed):
        address = f"{source.address}{order.run_id}/{number}"
        published = order.now - timedelta(minutes=5 * number)
        entries.append(Entry(address, title or text[:80].rpartition(" ")[0], text[:200], published=published))
        body = "".join(f"<p>{line}</p>" for line in text.splitlines()).encode()
        capture = CapturedPage(address, order.now, 200, (("content-type", "text/html"),), body)
        state = FetchState(address, body_sha256=hashlib.sha256(body).hexdigest(), fetched_at=order.now)
        told[item_id(address)] = PageReading(item_id(address), source.id, state, text=text, capture=capture)
    state = FetchState(source.address, fetched_at=order.now)
    reading = SourceReading(source.id, SourceState.WORKING, f"{len(entries)} entries", state, tuple(entries))
    tasks: tuple[PageTask, ...]
    with watch.on("writing"):
        tasks = parts.store.sink.source_read(order, reading)
        for task in tasks:
            parts.store.sink.page_read(order, told[task.item_id])
    if len(tasks) != len(feed):
        raise RuntimeError(f"{len(tasks)} pages of {len(feed)} new items were asked for")


# --- the table --------------------------------------------------------------------------------------------------------

STAGES = ("writing", "assessing", "narrating", "risk", "ending")
#: Title of a column → what of Watch it shows, less what.
COLUMNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "all": (STAGES, ()),
    "store writing": (("writing",), ()),
    "assessing: models": (("models",), ()),
    "assessing: store": (("assessing",), ("models",)),
    "narrating: loading of the window": (("window",), ()),
    "narrating: placing": (("placing",), ()),
    "narrating: store": (("narrating",), ("window", "placing")),
    "risk": (("risk",), ()),
    "end of the run": (("ending",), ()),
}


def sums(spent: dict[str, tuple[float, float]], column: str) -> tuple[float, float]:
    plus, less = COLUMNS[column]
    wall, processor = (sum(spent[n][i] for n in plus) - sum(spent[n][i] for n in less) for i in (0, 1))
    return wall, processor


def table(found: dict[int, Measured], disk_mb: dict[int, float]) -> str:
    sizes = sorted(found)
    lines = ["| | " + " | ".join(f"{size:,}" for size in sizes) + " | largest : smallest |"]
    lines.append("|---|" + "---|" * (len(sizes) + 1))
    whole = [NEW_ITEMS / sums(found[size].spent, "all")[0] for size in sizes]
    lines.append(_line("items/s, all", [f"{rate:.1f}" for rate in whole], f"×{whole[-1] / whole[0]:.2f}"))
    for column in COLUMNS:
        each = [tuple(1_000 * one / NEW_ITEMS for one in sums(found[size].spent, column)) for size in sizes]
        lines.append(_times(f"{column}, ms an item", each, 2))
    lines.append(_line("health among the new", [str(found[size].health) for size in sizes]))
    lines.append(_line("items in the window", [f"{found[size].window:,}" for size in sizes]))
    once = {"loading of the window, once a run, s": "window", "finding what to judge, twice a run, s": "to_judge"}
    for name, what in once.items():
        lines.append(_times(name, [found[size].spent[what] for size in sizes], 3))
    of_first = {
        "computing of the window, once a process, s": "placing",
        "end of the first run, nine weeks of days to count, s": "ending",
    }
    for name, what in of_first.items():
        lines.append(_times(name, [found[size].first[what] for size in sizes], 2))
    lines.append(_times("counts of the line of progress, s", [found[size].counts for size in sizes], 3))
    lines.append(_line("peak MB of the process", [f"{found[size].peak_mb:,.0f}" for size in sizes]))
    lines.append(_line("database on disk, MB", [f"{disk_mb[size]:,.0f}" for size in sizes]))
    return "\n".join(lines)


def _times(name: str, seconds: Sequence[tuple[float, ...]], places: int) -> str:
    cells = [f"{wall:.{places}f} ({own:.{places}f})" for wall, own in seconds]
    ratios = [after / before if before else 0.0 for before, after in zip(seconds[0], seconds[-1], strict=True)]
    return _line(name, cells, "×{:.2f} (×{:.2f})".format(*ratios))


def _line(name: str, cells: list[str], ratio: str = "") -> str:
    return f"| {name} | " + " | ".join(cells) + f" | {ratio} |"


def in_a_process(work: Callable[[], Answer]) -> Answer:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(work).result()


def say(words: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {words}; load {getloadavg()[0]:.1f}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, metavar="SIZE")
    parser.add_argument("--days", type=float, default=DAYS, help="over which the items of a store are spread")
    given = parser.parse_args()
    print(f"On {machine()}; {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; load at the start {getloadavg()[0]:.1f}\n")
    found: dict[int, Measured] = {}
    disk_mb: dict[int, float] = {}
    for size in sorted(given.sizes):
        with tempfile.TemporaryDirectory(prefix="tin3c-bench-") as folder:
            in_a_process(partial(fill, Path(folder), size, given.days))
            disk_mb[size] = sum(path.stat().st_size for path in Path(folder).glob(f"{FILE_NAME}*")) / 1e6
            say(f"{size:,} items are stored, {disk_mb[size]:,.0f} MB")
            found[size] = in_a_process(partial(measure, Path(folder)))
        wall, processor = sums(found[size].spent, "all")
        say(f"{size:,}: {NEW_ITEMS} new items in {wall:.1f} s ({processor:.1f} s of the processor)")
    print(table(found, disk_mb), flush=True)
    print(f"\nLoad at the end {getloadavg()[0]:.1f}.")


if __name__ == "__main__":
    main()
