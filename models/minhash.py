"""Near-duplicates: the same text passed on with small changes, found by MinHash (rensa) and checked exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash, RMinHashLSH

from models.wording import words_of

PERMUTATIONS = 128
#: 32 bands of 4: a pair of Jaccard 0.6 is found with probability .988, of 0.7 with .9998.
BANDS = 32
#: Of their shingles: a copy with a sentence added, or a word in fifteen changed.
LEAST_JACCARD = 0.6
_SEED = 20_260
_SHINGLE_WORDS = 3
#: Of a text, from its beginning: a copy shows itself within them.
_MOST_WORDS = 1_000

Shingles = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """`jaccard` of the shingles, `LEAST_JACCARD` to 1."""

    key: int
    jaccard: float


def shingle_words(words: Sequence[str]) -> list[str]:
    """Runs of three folded words, so that a copy typed without marks is the same; a shorter text is one run."""
    words = words[:_MOST_WORDS]
    if len(words) <= _SHINGLE_WORDS:
        return [" ".join(words)] if words else []
    return sorted({" ".join(words[at : at + _SHINGLE_WORDS]) for at in range(len(words) - _SHINGLE_WORDS + 1)})


def hash_words(texts: Sequence[Sequence[str]]) -> list[Shingles]:
    """For each text's words the hashes of its shingles, ascending, each once; empty for a text without words."""
    hashed = RMinHash.hash_token_sets([shingle_words(words) for words in texts])
    return [np.unique(np.array(hashes, np.uint64)) for hashes in hashed]


def hash_shingles(texts: Sequence[str]) -> list[Shingles]:
    return hash_words([words_of(text) for text in texts])


def jaccard(first: Shingles, second: Shingles) -> float:
    common = len(np.intersect1d(first, second, assume_unique=True))
    return common / ((len(first) + len(second) - common) or 1)


class NearDuplicates:
    """The texts seen so far. The same texts give the same answers, in whatever portions they were added."""

    def __init__(self, least_jaccard: float = LEAST_JACCARD) -> None:
        self._least = least_jaccard
        self._table = RMinHashLSH(least_jaccard, PERMUTATIONS, BANDS)
        self._shingles: dict[int, Shingles] = {}
        self._sketches: dict[int, RMinHash] = {}

    def add(self, keys: Sequence[int], shingles: Sequence[Shingles]) -> None:
        """Keys are integers that were not added before. A text without words has no near-duplicates."""
        pairs = [(key, hashes) for key, hashes in zip(keys, shingles, strict=True) if len(hashes)]
        self._shingles.update(pairs)
        for (key, _), sketch in zip(pairs, _sketch([hashes for _, hashes in pairs]), strict=True):
            self._table.insert(key, sketch)
            self._sketches[key] = sketch

    def find(self, shingles: Shingles) -> tuple[NearDuplicate, ...]:
        """Those at `least_jaccard` or more, by Jaccard and then by key."""
        return self._near(shingles, _sketch([shingles])[0]) if len(shingles) else ()

    def of(self, key: int) -> tuple[NearDuplicate, ...]:
        """The near-duplicates of a text that was added, itself among them."""
        return self._near(self._shingles[key], self._sketches[key]) if key in self._sketches else ()

    def _near(self, shingles: Shingles, sketch: RMinHash) -> tuple[NearDuplicate, ...]:
        found = [NearDuplicate(key, jaccard(shingles, self._shingles[key])) for key in self._table.query(sketch)]
        near = [duplicate for duplicate in found if duplicate.jaccard >= self._least]
        return tuple(sorted(near, key=lambda duplicate: (-duplicate.jaccard, duplicate.key)))


def _sketch(shingles: Sequence[Shingles]) -> Sequence[RMinHash]:
    tokens = [[str(value) for value in hashes.tolist()] for hashes in shingles]
    sketches: Sequence[RMinHash] = RMinHash.from_token_sets(tokens, PERMUTATIONS, _SEED)
    return sketches
