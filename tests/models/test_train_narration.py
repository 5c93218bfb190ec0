"""How narration's table is made: what is counted, and what is left out."""

from __future__ import annotations

import numpy as np

from models.train_narration import COMMON_DIRECTIONS, LEAST_TEXTS, counted, shared_directions
from models.wording import features, words_of


def test_features_of_enough_texts_are_counted_once_a_text() -> None:
    texts = [f"tiêm vắc xin, tiêm vắc xin {number}" for number in range(LEAST_TEXTS)] + ["sốt xuất huyết"]
    table = counted(texts)
    assert table["documents"] == len(texts)
    known = dict(zip(table["features"].tolist(), table["frequencies"].tolist(), strict=True))
    singles, _ = features(words_of("vắc xin"))
    rare, _ = features(words_of("xuất huyết"))
    assert {known[feature] for feature in singles} == {LEAST_TEXTS}
    assert not rare.keys() & known.keys()


def test_the_shared_directions_are_taken_from_the_mean_on() -> None:
    vectors = np.random.default_rng(0).normal(size=(40, 12)).astype(np.float32) + 3
    found = shared_directions(vectors)
    assert np.allclose(found["mean"], vectors.mean(axis=0), atol=1e-5)
    assert found["common"].shape == (COMMON_DIRECTIONS, 12)
    assert np.allclose(found["common"] @ found["common"].T, np.eye(COMMON_DIRECTIONS), atol=1e-4)
