"""Figures of the heads, out of fold: AUC, recall and what the filter lets pass, macro F1, calibration, by channel."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.examples import COMMENTS_ALONE, Row
from models.heads import IDF_FILE
from models.landmarks import LANDMARKS_FILE
from records.source import ANSWERABLE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.fitting import Task

    Floats = NDArray[np.float64]

_RECALLS = (0.97, 0.98, 0.99)
_BINS = 10


@dataclass(frozen=True)
class Answers:
    """Of n rows, each by models, mixes, thresholds and lifts that have not seen it.

    `chances` (n, c); `said` (n,): numbers of classes, of a yes-or-no head 1 for yes.
    """

    chances: Floats
    said: NDArray[np.int64]


def figures(name: str, task: Task, rows: Sequence[Row], answers: Answers) -> dict[str, Any]:
    """Of one head: `headline`, and `by_channel`, `by_spelling`, `by_set` where these are known. Copies are left out."""
    out: dict[str, Any] = {"headline": headline(task, answers)}
    for label, keys in (
        ("by_set", [row.origin for row in rows]),
        ("by_channel", [row.channel if row.origin == "corpus" else "" for row in rows]),
        ("by_spelling", [row.spelling if row.origin == "corpus" else "" for row in rows]),
        ("by_topic", [row.labels.get("topic", "") if row.origin == "corpus" else "" for row in rows]),
    ):
        parts = {}
        for key in sorted(set(keys) - {""}):
            part = np.array([each == key for each in keys])
            if (part & ~task.copies).sum() >= 10:
                parts[key] = _part(task, answers, part)
        if len(parts) > 1:
            out[label] = parts
    if name == "reliability":
        out["headline"]["auc_within_length_quarters"] = _within_quarters(task, rows, answers.chances)
    if name == "health":
        out["of_health"] = {key: _right(part, task, answers) for key, part in _health_parts(rows).items()}
    if name == "harm":
        off = np.abs(answers.said - task.labels)[~task.copies]
        out["steps_off"] = {str(step): _rounded((off == step).mean()) for step in range(4)}
    if name == "attention":
        out["of_rumors"] = {key: _right(part, task, answers) for key, part in _rumor_parts(rows).items()}
    if name == "stance":
        authority = np.array([row.item.owner in ANSWERABLE for row in rows])
        asserts = authority & (task.labels == task.classes.index("asserts"))
        refutes = ~authority & (task.labels == task.classes.index("refutes"))
        out["crossed"] = _part(task, answers, asserts | refutes, labels=("asserts", "refutes"))
        out["crossed"] |= {
            "authorities_assert": _part(task, answers, asserts),
            "people_refute": _part(task, answers, refutes),
        }
    return out


def _health_parts(rows: Sequence[Row]) -> dict[str, NDArray[np.bool_]]:
    """The newspaper's items, and the corpus's: all, those in a newspaper's style, and those in plain writing."""
    news, corpus = (np.array([row.origin == origin for row in rows]) for origin in ("health_news", "corpus"))
    press = np.array([row.channel == "newspaper" for row in rows])
    full = np.array([row.spelling == "full" for row in rows])
    alone = np.array([row.origin == COMMENTS_ALONE for row in rows])
    return {
        "health_news": news,
        "corpus": corpus,
        "corpus, newspaper": corpus & press,
        "corpus, full spelling": corpus & full,
        "corpus, unmarked or chat": corpus & ~full,
        "comments alone": alone,
        "health_news and corpus": news | corpus,
    }


def _rumor_parts(rows: Sequence[Row]) -> dict[str, NDArray[np.bool_]]:
    rumor = np.array([row.labels.get("kind") == "rumor" for row in rows])
    harmful = np.array([row.labels.get("harm") in {"medium", "high"} for row in rows])
    return {"rumors with harm medium or more": rumor & harmful, "all items": np.ones(len(rows), bool)}


