"""The assessing step with a real store, and an assessor that some items break."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows import assess, doctor
from flows.parts import Parts, use
from flows.settings import build
from records.address import item_id
from records.assessment import AssessableItem, AssessedItem, Assessment, Harm, Kind, Stance
from records.crawl import CrawlLimits, CrawlOrder, FetchState, SourceReading
from records.errors import ModelMissing
from records.item import Entry, Fate
from records.source import Owner, Source, SourceKind, SourceState
from store import this_process
from tests.support import stores

MINUTE = timedelta(minutes=1)
NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
SOURCE = Source("bao", "Báo Ví Dụ", "https://bao.example/rss", SourceKind.FEED, Owner.PRESS, enabled=True)
SAID = Assessment(True, False, None, Kind.NEWS, Stance.NEUTRAL, Harm.NONE, {"health": 0.9}, (), (), "test")
VECTOR = bytes.fromhex("003c") + bytes(2 * 383)


class Brittle:
    """Breaks at items whose text holds one of `at`; leaves out those whose text holds "bỏ sót"."""

    def __init__(self, *at: str, version: str = "1") -> None:
        self.at, self.version, self.calls = at, version, 0

    def assess(self, items: Sequence[AssessableItem], *, cascade: bool) -> tuple[AssessedItem, ...]:
        self.calls += 1
        for item in items:
            if any(word in item.text for word in self.at):
                raise ValueError(f"cannot read {item.text}")
        kept = [item for item in items if "bỏ sót" not in item.text]
        return tuple(AssessedItem(item.id, item.version, SAID, VECTOR, "encoder") for item in kept)


def parts_at(home: Path, store: dict[str, str] | None = None) -> Parts:
    return use(build({"home": home, "models": {"batch_items": 8}, "store": store or {}}))


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    stores.prepare(tmp_path)
    parts = parts_at(tmp_path, stores.section(tmp_path))
    parts.store.sources.save(SOURCE, NOW)
    yield parts
    parts.close()


def seen(parts: Parts, run: str, *texts: str) -> None:
    parts.store.runs.start(run, NOW, NOW)
    entries = tuple(Entry(f"https://bao.example/{n}", f"Tin {n}", text=text) for n, text in enumerate(texts))
    reading = SourceReading("bao", SourceState.WORKING, "", FetchState(SOURCE.address), entries)
    parts.store.sink.source_read(CrawlOrder(run, NOW, (SOURCE,), CrawlLimits("test")), reading)


def assessed(parts: Parts, assessor: Brittle, run: str) -> int:
    """Run the step to its end; how many times a batch was done."""
    parts.__dict__["assessor"] = assessor
    rounds = 0
    while assess.assess_batch(parts, run, NOW):
        rounds += 1
        assert rounds < 20, "the step does not end"
    return rounds


def fates(parts: Parts, run: str) -> dict[Fate, int]:
    return {fate: count for fate, count in parts.store.runs.finish(run, NOW).fates.items() if count}


def test_one_item_that_breaks_the_assessor_holds_up_no_other(parts: Parts) -> None:
    seen(parts, "run-1", *(f"Bài {n}" for n in range(5)), "Bài hỏng: 0912345678", *(f"Bài thêm {n}" for n in range(14)))
    assessed(parts, Brittle("hỏng"), "run-1")
    counts = parts.store.reader.counts()
    assert (counts["health"], counts["to_assess"], counts["not_assessable"]) == (19, 0, 1)
    (failure,) = parts.store.assessment_queue.failures()
    assert parts.store.reader.item(failure.item_id).title == "Tin 5"
    assert failure.problem.startswith("ValueError in tests/flows/test_assess.py")
    assert "0912345678" not in failure.problem
    assert fates(parts, "run-1") == {Fate.NEW: 19, Fate.FAILED: 1}
    (finding,) = [one for one in doctor.examine(parts) if one.about == "assessments"]
    assert finding.health is doctor.Health.BAD and failure.item_id in finding.what


def test_what_was_given_up_waits_for_other_models_another_wording_or_a_person(parts: Parts) -> None:
    seen(parts, "run-1", "Bài hỏng", "Bài lành")
    assessed(parts, Brittle("hỏng"), "run-1")
    assert fates(parts, "run-1") == {Fate.NEW: 1, Fate.FAILED: 1}
    seen(parts, "run-2", "Bài hỏng", "Bài lành")
    same = Brittle("hỏng")
    assert (assessed(parts, same, "run-2"), same.calls) == (0, 0), "the same models are not asked again"
    assert fates(parts, "run-2") == {Fate.SEEN: 2}
    assert parts.store.assessment_queue.try_again() == 1
    seen(parts, "run-3", "Bài hỏng", "Bài lành")
    assessed(parts, Brittle("hỏng"), "run-3")
    assert fates(parts, "run-3") == {Fate.SEEN: 1, Fate.FAILED: 1}
    seen(parts, "run-4", "Bài hỏng", "Bài lành")
    assessed(parts, Brittle(version="2"), "run-4")
    assert parts.store.assessment_queue.failures() == ()
    assert parts.store.reader.counts()["health"] == 2
    assert fates(parts, "run-4") == {Fate.SEEN: 1, Fate.NEW: 1}


class Deadly(Brittle):
    """Ends its process at an item whose text holds "chết"."""

    def assess(self, items: Sequence[AssessableItem], *, cascade: bool) -> tuple[AssessedItem, ...]:
        if any("chết" in item.text for item in items):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().assess(items, cascade=cascade)


def worker_ended(home: Path) -> int:
    """The status of a process that assesses with Deadly until nothing waits, or it ends."""
    program = (
        "import json, sys; from tests.flows.test_assess import *\n"
        "parts = parts_at(Path(sys.argv[1]), json.loads(sys.argv[2]))\n"
        "parts.__dict__['assessor'] = Deadly()\nwhile assess.assess_batch(parts, 'run-1', NOW): pass"
    )
    arguments = [str(home), json.dumps(stores.section(home))]
    return subprocess.run([sys.executable, "-c", program, *arguments], timeout=120).returncode


def test_an_item_that_ends_its_process_is_found_and_given_up(parts: Parts) -> None:
    seen(parts, "run-1", "Bài chết", *(f"Bài {n}" for n in range(5)))
    home, queue = parts.settings.home, parts.store.assessment_queue
    assert worker_ended(home) == -signal.SIGKILL
    assert parts.store.reader.counts()["health"] == 0 and not queue.suspects()
    assert worker_ended(home) == -signal.SIGKILL
    assert worker_ended(home) == -signal.SIGKILL
    assert parts.store.reader.counts()["health"] == 5, "one by one, and it comes last"
    assert worker_ended(home) == 0
    (failure,) = queue.failures()
    assert (failure.problem, failure.item_id) == ("ended its process 3 times", item_id("https://bao.example/0"))
    assert not queue.suspects()
    assert queue.try_again() == 1
    assert queue.claim(8, this_process(), MINUTE)[0].deaths == 0, "a person's word gives it all its tries anew"


def test_an_assessor_that_ends_every_process_blames_no_item(parts: Parts) -> None:
    seen(parts, "run-1", "Một bài")
    queue, claimed_at = parts.store.assessment_queue, list[int]()
    queue.claim(8, "elsewhere:1:1.0", -MINUTE)  # a claim that has run out
    assert queue.claim(8, this_process(), MINUTE)[0].deaths == 1
    queue.let_go(this_process())

    class Broken(Brittle):
        def assess(self, items: Sequence[AssessableItem], *, cascade: bool) -> tuple[AssessedItem, ...]:
            claimed_at.append(len(queue.at_work("nobody")))
            raise KeyboardInterrupt  # in the place of the process's end

    with pytest.raises(KeyboardInterrupt):
        assessed(parts, Broken(), "run-1")
    assert claimed_at == [0], "it was asked for any text before it had claimed one of ours"


def test_a_new_wording_is_tried(parts: Parts) -> None:
    seen(parts, "run-1", "Bài hỏng")
    assessed(parts, Brittle("hỏng"), "run-1")
    seen(parts, "run-2", "Bài đã sửa")
    assessed(parts, Brittle("hỏng"), "run-2")
    assert parts.store.reader.counts()["health"] == 1
    assert parts.store.assessment_queue.failures() == ()


def test_an_item_that_is_left_out_does_not_go_round_for_ever(parts: Parts) -> None:
    seen(parts, "run-1", "Bài bỏ sót", "Bài lành")
    assert assessed(parts, Brittle(), "run-1") == 1
    (failure,) = parts.store.assessment_queue.failures()
    assert failure.problem == "no answer was given"


def test_a_broken_assessor_blames_no_item(parts: Parts) -> None:
    seen(parts, "run-1", "Một bài", "Hai bài")
    broken = Brittle("")
    with pytest.raises(ValueError, match="cannot read"):
        assessed(parts, broken, "run-1")
    assert broken.calls <= 4
    missing = Brittle()
    missing.assess = lambda items, cascade: (_ for _ in ()).throw(ModelMissing("gone"))  # type: ignore[method-assign]
    with pytest.raises(ModelMissing):
        assessed(parts, missing, "run-1")
    assert parts.store.assessment_queue.failures() == ()
    assert parts.store.reader.counts()["to_assess"] == 2
