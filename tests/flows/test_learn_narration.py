"""From a person's merge on the console to how narratives are told apart, and back, with a real store."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from casework.arranging import merge_narrative
from console.cli.learn import as_text
from console.cli.main import app
from flows import learn as learning
from flows import wiring
from flows.narrate import narrate
from flows.parts import Parts, use
from flows.settings import build
from models import versions, weights
from records.address import item_id
from records.assessment import AssessedItem, Assessment, Harm, Kind, Stance
from records.crawl import CrawlLimits, CrawlOrder, FetchState, SourceReading
from records.errors import ModelMismatch
from records.item import Entry
from records.source import Owner, Source, SourceKind, SourceState
from tests.support import stores
from tests.support.small_learning import WideEncoder, learn_from_little, told_twice

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
SOURCE = Source("bao", "Báo Ví Dụ", "https://bao.example/rss", SourceKind.FEED, Owner.PRESS, enabled=True)
SAID = Assessment(True, False, None, Kind.RUMOR, Stance.ASSERTS, Harm.NONE, {"health": 0.9}, (), (), "test-1")
STORIES = 12


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parts]:
    stores.prepare(tmp_path)
    stores.use_here(monkeypatch, tmp_path)
    parts = use(build({"home": tmp_path, "store": stores.section(tmp_path)}))
    parts.__dict__["encoder"] = WideEncoder()
    learn_from_little(monkeypatch)
    parts.store.sources.save(SOURCE, NOW)
    parts.store.runs.start("run-1", NOW, NOW)
    hear(parts, *range(STORIES))
    yield parts
    parts.close()


def hear(parts: Parts, *stories: int) -> None:
    """Their posts, four of each, are read, assessed and put into narratives."""
    posts = {address(story, n): post for story in stories for n, post in enumerate(told_twice(story))}
    vectors = {item_id(where): vector for where, (_, vector) in posts.items()}
    entries = tuple(Entry(where, "", text=text, published=NOW) for where, (text, _) in posts.items())
    reading = SourceReading("bao", SourceState.WORKING, "", FetchState(SOURCE.address), entries)
    parts.store.sink.source_read(CrawlOrder("run-1", NOW, (SOURCE,), CrawlLimits("test")), reading)
    queue = parts.store.assessment_queue
    answers = [AssessedItem(item.id, item.version, SAID, vectors[item.id], "wide") for item in queue.waiting(100)]
    queue.save("run-1", answers, NOW)
    narrate(parts, "run-1", NOW, "test")


def address(story: int, post: int) -> str:
    return f"https://bao.example/{story}/{post}"


def narratives(parts: Parts, story: int) -> list[str]:
    return [parts.store.reader.narrative_of(item_id(address(story, n))) or "" for n in range(4)]


def test_what_a_person_joins_is_learnt_decides_on_new_items_and_can_be_given_up(parts: Parts) -> None:
    before = [narratives(parts, story) for story in range(STORIES)]
    assert all(one[0] == one[1] != one[2] == one[3] for one in before), "words alone part each story"
    nothing = learning.learn(parts, NOW)
    assert nothing["judgements"] == [] and "Nobody has corrected or arranged anything" in as_text(nothing)
    join(parts)
    assert learning.new_words(parts) == STORIES - 1

    later = NOW + timedelta(days=7)
    report = learning.learn(parts, later)
    (judgement,) = report["judgements"]
    assert (judgement["head"], judgement["why"], report["arrangements"]) == ("narration", "better", STORIES - 1)
    name = report["version"]
    assert name == versions.in_use(heads(parts)) and learning.new_words(parts) == 0
    learnt = wiring.narration_weights(parts.settings)
    assert learnt != weights.SHIPPED

    del parts.__dict__["narrator"]  # as the next process
    hear(parts, STORIES)
    assert len(set(narratives(parts, STORIES))) == 1
    assert narratives(parts, 0) == before[0], "what is there stays as it is"

    told = CliRunner().invoke(app, ["models", "list"]).stdout
    assert f"* {name}" in told and f"{STORIES - 1} arrangements of narratives" in told and "narration desk" in told
    assert learning.roll_back(parts, None, later).to == versions.BASE
    assert wiring.narration_weights(parts.settings) == weights.SHIPPED
    del parts.__dict__["narrator"]
    hear(parts, STORIES + 1)
    assert len(set(narratives(parts, STORIES + 1))) == 2
    (heads(parts) / name / weights.FILE).write_text("damaged", "utf-8")
    with pytest.raises(ModelMismatch):
        learning.roll_back(parts, name, later)


def join(parts: Parts) -> None:
    """A person makes one narrative of the two of each story but the first."""
    for story in range(1, STORIES):
        first, *_, last = narratives(parts, story)
        merge_narrative(parts.store.casebook, last, first, "Một chuyện", "Lan", NOW + timedelta(minutes=story))


def test_a_dry_run_says_what_would_be_learnt_and_changes_nothing(parts: Parts) -> None:
    join(parts)
    said: list[str] = []
    told = as_text(learning.learn(parts, NOW, dry_run=True, progress=said.append)).splitlines()
    assert said[0] == (
        f"0 corrections and {STORIES - 1} arrangements of narratives, of which {STORIES - 1} are new; in use: base"
    )
    assert told[1].startswith("narration  would be taken: better") and "fixed" in told[1]
    would = "Without it a new version would be in use, with these anew: narration"
    assert told[2].startswith(f"This was a dry run: nothing changed. {would}. (")
    assert not heads(parts).exists() and learning.new_words(parts) == STORIES - 1


#: Vectors on the disk without their name; in the middle; a version that is whole without its name; one that has its
#: name and is not in use.
MOMENTS = ("wide.*.part", "narration: *", ".staged-*", ".in_use.json.*")


def test_killed_anywhere_what_is_in_use_stays_and_the_next_learning_is_whole(parts: Parts) -> None:
    join(parts)
    for days, moment in enumerate(MOMENTS):
        assert killed(parts, NOW + timedelta(days=days), moment) == -signal.SIGKILL, moment
        assert (versions.in_use(heads(parts)), wiring.narration_weights(parts.settings)) == ("base", weights.SHIPPED)
        assert learning.new_words(parts) == STORIES - 1
    assert killed(parts, NOW + timedelta(days=7), ".20260309T*.json.*") == -signal.SIGKILL, "before the report"
    learnt = wiring.narration_weights(parts.settings)
    assert versions.in_use(heads(parts)) == "20260309T030000Z" and learnt != weights.SHIPPED
    assert killed(parts, NOW + timedelta(days=8), "none") == 0
    (judgement,) = versions.reports(heads(parts))[0]["judgements"]
    assert (judgement["why"], learning.new_words(parts)) == ("nothing_new", 0), "nothing is learnt twice"
    assert (versions.in_use(heads(parts)), wiring.narration_weights(parts.settings)) == ("20260309T030000Z", learnt)
    left = {str(path.relative_to(heads(parts).parent)) for path in heads(parts).parent.glob("*/*")}
    named = [f"heads/{one.name}" for one in versions.listed(heads(parts)) if one.name != versions.BASE]
    assert left == {"heads/in_use.json", "heads/learnings", "vectors/wide.npz", *named}
    assert [path.name for path in (heads(parts) / "learnings").iterdir()] == ["20260310T030000Z.json"]
    assert len(named) == 2, "the one that had its name, and the one in use"


def killed(parts: Parts, now: datetime, moment: str) -> int:
    """The status of a learning that ends at the moment; of its own accord when it never comes."""
    home = parts.settings.home
    arguments = [str(home), json.dumps(stores.section(home)), now.isoformat(), moment]
    return subprocess.run([sys.executable, "-m", "tests.support.killed_learning", *arguments], timeout=120).returncode


def test_training_heads_by_hand_keeps_what_narration_learnt(tmp_path: Path) -> None:
    learnt = weights.Weights(vectors=0.7)
    staged = versions.stage(tmp_path, NOW)
    learnt.save(staged)
    versions.use(tmp_path, versions.publish(staged, {"made": NOW.isoformat()}), NOW, "learnt")
    with versions.trained(tmp_path):
        pass
    versions.use(tmp_path, versions.BASE, NOW, "trained")
    assert weights.load(versions.folder_in_use(tmp_path)) == learnt
    (tmp_path / "kind.json").write_text(json.dumps({"features": "0"}), "utf-8")
    assert weights.load(versions.stage(tmp_path, NOW)) == learnt, "also where the heads fit no more"


def heads(parts: Parts) -> Path:
    return wiring.heads_folder(parts.settings)
