"""`tin3c models learn`: heads with the desk's newest words against those without them, head by head.

Heads in use have learnt from the whole corpus, so that no part of it can measure them fairly. What is compared is
therefore what both would be without it: each is trained anew without a fixed fifth of the corpus and without a fifth
of the desk's narratives, once with the words that the head in use knew and once with all. Both fifths are drawn by
hash, by narrative. A head that passes is then trained on everything.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models import holding_out
from models.cues import cue_matrix, owner_of
from models.examples import Row, desk_rows
from models.features import ngrams
from models.heads import NAMES, Head, HeadSet
from models.reading import read
from models.training import Trainer
from models.vectors import VectorCache
from records.assessment import Correction, Harm, Kind, Stance
from records.item import Item
from records.topics import TOPICS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.heads import View
    from models.landmarks import Landmarks
    from records.ports import Encoder

#: Head → the field that it answers, those that it stands on before it.
FIELDS = {
    "kind": "kind",
    "stance": "stance",
    "topic": "topic",
    "filter": "health",
    "health": "health",
    "harm": "harm",
    "attention": "attention",
}
_YES_OR_NO = {"filter", "health", "attention"}
#: On the fixed set: macro F1, or AUC of a head that says yes or no. Nothing goes from above to below.
FLOORS = {"kind": 0.80, "stance": 0.80, "harm": 0.70, "filter": 0.96, "health": 0.96}
_ANSWERS: dict[str, set[str]] = {
    "kind": set(Kind),
    "stance": set(Stance),
    "harm": set(Harm),
    "topic": {"none", *TOPICS},
    "health": {"yes", "no"},
    "attention": {"yes", "no"},
}


@dataclass(frozen=True, slots=True)
class Terms:
    """A head is taken when of the desk's held-out words, at least `least_rows`, it gets `margin` more right (a share;
    `least_gain` words at least), and its figure on the fixed set falls by `tolerance` at most."""

    margin: float = 0.02
    least_gain: int = 2
    least_rows: int = 8
    tolerance: float = 0.01


@dataclass(frozen=True, slots=True)
class Judgement:
    """`words`: of the desk on this field; `new`: that the head in use does not know; `held_out`: measured on.

    `desk_*`: shares of those that were answered as the person said; `fixed_*`: macro F1 or AUC; before and after.
    `why`: a code: better, no_words, nothing_new, not_here, too_few, not_better, worse_on_fixed, below_floor,
    others_worse.
    """

    head: str
    taken: bool
    why: str
    words: int = 0
    new: int = 0
    held_out: int = 0
    desk_before: float | None = None
    desk_after: float | None = None
    fixed_before: float | None = None
    fixed_after: float | None = None
    fixed_rows: int = 0


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
        self._by_rows: dict[tuple[object, ...], Any] = {}

    def idf(self, rows: dict[str, list[Row]]) -> NDArray[np.float32]:
        return self._kept_idf

    def _measured(self, name: str, rows: dict[str, list[Row]]) -> Any:
        below = ("kind", "stance", "harm") if name == "attention" else ("kind", "stance") if name == "harm" else ()
        key = (name, *(id(rows[each]) for each in (name, *below)))
        if key not in self._by_rows:
            self._known.pop(name, None)
            self._by_rows[key] = super()._measured(name, rows)
        return self._by_rows[key]


Rows = dict[str, list[Row]]


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
        desk = sorted({row.group for rows in after.values() for row in rows if row.origin == "desk"})
        judging = _Judging(self, before, after, holding_out.held_out(desk))
        judgements = [judging.judge(name, corrections, known[name]) for name in FIELDS]
        judgements = judging.settle(judgements)
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
        rows = {name: list(those) for name, those in corpus.items()}
        for name, field in FIELDS.items():
            if name in rows:
                desk = [row for row in desk_rows(corrections[name]) if field in row.labels]
                desk = [dataclasses.replace(row, group=groups[row.item.id]) for row in desk]
                rows[name] += desk + [row.unmarked() for row in desk]
        return rows

    def _embed(self, rows: Rows) -> None:
        """All texts at once, into the file that every trainer reads."""
        texts = sorted({read(row.item).embedded for name, those in rows.items() if name != "filter" for row in those})
        vectors = VectorCache(self._encoder, self._cache)
        vectors.encode(texts, lambda done, wanted: self._progress(f"embedded {done:,} of {wanted:,}"))
        self.vectors = vectors

    def trained(self, names: Sequence[str], rows: Rows) -> dict[str, Head]:
        return {name: self._trainer.head(name, rows) for name in names}

    def chances(self, name: str, heads: Mapping[str, Head], rows: Sequence[Row]) -> NDArray[np.float64]:
        """(n, c): what the head `name` says of `rows`, with those that it stands on, as the assessor asks them."""
        wanted = _with_below(name, heads)
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
            dense = np.hstack([self.vectors.encode([reading.embedded for reading in readings]), cues])
        found = HeadSet([heads[each] for each in NAMES if each in wanted], self._family, self._landmarks)
        return found.probabilities(views, dense)[name]

    def stacks(self, name: str) -> tuple[str, ...]:
        return self._in_use[name].stacks

    @property
    def terms(self) -> Terms:
        return self._terms

    def say(self, line: str) -> None:
        self._progress(line)


class _Judging:
    """Both sides without what they are measured on; `_heads` are those of the one in use until one is taken."""

    def __init__(self, learning: _Learning, before: Rows, after: Rows, held_out: set[str]) -> None:
        self._learning, self._held_out = learning, held_out
        self._before = {name: self._seen(rows) for name, rows in before.items()}
        self._after = {name: self._seen(rows) for name, rows in after.items()}
        self._desk = {
            name: [row for row in rows if row.group in held_out and not row.copy] for name, rows in after.items()
        }
        self._fixed = {
            name: [row for row in rows if holding_out.fixed(row) and not row.copy] for name, rows in before.items()
        }
        self._old: dict[str, Head] = {}
        self._heads: dict[str, Head] = {}
        self._rows = dict(self._before)

    def _seen(self, rows: Sequence[Row]) -> list[Row]:
        return [row for row in rows if not holding_out.fixed(row) and row.group not in self._held_out]

    def judge(self, name: str, corrections: Corrected, known: Corrected) -> Judgement:
        field, terms = FIELDS[name], self._learning.terms
        words = len({pair[0].item_id for pair in corrections if pair[0].about == field})
        new = sum(pair[0].about == field for pair in corrections) - sum(pair[0].about == field for pair in known)
        judgement = Judgement(name, False, "", words, new)
        if not words:
            return dataclasses.replace(judgement, why="no_words")
        if not new:
            return dataclasses.replace(judgement, why="nothing_new")
        if name not in self._after:
            return dataclasses.replace(judgement, why="not_here")
        desk, fixed = self._desk[name], self._fixed[name]
        judgement = dataclasses.replace(judgement, held_out=len(desk), fixed_rows=len(fixed))
        if len(desk) < terms.least_rows:
            return dataclasses.replace(judgement, why="too_few")
        self._learning.say(f"{name}: {new} new words; learning without them and with them")
        self._need(name)
        tried = self._learning.trained([name], self._rows | {name: self._after[name]})[name]
        with_it = self._heads | {name: tried}
        before, after = self._right(name, self._old), self._right(name, with_it)
        fixed_before, fixed_after = self._figure(name, self._old), self._figure(name, with_it)
        wanted = max(terms.least_gain, math.ceil(terms.margin * len(desk)))
        if after - before < wanted:
            why = "not_better"
        elif fixed_after < fixed_before - terms.tolerance:
            why = "worse_on_fixed"
        elif fixed_after < FLOORS.get(name, 0.0) <= fixed_before:
            why = "below_floor"
        else:
            why = "better"
            self._heads[name], self._rows[name] = tried, self._after[name]
        return dataclasses.replace(
            judgement,
            taken=why == "better",
            why=why,
            desk_before=_rounded(before / len(desk)),
            desk_after=_rounded(after / len(desk)),
            fixed_before=_rounded(fixed_before),
            fixed_after=_rounded(fixed_after),
        )

    def settle(self, judgements: Sequence[Judgement]) -> list[Judgement]:
        """Take none on which another head, which stays, would stand worse."""
        taken = {each.head for each in judgements if each.taken}
        spoilt: set[str] = set()
        for name in ("harm", "attention"):
            below = set(self._learning.stacks(name))
            if name in taken or not below & taken:
                continue
            self._need(name)
            if self._figure(name, self._heads) < self._figure(name, self._old) - self._learning.terms.tolerance:
                spoilt |= (below & taken) | {each for each in ("harm", "attention") if each in taken}
        return [
            dataclasses.replace(each, taken=False, why="others_worse") if each.head in spoilt else each
            for each in judgements
        ]

    def _need(self, name: str) -> None:
        """The heads in use as they would be without what is held out: this one, and those that it stands on."""
        missing = [each for each in (*self._learning.stacks(name), name) if each not in self._old]
        for each, head in self._learning.trained(missing, self._before).items():
            self._old[each] = head
            self._heads.setdefault(each, head)

    def _right(self, name: str, heads: Mapping[str, Head]) -> int:
        rows = self._desk[name]
        said = _answers(heads[name], self._learning.chances(name, heads, rows))
        return sum(row.labels[FIELDS[name]] == one for row, one in zip(rows, said, strict=True))

    def _figure(self, name: str, heads: Mapping[str, Head]) -> float:
        from sklearn.metrics import f1_score, roc_auc_score

        rows, chances = self._fixed[name], self._learning.chances(name, heads, self._fixed[name])
        truth = [row.labels[FIELDS[name]] for row in rows]
        if name in _YES_OR_NO:
            return float(roc_auc_score([label == "yes" for label in truth], chances[:, 0]))
        said = _answers(heads[name], chances)
        return float(f1_score(truth, said, average="macro", labels=sorted(set(truth)), zero_division=0))


def _answers(head: Head, chances: NDArray[np.float64]) -> list[str]:
    if len(head.classes) == 1:
        return ["yes" if chance >= head.threshold else "no" for chance in chances[:, 0]]
    return [head.answer(row) for row in chances]


def _with_below(name: str, heads: Mapping[str, Head]) -> set[str]:
    found = {name}
    for each in heads[name].stacks:
        found |= _with_below(each, heads)
    return found


def _rounded(value: float) -> float:
    return round(value, 4)
