"""Fitting one head: its models in folds that never split a group, a calibrated mix, then all rows."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from models import kernel
from models.heads import Head, Mix, View, squash, tempered

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse

    Floats = NDArray[np.float64]
    #: Scores (n, c) of n-grams, dense, near: what a Mix weighs, in its order.
    Parts = tuple[Floats, Floats | None, Floats | None]

FOLDS = 5
_SEED = 3
#: Inverse strength of regularisation; chosen out of fold on the shared data and the own corpus.
_NGRAMS_C = 3.0
_DENSE_C = 0.02
#: Of how telling an n-gram is: what each is taken to have been seen beforehand; what one that tells nothing keeps, and
#: what one that tells as much as they do on average has on top. Chosen out of fold, as the strengths above.
_SEEN_BEFOREHAND = 0.1
_TELLING = 0.3, 0.35
#: Where so many rows are counted that what tells nothing is known to.
_TELLING_OF_MANY = 0.1, 0.4
_MANY = 25_000
#: Where there are a few hundred claims and not thousands of items.
_DENSE_C_OF_FEW = 0.005
_FEW = 6_000
_STACK_DECAY = 3e-3
#: Power of a row's weight where scores become probabilities: these are to hold for rows that weigh little, too.
_EVENLY = 0.3


@dataclass(frozen=True)
class Task:
    """Rows of one head. `labels` index `classes`; of a yes-or-no head they are 0 or 1 and `classes` has one name.

    `ngrams` (n, BUCKETS), `dense` (n, d) or None; `nearby`: landmarks, learnt together with the n-grams, or None.
    `copies`: augmentations, learnt from and never measured. `sets`: rows of each are shared out to the folds by
    themselves, so that what one grows by does not stir the folds of the others.
    """

    name: str
    classes: tuple[str, ...]
    view: View
    labels: NDArray[np.int64]
    groups: Sequence[str]
    weights: Floats
    copies: NDArray[np.bool_]
    ngrams: sparse.csr_matrix
    dense: NDArray[np.float32] | None
    most_buckets: int
    strata: Sequence[str]  # what every fold has its share of
    sets: Sequence[str]
    stacks: tuple[str, ...] = ()
    below: Floats | None = None  # (n, k): out-of-fold probabilities of the heads `stacks`
    nearby: kernel.Nearby | None = None

    @property
    def wanted(self) -> NDArray[np.bool_]:
        """(n, c): what is right."""
        return np.asarray(self.labels[:, None] == np.array(_targets(self)))

    @property
    def dense_c(self) -> float:
        return _DENSE_C_OF_FEW if len(self.labels) < _FEW else _DENSE_C

    @property
    def telling(self) -> tuple[float, float]:
        return _TELLING if len(self.labels) < _MANY else _TELLING_OF_MANY


@dataclass(frozen=True)
class Joint:
    """How the scores of one head become probabilities: its mix, and what the heads below add, (k, c).

    `alone` (c, c): what the scores of the n-grams learnt alone add, beside those learnt with the landmarks; no rows
    where there are no landmarks.
    """

    mix: Mix
    stacked: Floats
    alone: Floats


@dataclass(frozen=True)
class Linear:
    weights: NDArray[np.float32]  # (d, c)
    bias: Floats  # (c,)

    def scores(self, matrix: Any) -> Floats:
        return np.asarray(matrix @ self.weights, np.float64) + self.bias


@dataclass(frozen=True)
class Scores:
    """Of rows that the models have not seen, (n, c) each: of the n-grams, of what stands beside them, and of n-grams
    that were learnt `alone`."""

    ngrams: Floats
    dense: Floats | None
    near: Floats | None
    alone: Floats

    def parts(self, rows: NDArray[np.int64] | slice = slice(None)) -> Parts:
        dense, near = (None if part is None else part[rows] for part in (self.dense, self.near))
        return self.ngrams[rows], dense, near

    def parts_alone(self, rows: NDArray[np.int64] | slice = slice(None)) -> Parts:
        return self.alone[rows], None, None


def out_of_fold(task: Task) -> Scores:
    shape = (len(task.labels), len(task.classes))
    alone, dense, ngrams, near = (np.zeros(shape) for _ in range(4))
    for seen, unseen in folds(task):
        alone[unseen] = _ngram_model(task, seen).scores(task.ngrams[unseen])
        if task.dense is not None:
            dense[unseen] = _dense_model(task, task.dense, seen).scores(task.dense[unseen])
        if task.nearby is not None:
            model = _joint_model(task, task.nearby, seen)
            ngrams[unseen], near[unseen] = model.scores(task.ngrams[unseen], task.nearby.near[unseen])
    return Scores(
        ngrams=alone if task.nearby is None else ngrams,
        dense=None if task.dense is None else dense,
        near=None if task.nearby is None else near,
        alone=alone,
    )


def folds(task: Task) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """(seen, unseen) rows; a group of a set is never on both sides."""
    from sklearn.model_selection import StratifiedGroupKFold

    split = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=_SEED)
    fold = np.zeros(len(task.labels), np.int64)
    for name in sorted(set(task.sets)):
        rows = np.flatnonzero(np.array(task.sets) == name)
        strata, groups = ([values[row] for row in rows.tolist()] for values in (task.strata, task.groups))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a topic with fewer than five rows
            for number, (_, unseen) in enumerate(split.split(rows, strata, groups)):
                fold[rows[unseen]] = number
    return [(np.flatnonzero(fold != number), np.flatnonzero(fold == number)) for number in range(FOLDS)]


def mixes(task: Task, scores: Scores) -> tuple[Joint, Mix, Floats, Floats]:
    """(with all parts, n-grams alone, and the probabilities of each, (n, c)).

    Calibrated on out-of-fold scores by the log loss. The probabilities are of mixes that have not seen the row's fold:
    what is chosen here is not measured on the rows that it was chosen on.
    """
    chances, alone = np.zeros_like(scores.ngrams), np.zeros_like(scores.alone)
    for seen, unseen in folds(task):
        rows = seen[~task.copies[seen]]
        joint, beside = _join(task, scores, rows), _beside(task, scores, unseen)
        chances[unseen] = _squashed(joint.mix, np.vstack([joint.stacked, joint.alone]), scores.parts(unseen), beside)
        nothing = np.zeros((len(unseen), 0)), np.zeros((0, len(task.classes)))
        alone[unseen] = _squashed(_join_ngrams(task, scores, rows), nothing[1], scores.parts_alone(unseen), nothing[0])
    everything = np.flatnonzero(~task.copies)
    return _join(task, scores, everything), _join_ngrams(task, scores, everything), chances, alone


def _beside(task: Task, scores: Scores, rows: NDArray[np.int64]) -> Floats:
    """(n, k + c): what is added to the scores beside the mix; k probabilities of heads below, c scores, or none."""
    none = np.zeros((len(rows), 0))
    below = none if task.below is None else task.below[rows]
    return np.hstack([below, none if task.nearby is None else scores.alone[rows]])


def _squashed(mix: Mix, added: Floats, parts: Parts, beside: Floats) -> Floats:
    scores = np.zeros_like(parts[0]) + np.array(mix.bias)
    for share, part in zip((mix.ngrams, mix.dense, mix.near), parts, strict=True):
        if part is not None:
            scores = scores + share * part
    return tempered(squash(scores + beside @ added), mix.temperature)


def lift(task: Task, chances: Floats, among: NDArray[np.int64]) -> Floats:
    """(c,): the power of each class's rarity that gives the best macro F1 of the rows `among`; ones where none helps.

    Of ordered classes, an answer that is one step off costs less than one that is three off.
    """
    from sklearn.metrics import f1_score

    if len(task.classes) == 1:
        return np.ones(1)
    among = among[~task.copies[among]]
    labels, measured = task.labels[among], chances[among]
    share = (np.bincount(labels, minlength=len(task.classes)) + 1) / (len(labels) + len(task.classes))
    powers = [share**-power for power in (0.0, 0.25, 0.5, 0.75)]

    def worth(power: Floats) -> float:
        said = (measured * power).argmax(axis=1)
        off = float(np.abs(said - labels).mean()) / 4 if task.name == "harm" else 0.0
        return float(f1_score(labels, said, average="macro", zero_division=0)) - off

    best = max(powers, key=worth)
    return np.asarray(np.round(best / best.min(), 4))


def fit(
    task: Task, family: str, both: tuple[Joint, Mix], threshold: float, lifted: Floats, note: dict[str, Any]
) -> Head:
    """The head learnt from all rows; intercepts go into the mixes' bias.

    Both models of the n-grams are linear, and so is the mix: together they are one table of weights.
    """
    everything = np.arange(len(task.labels))
    alone_model = _ngram_model(task, everything)
    joint, alone = both
    mix, share = joint.mix, joint.mix.ngrams
    bias = np.array(mix.bias)
    dense, near = (np.zeros((0, len(task.classes)), np.float32) for _ in range(2))
    ngrams = alone_model.weights
    if task.nearby is not None:
        model = _joint_model(task, task.nearby, everything)
        ngrams = np.asarray(mix.ngrams * model.ngrams + alone_model.weights @ joint.alone, np.float32)
        near, share = model.near, 1.0
        bias = bias + mix.near * model.bias + alone_model.bias @ joint.alone
    else:
        bias = bias + mix.ngrams * alone_model.bias
    if task.dense is not None:
        dense_model = _dense_model(task, task.dense, everything)
        dense = dense_model.weights.astype(np.float16).astype(np.float32)
        # The bias makes good what rounding the weights moved, on average.
        moved = task.dense.mean(axis=0) @ (dense_model.weights - dense)
        bias = bias + mix.dense * (dense_model.bias + moved)
    bias_alone = np.array(alone.bias) + alone.ngrams * alone_model.bias
    buckets = _heaviest(ngrams, task.most_buckets)
    buckets_alone = _heaviest(alone_model.weights, task.most_buckets if task.nearby is not None else 0)
    return Head(
        name=task.name,
        classes=task.classes,
        view=task.view,
        family=family,
        buckets=buckets,
        weights=ngrams[buckets],
        buckets_alone=buckets_alone,
        weights_alone=alone_model.weights[buckets_alone],
        dense=dense,
        near=near,
        mix=replace(mix, ngrams=share, bias=tuple(bias.tolist())),
        without_dense=replace(alone, bias=tuple(bias_alone.tolist())),
        threshold=threshold,
        lift=tuple(lifted.tolist()),
        stacks=task.stacks,
        stacked=joint.stacked.astype(np.float32),
        note=note,
    )


def _heaviest(weights: NDArray[np.float32], most: int) -> NDArray[np.int32]:
    """The buckets that weigh anything, in order; the `most` heaviest of them."""
    weight = np.abs(weights).max(axis=1)
    buckets = np.sort(np.argsort(-weight, kind="stable")[:most])
    return np.asarray(buckets[weight[buckets] > 0], np.int32)


def _joint_model(task: Task, nearby: kernel.Nearby, rows: NDArray[np.int64]) -> kernel.Joint:
    return kernel.solve(nearby, task.ngrams, task.wanted, task.weights, rows, np.array(task.groups))


def _ngram_model(task: Task, rows: NDArray[np.int64]) -> Linear:
    """One against the rest, by liblinear's dual: fast where there are more n-grams than rows.

    What occurs much more often on one side is trusted more before anything is learnt, which finds the rare words that
    decide (Wang and Manning, "Baselines and Bigrams", ACL 2012).
    """
    matrix, labels, weights = task.ngrams[rows], task.labels[rows], task.weights[rows]
    columns = [_binary(matrix, labels == target, weights, task.telling) for target in _targets(task)]
    return Linear(np.stack([w for w, _ in columns], axis=1), np.array([b for _, b in columns]))


def _targets(task: Task) -> Sequence[int]:
    return (1,) if len(task.classes) == 1 else range(len(task.classes))


def _binary(
    matrix: sparse.csr_matrix, yes: NDArray[np.bool_], weights: Floats, weighed: tuple[float, float]
) -> tuple[NDArray[np.float32], float]:
    from sklearn.linear_model import LogisticRegression

    if yes.all() or not yes.any():
        return np.zeros(matrix.shape[1], np.float32), 5.0 if yes.all() else -5.0
    model = LogisticRegression(
        C=_NGRAMS_C, solver="liblinear", dual=True, class_weight="balanced", tol=0.02, random_state=_SEED, max_iter=40
    )
    telling = _telling(matrix, yes, weights, weighed)
    scaled = matrix.copy()
    scaled.data = scaled.data * telling[scaled.indices]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it stops at max_iter where a class is tiny: good enough there
        model.fit(scaled, yes, sample_weight=weights)
    return (model.coef_[0] * telling).astype(np.float32), float(model.intercept_[0])


def _telling(
    matrix: sparse.csr_matrix, yes: NDArray[np.bool_], weights: Floats, weighed: tuple[float, float]
) -> NDArray[np.float32]:
    """(BUCKETS,): the least, and what is usual on top, by how far an n-gram's share of the rows with yes is from its
    share of the others, as a ratio's log."""
    occurs = matrix.copy()
    occurs.data = np.ones_like(occurs.data)
    shares = [np.asarray(occurs.T @ (weights * side)) + _SEEN_BEFOREHAND for side in (yes, ~yes)]
    ratio = np.abs(np.log((shares[0] / shares[0].sum()) / (shares[1] / shares[1].sum())))
    seen = np.bincount(matrix.indices, minlength=matrix.shape[1]) > 0
    usual = float(ratio[seen].mean()) if seen.any() else 0.0
    least, usually = weighed
    return np.asarray(least + usually * (ratio / usual if usual else ratio), np.float32)


