"""`tin3c models learn`: heads with the desk's newest words against those without them, head by head.

Heads in use have learnt from the whole corpus, so that no part of it can measure them fairly. What is compared is
therefore what they would be without it (models/comparing.py): each is trained anew without a fixed fifth of the corpus
and without a fifth of the desk's narratives, with none of the desk's words as the shipped head was, with those that the
head in use knew, and with all. Both fifths are drawn by hash, by narrative. A head that passes is then trained on
everything.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models import holding_out
from models.comparing import FIELDS, Comparison, Judgement, Rows, Terms, with_below
from models.cues import beside_cues, cue_matrix, owner_of
from models.examples import Row, desk_rows
from models.features import ngrams
from models.heads import NAMES, Head, HeadSet
from models.reading import read
from models.training import Trainer, copies
from models.vectors import VectorCache
from records.assessment import Correction, Harm, Kind, Stance
from records.item import Item
from records.topics import TOPICS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.heads import View
    from models.landmarks import Landmarks
    from records.ports import Encoder

    _Key = tuple[object, ...]

_ANSWERS: dict[str, set[str]] = {
    "kind": set(Kind),
    "stance": set(Stance),
    "harm": set(Harm),
    "topic": {"none", *TOPICS},
    "health": {"yes", "no"},
    "attention": {"yes", "no"},
}


@dataclass(frozen=True, slots=True)
class Said:
    """What the desk said, counted: `contradicted`: (item, field) on which persons gave different answers, the newest
    being taken; `unusable`: answers that no head knows; `largest_share`: of the person with most, 0 to 1."""

    words: int
    persons: int
    largest_share: float
    contradicted: tuple[tuple[str, str], ...]
    unusable: int


@dataclass(frozen=True, slots=True)
class Learnt:
    heads: tuple[Head, ...]
    judgements: tuple[Judgement, ...]


Corrected = Sequence[tuple[Correction, Item]]


def usable(corrections: Corrected) -> tuple[Corrected, Said]:
    """Those that teach a head, oldest first, and what there is to say of all."""
    kept = [pair for pair in corrections if _answer(pair[0]) in _ANSWERS.get(pair[0].about, ())]
    persons: dict[str, int] = {}
    answers: dict[tuple[str, str], set[str]] = {}
    for correction, _ in kept:
        persons[correction.actor] = persons.get(correction.actor, 0) + 1
        answers.setdefault((correction.item_id, correction.about), set()).add(_answer(correction))
    contradicted = tuple(sorted(key for key, given in answers.items() if len(given) > 1))
    largest = max(persons.values(), default=0) / max(1, len(kept))
    return kept, Said(len(kept), len(persons), round(largest, 4), contradicted, len(corrections) - len(kept))


def _answer(correction: Correction) -> str:
    words = {"true": "yes", "false": "no", "": "none"}
    return words.get(correction.person_said.lower(), correction.person_said)


def learn(
    encoder: Encoder,
    in_use: Mapping[str, Head],
    idf: NDArray[np.float32],
    landmarks: Landmarks,
    cache: Path,
    corrections: Corrected,
    narratives: Mapping[str, str],
    known_until: Mapping[str, datetime],
    *,
    shared: Path | None = None,
    terms: Terms | None = None,
    progress: Callable[[str], None] = lambda line: None,
) -> Learnt:
    """Judge every head, and train those that are taken on everything. `corrections`: usable ones, oldest first.

    `narratives`: item → narrative, where it has one. `known_until`: head in use → the last word that it has learnt.
    """
    learning = _Learning(encoder, in_use, idf, landmarks, cache, shared, terms or Terms(), progress)
    return learning.run(corrections, narratives, known_until)


class _Trainer(Trainer):
    """Keeps the weights of n-grams and the landmarks of the heads in use: old and new heads stand side by side.

    One for a whole learning: it learns each head once from the same rows, which are the same lists.
    """

    def __init__(
        self,
        encoder: Encoder,
        cache: Path,
        shared: Path | None,
        progress: Callable[[str], None],
        kept_idf: NDArray[np.float32],
        landmarks: Landmarks,
    ) -> None:
        super().__init__(encoder, cache, shared, progress)
        self._kept_idf = kept_idf
        self._landmarks = landmarks if landmarks.family == self._family else None
        self._measurements: dict[_Key, Any] = {}
        self._learnt: dict[_Key, Head] = {}

    def idf(self, rows: dict[str, list[Row]]) -> NDArray[np.float32]:
        return self._kept_idf

    def head(self, name: str, rows: dict[str, list[Row]]) -> Head:
        """What it was learnt from is let go: the products of all rows with all alone take hundreds of megabytes."""
        key = _key(name, rows)
        if key not in self._learnt:
            self._learnt[key] = super().head(name, rows)
            self._measurements[key] = _Unseen(self._measurements[key].chances)
            self._known.pop(name, None)
        return self._learnt[key]

    def _measured(self, name: str, rows: dict[str, list[Row]]) -> Any:
        key = _key(name, rows)
        if key not in self._measurements:
            self._known.pop(name, None)
            self._progress(f"{name}: learning from {len(rows[name]):,} texts")
            self._measurements[key] = super()._measured(name, rows)
        return self._measurements[key]


@dataclass(frozen=True)
class _Unseen:
    """(n, c) `chances` of a head's rows, out of fold: all that a head which stands on it needs."""

    chances: NDArray[np.float64]


