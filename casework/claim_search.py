"""Finding claims in the library: gone through as a whole, with what was read of each kept for the next search. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from records.claim import Claim, Verdict
from records.text import fold, normalize, sort_key

_WORD = re.compile(r"\w+")
_HALF = 0.5
#: Three files of the largest size. A larger library is found in as well, but read anew at each search.
_MOST_CLAIMS = 65_536
#: Vietnamese has some 7,000 syllables; names, numbers and addresses come to them.
_MOST_WORDS = 131_072


class _Words(NamedTuple):
    """Folded, with a blank before and behind each word: in a string rather than a set, which is ten times as large.
    `wordings`: one for each, the claim's own text first. `more`: of its id and explanation."""

    wordings: tuple[str, ...]
    more: str


def found(
    claims: Iterable[Claim], text: str = "", topic: str | None = None, verdict: Verdict | None = None
) -> list[Claim]:
    """Those that have every word of `text` in their wordings or their explanation, with marks or without, in the order
    of the Vietnamese alphabet; those whose own text has them first."""
    words = _wanted(text)
    chosen: list[tuple[bool, tuple[Any, ...], Claim]] = []
    for claim in claims:
        if (topic is not None and claim.topic != topic) or (verdict is not None and claim.verdict is not verdict):
            continue
        if not words:
            chosen.append((False, _place(claim.text), claim))
            continue
        said = _words_of(claim)
        if all(word in said.more or any(word in one for one in said.wordings) for word in words):
            elsewhere = not all(word in said.wordings[0] for word in words)
            chosen.append((elsewhere, _place(claim.text), claim))
    return [claim for _, _, claim in sorted(chosen, key=lambda one: one[:2])]


def nearest(claims: Iterable[Claim], text: str, most: int) -> list[Claim]:
    """Those with at least half of the words of `text` in one of their wordings, the most of them first."""
    words = _wanted(text)
    if not words:
        return []
    near: list[tuple[float, tuple[Any, ...], Claim]] = []
    for claim in claims:
        share = max(sum(word in one for word in words) for one in _words_of(claim).wordings) / len(words)
        if share >= _HALF:
            near.append((-share, _place(claim.text), claim))
    return [claim for _, _, claim in sorted(near, key=lambda one: one[:2])[:most]]


def _wanted(text: str) -> tuple[str, ...]:
    """Each word once, as it stands in `_Words`."""
    return tuple({f" {word} " for word in _folded(text).split()})


def _words_of(claim: Claim) -> _Words:
    return _read(claim.id, claim.all_wordings, claim.explanation)


# By what the claim says, and not by its version: two libraries may have a version of the same number.
@lru_cache(maxsize=_MOST_CLAIMS)
def _read(id: str, wordings: tuple[str, ...], explanation: str) -> _Words:
    return _Words(tuple(map(_folded, wordings)), _folded(f"{id}\n{explanation}"))


def _folded(text: str) -> str:
    return f" {' '.join(filter(None, map(_folded_piece, text.split())))} "


# Piece by piece: a library of 20,000 claims has millions of words, and some thousands of different ones.
@lru_cache(maxsize=_MOST_WORDS)
def _folded_piece(piece: str) -> str:
    return " ".join(_WORD.findall(fold(normalize(piece))))


@lru_cache(maxsize=_MOST_CLAIMS)
def _place(text: str) -> tuple[Any, ...]:
    """`sort_key`, whose words are read once and shared."""
    places = [_place_of_word(word) for word in text.split()]
    return tuple(one[0] for one in places), tuple(one[1] for one in places), text


@lru_cache(maxsize=_MOST_WORDS)
def _place_of_word(word: str) -> tuple[Any, Any]:
    letters, tones, _ = sort_key(word)
    return letters[0], tones[0]  # type: ignore[index]
