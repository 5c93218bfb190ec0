"""What the narrator weighs when it decides: an item, or a narrative, against a narrative, by the mean of their pairs.

A meeting has four terms, each the mean over the pairs: the cosine of the words, that of the vectors, the latter times
shortness, and shortness (0 to 1). The weights (models/weights.py) make one score of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from models import holding_out
from models.arranged import Act
from models.examples import own_corpus
from models.likeness import MOST_STEPS, WHOLE, Features, Likeness, features_of
from models.reading import read
from models.weights import Weights
from models.wording import SCALE, matrix
from records.narrative import NarratableItem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.vectors import VectorCache

    Floats = NDArray[np.float64]

#: The items of the corpus have no time: they are read as if they came one a second.
_CORPUS_BEGINS = datetime(2026, 1, 1, tzinfo=UTC)
#: Narratives besides its own that an item of the corpus meets: those that it is most like.
_NEAREST = 3
_BLOCK = 400
_WORDS_ALONE = Weights(0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Health items of the project's own corpus, and the narrative of each."""

    items: tuple[NarratableItem, ...]
    narratives: tuple[str, ...]


def corpus(vectors: VectorCache) -> tuple[Corpus, Corpus]:
    """(what teaches, the fixed fifth), in an order that has nothing to do with what they say."""
    rows = [row for row in own_corpus() if row.labels["health"] == "yes"]
    rows.sort(key=lambda row: hashlib.sha256(row.item.id.encode()).digest())
    encoded = vectors.encode([read(row.item).embedded for row in rows]).astype("<f2")
    parts: dict[bool, list[tuple[NarratableItem, str]]] = {False: [], True: []}
    for number, (row, vector) in enumerate(zip(rows, encoded, strict=True)):
        when = _CORPUS_BEGINS + timedelta(seconds=number)
        item = NarratableItem(row.item.id, row.item.title, row.item.text, when, when, vector.tobytes())
        parts[holding_out.fixed(row)].append((item, row.narrative))
    teaching, fixed = (Corpus(*zip(*parts[part], strict=True)) for part in (False, True))
    return teaching, fixed


def direction(weights: Weights, similarity: float) -> Floats:
    """(5,): what the terms and 1 are multiplied by, so that 0 is where narratives part."""
    return np.array([1.0, weights.vectors, -weights.posts, weights.lift, weights.base - similarity])


def of_acts(acts: Sequence[Act], features: Mapping[str, Features]) -> Floats:
    """(n, 4): the two sides of each act. `features`: of each item, by id."""
    pairs = [pair for act in acts for pair in act.pairs]
    terms = _terms([features[one] for one, _ in pairs], [features[other] for _, other in pairs])
    ends = np.cumsum([0, *(len(act.pairs) for act in acts)]).tolist()
    return np.array([terms[start:end].mean(axis=0) for start, end in pairwise(ends)]).reshape(-1, 4)


def _terms(ones: Sequence[Features], others: Sequence[Features]) -> Floats:
    """(n, 4): of pairs."""
    words = matrix([one.row for one in ones]).multiply(matrix([other.row for other in others])).sum(axis=1)
    vectors = np.array([float(one.vector @ other.vector) for one, other in zip(ones, others, strict=True)])
    short = np.array([one.steps + other.steps for one, other in zip(ones, others, strict=True)]) / MOST_STEPS
    words, vectors = np.asarray(words) / SCALE**2, vectors / SCALE**2
    return np.stack([words, vectors, vectors * short, short], axis=1)


def of_corpus(known: Corpus, dimensions: int, in_use: Weights) -> Floats:
    """(n, 4): each item against its own narrative and the nearest others, as they would be when it comes."""
    features = features_of(known.items, dimensions)
    table = Likeness(dimensions, _WORDS_ALONE)
    table.add(features)
    vectors = np.stack([one.vector for one in features]).astype(np.float64) / SCALE
    steps = np.array([one.steps for one in features]) / MOST_STEPS
    names, of = np.unique(np.array(known.narratives), return_inverse=True)
    member = np.eye(len(names))[of]
    met = []
    for start in range(0, len(features), _BLOCK):
        end = min(start + _BLOCK, len(features))
        here = np.arange(end - start)
        earlier = np.arange(len(features)) < np.arange(start, end)[:, None]
        count = earlier @ member
        short = steps[start:end, None] + steps
        meaning = vectors[start:end] @ vectors.T
        terms = [table.scores(start, end) / WHOLE, meaning, meaning * short, short]
        means = np.stack([(term * earlier) @ member / np.maximum(count, 1) for term in terms], axis=2)
        scores = np.where(count > 0, means @ direction(in_use, 0.0)[:4], -np.inf)
        scores[here, of[start:end]] = np.inf
        nearest = np.argsort(-scores, axis=1, kind="stable")[:, : _NEAREST + 1]
        there = np.take_along_axis(count, nearest, axis=1) > 0
        met.append(np.take_along_axis(means, nearest[:, :, None], axis=1)[there])
    return np.concatenate(met)
