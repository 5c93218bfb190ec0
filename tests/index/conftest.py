"""Documents for the index's tests, and the index on a folder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.sqlite import SqliteIndex
from records.search import IndexDocument
from records.source import Owner

NOW = datetime(2026, 8, 1, tzinfo=UTC)

Make = Callable[..., IndexDocument]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SqliteIndex]:
    opened = SqliteIndex(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def make() -> Make:
    def document(id: str, title: str = "", text: str = "", minutes: float = 0, **fields: Any) -> IndexDocument:
        known = {
            "version": 1,
            "source_id": "bao",
            "owner": Owner.PRESS,
            "published": NOW + timedelta(minutes=minutes),
            "first_seen": NOW,
            "health": True,
        }
        return IndexDocument(id=id, title=title, text=text, **(known | fields))

    return document


@pytest.fixture
def vectors() -> Callable[[int, int], np.ndarray]:
    """(n, d) float16 of length 1, always the same for the same numbers."""

    def random(count: int, seed: int) -> np.ndarray:
        values = np.random.default_rng(seed).normal(size=(count, 32))
        return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype("<f2")

    return random
