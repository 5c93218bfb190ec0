"""`tin3c models train`: every head from its rows. Own corpus and corrections always; shared data where it is.

Heads learnt from the shared data are kept as shipped where that folder is absent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models import evaluation, fitting
from models.cues import cue_matrix, owner_of
from models.examples import (
    OWN_CORPUS,
    SHARED_HEALTH,
    Row,
    desk_rows,
    own_corpus,
    sha256_of,
    shared_health,
    shared_reliability,
)
from models.features import inverse_document_frequency, ngrams
from models.heads import IDF_FILE, SHIPPED, Head, Mix, View, load_head, load_idf
from models.reading import read
from models.vectors import VectorCache
from records.assessment import Correction, Harm, Kind, Stance
from records.item import Item

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from records.ports import Encoder

Progress = Callable[[str], None]
#: Head → (field of the labels, classes or none for a yes or no, view, n-grams kept).
_PLANS: dict[str, tuple[str, tuple[str, ...] | None, View, int]] = {
    "filter": ("health", ("health",), "whole", 80_000),
    "health": ("health", ("health",), "whole", 60_000),
    "reliability": ("reliability", ("unreliable",), "whole", 60_000),
    "kind": ("kind", tuple(Kind), "own", 20_000),
    "stance": ("stance", tuple(Stance), "own", 20_000),
    "harm": ("harm", tuple(Harm), "own", 20_000),
    "attention": ("attention", ("attention",), "own", 20_000),
    "topic": ("topic", None, "whole", 20_000),
}
FROM_SHARED = ("filter", "health", "reliability")
#: The filter may miss so many of the health items that it has not seen.
_FILTER_MISSES = 0.015


#: The corpus is nearly all health: at full weight it teaches the filter and the health head that everything is.
_OWN_SHARE = 0.3


@dataclass(frozen=True)
class Trained:
    """`heads`: those that were learnt; `kept`: names of those that stay as shipped; `figures`: per head."""

    heads: tuple[Head, ...]
    kept: tuple[str, ...]
    figures: dict[str, dict[str, Any]]
    seconds: float


@dataclass(frozen=True)
class Material:
    """The rows of a head with their features, row by row."""

    rows: list[Row]
    ngrams: dict[View, Any]
    dense: NDArray[np.float32] | None


class Trainer:
    """Reads and embeds each row once, whatever number of heads it teaches."""

    def __init__(self, encoder: Encoder, cache: Path, shared: Path | None, progress: Progress) -> None:
        self._vectors = VectorCache(encoder, cache)
        self._family = getattr(encoder, "family", encoder.version)
        self._shared, self._progress = shared, progress
        self._idf: NDArray[np.float32] | None = None

    def rows(self, corrections: Sequence[tuple[Correction, Item]] = ()) -> dict[str, list[Row]]:
        """Head → rows, with unmarked copies of the project's own."""
        own = own_corpus() + desk_rows(corrections)
        own += [row.unmarked() for row in own]
        rows = {name: [row for row in own if _PLANS[name][0] in row.labels] for name in _PLANS}
        if self._shared:
            health = shared_health(self._shared)
            news = [row.unmarked() for row in health if row.origin in {"health_titles", "health_comments"}]
            rows["filter"] = health + news + rows["filter"]
            rows["health"] = health + rows["health"]
            rows["reliability"] = shared_reliability(self._shared)
        else:
            for name in FROM_SHARED:
                del rows[name]
        return {name: list(those) for name, those in rows.items() if those}

    def idf(self, rows: dict[str, list[Row]]) -> NDArray[np.float32]:
        """Of the shared texts and the corpus, learnt once; without the shared data the shipped one stays."""
        if self._idf is None:
            if self._shared:
                texts = {read(row.item).whole for name in ("filter", "reliability") for row in rows[name]}
                self._progress(f"weighing the n-grams of {len(texts):,} texts")
                self._idf = inverse_document_frequency(sorted(texts)).astype(np.float16).astype(np.float32)
            else:
                self._idf = load_idf()
        return self._idf

    def task(self, name: str, rows: dict[str, list[Row]]) -> fitting.Task:
        field, classes, view, most = _PLANS[name]
        shared = name in FROM_SHARED
        those = rows[name]
        readings = [read(row.item) for row in those]
        texts = [reading.whole if view == "whole" else reading.own for reading in readings]
        dense = None
        if name != "filter":
            # A copy without marks keeps its original's vector: embedding it too would cost as much again.
            embedded = [read(row.original or row.item).embedded for row in those]
            vectors = self._vectors.encode(embedded, self._embedding(name))
            dense = np.hstack([vectors, cue_matrix(readings, [owner_of(reading) for reading in readings])])
        given = [row.labels[field] for row in those]
        if classes is None:
            classes = tuple(sorted(set(given)))
        if len(classes) == 1:
            labels = np.array([int(label == "yes") for label in given])
        else:
            labels = np.array([classes.index(label) for label in given])
        return fitting.Task(
            name=name,
            classes=tuple(str(label) for label in classes),
            view=view,
            labels=labels,
            groups=[row.group for row in those],
            weights=np.array([row.weight * (_OWN_SHARE if shared and row.origin == "corpus" else 1) for row in those]),
            copies=np.array([row.copy for row in those]),
            ngrams=ngrams(texts, self.idf(rows)),
            dense=dense,
            most_buckets=most,
        )

    def _embedding(self, name: str) -> Callable[[int, int], None]:
        return lambda done, wanted: self._progress(f"{name}: embedded {done:,} of {wanted:,}")

    def head(self, name: str, rows: dict[str, list[Row]]) -> Head:
        """The head, with its figures in its note."""
        task, both, threshold, lifted, figures = self._measured(name, rows)
        note = {"figures": figures, "rows": len(rows[name]), "corpora": self.hashes(name)}
        return fitting.fit(task, self._family, both, threshold, lifted, note)

    def figures(self, name: str, rows: dict[str, list[Row]]) -> dict[str, Any]:
        """Out of fold."""
        return self._measured(name, rows)[-1]

    def _measured(
        self, name: str, rows: dict[str, list[Row]]
    ) -> tuple[fitting.Task, tuple[Mix, Mix], float, NDArray[np.float64], dict[str, Any]]:
        task = self.task(name, rows)
        first, second, measured = fitting.out_of_fold(task)
        both = fitting.mixes(task, first, second, measured)
        chances = fitting.probabilities(both[0], first, second)
        threshold = self._threshold(name, task, chances, rows[name])
        lifted = fitting.lift(task, chances)
        figures = evaluation.figures(name, task, rows[name], chances, threshold, lifted)
        alone = fitting.probabilities(both[1], first, None)
        figures["ngrams_alone"] = evaluation.headline(task, alone, threshold, lifted)
        return task, both, threshold, lifted, figures

    @staticmethod
    def _threshold(name: str, task: fitting.Task, chances: NDArray[np.float64], rows: list[Row]) -> float:
        if len(task.classes) > 1:
            return 0.5
        measured = ~task.copies
        if name == "filter":
            news = np.array([row.origin == "health_news" for row in rows]) & measured & (task.labels == 1)
            return round(float(np.quantile(chances[news, 0], _FILTER_MISSES, method="lower")), 4)
        return evaluation.best_threshold(task.labels[measured], chances[measured, 0], 2.0 if name == "health" else 1.0)

    def hashes(self, name: str) -> dict[str, str]:
        hashes = {}
        if name != "reliability":
            hashes["corpus"] = sha256_of(OWN_CORPUS.glob("part_*.jsonl"))
        if self._shared and name in {"filter", "health"}:
            hashes |= {file: sha256_of([self._shared / f"{file}.jsonl"]) for file in SHARED_HEALTH}
        if self._shared and name == "reliability":
            hashes["reliability"] = sha256_of([self._shared / "reliability.jsonl"])
        return hashes


