"""The four numbers that a pair of items is judged by: kept, read, and what they do to a score."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from models import weights
from models.likeness import WHOLE, Likeness, features_of
from models.weights import SHIPPED, Weights
from records.errors import ModelMismatch
from records.narrative import NarratableItem

NOW = datetime(2026, 8, 1, tzinfo=UTC)


def test_what_is_kept_is_read_and_without_it_the_shipped_ones_hold(tmp_path: Path) -> None:
    assert weights.load(tmp_path) == weights.load(tmp_path / "none") == SHIPPED
    learnt = Weights(0.61, 0.1, 0.3, -0.02)
    learnt.save(tmp_path)
    assert weights.load(tmp_path) == learnt
    assert [file.name for file in tmp_path.iterdir()] == [weights.FILE]
    told = json.loads((tmp_path / weights.FILE).read_text("utf-8"))
    (tmp_path / weights.FILE).write_text(json.dumps(told | {"form": 0, "of old": 3}), "utf-8")
    assert weights.load(tmp_path) == SHIPPED, "they were learnt for another program"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"form": 1, "vectors": "x"}',
        '{"form": 1, "beauty": 1}',
        '{"form": 1, "lift": NaN}',
        '{"form": 1, "base": 9}',
    ],
)
def test_what_is_damaged_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / weights.FILE).write_text(text, "utf-8")
    with pytest.raises(ModelMismatch):
        weights.load(tmp_path)


def test_a_score_is_what_the_weights_say() -> None:
    vectors = [np.array(values, "<f2").tobytes() for values in ([1, 0], [0.6, 0.8])]
    texts = ("tiêm vắc xin ở trạm y tế", "tiêm vắc xin ở trường học")
    items = [
        NarratableItem(str(n), "", text, NOW, NOW, vector)
        for n, (text, vector) in enumerate(zip(texts, vectors, strict=True))
    ]
    here, there = np.array([0]), np.array([1])

    def score(given: Weights) -> float:
        table = Likeness(2, given)
        table.add(features_of(items, 2))
        between = float(table.between(here, there)[0, 0])
        assert between == float(table.scores(0, 2)[0, 1]) == round(between), "whole, and the same both ways"
        return between / WHOLE

    words = score(Weights(0, 0, 0, 0))
    assert 0.1 < words < 0.9
    assert score(Weights(0.5, 0, 0, 0)) == pytest.approx(words + 0.3, abs=1e-3)
    assert score(Weights(0.5, 0.25, 0, 0)) == pytest.approx(words + 0.15, abs=1e-3), "both are short"
    assert score(Weights(0, 0, 0.2, -0.1)) == pytest.approx(words + 0.1, abs=1e-3)
