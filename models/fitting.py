"""Fitting one head: linear models in folds that never split a group, a calibrated mix, then all rows."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from models.heads import Head, Mix, View, squash

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse

    Floats = NDArray[np.float64]

FOLDS = 5
_SEED = 3
#: Inverse strength of regularisation; chosen out of fold on the shared data and the own corpus.
_NGRAMS_C = 10.0
_DENSE_C = 0.02


@dataclass(frozen=True)
class Task:
    """Rows of one head. `labels` index `classes`; of a yes-or-no head they are 0 or 1 and `classes` has one name.

    `ngrams` (n, BUCKETS), `dense` (n, d) or None; `copies`: augmentations, learnt from and never measured.
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


@dataclass(frozen=True)
class Linear:
    weights: NDArray[np.float32]  # (d, c)
    bias: Floats  # (c,)

    def scores(self, matrix: Any) -> Floats:
        return np.asarray(matrix @ self.weights, np.float64) + self.bias


def out_of_fold(task: Task) -> tuple[Floats, Floats | None, NDArray[np.bool_]]:
    """(n-gram scores, dense scores, measured): (n, c) each, of rows that the model has not seen; copies are not."""
    from sklearn.model_selection import StratifiedGroupKFold

    shape = (len(task.labels), len(task.classes))
    first = np.zeros(shape)
    second = np.zeros(shape) if task.dense is not None else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a topic with fewer than five rows
        folds = list(
            StratifiedGroupKFold(FOLDS, shuffle=True, random_state=_SEED).split(
                np.zeros(len(task.labels)), task.labels, task.groups
            )
        )
    for seen, unseen in folds:
        first[unseen] = _ngram_model(task, seen).scores(task.ngrams[unseen])
        if second is not None and task.dense is not None:
            second[unseen] = _dense_model(task, task.dense, seen).scores(task.dense[unseen])
    return first, second, ~task.copies


def mixes(task: Task, first: Floats, second: Floats | None, measured: NDArray[np.bool_]) -> tuple[Mix, Mix]:
    """(with the dense part, without): calibrated on out-of-fold scores by the log loss."""
    labels, weights = task.labels[measured], task.weights[measured]
    alone = _mix(first[measured], None, labels, weights)
    if second is None:
        return alone, alone
    return _mix(first[measured], second[measured], labels, weights), alone


def probabilities(mix: Mix, first: Floats, second: Floats | None) -> Floats:
    scores = mix.ngrams * first + np.array(mix.bias)
    return squash(scores if second is None else scores + mix.dense * second)


def lift(task: Task, chances: Floats) -> Floats:
    """(c,): the power of each class's rarity that gives the best macro F1 out of fold; ones where none helps."""
    from sklearn.metrics import f1_score

    if len(task.classes) == 1:
        return np.ones(1)
    labels, measured = task.labels[~task.copies], chances[~task.copies]
    share = (np.bincount(labels, minlength=len(task.classes)) + 1) / (len(labels) + len(task.classes))
    powers = [share**-power for power in (0.0, 0.25, 0.5, 0.75)]
    best = max(powers, key=lambda each: f1_score(labels, (measured * each).argmax(axis=1), average="macro"))
    return np.asarray(np.round(best / best.min(), 4))


def fit(task: Task, family: str, both: tuple[Mix, Mix], threshold: float, lifted: Floats, note: dict[str, Any]) -> Head:
    """The head learnt from all rows; intercepts go into the mixes' bias."""
    everything = np.arange(len(task.labels))
    ngram_model = _ngram_model(task, everything)
    weight = np.abs(ngram_model.weights).max(axis=1)
    buckets = np.sort(np.argsort(-weight, kind="stable")[: task.most_buckets])
    buckets = buckets[weight[buckets] > 0]
    mix, alone = both
    bias = np.array(mix.bias) + mix.ngrams * ngram_model.bias
    dense = np.zeros((0, len(task.classes)), np.float32)
    if task.dense is not None:
        dense_model = _dense_model(task, task.dense, everything)
        dense = dense_model.weights.astype(np.float16).astype(np.float32)
        # The bias makes good what rounding the weights moved, on average.
        moved = task.dense.mean(axis=0) @ (dense_model.weights - dense)
        bias = bias + mix.dense * (dense_model.bias + moved)
    return Head(
        name=task.name,
        classes=task.classes,
        view=task.view,
        family=family,
        buckets=buckets.astype(np.int32),
        weights=ngram_model.weights[buckets],
        dense=dense,
        mix=Mix(mix.ngrams, mix.dense, tuple(bias.tolist())),
        without_dense=Mix(alone.ngrams, 0.0, tuple((np.array(alone.bias) + alone.ngrams * ngram_model.bias).tolist())),
        threshold=threshold,
        lift=tuple(lifted.tolist()),
        note=note,
    )


