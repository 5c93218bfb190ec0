"""BM25 from the texts themselves, for a bounded number of them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.query import Phrase, folded_words_of, words_of

_SATURATION, _LENGTH_SHARE = 1.2, 0.75
#: The weight of a phrase that stands in most documents: FTS5 has it too, so that no match counts against a document.
_LEAST_WEIGHT = 1e-6


def phrase_counts(text: str, phrases: Sequence[Phrase], *, exact: bool) -> tuple[int, list[int]]:
    """(words of `text`, how often each phrase stands in it). Phrases are casefolded, and folded for `exact` False."""
    words = words_of(text) if exact else folded_words_of(words_of(text))
    # Two spaces: neighbors that are the same word are counted both.
    apart = f" {words.replace(' ', '  ')} "
    return words.count(" ") + 1, [apart.count(f" {'  '.join(phrase)} ") for phrase in phrases]


def bm25(counts: NDArray[np.float64], lengths: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) scores, 0 and more, of n documents: (n, phrases) weighted counts, (n,) words each, and (phrases,) the share
    of all documents that have each phrase.
    """
    average = max(float(lengths.mean()), 1.0)
    weights = np.maximum(np.log((1 - shares + 1e-6) / (shares + 1e-6)), _LEAST_WEIGHT)
    dampened = _SATURATION * (1 - _LENGTH_SHARE + _LENGTH_SHARE * lengths / average)
    saturated = counts * (_SATURATION + 1) / (counts + dampened[:, None])
    return np.asarray(saturated @ weights)