def _right(part: NDArray[np.bool_], task: Task, answers: Answers) -> dict[str, float]:
    """Recall, precision, and the share of the items without the label that are said to have it."""
    part = part & ~task.copies
    yes, said = task.labels[part] == 1, answers.said[part] == 1
    out: dict[str, float] = {"rows": int(part.sum()), "yes": int(yes.sum())}
    if yes.any():
        out |= {"recall": _rounded(said[yes].mean()), "precision": _rounded(yes[said].mean())}
    if not yes.all():
        out["false_alarms"] = _rounded(said[~yes].mean())
    return out


def headline(task: Task, answers: Answers) -> dict[str, Any]:
    return _part(task, answers, np.ones(len(task.labels), bool))


def _part(task: Task, answers: Answers, part: NDArray[np.bool_], labels: Sequence[str] | None = None) -> dict[str, Any]:
    from sklearn.metrics import accuracy_score, f1_score, roc_auc_score

    part = part & ~task.copies
    truth, found, said = task.labels[part], answers.chances[part], answers.said[part]
    out: dict[str, Any] = {"rows": int(part.sum())}
    if len(task.classes) > 1:
        present = [task.classes.index(label) for label in labels] if labels else sorted(set(truth.tolist()))
        out["macro_f1"] = _rounded(f1_score(truth, said, average="macro", labels=present, zero_division=0))
        out["accuracy"] = _rounded(accuracy_score(truth, said))
        out["ece"] = _rounded(calibration_error(found[np.arange(len(said)), said], said == truth))
        return out
    yes, chance = truth == 1, found[:, 0]
    if yes.any() and not yes.all():
        out["auc"] = _rounded(roc_auc_score(yes, chance))
        out["passed_at_recall"] = {
            str(r): _rounded((chance >= np.quantile(chance[yes], 1 - r)).mean()) for r in _RECALLS
        }
    if yes.any():
        out["recall"] = _rounded(said[yes].mean())
    out["passed"] = _rounded(said.mean())
    out["f1"] = _rounded(f1_score(yes, said, zero_division=0))
    out["ece"] = _rounded(calibration_error(np.where(chance >= 0.5, chance, 1 - chance), (chance >= 0.5) == yes))
    return out


def _within_quarters(task: Task, rows: Sequence[Row], chances: Floats) -> float:
    """Mean AUC within quarters of text length: length alone is worth nothing there."""
    from sklearn.metrics import roc_auc_score

    lengths = np.array([len(row.item.text) for row in rows])
    edges = np.quantile(lengths, [0.25, 0.5, 0.75])
    quarter = np.searchsorted(edges, lengths, side="left")
    return _rounded(np.mean([roc_auc_score(task.labels[quarter == q], chances[quarter == q, 0]) for q in range(4)]))


def calibration_error(confidence: Floats, right: NDArray[np.bool_]) -> float:
    """Expected calibration error over ten equal bins, 0 to 1."""
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    return float(
        sum(
            abs(confidence[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean()
            for b in range(_BINS)
            if (bins == b).any()
        )
    )


def best_threshold(labels: NDArray[np.int64], chances: Floats, beta: float) -> float:
    """Where F-beta is best: beta 2 weighs a miss four times a false alarm."""
    from sklearn.metrics import fbeta_score

    steps = np.round(np.arange(0.1, 0.81, 0.02), 2)
    return float(max(steps, key=lambda step: fbeta_score(labels, chances >= step, beta=beta, zero_division=0)))


def line(figures: dict[str, Any]) -> str:
    """The headline's figures in one line."""
    parts = []
    for key, value in figures["headline"].items():
        shown = ", ".join(f"{k}: {v}" for k, v in value.items()) if isinstance(value, dict) else value
        parts.append(f"{key} {shown}")
    return " · ".join(parts)


def weights_sha256(folder: Path, names: Sequence[str]) -> dict[str, str]:
    """Head → sha256 of its numbers, of those that are in `folder`."""
    files = {name: folder / f"{name}.npz" for name in names}
    files |= {"idf": folder / IDF_FILE, "landmarks": folder / LANDMARKS_FILE}
    return {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in files.items() if file.is_file()}


def _rounded(value: float) -> float:
    return round(float(value), 4)