def _ngram_model(task: Task, rows: NDArray[np.int64]) -> Linear:
    """One against the rest, by liblinear's dual: fast where there are more n-grams than rows."""
    matrix, labels, weights = task.ngrams[rows], task.labels[rows], task.weights[rows]
    columns = [_binary(matrix, labels == target, weights) for target in _targets(task)]
    return Linear(np.stack([w for w, _ in columns], axis=1), np.array([b for _, b in columns]))


def _targets(task: Task) -> Sequence[int]:
    return (1,) if len(task.classes) == 1 else range(len(task.classes))


def _binary(matrix: sparse.csr_matrix, yes: NDArray[np.bool_], weights: Floats) -> tuple[NDArray[np.float32], float]:
    from sklearn.linear_model import LogisticRegression

    if yes.all() or not yes.any():
        return np.zeros(matrix.shape[1], np.float32), 5.0 if yes.all() else -5.0
    model = LogisticRegression(
        C=_NGRAMS_C, solver="liblinear", dual=True, class_weight="balanced", tol=0.02, random_state=_SEED, max_iter=40
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it stops at max_iter where a class is tiny: good enough there
        model.fit(matrix, yes, sample_weight=weights)
    return model.coef_[0].astype(np.float32), float(model.intercept_[0])


def _dense_model(task: Task, dense: NDArray[np.float32], rows: NDArray[np.int64]) -> Linear:
    """On standardised columns, whose scales then go into the weights."""
    from sklearn.linear_model import LogisticRegression

    matrix, labels, weights = dense[rows].astype(np.float64), task.labels[rows], task.weights[rows]
    mean, scale = matrix.mean(axis=0), np.maximum(matrix.std(axis=0), 1e-3)
    scaled = (matrix - mean) / scale
    columns = []
    for target in _targets(task):
        yes = labels == target
        if yes.all() or not yes.any():
            columns.append((np.zeros(matrix.shape[1]), 5.0 if yes.all() else -5.0))
            continue
        model = LogisticRegression(C=_DENSE_C, class_weight="balanced", max_iter=300, tol=1e-3)
        model.fit(scaled, yes, sample_weight=weights)
        columns.append((model.coef_[0] / scale, float(model.intercept_[0] - (model.coef_[0] / scale) @ mean)))
    return Linear(np.stack([w for w, _ in columns], axis=1).astype(np.float32), np.array([b for _, b in columns]))


def _mix(first: Floats, second: Floats | None, labels: NDArray[np.int64], weights: Floats) -> Mix:
    from scipy.optimize import minimize

    classes = first.shape[1]
    rows = np.arange(len(labels))

    def apart(values: Floats) -> Mix:
        return Mix(float(values[0]), float(values[1]) if second is not None else 0.0, tuple(values[2:].tolist()))

    def loss(values: Floats) -> float:
        chances = probabilities(apart(values), first, second)
        right = np.where(labels == 1, chances[:, 0], 1 - chances[:, 0]) if classes == 1 else chances[rows, labels]
        # A little weight decay keeps the bias of a class that hardly occurs finite.
        return float(-(weights * np.log(np.maximum(right, 1e-9))).sum() / weights.sum() + 1e-4 * (values**2).sum())

    start = np.concatenate([[0.5, 0.5 if second is not None else 0.0], np.zeros(classes)])
    return apart(minimize(loss, start, method="L-BFGS-B").x)
