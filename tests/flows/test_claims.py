"""Narratives against the library: which items speak, when vectors are made, and what a message may name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import casework
from flows import alert, claims, doctor
from flows.claims import Resemblance, central
from flows.parts import Parts
from flows.settings import build
from models.matching import MOST_SUGGESTED, SHIPPED, load_model
from records.claim import MatchDecision
from records.errors import ModelMissing
from records.message import Notice
from records.narrative import NarratableItem
from records.ports import DEEP
from store import Store
from tests.support import console_seed as seed
from tests.support import stores
from tests.support.desk_records import CLAIM

RUMOR = seed.narrative_of("du-du")


@dataclass
class CountingEncoder:
    """Of the built-in family; every text has the same vector."""

    version: str = "e5-small.1-256-stub"
    dimensions: int = 384
    encoded: int = 0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.encoded += len(texts)
        return np.eye(384, dtype=np.float32)[np.zeros(len(texts), int)]

    def encode_deep(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.hstack([self.encode(texts)] * DEEP)

    def encode_query(self, text: str) -> NDArray[np.float32]:
        return self.encode([text])[0]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Path]]:
    home = tmp_path_factory.mktemp("home")
    with stores.open_at(home, seed.KEY) as store:
        seed.collect(store)
        casework.save_claim(store.casebook, CLAIM, "Trần Bình", seed.NOW, new=True)
        yield store, home


def _no_encoder() -> str:
    raise ModelMissing("the encoder is not here")


def test_the_library_names_a_narrative_by_words_alone(filled: tuple[Store, Path], tmp_path: Path) -> None:
    store, _ = filled
    resemblance = Resemblance(store.reader, tmp_path, _no_encoder)
    (suggested,) = resemblance.suggested(RUMOR, seed.NOW)
    assert suggested.claim.id == CLAIM.id and suggested.strong
    named = resemblance.strongest(RUMOR, seed.NOW)
    assert named is not None and named.id == CLAIM.id
    assert resemblance.strongest(seed.narrative_of("ngo-doc"), seed.NOW) is None
    assert resemblance.suggested("none", seed.NOW) == ()


def test_what_was_decided_or_does_not_hold_is_not_suggested(filled: tuple[Store, Path], tmp_path: Path) -> None:
    store, _ = filled
    resemblance = Resemblance(store.reader, tmp_path, _no_encoder)
    casework.decide_match(store.casebook, RUMOR, CLAIM.id, MatchDecision.REJECTED, "Lê Mai", seed.NOW)
    assert resemblance.suggested(RUMOR, seed.NOW) == ()
    casework.undecide_match(store.casebook, RUMOR, CLAIM.id, "Lê Mai", seed.NOW)
    assert resemblance.suggested(RUMOR, seed.NOW)
    known = store.reader.claim(CLAIM.id)
    ends = replace(known, valid_until=seed.NOW + timedelta(hours=1))
    casework.save_claim(store.casebook, ends, "Lê Mai", seed.NOW)
    assert resemblance.suggested(RUMOR, seed.NOW) and not resemblance.suggested(RUMOR, seed.NOW + timedelta(hours=2))


def test_what_is_denied_takes_no_place_among_the_suggestions(filled: tuple[Store, Path], tmp_path: Path) -> None:
    store, _ = filled
    resemblance = Resemblance(store.reader, tmp_path, _no_encoder)
    twins = [replace(CLAIM, id=f"twin{at}", text=f"{CLAIM.text}, cách {at}") for at in range(MOST_SUGGESTED)]
    for twin in twins:
        casework.save_claim(store.casebook, twin, "Lê Mai", seed.NOW, new=True)
    try:
        first = resemblance.suggested(RUMOR, seed.NOW)
        assert len(first) == MOST_SUGGESTED < len(twins) + 1
        for one in first:
            casework.decide_match(store.casebook, RUMOR, one.claim.id, MatchDecision.REJECTED, "Lê Mai", seed.NOW)
        (left,) = resemblance.suggested(RUMOR, seed.NOW)
        assert left.claim.id not in {one.claim.id for one in first}
    finally:
        for claim in (CLAIM, *twins):
            casework.undecide_match(store.casebook, RUMOR, claim.id, "Lê Mai", seed.NOW)
        for twin in twins:
            casework.withdraw_claim(store.casebook, twin.id, "Thử", "Lê Mai", seed.NOW)


def test_vectors_are_made_once_and_count_from_then_on(filled: tuple[Store, Path]) -> None:
    store, home = filled
    parts = Parts(build({"home": home}))
    encoder = CountingEncoder()
    parts.__dict__ |= {"store": store, "encoder": encoder}
    made = claims.embed(parts)
    assert made == encoder.encoded > 40, "the wordings and the foils"
    assert claims.embed(parts) == 0 and encoder.encoded == made
    changed = replace(store.reader.claim(CLAIM.id), wordings=(*CLAIM.wordings, "la du du tri sxh"))
    casework.save_claim(store.casebook, changed, "Lê Mai", seed.NOW)
    assert parts.resemblance.suggested(RUMOR, seed.NOW), "words alone until the vector is there"
    assert claims.embed(parts) == 1
    assert parts.resemblance.suggested(RUMOR, seed.NOW)
    whole = claims.vectors_file(home).read_bytes()
    for left in (b"cut off", b"", whole[: len(whole) // 2]):
        claims.vectors_file(home).write_bytes(left)
        assert parts.resemblance.suggested(RUMOR, seed.NOW), "words alone again"
        assert claims.embed(parts) == made + 1, "what cannot be read is made anew"


def test_alerts_do_not_wait_for_an_encoder(
    filled: tuple[Store, Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store, _ = filled

    class Lost(CountingEncoder):
        def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
            raise ModelMissing("gone")

    parts = Parts(build({"home": tmp_path}))
    parts.__dict__ |= {"store": store, "encoder": Lost()}
    alert.judge(parts, seed.NOW)
    assert "by their words alone" in caplog.text
    # Who has not heard of the case yet is told of it with the claim that it resembles.
    alert.judge(parts, seed.NOW, [RUMOR])
    notices = [one.notice for one in store.outbox.due(seed.NOW, 100) if one.to.recipient == "canh-bao@localhost"]
    named = {one.narrative_id: (one.claim, one.claim_confirmed) for one in notices if isinstance(one, Notice)}
    assert named[RUMOR] == (CLAIM.text, False) and set(named.values()) == {(CLAIM.text, False), ("", False)}


@pytest.mark.parametrize("damage", ["cut off", "other features", "short"])
def test_alerts_do_not_stop_for_a_learnt_model_that_does_not_fit(
    damage: str, filled: tuple[Store, Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store, _ = filled
    content = json.loads(SHIPPED.read_text("utf-8"))
    if damage == "other features":
        content["joint"]["features"][0] = "another"
    elif damage == "short":
        content["words"]["weights"].pop()
    written = json.dumps(content)
    learnt = claims.model_file(tmp_path)
    learnt.parent.mkdir(parents=True)
    learnt.write_text(written[:99] if damage == "cut off" else written, "utf-8")
    parts = Parts(build({"home": tmp_path}))
    parts.__dict__ |= {"store": store, "encoder": CountingEncoder()}
    for _ in range(2):
        alert.judge(parts, seed.NOW, [RUMOR])
        assert parts.resemblance.suggested(RUMOR, seed.NOW)
        claims.embed(parts)
    assert caplog.text.count("by the shipped model") == 1, "said once, not with each alert"
    assert claims.model_in_use(tmp_path) == load_model()
    parts.__dict__["assessor"] = parts.encoder  # its version is all that is asked for
    (finding,) = [one for one in doctor._models(parts) if one.health is doctor.Health.NOTE]
    assert "claims.json" in finding.what and "models train --head claims" in finding.advice


def test_the_central_items_speak() -> None:
    rows = np.eye(3, dtype="<f2")[[0, 0, 0, 1, 0, 0, 0]]
    items = tuple(
        NarratableItem(str(at), "t", "", None, datetime(2026, 1, 1, tzinfo=UTC), row.tobytes())
        for at, row in enumerate(rows)
    )
    assert [item.id for item in central(items)] == ["0", "1", "2", "4", "5"]
    bare = tuple(replace(item, vector=b"") for item in items)
    assert [item.id for item in central(bare)] == ["0", "1", "2", "3", "4"]
