"""`tin3c models learn`: narration with what people arranged against narration as it is in use.

Four numbers are learnt (models/weights.py), by a logistic regression on what the narrator weighs (models/meetings.py):
the two sides of what people joined or parted, and items of the project's own corpus with the narratives that they meet,
of which the same is to be decided as by the numbers in use. (Learning the corpus's own answers as well cost up to 0.2
of B³ F1 there: posts on one claim often resemble others more than each other.)

Compared are narrators at work: on what people arranged, in parts of which each is placed by what was learnt without it,
and on the fixed fifth of the corpus, from which nothing is learnt.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from models.arranged import Act, Arranged, arranged
from models.comparing import Judgement, Terms
from models.likeness import features_of
from models.meetings import Corpus, corpus, direction, of_acts, of_corpus
from models.narration import StreamNarrator, narrated
from models.retrieval import b_cubed
from models.weights import MOST, Weights
from records.narrative import NarratableItem, NarrativePair

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.vectors import VectorCache

    Floats = NDArray[np.float64]

NAME = "narration"
_FOLDS = 5
#: How surely a score decides: a tenth above the limit is as good as certain.
_STEEPNESS = 30.0
#: The corpus weighs so many times as much as all acts and these together: few acts move little. Chosen on corpora of
#: which one half was arranged.
_CORPUS_WEIGHT, _ACTS_BEFORE = 8.0, 20
#: Keeps what neither of them says anything of where it is.
_PULL = 5.0


@dataclass(frozen=True, slots=True)
class Learnt:
    """`weights`: None where those in use stay."""

    weights: Weights | None
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Narration:
    """How narratives are told apart now. `similarity`: what an item must reach to join one."""

    window: timedelta
    similarity: float
    weights: Weights

    def narrator(self, weights: Weights) -> StreamNarrator:
        return StreamNarrator(self.window, self.similarity, weights)


def learn(
    pairs: Sequence[NarrativePair],
    vectors: VectorCache,
    in_use: Narration,
    known_until: datetime | None,
    *,
    terms: Terms | None = None,
    progress: Callable[[str], None] = lambda line: None,
) -> Learnt:
    """Judge what the pairs would change. `known_until`: the last act that the weights in use have learnt from."""
    return _Learning(arranged(pairs), vectors, in_use, terms or Terms(), progress).run(known_until)


class _Learning:
    def __init__(
        self,
        desk: Arranged,
        vectors: VectorCache,
        in_use: Narration,
        terms: Terms,
        progress: Callable[[str], None],
    ) -> None:
        self._desk, self._vectors, self._in_use = desk, vectors, in_use
        self._terms, self._progress = terms, progress

    def run(self, known_until: datetime | None) -> Learnt:
        acts, parts = self._desk.acts, self._parts()
        new = sum(known_until is None or act.at > known_until for act in acts)
        judgement = Judgement(NAME, False, "", len(acts), new)
        if why := "no_words" if not acts else "nothing_new" if not new else "":
            return Learnt(None, dataclasses.replace(judgement, why=why))
        if len(acts) < self._terms.least_rows or len(parts) < 2:
            return Learnt(None, dataclasses.replace(judgement, why="too_few", held_out=len(acts)))
        self._progress(f"{NAME}: {new} new acts; learning from {len(acts)}")
        (teaching, fixed), dimensions = corpus(self._vectors), self._vectors.dimensions
        self._corpus, items = of_corpus(teaching, dimensions, self._in_use.weights), self._desk.items
        self._features = dict(zip(items, features_of(list(items.values()), dimensions), strict=True))
        tried = self._learnt(acts)
        before = sum(self._right(part, self._in_use.weights) for part in parts)
        after = sum(self._right(part, self._learnt(self._but(part))) for part in parts)
        fixed_before, fixed_after = (self._told_apart(fixed, weights) for weights in (self._in_use.weights, tried))
        wanted = max(self._terms.least_gain, math.ceil(self._terms.margin * len(acts)))
        better, worse = after - before >= wanted, fixed_after < fixed_before
        judgement = dataclasses.replace(
            judgement,
            taken=better and not worse,
            why="not_better" if not better else "worse_on_fixed" if worse else "better",
            held_out=len(acts),
            desk_before=round(before / len(acts), 4),
            desk_after=round(after / len(acts), 4),
            fixed_before=round(fixed_before, 4),
            fixed_after=round(fixed_after, 4),
            fixed_rows=len(fixed.items),
        )
        return Learnt(tried if judgement.taken else None, judgement)

    def _parts(self) -> list[tuple[Act, ...]]:
        """What is measured together, and learnt from by none of what it is measured with."""
        groups = self._desk.groups
        parts = [tuple(act for group in groups[part::_FOLDS] for act in group) for part in range(_FOLDS)]
        return [part for part in parts if part]

    def _but(self, part: Sequence[Act]) -> list[Act]:
        held_out = {id(act) for act in part}
        return [act for act in self._desk.acts if id(act) not in held_out]

    def _learnt(self, acts: Sequence[Act]) -> Weights:
        together = np.array([act.together for act in acts])
        met = of_acts(acts, self._features)
        return fitted(met, together, self._corpus, self._in_use.weights, self._in_use.similarity)

    def _right(self, part: Sequence[Act], weights: Weights) -> float:
        """Acts that the narrator comes to by itself; of one that it comes to in part, the share of its pairs."""
        ids = {id for act in part for pair in act.pairs for id in pair}
        told = narrated(self._in_use.narrator(weights), _in_order(self._desk.items[id] for id in ids))
        shares = [[(told[one] == told[other]) == act.together for one, other in act.pairs] for act in part]
        return sum(sum(share) / len(share) for share in shares)

    def _told_apart(self, known: Corpus, weights: Weights) -> float:
        """B³ F1."""
        told = narrated(self._in_use.narrator(weights), known.items)
        return b_cubed(known.narratives, [told[item.id] for item in known.items])


def fitted(acts: Floats, together: NDArray[np.bool_], corpus: Floats, in_use: Weights, similarity: float) -> Weights:
    """Weights under which what people joined reaches `similarity`, what they parted does not, and in the corpus the
    same is decided as by the weights in use. `acts` (n, 4), `corpus` (m, 4): meetings; `together` (n,)."""
    from scipy.optimize import minimize

    start = direction(in_use, similarity)
    signs = np.where(together, 1.0, -1.0)
    acts, corpus = (np.hstack([terms, np.ones((len(terms), 1))]) for terms in (acts, corpus))
    usual = _chance(_STEEPNESS * corpus @ start)
    share = _CORPUS_WEIGHT * (len(acts) + _ACTS_BEFORE) / max(len(corpus), 1)

    def loss(values: Floats) -> tuple[float, Floats]:
        margins, scores = signs * (_STEEPNESS * acts @ values), _STEEPNESS * corpus @ values
        lost = np.logaddexp(0.0, -margins).sum() + share * (np.logaddexp(0.0, scores) - usual * scores).sum()
        slopes = -signs * _chance(-margins) @ acts + share * (_chance(scores) - usual) @ corpus
        off = values - start
        return float(lost + _PULL * off @ off), _STEEPNESS * slopes + 2 * _PULL * off

    # The words stay what the others are measured by.
    bounds = [(start[0] / 2, None), (0.0, None), (None, None), (None, None), (None, None)]
    values = np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x)
    vectors, posts, lift, base = (values[1:] / values[0]).tolist()
    numbers = (vectors, -posts, lift, base + similarity)
    return Weights(*(round(min(max(number, -MOST), MOST), 4) for number in numbers))


def _chance(scores: Floats) -> Floats:
    return np.exp(-np.logaddexp(0.0, -scores))


def _in_order(items: Iterable[NarratableItem]) -> list[NarratableItem]:
    """As they wait for the narrator."""
    return sorted(items, key=lambda item: (item.published is None, item.when, item.id))