def train(
    encoder: Encoder,
    folder: Path,
    cache: Path,
    *,
    shared: Path | None = None,
    corrections: Sequence[tuple[Correction, Item]] = (),
    names: Sequence[str] = (),
    progress: Progress = lambda line: None,
) -> Trained:
    """Learn the heads (all, or `names`), and put them into `folder`. `cache`: where vectors are kept."""
    began = time.monotonic()
    trainer = Trainer(encoder, cache, shared, progress)
    rows = trainer.rows(corrections)
    heads: list[Head] = []
    figures: dict[str, dict[str, Any]] = {}
    if shared:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / IDF_FILE).open("wb") as file:
            np.savez_compressed(file, idf=trainer.idf(rows).astype(np.float16))
    for name in rows:
        if names and name not in names:
            continue
        head = trainer.head(name, rows)
        figures[name] = head.note["figures"]
        head.save(folder)
        heads.append(head)
        progress(f"{name}: {evaluation.line(figures[name])}")
    kept = tuple(name for name in _PLANS if name not in rows)
    return Trained(tuple(heads), kept, figures, time.monotonic() - began)


def load_heads(folder: Path | None, names: Sequence[str]) -> list[Head]:
    """Each head from `folder` where the desk has trained it, else as shipped."""
    return [load_head(name, folder if folder and (folder / f"{name}.json").is_file() else SHIPPED) for name in names]
