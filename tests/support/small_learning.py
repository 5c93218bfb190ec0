"""Learning in seconds: a part of the corpus, and encoders that say nothing."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from models import meetings, training
from models.examples import Row, own_corpus
from records.assessment import AssessableItem
from records.ports import DEEP

#: What later parts of the corpus say decides nothing here.
_FIRST_PARTS = "abde"


class SmallEncoder:
    """Vectors from the text's hash: they say nothing, and the words decide."""

    version = family = "small"
    dimensions = 16

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        seeds = [int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) for text in texts]
        rows = [np.random.default_rng(seed).normal(size=self.dimensions) for seed in seeds]
        vectors = np.array(rows, np.float32).reshape(-1, self.dimensions)
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)

    def encode_deep(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.hstack([self.encode([f"{text}{'.' * part}" for text in texts]) for part in range(DEEP)])

    def encode_query(self, text: str) -> NDArray[np.float32]:
        return self.encode([text])[0]


def learn_from_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the own corpus be a fourth of its first narratives for heads, as all of it takes minutes, and for narration
    stories of which none is near the limit: who learns there is not to pass or fail by what was written last."""
    whole = [row for row in own_corpus() if row.item.id[0] in _FIRST_PARTS]
    narratives = set(sorted({row.group for row in whole})[3::4])
    rows, stories = [row for row in whole if row.group in narratives], told_plainly()
    monkeypatch.setattr(training, "own_corpus", lambda: list(rows))
    monkeypatch.setattr(meetings, "own_corpus", lambda: list(stories))


def told_plainly() -> list[Row]:
    """Four posts on each of 150 stories, short and long ones, that share most of their words, and none with others."""
    rows = []
    for story in range(150):
        words = [f"lời{story}x{number}" for number in range(12 + 48 * (story % 2))]
        for post in range(4):
            said = random.Random(f"{story}/{post}").sample(words, len(words) * 3 // 4)
            item = AssessableItem(f"{story}-{post}", " ".join(said))
            rows.append(Row(item, "corpus", f"corpus:{story}", {"health": "yes"}, narrative=f"{story}"))
    return rows


class WideEncoder(SmallEncoder):
    """Vectors of different texts have hardly anything in common."""

    version = family = "wide"
    dimensions = 2_048


def told_twice(story: int) -> list[tuple[str, bytes]]:
    """(text, vector) of four posts on one story: the first two share words, the last two share others, and all four
    mean about the same. Words alone make two narratives of them."""
    meaning = _direction(f"{story}")
    posts = []
    for number in range(4):
        own = random.Random(f"{story}, words of {number // 2}").sample(range(100_000), 12)
        words = own + random.Random(f"{story}, words of its own {number}").sample(range(100_000), 4)
        vector = 0.6 * meaning + 0.8 * _direction(f"{story}/{number}")
        posts.append((" ".join(f"từ{word}" for word in words), vector.astype("<f2").tobytes()))
    return posts


def _direction(seed: str) -> NDArray[np.float64]:
    values = np.random.default_rng(list(seed.encode())).normal(size=WideEncoder.dimensions)
    return values / np.linalg.norm(values)
