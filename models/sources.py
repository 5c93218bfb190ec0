"""The heads of the corpus by who wrote: each part of it is judged by what was learnt from the other parts.

Items of one writer share habits that no split by narrative takes away.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from models import evaluation, fitting
from models.evaluation import Answers
from models.examples import Row
from models.training import answers
from records.assessment import Harm, Kind, Stance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.training import Trainer

_CLASSES = {"kind": tuple(Kind), "stance": tuple(Stance), "harm": tuple(Harm)}
#: In this order: harm stands on what the others say of parts that they have not seen.
_STACKS = {"kind": (), "stance": (), "harm": ("kind", "stance")}


def by_source(trainer: Trainer, rows: dict[str, list[Row]]) -> dict[str, dict[str, Any]]:
    """Head → the figures of `all` items and of each part of the corpus, by heads learnt without that part.

    In five folds: of more than five parts some are left out two at a time. Mixes and lifts are of the other parts,
    too, and no landmark is of the part that is measured.
    """
    own = [row for row in rows["kind"] if row.origin == "corpus"]
    same = by_part(trainer.task("kind", {**rows, "kind": own}), own)
    found: dict[str, dict[str, Any]] = {}
    chances: dict[str, NDArray[np.float64]] = {}
    for name, classes in _CLASSES.items():
        stacks = _STACKS[name]
        task = dataclasses.replace(
            same,
            name=name,
            classes=tuple(str(label) for label in classes),
            labels=np.array([classes.index(row.labels[name]) for row in own]),
            stacks=stacks,
            below=np.hstack([chances[other] for other in stacks]) if stacks else None,
        )
        _, _, chances[name], _ = fitting.mixes(task, fitting.out_of_fold(task))
        found[name] = _figures(task, answers(name, task, chances[name], own))
    return found


def by_part(task: fitting.Task, rows: Sequence[Row]) -> fitting.Task:
    """`task` with the corpus's parts as its groups, a narrative going with its first item.

    A part is the letter that its files and the ids in it begin with.
    """
    part_of: dict[str, str] = {}
    for row in rows:
        part_of.setdefault(row.group, row.item.id[0])
    nearby = task.nearby
    if nearby is not None:
        # A landmark of a narrative that is no longer in the corpus is of no part, and is not used.
        nearby = dataclasses.replace(nearby, groups=np.array([part_of.get(str(group), "") for group in nearby.groups]))
    return dataclasses.replace(task, groups=[part_of[row.group] for row in rows], nearby=nearby)


def _figures(task: fitting.Task, said: Answers) -> dict[str, Any]:
    groups = np.array(task.groups)
    out = {"all": evaluation.headline(task, said)}
    for part in sorted(set(task.groups)):
        here = groups == part
        rows = dataclasses.replace(task, labels=task.labels[here], copies=task.copies[here])
        out[part] = evaluation.headline(rows, Answers(said.chances[here], said.said[here]))
    return out
