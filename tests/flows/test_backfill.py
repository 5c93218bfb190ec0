"""A back-fill on Dask: however many workers, whoever is killed, every item once and the same narratives.

BACKFILL_ITEMS says how many; `make backfill-50000` asks for fifty thousand, and prints what it took.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from flows.settings import build
from flows.wiring import open_store
from records.item import Fate
from records.run import RunReport
from records.source import Owner, Source, SourceKind
from tests.support import archive, stores
from tests.support.command_line import CommandLine, finished, home_with_encoder
from tests.support.processes import still_going

pytestmark = [pytest.mark.encoder, pytest.mark.timeout(7200)]

ITEMS = int(os.environ.get("BACKFILL_ITEMS") or 240)
SOURCE = Source("kho", "Kho lưu trữ", "https://luu-tru.example/", SourceKind.LISTING, Owner.PRESS)
LIMIT_SECONDS = 5400
GONE_WITHIN_SECONDS = 20


@dataclass(frozen=True)
class Story:
    """What must be the same, whoever did the work."""

    items: dict[str, tuple[object, ...]]
    assessments: dict[str, tuple[object, ...]]
    vectors: dict[str, bytes]
    narratives: dict[str, frozenset[str]]
    labels: dict[str, tuple[object, ...]]
    merges: list[tuple[object, ...]]
    messages: list[object]
    fates: dict[Fate, int]


def store_of(home: Path):
    return closing(open_store(build({"home": home, "store": stores.section(home)})))


def report(home: Path) -> RunReport:
    with store_of(home) as store:
        latest = store.runs.latest()
    assert latest is not None
    return latest


def story(home: Path) -> Story:
    item = "id, canonical, version, stage, text_hash, title, text, published, quiet"
    said = "item_id, health, attention, topic, kind, stance, harm, cast(probabilities as text)"
    with stores.rows(home) as rows:
        narratives: dict[str, set[str]] = {}
        for id, narrative in rows("select id, narrative_id from items where narrative_id is not null"):
            narratives.setdefault(narrative, set()).add(id)
        return Story(
            items={r[0]: r[1:] for r in rows(f"select {item} from items")},
            assessments={r[0]: r[1:] for r in rows(f"select {said} from assessments")},
            vectors={r[0]: bytes(r[1]) for r in rows("select item_id, vector from vectors")},
            narratives={narrative: frozenset(ids) for narrative, ids in narratives.items()},
            labels={r[0]: r[1:] for r in rows("select id, label, cast(words as text), level, items from narratives")},
            merges=sorted(rows('select narrative_id, "into", item_id from narrative_merges')),
            messages=rows("select key from outbox"),
            fates=report(home).fates,
        )


@dataclass
class Watched:
    """What a back-fill takes: the most memory of all its processes together, and of one, bytes."""

    process: subprocess.Popen[str]
    most: int = 0
    most_of_one: int = 0

    def __post_init__(self) -> None:
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while self.process.poll() is None:
            sizes = []
            for one in self.family():
                try:
                    sizes.append(one.memory_info().rss)
                except psutil.Error:
                    continue
            self.most, self.most_of_one = max(self.most, sum(sizes)), max([self.most_of_one, *sizes])
            time.sleep(1)

    def family(self) -> list[psutil.Process]:
        try:
            own = psutil.Process(self.process.pid)
            return [own, *own.children(recursive=True)]
        except psutil.Error:
            return []

    def worker(self) -> psutil.Process:
        """One of Dask's worker processes: those that hold an encoder are the largest that were spawned."""
        spawned = [one for one in self.family() if "multiprocessing.spawn" in " ".join(one.cmdline())]
        return max(spawned, key=lambda one: one.memory_info().rss)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archive.write(tmp_path_factory.mktemp("archive") / "kho", ITEMS)


def home_at(path: Path, encoder_home: Path) -> CommandLine:
    command = CommandLine(home_with_encoder(path, encoder_home), {})
    stores.prepare(path)
    with store_of(path) as store:
        store.sources.save(SOURCE, datetime.now(UTC))
    return command


def assessed(home: Path) -> int:
    with stores.rows(home) as rows:
        return int(rows("select count(*) from items where stage not in ('complete')")[0][0])


