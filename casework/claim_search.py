"""Finding claims in the library: small enough to be gone through as a whole. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from records.claim import Claim, Verdict
from records.text import fold, normalize, sort_key

_WORD = re.compile(r"\w+")
_HALF = 0.5


def found(
    claims: Iterable[Claim], text: str = "", topic: str | None = None, verdict: Verdict | None = None
) -> list[Claim]:
    """Those that have every word of `text` in their wordings or their explanation, with marks or without, in the order
    of the Vietnamese alphabet; those whose own text has them first."""
    words = _words(text)
    chosen: list[tuple[int, Claim]] = []
    for claim in claims:
        if (topic is not None and claim.topic != topic) or (verdict is not None and claim.verdict is not verdict):
            continue
        if words <= _words("\n".join((claim.id, *claim.all_wordings, claim.explanation))):
            chosen.append((int(not words <= _words(claim.text)), claim))
    return [claim for _, claim in sorted(chosen, key=lambda pair: (pair[0], sort_key(pair[1].text)))]


def nearest(claims: Iterable[Claim], text: str, most: int) -> list[Claim]:
    """Those with at least half of the words of `text` in one of their wordings, the most of them first."""
    words = _words(text)
    if not words:
        return []
    shares = [(max(len(words & _words(one)) for one in claim.all_wordings) / len(words), claim) for claim in claims]
    ranked = sorted(shares, key=lambda pair: (-pair[0], sort_key(pair[1].text)))
    return [claim for share, claim in ranked[:most] if share >= _HALF]


def _words(text: str) -> set[str]:
    return set(_WORD.findall(fold(normalize(text))))
