"""What a narrative is called on the screen: its most central title and the words that distinguish it. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from models.wording import feature, idf, matrix, row_of, table, words_of
from records.narrative import NarratableItem
from records.text import excerpt, fold, normalize

LABEL_CHARACTERS = 120
MOST_WORDS = 6
_LOOKED_AT = 200
_MOST_CHARACTERS = 4_000
#: Phrases lie between signs of punctuation.
_CLAUSE = re.compile(r"[^\W_]+(?: [^\W_]+)*")
#: A word in more than one text of eight ends no phrase.
_LEAST_WORD_IDF = 2.1
_LONGEST_PHRASE = 4


def describe(members: Sequence[NarratableItem], background: Sequence[str] = ()) -> tuple[str, tuple[str, ...]]:
    """(label, words) of `members`; ("", ()) when there is none. Words are two to four syllables, with marks."""
    members = list(members)[:_LOOKED_AT]
    if not members:
        return "", ()
    rows = matrix([row_of(words_of(f"{member.title}\n{member.text}")) for member in members])
    centrality = np.asarray(rows @ rows.sum(axis=0)).ravel()
    order = np.argsort(-centrality, kind="stable").tolist()
    titled = [members[at].title for at in order if members[at].title.strip()]
    label = excerpt(normalize(titled[0] if titled else members[order[0]].text), LABEL_CHARACTERS)
    return label, _distinguishing([f"{member.title}.\n{member.text}" for member in members], background)


def _distinguishing(texts: Sequence[str], background: Sequence[str]) -> tuple[str, ...]:
    within = Counter(phrase for text in texts for phrase in _phrases(text))
    repeated = len(texts) > 2 and any(count > 1 for count in within.values())
    outside = Counter(phrase for text in list(background)[:_LOOKED_AT] for phrase in _phrases(text))
    least = 2 if repeated else 1
    scored = []
    for phrase, count in within.items():
        if count < least:
            continue
        share = count / len(texts)
        elsewhere = outside[phrase] / max(len(background), 1)
        scored.append((-(share * share) * _rarity(phrase) * (1 - min(elsewhere / share, 1)), phrase))
    chosen: list[str] = []
    for score, phrase in sorted(scored):
        if score < 0 and not any(f" {phrase} " in f" {other} " or f" {other} " in f" {phrase} " for other in chosen):
            chosen.append(phrase)
        if len(chosen) == MOST_WORDS:
            break
    return tuple(chosen)


def _phrases(text: str) -> set[str]:
    """Runs of two to four words that neither begin nor end with a common word."""
    found = set()
    for clause in _CLAUSE.findall(normalize(text[:_MOST_CHARACTERS]).casefold()):
        words = clause.split(" ")
        telling = [_tells(word) for word in words]
        for start in range(len(words)):
            for end in range(start + 2, min(start + _LONGEST_PHRASE, len(words)) + 1):
                if telling[start] and telling[end - 1]:
                    found.add(" ".join(words[start:end]))
    return found


@lru_cache(maxsize=1 << 16)
def _tells(word: str) -> bool:
    return not word.isdigit() and float(idf(np.array([feature(fold(word))]))[0]) >= _LEAST_WORD_IDF


def _rarity(phrase: str) -> float:
    """Of its rarest pair of words, pulled towards phrases that are known at all: an unseen run is often an accident."""
    words = fold(phrase).split(" ")
    pairs = np.array([feature(f"{first} {second}") for first, second in pairwise(words)])
    seen = bool((table()["frequency"][pairs] > 0).all())
    return float(idf(pairs).mean()) * (1.0 if seen else 0.7)
