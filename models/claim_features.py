"""What a text and the wordings of known claims have in common: a few numbers for each pair.

Words are folded, chat spellings written out, and weighed by their rarity (`models.wording`), so that posts without
marks count as much. Vectors add what is said in other words. How far a claim stands before the next best one says more
than how near it is: a text of few common words is near to many.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from models.wording import FEATURES, SCALE, feature, idf, matrix, row_of, whole_vector, words_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

#: Of words and vectors together, and of words alone, in the order of the last axis.
JOINT = ("words", "vectors", "claim_covered", "text_covered", "characters", "rarest", "lead", "vectors_lead")
WORDS = ("words", "claim_covered", "text_covered", "characters", "rarest", "lead")
#: Taken off a word's rarity: what stands in one text of three says nothing.
_COMMON = 1.0
_RAREST = 4
_CHARACTERS = 4
_BUCKETS = 1 << 20
_VECTORS_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts as matrices, a row each: `rows` of TF-IDF; `weights`, `present` of single words; `characters`."""

    rows: csr_array
    weights: csr_array
    present: csr_array
    rarest: csr_array
    characters: csr_array
    vectors: Numbers | None  # (n, d) of length 1, or zeros where a text has none

    def __len__(self) -> int:
        return int(self.rows.shape[0])


def texts_of(texts: Sequence[str], vectors: NDArray[np.float32] | None = None) -> Texts:
    """`vectors`: (n, d); a row of zeros is none."""
    words = [words_of(text) for text in texts]
    weighed = [_weighed(one) for one in words]
    return Texts(
        rows=matrix([row_of(one) for one in words]).astype(np.float64),
        weights=_sparse(weighed, FEATURES),
        present=_sparse([dict.fromkeys(one, 1.0) for one in weighed], FEATURES),
        rarest=_sparse([_rarest(one) for one in weighed], FEATURES),
        characters=_sparse([_characters(one) for one in words], _BUCKETS),
        vectors=None if vectors is None else _centred(vectors),
    )


def pair_features(texts: Texts, wordings: Texts, claim_of: NDArray[np.int64], claims: int) -> dict[str, Numbers]:
    """Name → (texts, claims), each claim by the nearest of its wordings. `claim_of`: the claim of each wording.

    Also `wording`, which one that is.
    """
    words = _product(texts.rows, wordings.rows) / (SCALE * SCALE)
    found = {
        "words": words,
        "claim_covered": _product(texts.present, wordings.weights) / _sums(wordings.weights)[None, :],
        "text_covered": _product(texts.weights, wordings.present) / _sums(texts.weights)[:, None],
        "characters": _product(texts.characters, wordings.characters) / _sums(wordings.characters)[None, :],
        "rarest": _product(texts.present, wordings.rarest),
    }
    together = words
    if texts.vectors is not None and wordings.vectors is not None:
        found["vectors"] = texts.vectors @ wordings.vectors.T
        together = words + _VECTORS_SHARE * found["vectors"]
    nearest = np.zeros((len(texts), claims), np.int64)
    best = np.full((len(texts), claims), -np.inf)
    for wording, claim in enumerate(claim_of.tolist()):
        nearer = together[:, wording] > best[:, claim]
        nearest[nearer, claim] = wording
        best[nearer, claim] = together[nearer, wording]
    chosen = {name: np.take_along_axis(values, nearest, axis=1) for name, values in found.items()}
    chosen["lead"] = lead(best)
    if "vectors" in chosen:
        chosen["vectors_lead"] = lead(chosen["vectors"])
    return chosen | {"wording": nearest.astype(np.float64)}


def lead(values: Numbers) -> Numbers:
    """(n, k): how far each stands before the best of the others in its row, negative behind it."""
    if values.shape[1] < 2:
        return values.copy()
    ordered = np.sort(values, axis=1)
    best, second = ordered[:, -1:], ordered[:, -2:-1]
    others = np.where(values == best, second, best)
    return np.asarray(values - others)


def _weighed(words: Sequence[str]) -> dict[int, float]:
    hashed = np.array(sorted({feature(word) for word in words}), np.int64)
    weights = np.maximum(idf(hashed) - _COMMON, 0.0)
    return {int(at): float(weight) for at, weight in zip(hashed, weights, strict=True) if weight > 0}


def _rarest(weighed: dict[int, float]) -> dict[int, float]:
    first = sorted(weighed, key=lambda at: (-weighed[at], at))[:_RAREST]
    return {at: 1.0 / len(first) for at in sorted(first)}


def _characters(words: Sequence[str]) -> dict[int, float]:
    line = " ".join(words)
    grams = {line[at : at + _CHARACTERS] for at in range(len(line) - _CHARACTERS + 1)}
    return dict.fromkeys(sorted(zlib.crc32(gram.encode()) % _BUCKETS for gram in grams), 1.0)


def _sparse(rows: Sequence[dict[int, float]], width: int) -> csr_array:
    ends = np.cumsum([0, *map(len, rows)])
    columns = np.array([at for row in rows for at in row], np.int64)
    values = np.array([value for row in rows for value in row.values()], np.float64)
    return csr_array((values, columns, ends), shape=(len(rows), width))


def _product(one: csr_array, other: csr_array) -> Numbers:
    return np.asarray((one @ other.T).toarray(), np.float64)


def _sums(rows: csr_array) -> Numbers:
    return np.maximum(np.asarray(rows.sum(axis=1), np.float64).ravel(), 1e-9)


def _centred(vectors: NDArray[np.float32]) -> Numbers:
    """As narration sees them: what all texts of the built-in encoder share is taken out."""
    dimensions = vectors.shape[1]
    rows = [
        whole_vector(row.astype("<f2").tobytes(), dimensions) if row.any() else np.zeros(dimensions) for row in vectors
    ]
    return np.stack(rows).astype(np.float64) / SCALE if rows else np.zeros((0, dimensions))
