"""Near-duplicates: the same text passed on with small changes, found by MinHash (rensa) and checked exactly."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash, RMinHashLSH

from records.text import fold, normalize

PERMUTATIONS = 128
#: 32 bands of 4: a pair of Jaccard 0.6 is found with probability .988, of 0.7 with .9998.
BANDS = 32
#: Of their shingles: a copy with a sentence added, or a word in fifteen changed.
LEAST_JACCARD = 0.6
_SEED = 20_260
_SHINGLE_WORDS = 3
#: Of a text, from its beginning: a copy shows itself within them.
_MOST_WORDS = 1_000
_WORD = re.compile(r"\w+")

Shingles = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """`jaccard` of the shingles, `LEAST_JACCARD` to 1."""

    key: int
    jaccard: float


def shingle_words(text: str) -> set[str]:
    """Runs of three folded words, so that a copy typed without marks is the same; a shorter text is one run."""
    words = _WORD.findall(fold(normalize(text)))[:_MOST_WORDS]
    if len(words) <= _SHINGLE_WORDS:
        return {" ".join(words)} if words else set()
    return {" ".join(words[at : at + _SHINGLE_WORDS]) for at in range(len(words) - _SHINGLE_WORDS + 1)}


def hash_shingles(texts: Sequence[str]) -> list[Shingles]:
    """For each text the hashes of its shingles, ascending, each once; empty for a text without words."""
    hashed = RMinHash.hash_token_sets([sorted(shingle_words(text)) for text in texts])
    return [np.unique(np.array(hashes, np.uint64)) for hashes in hashed]


def jaccard(first: Shingles, second: Shingles) -> float:
    common = len(np.intersect1d(first, second, assume_unique=True))
    return common / ((len(first) + len(second) - common) or 1)


class NearDuplicates:
    """The texts seen so far. The same texts give the same answers, in whatever portions they were added."""

    def __init__(self, least_jaccard: float = LEAST_JACCARD) -> None:
        self._least = least_jaccard
        self._table = RMinHashLSH(least_jaccard, PERMUTATIONS, BANDS)
        self._shingles: dict[int, Shingles] = {}

    def add(self, keys: Sequence[int], shingles: Sequence[Shingles]) -> None:
        """Keys are integers that were not added before. A text without words has no near-duplicates."""
        pairs = [(key, hashes) for key, hashes in zip(keys, shingles, strict=True) if len(hashes)]
        self._shingles.update(pairs)
        for (key, _), sketch in zip(pairs, _sketches([hashes for _, hashes in pairs]), strict=True):
            self._table.insert(key, sketch)

    def find(self, shingles: Shingles) -> tuple[NearDuplicate, ...]:
        """Those at `least_jaccard` or more, by Jaccard and then by key."""
        if not len(shingles):
            return ()
        (sketch,) = _sketches([shingles])
        found = [NearDuplicate(key, jaccard(shingles, self._shingles[key])) for key in self._table.query(sketch)]
        near = [duplicate for duplicate in found if duplicate.jaccard >= self._least]
        return tuple(sorted(near, key=lambda duplicate: (-duplicate.jaccard, duplicate.key)))


def _sketches(shingles: Sequence[Shingles]) -> Sequence[RMinHash]:
    tokens = [[str(value) for value in hashes.tolist()] for hashes in shingles]
    sketches: Sequence[RMinHash] = RMinHash.from_token_sets(tokens, PERMUTATIONS, _SEED)
    return sketches
