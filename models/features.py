"""Word and character n-grams of many texts at once, hashed into a fixed number of buckets by numpy.

scikit-learn's HashingVectorizer does the same one text at a time; this does a batch as one array of code points,
many times as fast (`make bench`). The hash is fixed: weights that were trained stay right on every machine.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from models.spelling import changes, spelled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.uint64]

#: Words in the lower half of the buckets, characters in the upper half.
BUCKETS = 2**18
_HALF_BITS = 17
_CHARACTER_LENGTHS = (3, 4)
_CHARACTERS_SHARE = 0.25  # they help where words are misspelt, and blur where they are not
_CODE_POINTS = 0x10000  # beyond stand emoji and rare scripts, which part words
_WORD = re.compile(r"[^\W_]+")
_PRIME = np.uint64(0x9E3779B97F4A7C15)  # odd: has an inverse modulo 2^64
_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 2**64))
_MARKED, _FOLDED, _PAIR, _CHARACTERS = (np.uint64(n * 0xD6E8FEB86659FD93 % 2**64) for n in (1, 2, 3, 4))


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a batch in order: `document` of each, first and last + 1 code point, and two hashes."""

    document: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    marked: Numbers
    folded: Numbers


def ngrams(texts: Sequence[str], idf: NDArray[np.float32] | None = None) -> sparse.csr_matrix:
    """(n, BUCKETS) float32: tf-idf of words (single and in pairs, with and without marks) and of 3 and 4 characters.

    The words have length 1, the characters a quarter of it. `idf`: (BUCKETS,), ones when absent.
    A row does not depend on the others.
    """
    if not texts:
        return sparse.csr_matrix((0, BUCKETS), dtype=np.float32)
    marked, folded, documents = _codes([spelled(text) for text in texts])
    words = _words(marked, folded, documents)
    rows, buckets = (
        np.concatenate(parts)
        for parts in zip(_word_features(words), _character_features(folded, documents), strict=True)
    )
    return _matrix(rows, buckets, len(texts), idf)


def split_words(text: str) -> list[str]:
    """The words of `text` as the n-grams see them: runs of letters and digits."""
    return _WORD.findall(text)


def inverse_document_frequency(texts: Sequence[str], batch: int = 2_000) -> NDArray[np.float32]:
    """(BUCKETS,) float32, smoothed as scikit-learn does."""
    counts = np.zeros(BUCKETS, np.int64)
    for start in range(0, len(texts), batch):
        counts += np.bincount(ngrams(texts[start : start + batch]).indices, minlength=BUCKETS)
    return (np.log((1 + len(texts)) / (1 + counts)) + 1).astype(np.float32)


def word_buckets(text: str) -> tuple[Words, dict[str, NDArray[np.int64]]]:
    """(the words of the plain text, their buckets): what a reason needs to say which words weighed.

    The buckets are of each word `marked` and `folded`, and of each pair that begins with it `marked_pair` and
    `folded_pair` (one fewer). `start` and `end` of the words are places in `text` itself: both words of "bệnh viện"
    stand where "bv" stands.
    """
    marked, folded, documents = _codes([spelled(text)])
    words = _words(marked, folded, documents)
    places = _places(text)
    words = replace(words, start=places[words.start, 0], end=places[words.end - 1, 1])
    first, second = slice(None, -1), slice(1, None)
    return (
        words,
        {
            "marked": _bucket(words.marked ^ _MARKED),
            "folded": _bucket(words.folded ^ _FOLDED),
            "marked_pair": _bucket(_pair(words.marked[first], words.marked[second]) ^ _MARKED),
            "folded_pair": _bucket(_pair(words.folded[first], words.folded[second]) ^ _FOLDED),
        },
    )


def _places(text: str) -> NDArray[np.int64]:
    """(n, 2): for each character of the plain text where in `text` that which it was written for begins and ends."""
    parts, at = [], 0
    for start, end, written in changes(text):
        parts += [_each(at, start), np.tile(np.array([start, end]), (len(written), 1))]
        at = end
    return np.concatenate([*parts, _each(at, len(text))])


def _each(start: int, end: int) -> NDArray[np.int64]:
    return np.column_stack([np.arange(start, end), np.arange(start + 1, end + 1)])


