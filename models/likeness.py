"""How alike items are, as whole numbers: a growing table of items, scored against all of it in a few products.

What a pair's score is made of is in models/weights.py; the words are TF-IDF.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.minhash import NearDuplicate, NearDuplicates, Shingles, hash_words
from models.weights import SHIPPED, Weights
from models.wording import SCALE, Row, matrix, row_of, shortness, whole_vector, words_of
from records.narrative import NarratableItem

#: Shortness in whole steps, so that the weights of a pair are whole numbers; a pair has twice as many.
_STEPS = 16
MOST_STEPS = 2 * _STEPS
#: Of the words' cosine; the other weights are whole parts of it.
_WORDS_WEIGHT = 1_024
#: The score of a pair whose words have a cosine of 1.
WHOLE = SCALE * SCALE * _WORDS_WEIGHT

Scores = NDArray[np.float64]  # whole numbers: the sum of 100,000 of them is below 2 ** 53, and exact
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Features:
    """What is computed of an item once. `steps`: its shortness, 0 to _STEPS."""

    row: Row
    vector: NDArray[np.float32]
    shingles: Shingles
    steps: int


def features_of(items: Sequence[NarratableItem], dimensions: int) -> list[Features]:
    words = [words_of(f"{item.title}\n{item.text}") for item in items]
    return [
        Features(row_of(one), whole_vector(item.vector, dimensions), hashes, round(shortness(len(one)) * _STEPS))
        for item, one, hashes in zip(items, words, hash_words(words), strict=True)
    ]


class Likeness:
    """Items by their place, 0 and on. What was added stays; the caller knows which of it still counts."""

    def __init__(self, dimensions: int, weights: Weights = SHIPPED) -> None:
        self.dimensions = dimensions
        self.features: list[Features] = []
        self._of_vectors = round(weights.vectors * _WORDS_WEIGHT)
        self._of_vectors_step = round(weights.posts * _WORDS_WEIGHT / MOST_STEPS)
        self._lift_step = round(weights.lift * WHOLE / MOST_STEPS)
        self._base = round(weights.base * WHOLE)
        self._vectors = np.zeros((1_024, dimensions), np.float32)
        self._steps = np.zeros(1_024, np.float64)
        self._blocks: list[_Block] = []
        self._copies = NearDuplicates()

    def add(self, features: Sequence[Features]) -> None:
        start, end = len(self.features), len(self.features) + len(features)
        if (room := end - len(self._steps)) > 0:
            room = max(room, len(self._steps))
            self._vectors = np.concatenate([self._vectors, np.zeros((room, self._vectors.shape[1]), np.float32)])
            self._steps = np.concatenate([self._steps, np.zeros(room)])
        self.features.extend(features)
        for place, one in enumerate(features, start):
            self._vectors[place] = one.vector
            self._steps[place] = one.steps
        # Like a binary counter: a block is taken into the next as soon as that is as large.
        while self._blocks and self._blocks[-1].size <= end - start:
            start = self._blocks.pop().start
        self._blocks.append(_Block(start, [one.row for one in self.features[start:end]]))
        self._copies.add(range(end - len(features), end), [one.shingles for one in features])

    def scores(self, start: int, end: int) -> Scores:
        """(end - start, n): of each of these items with every item."""
        count = len(self.features)
        rows = [one.row for one in self.features[start:end]]
        scores = np.empty((end - start, count))
        for block in self._blocks:
            scores[:, block.start : block.start + block.size] = block.products(rows)
        vectors = self._vectors[start:end] @ self._vectors[:count].T
        return self._weighed(scores, vectors, self._steps[start:end], self._steps[:count])

    def between(self, one: Places, two: Places) -> Scores:
        """(len(one), len(two)): of the items at these places."""
        words = _Block(0, [self.features[at].row for at in two]).products([self.features[at].row for at in one])
        vectors = self._vectors[one] @ self._vectors[two].T
        return self._weighed(words.astype(np.float64), vectors, self._steps[one], self._steps[two])

    def copies(self, at: int) -> tuple[NearDuplicate, ...]:
        return self._copies.of(at)

    def _weighed(self, words: Scores, vectors: NDArray[np.float32], one: Scores, two: Scores) -> Scores:
        steps = one[:, None] + two[None, :]
        meaning = steps * -self._of_vectors_step
        meaning += self._of_vectors
        meaning *= vectors
        words *= _WORDS_WEIGHT
        words += meaning
        steps *= self._lift_step
        steps += self._base
        words += steps
        return words


class _Block:
    """Rows turned round: for each feature that they have, the rows that have it. `start`: the place of its first."""

    def __init__(self, start: int, rows: Sequence[Row]) -> None:
        from scipy.sparse import csr_array

        self.start, self.size = start, len(rows)
        columns = np.concatenate([row[0] for row in rows])
        weights = np.concatenate([row[1] for row in rows])
        numbers = np.repeat(np.arange(len(rows), dtype=np.int32), [len(row[0]) for row in rows])
        self._known, places = np.unique(columns, return_inverse=True)
        self._turned = csr_array((weights, (places, numbers)), shape=(len(self._known), len(rows)))

    def products(self, rows: Sequence[Row]) -> NDArray[np.int32]:
        """(len(rows), size)."""
        given = matrix(rows)
        if not len(self._known):
            return np.zeros((len(rows), self.size), np.int32)
        places = np.searchsorted(self._known, given.indices)
        places[places == len(self._known)] = 0
        weights = np.where(self._known[places] == given.indices, given.data, 0)
        inside = type(given)((weights, places, given.indptr), shape=(len(rows), len(self._known)))
        products: NDArray[np.int32] = (inside @ self._turned).toarray()
        return products
