"""kill -9 at random moments of a run, then run again: the same story, and no process of the killed run goes on."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psutil
import pytest

from demo.showing import moments, newsroom, settings
from demo.site import Site
from flows.parts import use
from flows.settings import Store as StoreSection
from tests.support import stores
from tests.support.processes import still_going

pytestmark = [pytest.mark.encoder, pytest.mark.timeout(900)]

#: `make torture` asks for twenty.
KILLS = int(os.environ.get("TORTURE_KILLS") or ("5" if os.environ.get("CI") else "1"))
RUN_LIMIT_SECONDS = 420
GONE_WITHIN_SECONDS = 30
PROGRAM = "import sys; from console.cli import main; sys.argv[0] = 'tin3c'; main()"


@dataclass(frozen=True)
class Story:
    """What must be the same: ids and hashes, assessments, the partition, the narratives' words, the message keys."""

    items: dict[str, tuple[object, ...]]
    assessments: dict[str, tuple[object, ...]]
    vectors: dict[str, bytes]
    narratives: dict[str, frozenset[str]]
    labels: dict[str, tuple[object, ...]]
    messages: frozenset[str]
    trail: list[tuple[object, ...]]


def story(home: Path) -> Story:
    with stores.rows(home) as rows:
        narratives: dict[str, set[str]] = {}
        for item, narrative in rows("select id, narrative_id from items where narrative_id is not null"):
            narratives.setdefault(narrative, set()).add(item)
        return Story(
            items={r[0]: r[1:] for r in rows("select id, version, stage, text_hash, title, published from items")},
            assessments={
                r[0]: r[1:]
                for r in rows(
                    "select item_id, health, attention, topic, kind, stance, harm, probabilities from assessments"
                )
            },
            vectors=dict(rows("select item_id, vector from vectors")),
            narratives={narrative: frozenset(items) for narrative, items in narratives.items()},
            labels={r[0]: r[1:] for r in rows("select id, label, words, level, items from narratives")},
            messages=frozenset(r[0] for r in rows("select key from outbox")),
            trail=rows("select act, subject from trail order by act, subject"),
        )


@pytest.fixture(scope="module")
def site(builtin_encoder_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Path]]:
    """The newsroom at its last moment, and an empty home that knows its sources."""
    home = tmp_path_factory.mktemp("empty")
    (home / "demo").mkdir()
    (home / "demo" / "models").symlink_to(builtin_encoder_home / "models", target_is_directory=True)
    given = settings(home)
    parts = use(given.model_copy(update={"store": StoreSection(**stores.section(given.home))}))
    with newsroom(parts) as served:
        served.show(moments()[-1])
        parts.close()
        yield served, home / "demo"


def copy_of(home: Path, to: Path) -> Path:
    to.mkdir()
    (to / "models").symlink_to((home / "models").resolve(), target_is_directory=True)
    stores.copy(home, to)
    return to


def start(home: Path, now: datetime) -> subprocess.Popen[bytes]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("TIN3C_", "PREFECT_"))}
    arguments = ["watch", "--once", "--json", "--delay", "0", "--now", now.isoformat()]
    with (home / "run.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments],
            env=environment | stores.environment(home) | {"TIN3C_HOME": str(home)},
            stdout=subprocess.PIPE,
            stderr=log,
        )


def finish(process: subprocess.Popen[bytes], home: Path) -> dict[str, object]:
    output, _ = process.communicate(timeout=RUN_LIMIT_SECONDS)
    assert process.returncode == 0, (home / "run.log").read_text()[-3000:]
    report: dict[str, object] = json.loads(output.splitlines()[-1])
    return report


def adds_up(report: dict[str, object]) -> int:
    """Every fate is the sum of the sources' fates; the number of items met."""
    fates, sources = report["fates"], report["sources"]
    assert isinstance(fates, dict)
    assert isinstance(sources, dict)
    for fate, count in fates.items():
        assert count == sum(source[fate] for source in sources.values()), fate
    return sum(fates.values())


@pytest.fixture(scope="module")
def undisturbed(site: tuple[Site, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, float]:
    """The story of a run that nobody disturbed, and how long it took in seconds."""
    _, empty = site
    home = copy_of(empty, tmp_path_factory.mktemp("undisturbed") / "home")
    started = time.monotonic()
    met = adds_up(finish(start(home, moments()[-1]), home))
    told = story(home)
    assert met == len(told.items)
    assert len(told.items) > 100
    assert told.messages, "the newsroom's rumors must alert"
    return told, time.monotonic() - started


def _kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9 of the run's own process alone; every process that it had started must end by itself."""
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    alive = still_going(family, GONE_WITHIN_SECONDS)
    assert not alive, f"went on after the kill: {alive}"


@pytest.mark.parametrize("kill_number", range(KILLS))
def test_killed_and_run_again_tells_the_same_story(
    kill_number: int, site: tuple[Site, Path], undisturbed: tuple[Story, float], tmp_path: Path
) -> None:
    _, empty = site
    expected, seconds = undisturbed
    home = copy_of(empty, tmp_path / "home")
    # Each number has its own part of the run, so that few kills already meet all of its steps.
    generator = random.Random()
    moment = seconds * ((kill_number * 0.618) % 1 * 0.9 + generator.uniform(0, 0.1))
    process = start(home, moments()[-1])
    time.sleep(moment)
    if process.poll() is None:
        _kill(process)
    else:
        process.communicate()
    adds_up(finish(start(home, moments()[-1]), home))
    told = story(home)
    at = f"killed after {moment:.2f} s of {seconds:.1f} s"
    assert told.items == expected.items, at
    assert told.vectors == expected.vectors, at
    assert told.assessments == expected.assessments, at
    assert told.narratives == expected.narratives, at
    assert told.labels == expected.labels, at
    assert told.messages == expected.messages, at
    assert told.trail == expected.trail, at