def _dense_model(task: Task, dense: NDArray[np.float32], rows: NDArray[np.int64]) -> Linear:
    """On standardised columns, whose scales then go into the weights; all classes at once."""
    from sklearn.linear_model import LogisticRegression

    matrix, labels, weights = dense[rows].astype(np.float64), task.labels[rows], task.weights[rows]
    mean, scale = matrix.mean(axis=0), np.maximum(matrix.std(axis=0), 1e-3)
    model = LogisticRegression(C=task.dense_c, class_weight="balanced", max_iter=300, tol=1e-3)
    model.fit((matrix - mean) / scale, labels, sample_weight=weights)
    columns = np.zeros((matrix.shape[1], len(task.classes)))
    bias = np.full(len(task.classes), -5.0)  # of a class that is not among the rows
    known = slice(None) if len(task.classes) == 1 else model.classes_
    columns[:, known] = (model.coef_ / scale).T
    bias[known] = model.intercept_ - (model.coef_ / scale) @ mean
    return Linear(columns.astype(np.float32), bias)


def _join_ngrams(task: Task, scores: Scores, rows: NDArray[np.int64]) -> Mix:
    nothing = np.zeros((len(rows), 0))
    return _mixed(scores.parts_alone(rows), nothing, task.labels[rows], task.weights[rows] ** _EVENLY)[0]


