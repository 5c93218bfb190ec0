"""The signs of a text, and where they stand among its vectors."""

from __future__ import annotations

import numpy as np

from models.cues import CUES, WHOLE, beside_cues
from models.landmarks import draw
from records.ports import DEEP

_DIMENSIONS = 4


def test_what_is_of_the_whole_text_stands_first_and_landmarks_look_at_nothing_else() -> None:
    drawn = np.random.default_rng(1)
    deep = drawn.normal(size=(6, DEEP * _DIMENSIONS)).astype(np.float32)
    signs = drawn.random((6, CUES)).astype(np.float32)
    dense = beside_cues(deep, signs)
    whole = WHOLE * _DIMENSIONS
    assert np.array_equal(dense[:, :whole], deep[:, :whole])
    assert np.array_equal(dense[:, whole : whole + CUES], signs)
    assert np.array_equal(dense[:, whole + CUES :], deep[:, whole:])

    landmarks = draw(dense[:, : whole + CUES], [str(row) for row in range(6)], "test")
    near = landmarks.nearness(dense)
    dense[:, whole + CUES :] = 0
    assert np.array_equal(landmarks.nearness(dense), near)
    assert near[0, 0] > 0.99 and near[0, 1:].max() < 0.99
