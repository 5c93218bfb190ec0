"""A hit as it is shown, made alike for every engine."""

from __future__ import annotations

from index.highlight import excerpt, marked, matches
from index.query import ParsedQuery, folded
from records.search import Hit

MOST_HITS = 1_000


def shown(parsed: ParsedQuery, id: str, title: str, text: str, score: float, exact: bool) -> Hit:
    phrases = parsed.wanted if exact else folded(parsed.wanted)
    return Hit(
        id=id,
        score=round(score, 6),
        exact=exact,
        title=marked(title, matches(title, phrases, exact=exact)),
        excerpt=excerpt(text, matches(text, phrases, exact=exact)),
    )
