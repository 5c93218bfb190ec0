"""Texts against the library of known claims: the chance that a text is about a claim, which a person then confirms.

A text that makes, denies or asks about a claim is about it. Two logistic models over `models.claim_features`: one where
text and claim have vectors of the built-in encoder's family, one on words alone.

The claims that come with the project stand beside the library as foils, so that how far a claim stands before the
others means the same in a library of three as in one of forty.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.claim_features import JOINT, WORDS, Texts, pair_features, texts_of
from models.examples import OWN_CORPUS, read_jsonl
from records.claim import Claim, SimilarClaim
from records.errors import ModelMismatch, ModelMissing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

NAME = "claims.json"
SHIPPED = Path(__file__).parent / "data" / NAME
#: The encoder that the joint model knows; the vectors of another lie differently.
FAMILY = "e5-small.1-256"
#: A foil that is as near as this to a claim of the library is that claim.
_SAME = 0.6
#: Suggestions for one narrative.
MOST_SUGGESTED = 3


@dataclass(frozen=True, slots=True)
class Scorer:
    """A logistic model: `suggested` and `strong` are the chances at or above which it speaks."""

    features: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float
    suggested: float
    strong: float

    def chances(self, features: dict[str, Numbers]) -> Numbers:
        values = np.stack([features[name] for name in self.features], axis=-1)
        scaled = (values - np.array(self.mean)) / np.array(self.scale)
        return np.asarray(1 / (1 + np.exp(-(scaled @ np.array(self.weights) + self.bias))))


@dataclass(frozen=True, slots=True)
class MatchingModel:
    """`learnt_from`: digests of the desk's words that it has learnt from; none where it is as shipped, or was learnt
    before they were kept."""

    joint: Scorer
    words: Scorer
    family: str = FAMILY
    learnt_from: frozenset[str] = frozenset()

    def write(self, path: Path, note: dict[str, Any]) -> None:
        if self.learnt_from:
            note = note | {"learnt_from": sorted(self.learnt_from)}
        content = {"family": self.family, "joint": asdict(self.joint), "words": asdict(self.words), "note": note}
        draft = path.with_name(f".{path.name}")
        with draft.open("w", encoding="utf-8") as file:
            file.write(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)


def load_model(path: Path = SHIPPED) -> MatchingModel:
    """Raises ModelMissing or ModelMismatch."""
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelMissing(f"{path.name}: {error}") from error
    try:
        joint, words = (_scorer(content[name]) for name in ("joint", "words"))
        family = str(content["family"])
        learnt_from = frozenset(map(str, content.get("note", {}).get("learnt_from", ())))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ModelMismatch(f"{path.name} is not a model for claims") from error
    if (joint.features, words.features) != (JOINT, WORDS):
        raise ModelMismatch(f"{path.name} was learnt on other features than this program has")
    return MatchingModel(joint, words, family, learnt_from)


def _scorer(values: dict[str, Any]) -> Scorer:
    features = tuple(values["features"])
    mean, scale, weights = (tuple(map(float, values[name])) for name in ("mean", "scale", "weights"))
    if {len(mean), len(scale), len(weights)} != {len(features)}:
        raise ValueError("a number for each feature is wanted")
    return Scorer(
        features=features,
        mean=mean,
        scale=scale,
        weights=weights,
        bias=float(values["bias"]),
        suggested=float(values["suggested"]),
        strong=float(values["strong"]),
    )


@cache
def foils() -> tuple[str, ...]:
    return tuple(str(row["text"]) for row in read_jsonl(OWN_CORPUS / "claims.jsonl"))


class ClaimMatcher:
    """A library of claims. `vectors`: of a wording or a foil, by its text, where it has one of the model's family."""

    def __init__(
        self, claims: Sequence[Claim], vectors: dict[str, NDArray[np.float32]], model: MatchingModel | None = None
    ) -> None:
        self._model = model or load_model()
        self._claims = tuple(claims)
        wordings = [(at, wording) for at, claim in enumerate(claims) for wording in claim.all_wordings]
        library = texts_of([text for _, text in wordings])
        others = _unlike(library, foils())
        self._wordings = [text for _, text in wordings] + others
        owners = [at for at, _ in wordings] + list(range(len(claims), len(claims) + len(others)))
        self._claim_of = np.array(owners, np.int64)
        self._number = len(claims) + len(others)
        known = [text in vectors for text in self._wordings]
        #: Of claims with a wording that has no vector yet, words alone decide.
        lacking = {owner for owner, has in zip(owners, known, strict=True) if not has}
        self._with_vectors = np.array([at not in lacking for at in range(len(claims))], bool)
        self._texts = texts_of(self._wordings, _stacked(self._wordings, vectors) if any(known) else None)

    @property
    def model(self) -> MatchingModel:
        return self._model

    def chances(self, texts: Texts) -> tuple[Numbers, NDArray[np.int64]]:
        """((n, claims) chances, (n, claims) which wording is nearest)."""
        count = len(self._claims)
        features = pair_features(texts, self._texts, self._claim_of, self._number)
        wording = features.pop("wording").astype(np.int64)[:, :count]
        chances = self._model.words.chances(self._without_vectors(features, texts))[:, :count]
        if "vectors" in features:
            joint = self._model.joint.chances(features)[:, :count]
            seen = np.any(np.asarray(texts.vectors), axis=1, keepdims=True)
            chances = np.where(seen & self._with_vectors[None, :], joint, chances)
        return chances, wording

    def suggest(
        self, texts: Sequence[str], vectors: NDArray[np.float32] | None = None, most: int = MOST_SUGGESTED
    ) -> tuple[SimilarClaim, ...]:
        """The claims that `texts`, taken together, are about: likeliest first. `vectors`: (n, d), zeros for none."""
        if not texts or not self._claims:
            return ()
        read = texts_of(texts, vectors)
        chances, wording = self.chances(read)
        mean = chances.mean(axis=0)
        with_vectors = vectors is not None and bool(np.asarray(vectors).any())
        found = []
        for at in np.argsort(-mean, kind="stable")[:most].tolist():
            scorer = self._model.joint if with_vectors and self._with_vectors[at] else self._model.words
            chance = float(mean[at])
            if chance >= scorer.suggested:
                nearest = self._wordings[int(wording[int(chances[:, at].argmax()), at])]
                found.append(SimilarClaim(self._claims[at], round(chance, 4), nearest, chance >= scorer.strong))
        return tuple(found)

    def _without_vectors(self, features: dict[str, Numbers], texts: Texts) -> dict[str, Numbers]:
        """The features as they are where nobody has a vector: another wording may be the nearest then."""
        if "vectors" not in features:
            return features
        bare = replace(texts, vectors=None), replace(self._texts, vectors=None)
        return pair_features(*bare, self._claim_of, self._number)


def _unlike(library: Texts, others: Sequence[str]) -> list[str]:
    """Those of `others` that say nothing that the library says."""
    if not len(library):
        return list(others)
    one = np.zeros(len(library), np.int64)
    nearest = pair_features(texts_of(others), library, one, 1)["words"][:, 0]
    return [text for text, near in zip(others, nearest, strict=True) if near < _SAME]


def _stacked(texts: Sequence[str], vectors: dict[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    dimensions = len(next(vectors[text] for text in texts if text in vectors))
    none = np.zeros(dimensions, np.float32)
    return np.stack([vectors.get(text, none) for text in texts])
