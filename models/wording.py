"""Texts as weighted words for narration: TF-IDF of folded words and pairs of words, in whole numbers.

Whole numbers make every sum exact: the same pair has the same similarity whatever else is computed beside it, on any
machine and in any portions. Document frequencies are a shipped table, so that a weight never depends on the window.
"""

from __future__ import annotations

import math
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from models.spelling import plain
from records.text import fold

if TYPE_CHECKING:
    from scipy.sparse import csr_array

TABLE = "narration.npz"
FEATURES = 1 << 22
#: Length of every row. Its square is below 2 ** 24, so that float32 holds every sum of products exactly.
SCALE = 4_000
#: Of a text, from its beginning: enough for MOST_WORDS and for the shingles of `models.minhash`.
MOST_CHARACTERS = 10_000
#: Of a text, from its beginning; 120 words cost 0.02 of B³ F1 on long articles.
MOST_WORDS = 600
#: A word in more than one text of seven says nothing of the story.
LEAST_IDF = 2.0
#: A post of 50 words and fewer is short, an article of 300 and more is not; between them by the logarithm.
_SHORT_WORDS, _LONG_WORDS = 50, 300
#: Weight of a pair of words against that of a word. Posts on one claim share words, but seldom the same phrases.
_PAIR_WEIGHT, _PAIR_WEIGHT_IN_SHORT = 1.0, 0.5
_WORD = re.compile(r"\w+")
_INVISIBLE = re.compile("[\xad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")

Row = tuple[NDArray[np.int32], NDArray[np.int32]]


@lru_cache(maxsize=1)
def table() -> dict[str, NDArray[Any]]:
    """`documents` (): texts counted; `frequency` (FEATURES,): in how many; `mean` (d,) and `common` (c, d): vectors."""
    with resources.files("models").joinpath("data", TABLE).open("rb") as file, np.load(file) as stored:
        frequency = np.zeros(FEATURES, np.uint16)
        frequency[stored["features"]] = stored["frequencies"]
        return {
            "documents": stored["documents"],
            "frequency": frequency,
            "mean": stored["mean"].astype(np.float64),
            "common": stored["common"].astype(np.float64),
        }


def words_of(text: str) -> list[str]:
    """The folded words of the first MOST_CHARACTERS of `text`, chat spellings written out."""
    composed = unicodedata.normalize("NFC", _INVISIBLE.sub("", text[:MOST_CHARACTERS]))
    return _WORD.findall(fold(plain(composed)))


def shortness(words: int) -> float:
    """1 for a post, 0 for an article."""
    inside = min(max(words, _SHORT_WORDS), _LONG_WORDS)
    return 1 - math.log(inside / _SHORT_WORDS) / math.log(_LONG_WORDS / _SHORT_WORDS)


def feature(words: str) -> int:
    return zlib.crc32(words.encode()) & (FEATURES - 1)


def features(words: Sequence[str]) -> tuple[Counter[int], Counter[int]]:
    """How often each word, and each pair of words that follow each other, stands among the first MOST_WORDS."""
    words = words[:MOST_WORDS]
    singles: Counter[int] = Counter()
    for word, count in Counter(words).items():
        singles[feature(word)] += count
    pairs: Counter[int] = Counter()
    for pair, count in Counter(pairwise(words)).items():
        pairs[feature(" ".join(pair))] += count
    return singles, pairs


def idf(hashed: NDArray[np.int64]) -> NDArray[np.float64]:
    """Rarity of each feature, from 0 (in every text) to about 10 (in none)."""
    known = table()
    return np.log((int(known["documents"]) + 1) / (known["frequency"][hashed].astype(np.float64) + 1))


def row_of(words: Sequence[str]) -> Row:
    """(features ascending, weights of length SCALE) of a text's words."""
    singles, pairs = features(words)
    short = shortness(len(words))
    hashed = np.array([*singles, *pairs], np.int64)
    counts = np.array([*singles.values(), *pairs.values()], np.float64)
    rarity = idf(hashed)
    weights = (1 + np.log(counts)) * rarity
    weights[rarity < LEAST_IDF] = 0
    weights[len(singles) :] *= _PAIR_WEIGHT + (_PAIR_WEIGHT_IN_SHORT - _PAIR_WEIGHT) * short
    distinct, places = np.unique(hashed, return_inverse=True)  # a word and a pair may share a hash
    weights = np.zeros(len(distinct)) + np.bincount(places, weights, len(distinct))
    # fsum: the same sum in whatever order a library adds.
    length = math.sqrt(math.fsum((weights * weights).tolist()))
    whole = np.rint(weights * (SCALE / (length or 1))).astype(np.int32)
    kept = whole != 0
    return distinct[kept].astype(np.int32), whole[kept]


def matrix(rows: Sequence[Row]) -> csr_array:
    """(n, FEATURES) int32."""
    from scipy.sparse import csr_array

    ends = np.cumsum([0, *(len(row[0]) for row in rows)])
    columns = np.concatenate([row[0] for row in rows]) if rows else np.zeros(0, np.int32)
    weights = np.concatenate([row[1] for row in rows]) if rows else np.zeros(0, np.int32)
    return csr_array((weights, columns, ends), shape=(len(rows), FEATURES))


def whole_vector(vector: bytes, dimensions: int) -> NDArray[np.float32]:
    """(dimensions,) whole numbers as float32, of length SCALE, from a float16 vector; zeros where there is none.

    The built-in encoder's vectors all lie close together: the mean of health texts, and the directions that all of them
    share, are taken out. A vector of another encoder does not lie along that mean and is taken as it is.
    """
    values = np.frombuffer(vector, "<f2").astype(np.float64)
    if len(values) != dimensions:
        return np.zeros(dimensions, np.float32)
    mean, common = table()["mean"], table()["common"]
    if len(mean) == dimensions and float((values * mean).sum()) > 0.6 * math.sqrt(float((mean * mean).sum())):
        values = values - mean
        for direction in common:
            values = values - (values * direction).sum() * direction
    length = math.sqrt(math.fsum((values * values).tolist()))
    return np.rint(values * (SCALE / (length or 1))).astype(np.float32)
