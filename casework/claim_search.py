"""Finding claims in the library: small enough to be gone through as a whole. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from records.claim import Claim, Verdict
from records.text import fold, normalize, sort_key


def found(
    claims: Iterable[Claim], text: str = "", topic: str | None = None, verdict: Verdict | None = None
) -> list[Claim]:
    """Those that have every word of `text` in their wordings or their explanation, with marks or without, in the order
    of the Vietnamese alphabet; those whose own text has them first."""
    words = fold(normalize(text)).split()
    chosen: list[tuple[int, Claim]] = []
    for claim in claims:
        if (topic is not None and claim.topic != topic) or (verdict is not None and claim.verdict is not verdict):
            continue
        own = fold(claim.text)
        everything = fold("\n".join((claim.id, *claim.all_wordings, claim.explanation)))
        if all(word in everything for word in words):
            chosen.append((int(not all(word in own for word in words)), claim))
    return [claim for _, claim in sorted(chosen, key=lambda pair: (pair[0], sort_key(pair[1].text)))]
