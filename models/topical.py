"""Words that speak for a topic, as features: the names' keywords of records/topics.py and a longer list of our own.

In a text that carries marks a word counts only with its marks ("co dại" is no rabid dog); in one without any, its
folded form counts, unless it is a single syllable, which could be anything.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.features import split_words
from models.spelling import plain
from records.text import fold
from records.topics import TOPICS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KEYS = tuple(TOPICS)
_LONGEST = 5  # words of a phrase
#: Numbers in a row of `topic_matrix`.
TOPICAL = 2 * len(_KEYS)
_MANY = 3


def topic_matrix(texts: Sequence[str]) -> NDArray[np.float32]:
    """(n, TOPICAL) float32, 0 to 1: of each topic how many different words stand there, and their share of all."""
    matrix = np.zeros((len(texts), TOPICAL), np.float32)
    for row, text in zip(matrix, texts, strict=True):
        counts = _hits(plain(text).casefold())
        total = sum(counts.values())
        for place, key in enumerate(_KEYS):
            if counts[key]:
                row[place] = min(_MANY, counts[key]) / _MANY
                row[len(_KEYS) + place] = counts[key] / total
    return matrix


def _hits(text: str) -> Counter[str]:
    """Topic → different phrases of it; a phrase within a longer one does not count."""
    words = split_words(text)
    marked = fold(text) != text
    table = _phrases()[0 if marked else 1]
    counts: Counter[str] = Counter()
    seen: set[str] = set()
    at = 0
    while at < len(words):
        for length in range(min(_LONGEST, len(words) - at), 0, -1):
            phrase = " ".join(words[at : at + length])
            if phrase in table:
                if phrase not in seen:
                    counts.update(table[phrase])
                    seen.add(phrase)
                at += length
                break
        else:
            at += 1
    return counts


@cache
def _words() -> dict[str, tuple[str, ...]]:
    """Topic → its words, as written."""
    own = json.loads((Path(__file__).parent / "data" / "topics.json").read_text("utf-8"))["words"]
    return {key: tuple(dict.fromkeys([*TOPICS[key].keywords, *own[key]])) for key in _KEYS}


@cache
def _phrases() -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, tuple[str, ...]]]:
    """Phrase → its topics: with marks, and folded."""
    tables: tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]] = ({}, {})
    for key, phrases in _words().items():
        # As it is written, and as texts are read: "bhyt" becomes "bảo hiểm y tế" there, and "BHYT" does not.
        forms = dict.fromkeys(form for phrase in phrases for form in (phrase.casefold(), plain(phrase.casefold())))
        for form in forms:
            words = " ".join(split_words(form))
            tables[0][words] = (*tables[0].get(words, ()), key)
            folded = fold(words)
            if " " in folded or folded == words:
                tables[1][folded] = tuple(dict.fromkeys((*tables[1].get(folded, ()), key)))
    return tables
