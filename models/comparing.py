"""Whether a head that was learnt with the desk's newest words is better: than the one in use, and than the shipped one.

Against the one in use alone, many learnings could each lose a little on the fixed set, and together much: what is lost
there since the shipped head, which knows no word of the desk, is bounded too. Each of the three is judged as it would
be without what it is measured on.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from models import holding_out
from models.examples import Row
from models.heads import Head
from records.assessment import Correction
from records.item import Item

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Head → rows.
Rows = dict[str, list[Row]]
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


@dataclass(frozen=True, slots=True)
class Terms:
    """A head is taken when of the desk's held-out words, at least `least_rows`, it gets `margin` more right than the
    one in use (a share; `least_gain` words at least), and no fewer than the shipped one (as many only where it loses
    nothing on the fixed set); and when its figure on the fixed set falls by `tolerance` at most, below both."""

    margin: float = 0.02
    least_gain: int = 2
    least_rows: int = 8
    tolerance: float = 0.01


@dataclass(frozen=True, slots=True)
class Judgement:
    """`words`: of the desk on this field; `new`: that the head in use does not know; `held_out`: measured on.

    `desk_*`: shares of those that were answered as the person said; `fixed_*`: macro F1 or AUC; of the head in use, of
    the new one, and of the shipped one, which knows none of the desk's words.
    `why`: a code: better, no_words, nothing_new, not_here, too_few, others_worse; against the head in use not_better,
    worse_on_fixed, below_floor; against the shipped one not_better_than_shipped, worse_than_shipped.
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
    desk_shipped: float | None = None
    fixed_shipped: float | None = None


class Bench(Protocol):
    """Where heads are trained and asked."""

    @property
    def terms(self) -> Terms: ...

    def trained(self, name: str, rows: Rows) -> Head: ...

    def chances(self, name: str, heads: Mapping[str, Head], rows: Sequence[Row]) -> NDArray[np.float64]:
        """(n, c): what the head `name` says of `rows`, with those of `heads` that it stands on."""
        ...

    def stacks(self, name: str) -> tuple[str, ...]:
        """Those that it stands on."""
        ...

    def say(self, line: str) -> None: ...


@dataclass(frozen=True, slots=True)
class _Measured:
    """`right`: of the desk's held-out answers; `fixed`: macro F1 or AUC on the fixed set."""

    right: int
    fixed: float