def _key(name: str, rows: dict[str, list[Row]]) -> _Key:
    """The same for the same lists of rows, the head's own and those of what it stands on."""
    below = ("kind", "stance", "harm") if name == "attention" else ("kind", "stance") if name == "harm" else ()
    return (name, *(id(rows[each]) for each in (name, *below)))


class _Learning:
    def __init__(
        self,
        encoder: Encoder,
        in_use: Mapping[str, Head],
        idf: NDArray[np.float32],
        landmarks: Landmarks,
        cache: Path,
        shared: Path | None,
        terms: Terms,
        progress: Callable[[str], None],
    ) -> None:
        self._encoder, self._in_use, self._idf, self._landmarks = encoder, in_use, idf, landmarks
        self._cache, self._shared, self._terms, self._progress = cache, shared, terms, progress
        self._family = getattr(encoder, "family", encoder.version)
        self._views: dict[int, dict[View, Any]] = {}  # of the lists of rows that are measured on

    def run(self, corrections: Corrected, narratives: Mapping[str, str], known_until: Mapping[str, datetime]) -> Learnt:
        corpus, grouped = self._new_trainer().rows(), holding_out.groups(desk_rows(corrections), narratives)
        after = self._with_desk(corpus, dict.fromkeys(FIELDS, corrections), grouped)
        known = {
            name: [pair for pair in corrections if name in known_until and pair[0].at <= known_until[name]]
            for name in FIELDS
        }
        before = self._with_desk(corpus, known, grouped)
        self._embed(after)
        self._trainer = self._new_trainer()  # after that, so that it finds every vector
        comparison = Comparison(self, corpus, before, after)
        judgements = [comparison.judge(name, corrections, known[name]) for name in FIELDS]
        judgements = comparison.settle(judgements)
        taken = [each.head for each in judgements if each.taken]
        rows = {name: after[name] if name in taken else before[name] for name in after}
        heads = []
        for name in taken:
            self._progress(f"{name}: learning from everything")
            heads.append(self._trainer.head(name, rows))
        return Learnt(tuple(heads), tuple(judgements))

    def _new_trainer(self) -> _Trainer:
        return _Trainer(self._encoder, self._cache, self._shared, self._progress, self._idf, self._landmarks)

    def _with_desk(self, corpus: Rows, corrections: Mapping[str, Corrected], groups: Mapping[str, str]) -> Rows:
        rows = dict(corpus)
        for name, field in FIELDS.items():
            if name in rows and (desk := [row for row in desk_rows(corrections[name]) if field in row.labels]):
                desk = [dataclasses.replace(row, group=groups[row.item.id]) for row in desk]
                rows[name] = rows[name] + desk + copies(desk)
        return rows

    def _embed(self, rows: Rows) -> None:
        """All texts at once, into the file that every trainer reads."""
        texts = sorted({read(row.item).embedded for name, those in rows.items() if name != "filter" for row in those})
        vectors = VectorCache(self._encoder, self._cache, deep=True)
        vectors.encode(texts, lambda done, wanted: self._progress(f"embedded {done:,} of {wanted:,}"))
        self.vectors = vectors

    def trained(self, name: str, rows: Rows) -> Head:
        return self._trainer.head(name, rows)

    def chances(self, name: str, heads: Mapping[str, Head], rows: Sequence[Row]) -> NDArray[np.float64]:
        """(n, c): what the head `name` says of `rows`, with those that it stands on, as the assessor asks them."""
        wanted = with_below(name, heads)
        readings = [read(row.item) for row in rows]
        if id(rows) not in self._views:
            self._views[id(rows)] = {
                "whole": ngrams([reading.whole for reading in readings], self._idf),
                "own": ngrams([reading.own for reading in readings], self._idf),
            }
        views = self._views[id(rows)]
        dense = None
        if name != "filter":
            cues = cue_matrix(readings, [owner_of(reading) for reading in readings])
            dense = beside_cues(self.vectors.encode([reading.embedded for reading in readings]), cues)
        found = HeadSet([heads[each] for each in NAMES if each in wanted], self._family, self._landmarks)
        return found.probabilities(views, dense)[name]

    def stacks(self, name: str) -> tuple[str, ...]:
        return self._in_use[name].stacks

    @property
    def terms(self) -> Terms:
        return self._terms

    def say(self, line: str) -> None:
        self._progress(line)
