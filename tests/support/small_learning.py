"""Learning in seconds: a part of the corpus, and an encoder of sixteen numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from models import training
from models.examples import own_corpus


class SmallEncoder:
    """Vectors from the text's hash: they say nothing, and the words decide."""

    version = family = "small"
    dimensions = 16

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        seeds = [int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) for text in texts]
        rows = [np.random.default_rng(seed).normal(size=self.dimensions) for seed in seeds]
        vectors = np.array(rows, np.float32).reshape(-1, self.dimensions)
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)

    def encode_query(self, text: str) -> NDArray[np.float32]:
        return self.encode([text])[0]


def learn_from_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the own corpus be a fourth of its narratives: all of it takes minutes."""
    whole = own_corpus()
    narratives = set(sorted({row.group for row in whole})[::4])
    rows = [row for row in whole if row.group in narratives]
    monkeypatch.setattr(training, "own_corpus", lambda: list(rows))