@cache
def _tables() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Code point → its lower case, and → its base letter; 0 where it is no part of a word."""
    lower = np.zeros(_CODE_POINTS, np.uint32)
    base = np.zeros(_CODE_POINTS, np.uint32)
    for code in range(_CODE_POINTS):
        character = chr(code)
        if character.isalnum():
            small = character.lower()
            lower[code] = ord(small) if len(small) == 1 else code
            letter = unicodedata.normalize("NFD", chr(lower[code]))[0]
            base[code] = ord("d") if letter == "đ" else ord(letter)
    return lower, base


def _codes(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.int64]]:
    """(marked, folded, document): a code point each, 0 between words; each text begins and ends with a 0."""
    lower, base = _tables()
    joined = "".join(f"\0{text}\0" for text in texts)
    codes = np.frombuffer(joined.encode("utf-32-le", "replace"), np.uint32)
    codes = np.where(codes < _CODE_POINTS, codes, 0)
    documents = np.repeat(np.arange(len(texts)), [len(text) + 2 for text in texts])
    return lower[codes], base[codes], documents


def _powers(length: int) -> tuple[Numbers, Numbers]:
    powers = np.full(length, _PRIME, np.uint64)
    inverses = np.full(length, _INVERSE, np.uint64)
    powers[0] = inverses[0] = 1
    return np.cumprod(powers, dtype=np.uint64), np.cumprod(inverses, dtype=np.uint64)


def _sums(codes: NDArray[np.uint32], powers: Numbers) -> Numbers:
    """Prefix sums of a polynomial hash, modulo 2^64: any run's hash is a difference of two."""
    return np.concatenate([np.zeros(1, np.uint64), np.cumsum(codes.astype(np.uint64) * powers, dtype=np.uint64)])


def _words(marked: NDArray[np.uint32], folded: NDArray[np.uint32], documents: NDArray[np.int64]) -> Words:
    inside = np.concatenate([marked != 0, [False]])
    start = np.flatnonzero(inside[1:] & ~inside[:-1]) + 1  # the first code is always 0
    end = np.flatnonzero(inside[:-1] & ~inside[1:]) + 1
    powers, inverses = _powers(len(marked))
    hashes = []
    for codes in (marked, folded):
        sums = _sums(codes, powers)
        hashes.append((sums[end] - sums[start]) * inverses[start])
    # Places in the batch are one more than in a single text, which begins with a 0.
    return Words(documents[start], start - 1, end - 1, hashes[0], hashes[1])


def _word_features(words: Words) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    together = words.document[1:] == words.document[:-1]
    rows, buckets = [], []
    for hashes, view in ((words.marked, _MARKED), (words.folded, _FOLDED)):
        pairs = _pair(hashes[:-1], hashes[1:])[together]
        rows += [words.document, words.document[:-1][together]]
        buckets += [_bucket(hashes ^ view), _bucket(pairs ^ view)]
    return np.concatenate(rows), np.concatenate(buckets)


def _character_features(
    folded: NDArray[np.uint32], documents: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    # One gap between two words however many signs stand there; the gap at a text's edge is its boundary too.
    edge = documents[1:] != documents[:-1]
    kept = np.concatenate([[True], (folded[1:] != 0) | (folded[:-1] != 0) | edge])
    codes, documents = folded[kept], documents[kept]
    powers, inverses = _powers(len(codes))
    sums = _sums(codes + np.uint32(1), powers)
    rows, buckets = [], []
    for length in _CHARACTER_LENGTHS:
        count = max(0, len(codes) - length + 1)
        first = documents[:count]
        together = first == documents[length - 1 :]
        hashes = (sums[length:] - sums[:-length]) * inverses[: len(sums) - length] if count else sums[:0]
        rows.append(first[together])
        buckets.append(_bucket(hashes[together] ^ _CHARACTERS ^ np.uint64(length)))
    return np.concatenate(rows), np.concatenate(buckets) + 2**_HALF_BITS


def _pair(first: Numbers, second: Numbers) -> Numbers:
    return _mixed(first ^ _PAIR) * _PRIME + second


def _bucket(hashes: Numbers) -> NDArray[np.int64]:
    return (_mixed(hashes) >> np.uint64(64 - _HALF_BITS)).astype(np.int64)


def _mixed(hashes: Numbers) -> Numbers:
    """splitmix64: every bit of the input moves every bit of the output."""
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return hashes ^ (hashes >> np.uint64(31))


def _matrix(
    rows: NDArray[np.int64], buckets: NDArray[np.int64], count: int, idf: NDArray[np.float32] | None
) -> sparse.csr_matrix:
    ones = np.ones(len(rows), np.float32)
    matrix = sparse.csr_matrix((ones, (rows, buckets)), shape=(count, BUCKETS))  # sums what is there twice
    matrix.sort_indices()
    matrix.data = 1 + np.log(matrix.data)
    if idf is not None:
        matrix.data *= idf[matrix.indices]
    # Sorted, each row's words stand before its characters: 2 n runs, each scaled to length 1.
    half = np.repeat(2 * np.arange(count), np.diff(matrix.indptr)) + (matrix.indices >> _HALF_BITS)
    squares = np.bincount(half, (matrix.data**2).astype(np.float64), minlength=2 * count)
    scale = np.where(np.arange(2 * count) % 2, _CHARACTERS_SHARE, 1) / np.sqrt(np.maximum(squares, 1e-12))
    matrix.data *= scale.astype(np.float32)[half]
    return matrix
