"""What a narrative is called on the screen: its most central title and the words that distinguish it. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
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
#: A longer phrase takes a shorter one's place when it is found in this share of the texts that hold the shorter.
_NEARLY_ALWAYS = 0.75
#: A label stays that is this much as central as the most central one.
_STAYS = 0.85
_SENTENCE = re.compile(r".{12,}?[.!?…](?= |$)")


def describe(
    members: Sequence[NarratableItem], background: Sequence[str] = (), label: str = ""
) -> tuple[str, tuple[str, ...]]:
    """(label, words) of `members`; ("", ()) when there is none. Words are two to four syllables, with marks.

    `label` is the one so far: it stays while it is nearly as central as the best, so that people find their way back.
    """
    members = list(members)[:_LOOKED_AT]
    if not members:
        return "", ()
    rows = matrix([row_of(words_of(f"{member.title}\n{member.text}")) for member in members])
    centrality = np.asarray(rows @ rows.sum(axis=0)).ravel()
    order = np.argsort(-centrality, kind="stable").tolist()
    titled = [at for at in order if members[at].title.strip()] or order
    best = centrality[titled[0]]
    kept = (at for at in titled if centrality[at] >= _STAYS * best and _label_of(members[at]) == label)
    label = _label_of(members[next(kept, titled[0])])
    return label, _distinguishing([f"{member.title}.\n{member.text}" for member in members], background)


def _label_of(member: NarratableItem) -> str:
    """Its title, or else its first sentence."""
    text = normalize(member.title) or normalize(member.text)
    if not member.title.strip():
        sentence = _SENTENCE.match(text)
        text = sentence[0] if sentence else text
    return excerpt(text, LABEL_CHARACTERS)


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
    wholes = _wholes({phrase: count for phrase, count in within.items() if count >= least}) if repeated else {}
    chosen: list[str] = []
    for score, phrase in sorted(scored):
        phrase = wholes.get(phrase, phrase)
        if score < 0 and not any(_overlap(phrase, other) for other in chosen):
            chosen.append(phrase)
        if len(chosen) == MOST_WORDS:
            break
    return tuple(chosen)


def _wholes(counts: Mapping[str, int]) -> dict[str, str]:
    """Of a phrase that nearly always stands within a longer one, that one: "gốm tân" is a piece of "gốm tân khê"."""
    found: dict[str, str] = {}
    for whole in sorted(counts, key=lambda phrase: (len(phrase.split(" ")), phrase)):
        words = whole.split(" ")
        for start in range(len(words)):
            for end in range(start + 2, len(words) + 1):
                piece = " ".join(words[start:end])
                if piece != whole and counts[whole] >= _NEARLY_ALWAYS * counts.get(piece, counts[whole] + 1):
                    found[piece] = whole
    return found


def _overlap(phrase: str, other: str) -> bool:
    """One holds the other, or goes on where the other ends: "xã tân" and "tân khê"."""
    one, two = phrase.split(" "), other.split(" ")
    return f" {phrase} " in f" {other} " or f" {other} " in f" {phrase} " or one[-1] == two[0] or two[-1] == one[0]


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
