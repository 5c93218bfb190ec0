"""Words that speak for a topic, as features: the names' keywords of records/topics.py and a longer list of our own.

A word counts with its marks only ("co dại" is no rabid dog); a text without any gets the likeliest first. A phrase that
stands for something else ("lao động") swallows what it holds.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.features import split_words
from models.spelling import placed, plain, spelled
from records.topics import TOPICS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KEYS = tuple(TOPICS)
_LONGEST = 5  # words of a phrase
#: In small letters this is a word of its own: "ai", who.
_BY_CASE = frozenset({"AI"})
#: Numbers in a row of `topic_matrix`.
TOPICAL = 2 * len(_KEYS)
_MANY = 3


def topic_matrix(texts: Sequence[str]) -> NDArray[np.float32]:
    """(n, TOPICAL) float32, 0 to 1: of each topic how many different words stand there, and their share of all."""
    matrix = np.zeros((len(texts), TOPICAL), np.float32)
    for row, text in zip(matrix, texts, strict=True):
        counts = Counter(topic for _, topics in topic_phrases(text) for topic in topics)
        total = sum(counts.values())
        for place, key in enumerate(_KEYS):
            if counts[key]:
                row[place] = min(_MANY, counts[key]) / _MANY
                row[len(_KEYS) + place] = counts[key] / total
    return matrix


def topic_phrases(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Each different phrase once, with its topics; a phrase within a longer one does not count."""
    words = _words(split_words(spelled(text)))
    table = _phrases()
    found: dict[str, tuple[str, ...]] = {}
    at = 0
    while at < len(words):
        for length in range(min(_LONGEST, len(words) - at), 0, -1):
            phrase = " ".join(words[at : at + length])
            if phrase in table:
                found[phrase] = table[phrase]
                at += length
                break
        else:
            at += 1
    return list(found.items())


@cache
def _lists() -> dict[str, Any]:
    """models/data/topics.json: `words` by topic, and `elsewhere`, as its note says."""
    lists: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "topics.json").read_text("utf-8"))
    return lists


@cache
def topic_words() -> dict[str, tuple[str, ...]]:
    """Topic → its words, as written."""
    own = _lists()["words"]
    return {key: tuple(dict.fromkeys([*TOPICS[key].keywords, *own[key]])) for key in _KEYS}


@cache
def _phrases() -> Mapping[str, tuple[str, ...]]:
    """Phrase → its topics; what stands for something else has none."""
    table: dict[str, tuple[str, ...]] = {}
    every: list[tuple[tuple[str, ...], Iterable[str]]] = [((key,), words) for key, words in topic_words().items()]
    for topics, phrases in [*every, ((), _lists()["elsewhere"])]:
        # As it is written, and as texts are read: "bhyt" becomes "bảo hiểm y tế" there, and "BHYT" does not.
        forms = (form for phrase in map(_lower, phrases) for form in (phrase, plain(phrase)))
        for words in dict.fromkeys(" ".join(split_words(placed(form))) for form in forms):
            table[words] = tuple(dict.fromkeys((*table.get(words, ()), *topics)))
    return table


def _words(written: Sequence[str]) -> list[str]:
    """In small letters, but for what differs by its case; among capitals nothing does."""
    beside = ["", *written, ""]
    return [
        word if word in _BY_CASE and not (beside[at].isupper() or beside[at + 2].isupper()) else word.casefold()
        for at, word in enumerate(written)
    ]


def _lower(text: str) -> str:
    return " ".join(word if word in _BY_CASE else word.casefold() for word in text.split(" "))
