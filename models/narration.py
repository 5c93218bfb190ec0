"""Items → narratives, as they come: average linkage on words and vectors in a sliding window. Pure.

An item joins the narrative whose members inside its window it resembles most, on average; a near-duplicate joins its
twin's at once. Where it resembles two narratives and they resemble each other as much, the later goes into the older.
(The best three members instead of all joined no more rumors, and twice as many ordinary news to each other.)

Every score is a whole number, and each item is judged by its own window only: what was placed no more than
`window` before or after it. So the same items are placed alike in one call or in many.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import numpy as np

from models.describing import describe
from models.likeness import WHOLE, Likeness, Places, Scores, features_of
from models.said import Said
from models.weights import SHIPPED, Weights
from records.narrative import NO_WORDS, Merge, NarratableItem, PersonsWords, PlacedItem, Placement

#: To join a narrative, 0 to 1.
SIMILARITY = 0.40
#: Latest members of each of two narratives that are compared before a merge.
_COMPARED_MEMBERS = 32
#: Narratives that one item may join to its own: an item that resembles more says little.
_MOST_JOINED = 5
_BATCH = 64
#: Items that have left the window are kept in memory until they are as many as those in it, and this many.
_LEAST_LEFT = 2_000


class StreamNarrator:
    """The Narrator port. `similarity`: to join a narrative, 0 to 1; the usual one when None.

    What was computed of the window is kept for the next call. It saves time only: a new narrator answers the same.
    Other weights say where new items go: what is placed stays, but for merges that a new item brings about.
    """

    def __init__(
        self, window: timedelta = timedelta(days=14), similarity: float | None = None, weights: Weights = SHIPPED
    ) -> None:
        self.window = window
        self._weights = weights
        self._least = round((SIMILARITY if similarity is None else similarity) * WHOLE)
        self._known: _Window | None = None

    def place(
        self, window: Sequence[PlacedItem], items: Sequence[NarratableItem], words: PersonsWords = NO_WORDS
    ) -> Iterator[Placement]:
        """One placement for each item, in order; see the Narrator port."""
        if not items:
            return
        new = {item.id for item in items}
        placed = [known for known in window if known.item.id not in new]
        dimensions = max(len(item.vector) for item in [*items, *(known.item for known in placed)]) // 2
        state, self._known = self._known, None
        if state is None or state.likeness.dimensions != dimensions or state.left(placed) > len(placed) + _LEAST_LEFT:
            state = _Window(self.window, self._least, Likeness(dimensions, self._weights))
        state.hold(placed, words)
        for start in range(0, len(items), _BATCH):
            batch = items[start : start + _BATCH]
            first = state.add(batch)
            scores = state.likeness.scores(first, first + len(batch))
            for number in range(len(batch)):
                yield state.place(first + number, scores[number])
        self._known = state

    def describe(
        self, members: Sequence[NarratableItem], background: Sequence[str] = (), label: str = ""
    ) -> tuple[str, tuple[str, ...]]:
        """(label, words): the most central title, or else first sentence; what distinguishes it from `background`.

        `label`, the one so far, stays while it is nearly as central.
        """
        return describe(members, background, label)


def narrated(narrator: StreamNarrator, items: Sequence[NarratableItem]) -> dict[str, str]:
    """Item → its narrative in the end, when nothing is there before and nobody has said a word."""
    placements = list(narrator.place((), items))
    merged = {merge.narrative_id: merge.into for placement in placements for merge in placement.merges}
    found = {}
    for placement in placements:
        narrative_id = placement.narrative_id
        while narrative_id in merged:
            narrative_id = merged[narrative_id]
        found[placement.item_id] = narrative_id
    return found


class _Window:
    """The items of a call and of those before it, by their place; which are placed, and in which narrative."""

    def __init__(self, length: timedelta, least: int, likeness: Likeness) -> None:
        self.likeness = likeness
        self._length = round(length.total_seconds() * 1e6)
        self._least = least
        self._items: list[NarratableItem] = []
        self._at: dict[str, int] = {}  # item id → place of its newest text
        self._when = np.zeros(0, np.int64)  # microseconds
        self._narrative = np.zeros(0, np.int64)  # a number for each narrative; -1: not placed, or left the window
        self._ids: list[str] = []
        self._number_of: dict[str, int] = {}
        self._members: list[list[int]] = []
        self._said = Said(NO_WORDS)
        self._halves: dict[str, list[list[int]]] = {}  # places of what people joined to a narrative

    def left(self, placed: Sequence[PlacedItem]) -> int:
        """How many of the items known here are not among `placed`."""
        return len(self._items) - sum(self._same(known.item) for known in placed)

    def _same(self, item: NarratableItem) -> bool:
        at = self._at.get(item.id)
        return at is not None and (self._items[at] is item or self._items[at] == item)

    def hold(self, placed: Sequence[PlacedItem], words: PersonsWords) -> None:
        """Make the window `placed` and nothing else, and `words` what people said."""
        self.add([known.item for known in placed if not self._same(known.item)])
        self._narrative[:] = -1
        self._ids, self._number_of, self._members = [], {}, []
        for known in placed:
            self._put(self._at[known.item.id], known.narrative_id)
        self._said = Said(words)
        self._halves = {
            id: [[self._at[item] for item in half if item in self._at] for of, half in words.halves if of == id]
            for id in {of for of, _ in words.halves}
        }

    def add(self, items: Sequence[NarratableItem]) -> int:
        """The place of the first of them; the others follow."""
        first = len(self._items)
        if items:
            self.likeness.add(features_of(items, self.likeness.dimensions))
            when = np.array([round(item.when.timestamp() * 1e6) for item in items], np.int64)
            self._when = np.concatenate([self._when, when])
            self._narrative = np.concatenate([self._narrative, np.full(len(items), -1, np.int64)])
            self._items.extend(items)
            self._at.update((item.id, at) for at, item in enumerate(items, first))
        return first

    def _put(self, at: int, narrative_id: str) -> None:
        number = self._number_of.setdefault(narrative_id, len(self._ids))
        if number == len(self._ids):
            self._ids.append(narrative_id)
            self._members.append([])
        self._narrative[at] = number
        self._members[number].append(at)

    def place(self, at: int, scores: Scores) -> Placement:
        """Put item `at` where it belongs. `scores`: (n,) with every item."""
        id = self._items[at].id
        if (belongs := self._said.belongs(id)) is not None:
            self._put(at, belongs)
            return Placement(id, belongs, 1.0)
        if (twin := self._twin(at)) is not None:
            other, jaccard = twin
            narrative_id = self._ids[self._narrative[other]]
            self._put(at, narrative_id)
            return Placement(id, narrative_id, round(jaccard, 4), near_duplicate_of=self._items[other].id)
        similar = self._similar_narratives(at, scores)
        if not similar:
            begun = self._items[at].begins or id
            self._put(at, begun)
            return Placement(id, begun, 1.0)
        number, score = similar[0]
        merges = []
        for other_number, other_score in similar[1 : _MOST_JOINED + 1]:
            apart = self._said.apart(self._ids[number], self._ids[other_number])
            if not apart and self._alike(at, number, other_number):
                into, gone = sorted((number, other_number), key=lambda n: self._age(at, n))
                merges.append(Merge(self._ids[gone], self._ids[into], _as_share(other_score), id))
                self._narrative[self._members[gone]] = into
                self._members[into] += self._members[gone]
                self._members[gone] = []
                self._said.merged(self._ids[gone], self._ids[into])
                self._halves.setdefault(self._ids[into], []).extend(self._halves.pop(self._ids[gone], []))
                number = into
        self._put(at, self._ids[number])
        return Placement(id, self._ids[number], _as_share(score), merges=tuple(merges))

    def _near(self, at: int, places: Places) -> Places:
        """Those of `places` that are placed, inside the window of item `at`."""
        inside = np.abs(self._when[places] - self._when[at]) <= self._length
        near: Places = places[inside & (self._narrative[places] >= 0)]
        return near

    def _near_members(self, at: int, number: int) -> Places:
        return self._near(at, np.array(self._members[number], np.int64))

    def _twin(self, at: int) -> tuple[int, float] | None:
        """The nearest near-duplicate inside the window, the earliest of equals, and its Jaccard."""
        jaccards = {copy.key: copy.jaccard for copy in self.likeness.copies(at)}
        near = [other for other in self._near(at, np.array(list(jaccards), np.int64)).tolist() if self._open(at, other)]
        found = [(-jaccards[other], int(self._when[other]), self._items[other].id, other) for other in near]
        best = min(found, default=None)
        return None if best is None else (best[3], -best[0])

    def _similar_narratives(self, at: int, scores: Scores) -> list[tuple[int, float]]:
        """(narrative, mean score) of those at the limit or above, most similar first, older first among equals."""
        # A narrative reaches the limit only where one of its members does.
        candidates = np.unique(self._narrative[self._near(at, np.flatnonzero(scores >= self._least))])
        open_ = [
            number for number in candidates.tolist() if not self._said.outside(self._items[at].id, self._ids[number])
        ]
        means = [(number, self._resemblance(at, number, scores)) for number in open_]
        reached = [(number, mean) for number, mean in means if mean >= self._least]
        return sorted(reached, key=lambda pair: (-pair[1], self._age(at, pair[0])))

    def _open(self, at: int, other: int) -> bool:
        """Whether item `at` may go where `other` is."""
        return not self._said.outside(self._items[at].id, self._ids[self._narrative[other]])

    def _resemblance(self, at: int, number: int, scores: Scores) -> float:
        """To the narrative, or to what a person joined to it, whichever is more."""
        parts = [self._near_members(at, number)]
        parts += [self._near(at, np.array(half, np.int64)) for half in self._halves.get(self._ids[number], ())]
        return max(_mean(scores[part]) for part in parts if len(part))

    def _age(self, at: int, number: int) -> tuple[int, str]:
        """Orders narratives by their first item's time and id; one that began before the window is older than all."""
        id = self._ids[number]
        first = self._at.get(id)
        if first is None or not len(self._near(at, np.array([first]))):
            return -(2**63), id
        return int(self._when[first]), id

    def _alike(self, at: int, first: int, second: int) -> bool:
        """Whether the latest members of two narratives resemble each other enough, on average."""
        one, two = (self._latest(self._near_members(at, number)) for number in (first, second))
        return _mean(self.likeness.between(one, two)) >= self._least

    def _latest(self, members: Places) -> Places:
        ordered = sorted(members.tolist(), key=lambda at: (-int(self._when[at]), self._items[at].id))
        return np.array(ordered[:_COMPARED_MEMBERS], np.int64)


def _mean(scores: Scores) -> float:
    """Of whole numbers, whose sum is exact in any order."""
    return float(scores.sum()) / scores.size


def _as_share(score: float) -> float:
    return round(min(max(score / WHOLE, 0.0), 1.0), 4)