def _join(task: Task, scores: Scores, rows: NDArray[np.int64]) -> Joint:
    beside = _beside(task, scores, rows)
    mix, added = _mixed(scores.parts(rows), beside, task.labels[rows], task.weights[rows] ** _EVENLY)
    stacked = 0 if task.below is None else task.below.shape[1]
    return Joint(mix, added[:stacked], added[stacked:])


def _mixed(parts: Parts, beside: Floats, labels: NDArray[np.int64], weights: Floats) -> tuple[Mix, Floats]:
    """(the mix, (k, c) what each column of `beside` adds)."""
    from scipy.optimize import minimize

    count, classes = len(parts), parts[0].shape[1]
    rows = np.arange(len(labels))
    width = beside.shape[1]

    def apart(values: Floats) -> tuple[Mix, Floats]:
        bias = tuple(values[count : count + classes].tolist())
        ngrams, dense, near = values[:count].tolist()
        return Mix(ngrams, dense, near, bias), values[count + classes :].reshape(width, classes)

    def loss(values: Floats) -> tuple[float, Floats]:
        chances = _squashed(*apart(values), parts, beside)
        if classes == 1:
            right = np.where(labels == 1, chances[:, 0], 1 - chances[:, 0])
            wrong = chances - labels[:, None]
        else:
            right = chances[rows, labels]
            wrong = chances.copy()
            wrong[rows, labels] -= 1
        share = (weights / weights.sum())[:, None]
        moved = wrong * share
        slopes = [np.array([0.0 if part is None else (moved * part).sum() for part in parts]), moved.sum(axis=0)]
        slopes.append((beside.T @ moved).ravel())
        # A little weight decay keeps the bias of a class that hardly occurs finite.
        decay = np.full(len(values), 1e-4)
        decay[count + classes :] = _STACK_DECAY
        value = -(share[:, 0] * np.log(np.maximum(right, 1e-9))).sum() + (decay * values**2).sum()
        return float(value), np.concatenate(slopes) + 2 * decay * values

    start = np.zeros(count + classes + width * classes)
    start[:count] = [0.0 if part is None else 0.5 for part in parts]
    mix, added = apart(minimize(loss, start, jac=True, method="L-BFGS-B").x)
    if classes > 1:
        chances = _squashed(mix, added, parts, beside)
        mix = replace(mix, temperature=_temperature(chances, chances.argmax(axis=1) == labels, weights))
    return mix, added


def _temperature(chances: Floats, right: NDArray[np.bool_], weights: Floats) -> tuple[float, float]:
    """At which the chance of the likeliest class says best whether it is `right`: see `tempered`."""
    from scipy.optimize import minimize

    def loss(values: Floats) -> float:
        base, by_sureness = values.tolist()
        sure = np.clip(tempered(chances, (base, by_sureness)).max(axis=1), 1e-9, 1 - 1e-9)
        # As above, a little decay keeps what all rows get right finite.
        lost = -np.average(np.where(right, np.log(sure), np.log(1 - sure)), weights=weights)
        return float(lost + 1e-4 * (values**2).sum())

    base, by_sureness = minimize(loss, np.zeros(2), method="Nelder-Mead").x.tolist()
    return round(base, 4), round(by_sureness, 4)
