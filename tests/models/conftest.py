"""A stub encoder that fills the port without torch."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from models.assessor import load_assessor
from records.ports import DEEP, Assessor, Encoder


class StubEncoder:
    """Vectors from the text's hash: of the built-in encoder's family, so that its heads are used whole."""

    version = "e5-small.1-256-stub"
    family = "e5-small.1-256"
    dimensions = 384

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = [np.random.default_rng(int(hashlib.sha256(t.encode()).hexdigest()[:8], 16)) for t in texts]
        vectors = np.array([row.normal(size=self.dimensions) for row in rows], np.float32).reshape(-1, self.dimensions)
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)

    def encode_deep(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.hstack([self.encode([f"{text}{'.' * part}" for text in texts]) for part in range(DEEP)])

    def encode_query(self, text: str) -> NDArray[np.float32]:
        return self.encode([text])[0]


class ForeignEncoder(StubEncoder):
    """Of another family: the heads judge by their n-grams alone."""

    version = family = "foreign"
    dimensions = 16


@pytest.fixture(scope="session")
def stub_encoder() -> Encoder:
    return StubEncoder()


@pytest.fixture(scope="session")
def assessor(stub_encoder: Encoder) -> Assessor:
    return load_assessor(stub_encoder)


@pytest.fixture(scope="session")
def foreign_assessor() -> Assessor:
    return load_assessor(ForeignEncoder())
