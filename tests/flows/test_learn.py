"""From a person's correction on the console to the heads in use and back, with a real store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from casework.evidence import correct
from console.cli.main import app
from flows import learn as learning
from flows import wiring
from flows.parts import Parts, use
from flows.settings import build
from models import learning as judging
from models import versions
from records.address import item_id
from records.assessment import AssessedItem, Assessment, Correction, Harm, Kind, Stance
from records.crawl import CrawlLimits, CrawlOrder, FetchState, SourceReading
from records.errors import InputError, LeaseTaken, ModelMismatch
from records.item import Entry
from records.source import Owner, Source, SourceKind, SourceState
from tests.support import stores
from tests.support.small_learning import SmallEncoder, learn_from_little

pytestmark = pytest.mark.timeout(600)  # beside other work a learning takes minutes
NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
SOURCE = Source("bao", "Báo Ví Dụ", "https://bao.example/rss", SourceKind.FEED, Owner.PRESS, enabled=True)
SAID = Assessment(True, False, None, Kind.NEWS, Stance.NEUTRAL, Harm.NONE, {"health": 0.9}, (), (), "test-1")
VECTOR = bytes.fromhex("003c") + bytes(2 * 383)
ITEMS = 40
ITEM_IDS = [item_id(f"https://bao.example/{n}") for n in range(ITEMS + 1)]


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parts]:
    stores.prepare(tmp_path)
    stores.use_here(monkeypatch, tmp_path)
    parts = use(build({"home": tmp_path, "models": {"learn_corrections": ITEMS}, "store": stores.section(tmp_path)}))
    parts.__dict__["encoder"] = SmallEncoder()
    learn_from_little(monkeypatch)
    _learn_once(monkeypatch)
    parts.store.sources.save(SOURCE, NOW)
    parts.store.runs.start("run-1", NOW, NOW)
    entries = tuple(
        Entry(f"https://bao.example/{n}", f"Gian {n}", text=f"Gian hàng lưu động số {n}: ghé gian, đặt chỗ nhận quà.")
        for n in range(ITEMS + 1)
    )
    reading = SourceReading("bao", SourceState.WORKING, "", FetchState(SOURCE.address), entries)
    parts.store.sink.source_read(CrawlOrder("run-1", NOW, (SOURCE,), CrawlLimits("test")), reading)
    queue = parts.store.assessment_queue
    answers = [AssessedItem(item.id, item.version, SAID, VECTOR, "encoder") for item in queue.waiting(1000)]
    queue.save("run-1", answers, NOW)
    yield parts
    parts.close()


def _learn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here the same words are learnt from again and again: what came of it the first time comes of it each time."""
    real, done = judging.learn, []

    def learn(*given: Any, **named: Any) -> judging.Learnt:
        if not done:
            done.append(real(*given, **named))
        return done[0]

    monkeypatch.setattr(judging, "learn", learn)


def corrected(parts: Parts, count: int, to: Kind = Kind.ADVERT) -> None:
    for n, item in enumerate(ITEM_IDS[:count]):
        correct(parts.store.casebook, item, "kind", to, "", "Lan", NOW + timedelta(minutes=n))


def heads(parts: Parts) -> Path:
    return wiring.heads_folder(parts.settings)


def test_corrections_become_heads_that_are_used_and_given_up_again(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = wiring.assessor(parts.settings, parts.encoder).version
    corrected(parts, ITEMS - 1)
    assert learning.learn_when_due(parts, NOW) == f"{ITEMS - 1} new corrections; {ITEMS} are wanted"
    corrected(parts, ITEMS)
    dry = learning.learn(parts, NOW, dry_run=True)
    assert dry["version"] is None and any(one["taken"] for one in dry["judgements"])
    assert versions.listed(heads(parts))[0].name == versions.BASE and not versions.reports(heads(parts))

    # Killed between the new version's name and the switch: the heads in use are whole, and the same as before.
    with monkeypatch.context() as kill:
        kill.setattr(versions, "use", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            learning.learn(parts, NOW)
    assert wiring.assessor(parts.settings, parts.encoder).version == before

    later = NOW + timedelta(days=7)
    name = learning.learn(parts, later)["version"]
    assert name == "20260309T030000Z" == versions.in_use(heads(parts))
    after = wiring.assessor(parts.settings, parts.encoder)
    assert after.version != before
    assessment = parts.store.reader.assessment(ITEM_IDS[-1])
    assert assessment and assessment.model_version == "test-1", "what was assessed stays"
    assert learning.new_words(parts) == 0
    assert learning.learn(parts, later + timedelta(days=7))["judgements"] == [], "there is nothing new"

    said = CliRunner().invoke(app, ["models", "list", "--json"])
    newest, *_ = json.loads(said.stdout)["versions"]
    assert (newest["name"], newest["in_use"]) == (name, True)
    dry_back = learning.roll_back(parts, None, later, dry_run=True)
    assert (dry_back.before, dry_back.to, dry_back.version) == (name, versions.BASE, before)
    assert versions.in_use(heads(parts)) == name
    learning.roll_back(parts, None, later)
    assert wiring.assessor(parts.settings, parts.encoder).version == before
    assert learning.roll_back(parts, name, later).version == after.version
    (heads(parts) / versions.listed(heads(parts))[1].name / "kind.npz").write_bytes(b"damaged")
    with pytest.raises(ModelMismatch):
        learning.roll_back(parts, versions.listed(heads(parts))[1].name, later)
    with pytest.raises(InputError):
        learning.roll_back(parts, "../../etc", later)
    assert versions.in_use(heads(parts)) == name


def test_to_agree_asks_for_no_learning(parts: Parts) -> None:
    with parts.store.casebook.work() as work:
        work.correct(Correction(ITEM_IDS[0], "kind", "news", "news", "Lan", NOW))
    assert learning.new_words(parts) == 0 and len(parts.store.reader.corrections()) == 1
    report = learning.learn(parts, NOW)
    assert report["judgements"] == [] and report["corrections"] == 1


def test_two_learnings_never_meet(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.watching._TAKE_OVER_SECONDS", 0.0)
    parts.store.leases.acquire(learning.LEARN_LEASE, "another machine/1", timedelta(minutes=2))
    with pytest.raises(LeaseTaken):
        learning.learn(parts, NOW)


def test_a_store_without_corrections_has_nothing_to_learn(parts: Parts) -> None:
    assert learning.learn(parts, NOW)["judgements"] == []
    said = CliRunner().invoke(app, ["models", "list"])
    assert said.exit_code == 0 and said.stdout.startswith("* base")