class Comparison:
    """All sides without what they are measured on; `_heads` are those of the one in use until one is taken."""

    def __init__(self, bench: Bench, corpus: Rows, before: Rows, after: Rows) -> None:
        """Rows of the corpus alone, with the words that the head in use knew, and with all; where two are the same list
        the heads are the same, and are trained once."""
        desk = sorted({row.group for rows in after.values() for row in rows if row.origin == "desk"})
        self._bench, self._held_out = bench, holding_out.held_out(desk)
        seen: dict[int, list[Row]] = {}
        for rows in (*corpus.values(), *before.values(), *after.values()):
            if id(rows) not in seen:
                seen[id(rows)] = [row for row in rows if not holding_out.fixed(row) and row.group not in self._held_out]
        self._corpus, self._before, self._after = (
            {name: seen[id(rows)] for name, rows in side.items()} for side in (corpus, before, after)
        )
        self._desk = {
            name: [row for row in rows if row.group in self._held_out and not row.copy] for name, rows in after.items()
        }
        self._fixed = {
            name: [row for row in rows if holding_out.fixed(row) and not row.copy] for name, rows in corpus.items()
        }
        self._shipped: dict[str, Head] = {}
        self._old: dict[str, Head] = {}
        self._heads: dict[str, Head] = {}
        self._rows = dict(self._before)

    def judge(
        self, name: str, corrections: Sequence[tuple[Correction, Item]], known: Sequence[tuple[Correction, Item]]
    ) -> Judgement:
        field, terms = FIELDS[name], self._bench.terms
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
        self._bench.say(f"{name}: {new} new corrections, to be compared on {len(desk)} and {len(fixed):,} texts")
        self._need(name)
        tried = self._bench.trained(name, self._rows | {name: self._after[name]})
        shipped, before = self._measured(name, self._shipped), self._measured(name, self._old)
        after = self._measured(name, self._heads | {name: tried})
        why = self._why(name, shipped, before, after)
        if why == "better":
            self._heads[name], self._rows[name] = tried, self._after[name]
        self._bench.say(f"{name}: {why.replace('_', ' ')}")
        return dataclasses.replace(
            judgement,
            taken=why == "better",
            why=why,
            desk_before=_rounded(before.right / len(desk)),
            desk_after=_rounded(after.right / len(desk)),
            desk_shipped=_rounded(shipped.right / len(desk)),
            fixed_before=_rounded(before.fixed),
            fixed_after=_rounded(after.fixed),
            fixed_shipped=_rounded(shipped.fixed),
        )

    def _why(self, name: str, shipped: _Measured, before: _Measured, after: _Measured) -> str:
        terms = self._bench.terms
        wanted = max(terms.least_gain, math.ceil(terms.margin * len(self._desk[name])))
        if after.right - before.right < wanted:
            return "not_better"
        if (after.right, after.fixed) < (shipped.right, shipped.fixed):
            return "not_better_than_shipped"
        if after.fixed < before.fixed - terms.tolerance:
            return "worse_on_fixed"
        if after.fixed < shipped.fixed - terms.tolerance:
            return "worse_than_shipped"
        return "below_floor" if after.fixed < FLOORS.get(name, 0.0) <= before.fixed else "better"

    def settle(self, judgements: Sequence[Judgement]) -> list[Judgement]:
        """Take none on which another head, which stays, would stand worse."""
        taken = {each.head for each in judgements if each.taken}
        spoilt: set[str] = set()
        for name in ("harm", "attention"):
            below = set(self._bench.stacks(name))
            if name in taken or not below & taken:
                continue
            self._need(name)
            if self._stands_worse(name):
                spoilt |= (below & taken) | {each for each in ("harm", "attention") if each in taken}
        return [
            dataclasses.replace(each, taken=False, why="others_worse") if each.head in spoilt else each
            for each in judgements
        ]

    def _stands_worse(self, name: str) -> bool:
        shipped, before, after = (self._figure(name, each) for each in (self._shipped, self._old, self._heads))
        # What stood worse than the shipped one before is not the fault of what is taken now.
        return after < min(before, max(before, shipped) - self._bench.terms.tolerance)

    def _need(self, name: str) -> None:
        """The heads in use and the shipped ones as they would be without what is held out: this one, and those that it
        stands on."""
        for each in (*self._bench.stacks(name), name):
            if each in self._old:
                continue
            self._old[each] = self._bench.trained(each, self._before)
            self._heads.setdefault(each, self._old[each])
            same = all(self._corpus[one] is self._before[one] for one in (each, *self._bench.stacks(each)))
            self._shipped[each] = self._old[each] if same else self._bench.trained(each, self._corpus)

    def _measured(self, name: str, heads: Mapping[str, Head]) -> _Measured:
        rows = self._desk[name]
        said = _answers(heads[name], self._bench.chances(name, heads, rows))
        right = sum(row.labels[FIELDS[name]] == one for row, one in zip(rows, said, strict=True))
        return _Measured(right, self._figure(name, heads))

    def _figure(self, name: str, heads: Mapping[str, Head]) -> float:
        from sklearn.metrics import f1_score, roc_auc_score

        rows, chances = self._fixed[name], self._bench.chances(name, heads, self._fixed[name])
        truth = [row.labels[FIELDS[name]] for row in rows]
        if name in _YES_OR_NO:
            return float(roc_auc_score([label == "yes" for label in truth], chances[:, 0]))
        said = _answers(heads[name], chances)
        return float(f1_score(truth, said, average="macro", labels=sorted(set(truth)), zero_division=0))


def _answers(head: Head, chances: NDArray[np.float64]) -> list[str]:
    if len(head.classes) == 1:
        return ["yes" if chance >= head.threshold else "no" for chance in chances[:, 0]]
    return [head.answer(row) for row in chances]


def with_below(name: str, heads: Mapping[str, Head]) -> set[str]:
    """The head and all those that it stands on."""
    found = {name}
    for each in heads[name].stacks:
        found |= with_below(each, heads)
    return found


def _rounded(value: float) -> float:
    return round(value, 4)
