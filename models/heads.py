"""Trained heads: weights over n-grams, and over what the encoder and the cues tell or nearness to landmarks; calibrated
out of fold.

A head is an npz of numbers and a JSON of words beside it; nothing is ever unpickled.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from models.features import BUCKETS
from models.landmarks import Landmarks, load_landmarks
from records.errors import ModelMismatch, ModelMissing

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse

SHIPPED = Path(__file__).parent / "data" / "heads"
IDF_FILE = "idf.npz"
#: Changes when features or cues change, so that older weights no longer fit.
FEATURES = "5"
#: Every head that an assessor needs; one that stands on others comes after them.
NAMES = ("filter", "health", "reliability", "kind", "stance", "topic", "harm", "attention")

View = Literal["whole", "own"]


@dataclass(frozen=True, slots=True)
class Mix:
    """How scores become probabilities: `ngrams` · s₁ + `dense` · s₂ + `near` · s₃ + `bias`, then a softmax (or a
    sigmoid), at a `temperature` of its own for sure answers: see `tempered`."""

    ngrams: float
    dense: float
    near: float
    bias: tuple[float, ...]
    temperature: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Head:
    """`classes`: the labels; of a head that says yes or no, one name, and the arrays have one column.

    `buckets` (k,), `weights` (k, c): of the n-grams; `dense` (d, c): of [embedding ‖ inner ‖ cues], or of these and the
    parts of a text, none of the filter; `near` (m, c): of nearness to landmarks, empty where it adds nothing. When the
    encoder is not of `family`, `without_dense` is used, with the n-grams of `buckets_alone` and `weights_alone` where
    these are not empty. `note` is data for the model card.
    """

    name: str
    classes: tuple[str, ...]
    view: View
    family: str
    buckets: NDArray[np.int32]
    weights: NDArray[np.float32]
    dense: NDArray[np.float32]
    mix: Mix
    without_dense: Mix
    threshold: float = 0.5
    lift: tuple[float, ...] = ()  # what a class's probability is multiplied by before the likeliest is taken
    #: Other heads whose probabilities are added to the scores, in this order, and (k, c) what each adds.
    stacks: tuple[str, ...] = ()
    stacked: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    note: dict[str, Any] = field(default_factory=dict)
    near: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 1), np.float32))
    buckets_alone: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    weights_alone: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 1), np.float32))

    def answer(self, chances: NDArray[np.float64]) -> str:
        """The class that the probabilities (c,) speak for; rare classes are lifted, or they would never be said."""
        return self.classes[int((chances * np.array(self.lift or 1.0)).argmax())]

    def save(self, folder: Path) -> None:
        """Numbers first: a JSON without its numbers is never left by a kill."""
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f".{self.name}.part"
        with part.open("wb") as file:
            np.savez_compressed(
                file,
                buckets=self.buckets.astype(np.int32),
                weights=self.weights.astype(np.float16),
                dense=self.dense.astype(np.float16),
                stacked=self.stacked.astype(np.float32),
                near=self.near.astype(np.float32),
                buckets_alone=self.buckets_alone.astype(np.int32),
                weights_alone=self.weights_alone.astype(np.float16),
            )
        digest = hashlib.sha256(part.read_bytes()).hexdigest()
        part.replace(folder / f"{self.name}.npz")
        words = {
            "name": self.name,
            "classes": self.classes,
            "view": self.view,
            "features": FEATURES,
            "family": self.family,
            "mix": dataclasses.asdict(self.mix),
            "without_dense": dataclasses.asdict(self.without_dense),
            "threshold": self.threshold,
            "lift": self.lift,
            "stacks": self.stacks,
            "sha256": digest,
            "note": self.note,
        }
        part.write_text(json.dumps(words, ensure_ascii=False, indent=1) + "\n", "utf-8")
        part.replace(folder / f"{self.name}.json")


def load_head(name: str, folder: Path) -> Head:
    """Raises ModelMissing, or ModelMismatch when the numbers are not those that the JSON names."""
    try:
        words = json.loads((folder / f"{name}.json").read_text("utf-8"))
        file = folder / f"{name}.npz"
        if hashlib.sha256(file.read_bytes()).hexdigest() != words["sha256"]:
            raise ModelMismatch(f"{file.name}: its sha256 is not the one in {name}.json")
        if words["features"] != FEATURES:
            raise ModelMismatch(f"the head {name} was trained on other features: run `tin3c models train`")
        with np.load(file, allow_pickle=False) as arrays:
            return Head(
                name=words["name"],
                classes=tuple(words["classes"]),
                view=words["view"],
                family=words["family"],
                buckets=arrays["buckets"],
                weights=arrays["weights"].astype(np.float32),
                dense=arrays["dense"].astype(np.float32),
                mix=_mix(words["mix"]),
                without_dense=_mix(words["without_dense"]),
                threshold=words["threshold"],
                lift=tuple(words["lift"]),
                stacks=tuple(words["stacks"]),
                stacked=arrays["stacked"],
                note=words["note"],
                near=arrays["near"],
                buckets_alone=arrays["buckets_alone"],
                weights_alone=arrays["weights_alone"].astype(np.float32),
            )
    except FileNotFoundError as error:
        raise ModelMissing(f"the head {name} is not in {folder}: run `tin3c models train`") from error
    except (KeyError, ValueError, TypeError, OSError) as error:
        raise ModelMismatch(f"the head {name} cannot be read: {type(error).__name__}") from error


def _mix(words: dict[str, Any]) -> Mix:
    # A head that the desk trained before has no temperature.
    temperature = tuple(words.get("temperature", (0.0, 0.0)))
    return Mix(words["ngrams"], words["dense"], words["near"], tuple(words["bias"]), temperature)


def load_idf(folder: Path = SHIPPED) -> NDArray[np.float32]:
    """(BUCKETS,) float32. Shipped once: retraining the heads keeps it, so that features mean the same for all."""
    try:
        with np.load(folder / IDF_FILE, allow_pickle=False) as arrays:
            idf: NDArray[np.float32] = arrays["idf"].astype(np.float32)
            return idf
    except FileNotFoundError as error:
        raise ModelMissing(f"{IDF_FILE} is not in {folder}") from error


class HeadSet:
    """Heads side by side, so that one product scores them all."""

    def __init__(self, heads: Sequence[Head], family: str, landmarks: Landmarks | None = None) -> None:
        """`family`: the encoder's; heads (or landmarks that they need) of another family judge by their n-grams alone.
        `landmarks`: the shipped ones when None."""
        self.heads = {head.name: head for head in heads}
        self._columns: dict[str, slice] = {}
        width = sum(len(head.classes) for head in heads)
        self._ngrams = np.zeros((BUCKETS, width), np.float32)
        if landmarks is None and any(len(head.near) for head in heads):
            landmarks = load_landmarks(SHIPPED)
        self._landmarks = landmarks if landmarks is not None and landmarks.family == family else None
        self._fits = {
            head.name: len(head.dense) > 0
            and head.family == family
            and (not len(head.near) or self._landmarks is not None)
            for head in heads
        }
        # Only as wide as those that fit: another encoder's rows are shorter or longer than the shipped heads.
        fitting = [head for head in heads if self._fits[head.name]]
        self._dense = np.zeros((width, max((len(head.dense) for head in fitting), default=0)), np.float32)
        self._near = np.zeros((width, max((len(head.near) for head in fitting), default=0)), np.float32)
        at = 0
        for head in heads:
            columns = slice(at, at + len(head.classes))
            self._columns[head.name] = columns
            if self._fits[head.name]:
                self._dense[columns, : len(head.dense)] = head.dense.T
                self._near[columns, : len(head.near)] = head.near.T
            if self._fits[head.name] or not len(head.buckets_alone):
                self._ngrams[head.buckets, columns] = head.weights
            else:
                self._ngrams[head.buckets_alone, columns] = head.weights_alone
            at = columns.stop

    @property
    def version(self) -> str:
        """12 hex digits that change with any weight, threshold or mix."""
        digest = hashlib.sha256(FEATURES.encode())
        for name, head in sorted(self.heads.items()):
            digest.update(f"{name}{head.mix}{head.without_dense}{head.threshold}{head.lift}{self._fits[name]}".encode())
            digest.update(head.weights.tobytes() + head.dense.tobytes() + head.stacked.tobytes())
            digest.update(head.near.tobytes() + head.weights_alone.tobytes())
        if self._landmarks:
            digest.update(self._landmarks.points.tobytes())
        return digest.hexdigest()[:12]

    def wants_dense(self) -> bool:
        return any(self._fits.values())

    def probabilities(
        self,
        views: dict[View, sparse.csr_matrix],
        dense: NDArray[np.float32] | None,
    ) -> dict[str, NDArray[np.float64]]:
        """Head → (n, c). `views`: n-grams of each view; `dense`: (n, d) [embedding ‖ inner ‖ cues ‖ parts]; a head
        that learnt nothing of the parts reads as many columns as it has.

        Each row is multiplied by itself: its bits do not depend on the rows beside it.
        """
        scores: dict[View, NDArray[np.float32]] = {}
        for view, matrix in views.items():
            same = next((scores[other] for other in scores if views[other] is matrix), None)
            scores[view] = same if same is not None else matrix @ self._ngrams
        near = None
        if self._landmarks is not None and dense is not None and len(dense) and len(self._near[0]):
            near = self._landmarks.nearness(dense)
        beside = [
            np.stack([weights @ row[: weights.shape[1]] for row in rows]) if rows is not None and len(rows) else None
            for weights, rows in ((self._dense, dense), (self._near, near))
        ]
        out: dict[str, NDArray[np.float64]] = {}
        for name, head in self.heads.items():
            columns = self._columns[name]
            use_dense = beside[0] is not None and self._fits[name]
            mix = head.mix if use_dense else head.without_dense
            total = mix.ngrams * scores[head.view][:, columns].astype(np.float64) + np.array(mix.bias)
            if use_dense:
                for share, part in zip((mix.dense, mix.near), beside, strict=True):
                    if part is not None:
                        total = total + share * part[:, columns]
                if head.stacks:
                    below = np.hstack([out[other] for other in head.stacks])
                    total = total + np.stack([row @ head.stacked for row in below.astype(np.float32)])
            out[name] = tempered(squash(total), mix.temperature)
        return out

    def word_weights(self, name: str, column: int) -> NDArray[np.float32]:
        """(BUCKETS,): what each n-gram adds to that class."""
        return self._ngrams[:, self._columns[name].start + column]


def squash(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, c) scores → probabilities: a sigmoid of one column, a softmax of more."""
    if scores.shape[1] == 1:
        return 1 / (1 + np.exp(-np.clip(scores, -50, 50)))
    powers: NDArray[np.float64] = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def tempered(chances: NDArray[np.float64], temperature: tuple[float, float]) -> NDArray[np.float64]:
    """(n, c) rows of chances to the power of 1 / exp(a + b · the greatest of the row), of sum 1 again. Their order
    stays.

    One temperature for all leaves sure answers too sure and unsure ones not sure enough, where there are many classes
    (Balanya, Maroñas and Ramos, "Adaptive Temperature Scaling for Robust Calibration", 2024).
    """
    if chances.shape[1] == 1 or not any(temperature):
        return chances
    base, by_sureness = temperature
    sharpness = np.exp(-(base + by_sureness * chances.max(axis=1, keepdims=True)))
    return squash(np.log(np.maximum(chances, 1e-300)) * sharpness)
