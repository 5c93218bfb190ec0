"""Items → narratives, as they come: average linkage on words and vectors in a sliding window. Pure.

The score of a pair is two parts cosine of words (TF-IDF) and one part cosine of vectors, with a lift for short texts:
two posts on the same claim share fewer words than two articles. An item joins the narrative whose members inside its
window it resembles most, on average; a near-duplicate joins its twin's at once. Where it resembles two narratives and
they resemble each other as much, the later is merged into the older.

Every score is a whole number, and each item is judged by its own window only: what was placed no more than
`window` before or after it. So the same items are placed alike in one call or in many.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from models.describing import describe
from models.minhash import NearDuplicates, Shingles, hash_shingles
from models.wording import SCALE, Row, matrix, row_of, whole_vector
from records.narrative import Merge, NarratableItem, PlacedItem, Placement

#: To join a narrative, 0 to 1..
SIMILARITY = 0.28
#: What two texts of 20 words and fewer get on top; it falls with the logarithm to nothing at 600 words.
_LIFT = 0.19
_SHORT_WORDS, _LONG_WORDS = 20, 600
#: Words count double, vectors once: the sum of both is 1 for the same text.
_WORDS_PARTS, _VECTOR_PARTS = 2, 1
_WHOLE = SCALE * SCALE * (_WORDS_PARTS + _VECTOR_PARTS)
#: Latest members of each of two narratives that are compared before a merge.
_COMPARED_MEMBERS = 64
_BATCH = 64
_REMEMBERED = 60_000

Scores = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Features:
    row: Row
    shingles: Shingles
    lift: int


class StreamNarrator:
    """The Narrator port. `similarity`: to join a narrative, 0 to 1; the trained one when None."""

    def __init__(self, window: timedelta = timedelta(days=14), similarity: float | None = None) -> None:
        self.window = window
        self._least = round((SIMILARITY if similarity is None else similarity) * _WHOLE)
        self._remembered: OrderedDict[tuple[str, int, int], _Features] = OrderedDict()

    def place(self, window: Sequence[PlacedItem], items: Sequence[NarratableItem]) -> Iterator[Placement]:
        """One placement for each item, in order; see the Narrator port."""
        if not items:
            return
        new = {item.id for item in items}
        placed = [known for known in window if known.item.id not in new]
        everything = [known.item for known in placed] + list(items)
        state = _Window(everything, [self._features(item) for item in everything], self.window, self._least)
        for at, known in enumerate(placed):
            state.put(at, known.narrative_id)
        first = len(placed)
        for start in range(first, len(everything), _BATCH):
            end = min(start + _BATCH, len(everything))
            scores = state.scores(start, end)
            for at in range(start, end):
                yield state.place(at, scores[at - start])

    def describe(
        self, members: Sequence[NarratableItem], background: Sequence[str] = ()
    ) -> tuple[str, tuple[str, ...]]:
        """(label, words): the most central title, or else first words; what distinguishes it from `background`."""
        return describe(members, background)

    def _features(self, item: NarratableItem) -> _Features:
        """Remembered, since the window is mostly the one of the call before."""
        key = item.id, item.version, hash((item.title, item.text))
        found = self._remembered.pop(key, None)
        if found is None:
            text = f"{item.title}\n{item.text}"
            row = row_of(text)
            found = _Features(row, hash_shingles([text])[0], _lift(row[2]))
        self._remembered[key] = found
        if len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)
        return found


def _lift(words: int) -> int:
    """An item's half of a pair's lift, in score units."""
    inside = min(max(words, _SHORT_WORDS), _LONG_WORDS)
    share = 1 - math.log(inside / _SHORT_WORDS) / math.log(_LONG_WORDS / _SHORT_WORDS)
    return round(_LIFT / 2 * share * _WHOLE)


class _Window:
    """All items of one call, those of the window first; which are placed, and in which narrative."""

    def __init__(
        self, items: Sequence[NarratableItem], features: list[_Features], length: timedelta, least: int
    ) -> None:
        self._items = items
        self._length = round(length.total_seconds() * 1e6)
        self._least = least
        self._when = np.array([round(item.when.timestamp() * 1e6) for item in items], np.int64)
        self._lift = np.array([found.lift for found in features], np.int64)
        self._shingles = [found.shingles for found in features]
        self._words = matrix([found.row for found in features])
        self._words_by_feature = self._words.T.tocsr()
        dimensions = max(len(item.vector) for item in items) // 2
        self._vectors = np.stack([whole_vector(item.vector, dimensions) for item in items])
        self._twins = NearDuplicates()
        self._twins.add(range(len(items)), self._shingles)
        self._narrative = np.full(len(items), -1, np.int64)  # a number for each narrative; -1: not placed yet
        self._ids: list[str] = []
        self._number_of: dict[str, int] = {}
        self._place_of_item = {item.id: at for at, item in enumerate(items)}

    def put(self, at: int, narrative_id: str) -> None:
        if narrative_id not in self._number_of:
            self._number_of[narrative_id] = len(self._ids)
            self._ids.append(narrative_id)
        self._narrative[at] = self._number_of[narrative_id]

    def scores(self, start: int, end: int) -> Scores:
        """(end - start, n): the whole-number score of each of these items with every item."""
        words = (self._words[start:end] @ self._words_by_feature).toarray().astype(np.int64)
        vectors = (self._vectors[start:end] @ self._vectors.T).astype(np.int64)
        lifts = self._lift[start:end, None] + self._lift[None, :]
        scores: Scores = _WORDS_PARTS * words + _VECTOR_PARTS * vectors + lifts
        return scores

    def place(self, at: int, scores: Scores) -> Placement:
        """Put item `at` where it belongs. `scores`: (n,) with every item."""
        near = np.flatnonzero((self._narrative >= 0) & (np.abs(self._when - self._when[at]) <= self._length))
        id = self._items[at].id
        if (twin := self._twin(at)) is not None:
            other, jaccard = twin
            narrative_id = self._ids[self._narrative[other]]
            self.put(at, narrative_id)
            return Placement(id, narrative_id, round(jaccard, 4), near_duplicate_of=self._items[other].id)
        similar = self._similar_narratives(near, scores)
        if not similar:
            self.put(at, id)
            return Placement(id, id, 1.0)
        number, mean = similar[0]
        merges = []
        for other_number, other_mean in similar[1:]:
            if self._alike(near, number, other_number):
                into, gone = sorted((number, other_number), key=lambda n: self._age(near, n))
                merges.append(Merge(self._ids[gone], self._ids[into], _as_share(other_mean), id))
                self._narrative[self._narrative == gone] = into
                number = into
        self.put(at, self._ids[number])
        return Placement(id, self._ids[number], _as_share(mean), merges=tuple(merges))

    def _twin(self, at: int) -> tuple[int, float] | None:
        """The nearest near-duplicate inside the window, the earliest of equals, and its Jaccard."""
        found = [
            (-twin.jaccard, int(self._when[twin.key]), self._items[twin.key].id, twin.key)
            for twin in self._twins.find(self._shingles[at])
            if self._narrative[twin.key] >= 0 and abs(self._when[twin.key] - self._when[at]) <= self._length
        ]
        best = min(found, default=None)
        return None if best is None else (best[3], -best[0])

    def _similar_narratives(self, near: NDArray[np.int64], scores: Scores) -> list[tuple[int, float]]:
        """(narrative, mean score) of those at the limit or above, most similar first, older first among equals."""
        numbers = self._narrative[near]
        counts = np.bincount(numbers, minlength=len(self._ids))
        # float64 holds these sums of whole numbers exactly: 2 ** 26 each, up to 2 ** 27 of them.
        sums = np.bincount(numbers, weights=scores[near], minlength=len(self._ids))
        means = np.divide(sums, counts, out=np.full(len(counts), -np.inf), where=counts > 0)
        reached = np.flatnonzero(means >= self._least).tolist()
        return sorted(((n, float(means[n])) for n in reached), key=lambda pair: (-pair[1], self._age(near, pair[0])))

    def _age(self, near: NDArray[np.int64], number: int) -> tuple[int, str]:
        """Orders narratives by their first item's time and id; one that began before the window is older than all."""
        id = self._ids[number]
        first = self._place_of_item.get(id)
        if first is None or not np.any(near == first):
            return -(2**63), id
        return int(self._when[first]), id

    def _alike(self, near: NDArray[np.int64], first: int, second: int) -> bool:
        """Whether the latest members of two narratives resemble each other enough, on average."""
        one, two = (self._latest(near, number) for number in (first, second))
        words = (self._words[one] @ self._words[two].T).sum(dtype=np.int64)
        vectors = (self._vectors[one] @ self._vectors[two].T).sum(dtype=np.float64)
        lifts = int(self._lift[one].sum()) * len(two) + int(self._lift[two].sum()) * len(one)
        total = _WORDS_PARTS * int(words) + _VECTOR_PARTS * int(vectors) + lifts
        return total >= self._least * len(one) * len(two)

    def _latest(self, near: NDArray[np.int64], number: int) -> NDArray[np.int64]:
        members = near[self._narrative[near] == number].tolist()
        members.sort(key=lambda at: (-int(self._when[at]), self._items[at].id))
        return np.array(members[:_COMPARED_MEMBERS], np.int64)


def _as_share(score: float) -> float:
    return round(min(max(score / _WHOLE, 0.0), 1.0), 4)
