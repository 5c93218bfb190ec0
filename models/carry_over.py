"""Whether what is learnt from the project's own, invented corpus carries over to real texts, which it has not seen.

On the local-only data: health by a head of the corpus alone; reliability and evidence by the heads of kind, stance and
attention, which are asked for what they were not taught. A figure near 0.5 says that nothing carries over.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models import fitting
from models.examples import Row, read_jsonl, sha256_of, shared_reliability
from models.heads import Head, HeadSet
from records.assessment import AssessableItem, Kind, Stance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.training import Trainer
    from records.ports import Assessor

#: By the names of the shared sets: what the corpus's health head is asked about.
_HEALTH_SETS = ("health_news", "health_titles", "health_comments")
_CLAIMS = "claims"


def figures(trainer: Trainer, rows: dict[str, list[Row]], assessor: Assessor, shared: Path) -> dict[str, Any]:
    """`health`: AUC on each set; `reliability`, `claims`: what the heads of the corpus say of those texts."""
    used = [*_HEALTH_SETS, "reliability", _CLAIMS]
    return {
        "health": health(trainer, rows),
        "reliability": reliability(assessor, shared_reliability(shared)),
        "claims": claims(assessor, read_jsonl(shared / f"{_CLAIMS}.jsonl")),
        "sha256": {name: sha256_of([shared / f"{name}.jsonl"]) for name in used},
    }


def health(trainer: Trainer, rows: dict[str, list[Row]]) -> dict[str, dict[str, float]]:
    """Set → the AUC of a head that has learnt from the corpus alone."""
    from sklearn.metrics import roc_auc_score

    those = rows["health"]
    task = trainer.task("health", rows)
    origin = np.array([row.origin for row in those])
    head = _learnt(_of(task, origin == "corpus"))
    heads = HeadSet([head], head.family)
    out = {}
    for name in _HEALTH_SETS:
        here = np.flatnonzero((origin == name) & ~task.copies)
        dense = None if task.dense is None else task.dense[here]
        chances = heads.probabilities({head.view: task.ngrams[here]}, dense)["health"][:, 0]
        labels = task.labels[here]
        out[name] = {"rows": len(here), "auc": _rounded(roc_auc_score(labels, chances))}
    return out


def reliability(assessor: Assessor, rows: Sequence[Row]) -> dict[str, float | None]:
    """AUC of what the corpus's heads say against the annotators' "unreliable": all posts, and those judged health."""
    from sklearn.metrics import roc_auc_score

    unreliable = np.array([row.labels["reliability"] == "yes" for row in rows])
    said = [one.assessment for one in assessor.assess([row.item for row in rows], cascade=False)]
    health = np.array([each.health for each in said])
    out: dict[str, float | None] = {"rows": len(rows), "judged_health": int(health.sum())}
    asked = {
        "rumor": [each.probabilities[Kind.RUMOR] for each in said],
        "attention": [each.probabilities["attention"] for each in said],
    }
    for name, given in asked.items():
        chances = np.array(given)
        out[f"{name}_auc"] = _rounded(roc_auc_score(unreliable, chances))
        both = 0 < unreliable[health].sum() < health.sum()
        out[f"{name}_auc_judged_health"] = (
            _rounded(roc_auc_score(unreliable[health], chances[health])) if both else None
        )
    return out


def claims(assessor: Assessor, values: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Plain statements of an encyclopedia, true, false and unproven: none denies a rumor or is one.

    `shown_as_rumor`, `said_to_refute`: of all, when each is taken for health; the AUC says whether the heads see which
    statements are false, which they cannot: they read no evidence.
    """
    from sklearn.metrics import roc_auc_score

    items = [AssessableItem(id=str(at), text=row["text"]) for at, row in enumerate(values)]
    said = [one.assessment for one in assessor.assess(items, cascade=False)]
    rumor = np.array([each.probabilities[Kind.RUMOR] for each in said])
    likeliest = [max(Kind, key=each.probabilities.__getitem__) for each in said]
    told = np.array([row["label"] in {"SUPPORTED", "REFUTED"} for row in values])
    false = np.array([row["label"] == "REFUTED" for row in values])
    refutes = [each.stance is Stance.REFUTES for each in said if each.health]
    return {
        "rows": len(values),
        "rumor_likeliest": _rounded(likeliest.count(Kind.RUMOR) / len(said)),
        "correction_likeliest": _rounded(likeliest.count(Kind.CORRECTION) / len(said)),
        "judged_health": len(refutes),
        "judged_health_and_refuting": sum(refutes),
        "false_by_rumor_auc": _rounded(roc_auc_score(false[told], rumor[told])),
    }


def _of(task: fitting.Task, here: NDArray[np.bool_]) -> fitting.Task:
    """`task` of these rows alone."""
    places = np.flatnonzero(here)
    return dataclasses.replace(
        task,
        labels=task.labels[places],
        groups=np.array(task.groups)[places].tolist(),
        weights=task.weights[places],
        copies=task.copies[places],
        ngrams=task.ngrams[places],
        dense=None if task.dense is None else task.dense[places],
        strata=np.array(task.strata)[places].tolist(),
        sets=np.array(task.sets)[places].tolist(),
    )


def _learnt(task: fitting.Task) -> Head:
    joint, alone, _, _ = fitting.mixes(task, fitting.out_of_fold(task))
    return fitting.fit(task, "", (joint, alone), 0.5, np.ones(1), {})


def _rounded(value: float) -> float:
    return round(float(value), 4)