def wait_until(true: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    while not true():
        assert process.poll() is None, process.communicate()[1][-3000:]
        time.sleep(0.3)


@pytest.fixture(scope="module")
def by_one(folder: Path, builtin_encoder_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The story that one worker tells."""
    command = home_at(tmp_path_factory.mktemp("one") / "home", builtin_encoder_home)
    began = time.monotonic()
    process = command.start("backfill", str(folder), "--source", "kho", "--workers", "1")
    watched = Watched(process)
    done = finished(process, LIMIT_SECONDS)
    assert done.status == 0, done.complaints[-3000:]
    _say("one worker", time.monotonic() - began, watched)
    return story(command.home)


def test_two_workers_and_kills_tell_the_story_of_one(
    folder: Path, by_one: Story, builtin_encoder_home: Path, tmp_path: Path
) -> None:
    command = home_at(tmp_path / "home", builtin_encoder_home)
    began = time.monotonic()
    process = command.start("backfill", str(folder), "--source", "Kho lưu trữ", "--workers", "2")
    watched = Watched(process)
    wait_until(lambda: assessed(command.home) > ITEMS * 0.15, process)
    worker = watched.worker()
    worker.kill()  # Dask starts another, and the part is done again
    wait_until(lambda: not worker.is_running() and assessed(command.home) > ITEMS * 0.5, process)
    family = watched.family()[1:]
    process.send_signal(signal.SIGKILL)
    process.communicate()
    alive = still_going(family, GONE_WITHIN_SECONDS)
    assert not alive, f"went on after the kill: {alive}"
    process = command.start("backfill", str(folder), "--source", "kho", "--workers", "2")
    again = Watched(process)
    done = finished(process, LIMIT_SECONDS)
    assert done.status == 0, done.complaints[-3000:]
    watched.most, watched.most_of_one = max(watched.most, again.most), max(watched.most_of_one, again.most_of_one)
    _say("two workers, one killed, then all", time.monotonic() - began, watched)

    told = story(command.home)
    assert told.items == by_one.items
    assert told.assessments == by_one.assessments
    assert told.vectors == by_one.vectors
    assert told.narratives == by_one.narratives
    assert told.labels == by_one.labels
    assert told.merges == by_one.merges
    assert told.fates == by_one.fates


def test_every_item_is_there_once_and_counted_once(by_one: Story) -> None:
    assert len(by_one.items) == ITEMS
    assert sum(by_one.fates.values()) == ITEMS
    health = {id for id, (_, _, stage, *_) in by_one.items.items() if stage == "assessed"}
    assert len(health) >= ITEMS * 0.08
    assert set(by_one.vectors) == set(by_one.assessments) == set().union(*by_one.narratives.values()) == health
    assert by_one.fates[Fate.NEW] == len(health)
    assert by_one.fates[Fate.NOT_HEALTH] == ITEMS - len(health)
    # What else is taken for health may be more or less with other heads.
    titles = {id: str(title) for id, (_, _, _, _, title, *_) in by_one.items.items()}
    rumors = {id for id in health if any(claim in titles[id] for claim in archive.CLAIMS)}
    told = [ids for ids in by_one.narratives.values() if ids & rumors]
    assert len(rumors) >= ITEMS * 0.08
    assert len(health - rumors) <= ITEMS * 0.1
    assert len(told) < len(rumors) / 2, "the stories must be told together"


def test_dates_that_are_unknown_stay_unknown(by_one: Story) -> None:
    assert sum(published is None for *_, published, _ in by_one.items.values()) == -(-ITEMS // 40)


def test_nobody_is_alerted_of_what_was_said_long_ago(by_one: Story) -> None:
    assert any(level in ("high", "critical") for _, _, level, _ in by_one.labels.values())
    assert by_one.messages == []
    assert all(quiet for *_, quiet in by_one.items.values())


def _say(what: str, seconds: float, watched: Watched) -> None:
    """For whoever runs it with -s."""
    print(
        f"\n{what}: {ITEMS} items in {seconds:.0f} s ({ITEMS / seconds:.0f} items/s), "
        f"at most {watched.most / 1e6:.0f} MB in all processes, {watched.most_of_one / 1e6:.0f} MB in one"
    )
