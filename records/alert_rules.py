"""Alert rules: which narratives the team is told about. Pure; rules come from configuration.

Conditions that a rule gives hold together; the values of one condition are alternatives. There are no regular
expressions: a keyword is a word or phrase with its marks, found as whole words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from records.narrative import Narrative, NarrativeMember
from records.places import parts
from records.risk import Level, Risk
from records.text import normalize


@dataclass(frozen=True, slots=True)
class AlertRule:
    """`sources` are names or ids. `slack` and `mail` say where to; the default recipients when both are empty.

    A keyword may exclude: "lao -lao động -lao công" finds "lao", but not where it is part of "lao động" or "lao công".
    Without exclusions "lao" does find "lao động": Vietnamese writes a word's syllables apart, and no rule can tell.
    """

    name: str
    level: Level | None = None
    topics: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    spike: bool = False
    slack: tuple[str, ...] = ()
    mail: tuple[str, ...] = ()


def matches(rule: AlertRule, narrative: Narrative, members: Sequence[NarrativeMember], risk: Risk) -> str | None:
    """Why `rule` matches, as short words to show ("level, keyword: chó dại"); None when it does not.

    A rule without any condition matches nothing.
    """
    reasons: list[str] = []
    if rule.level is not None:
        if risk.level < rule.level:
            return None
        reasons.append("level")
    if rule.spike:
        if not risk.trend.rising:
            return None
        reasons.append("spike")
    if rule.topics:
        if narrative.topic not in rule.topics:
            return None
        reasons.append(f"topic: {narrative.topic}")
    if rule.places:
        places = (*narrative.places, *(place for m in members for place in m.assessment.places))
        place = _first_of(rule.places, {_plain(name) for place in places for name in (place, parts(place)[0]) if name})
        if place is None:
            return None
        reasons.append(f"place: {place}")
    if rule.sources:
        source = _first_of(rule.sources, {_plain(name) for m in members for name in (m.source.name, m.source.id)})
        if source is None:
            return None
        reasons.append(f"source: {source}")
    if rule.keywords:
        texts = [_plain(f"{m.item.title}\n{m.item.own_text}") for m in members]
        keyword = next((k for k in rule.keywords if any(_contains(text, k) for text in texts)), None)
        if keyword is None:
            return None
        reasons.append(f"keyword: {keyword}")
    return ", ".join(reasons) or None


def contains_keyword(text: str, keyword: str) -> bool:
    """Whether `keyword` (with its exclusions) stands in `text` as whole words, marks and all, in any case."""
    return _contains(_plain(text), keyword)


def _contains(plain: str, keyword: str) -> bool:
    wanted, unwanted = _patterns(keyword)
    if wanted is None:
        return False
    covered = [match.span() for pattern in unwanted for match in pattern.finditer(plain)]
    return any(
        not any(start <= match.start() and match.end() <= end for start, end in covered)
        for match in wanted.finditer(plain)
    )


@lru_cache(maxsize=1024)
def _patterns(keyword: str) -> tuple[re.Pattern[str] | None, tuple[re.Pattern[str], ...]]:
    # A hyphen excludes only after a space and before a word: "covid-19" is one keyword.
    phrase, *excluded = re.split(r"\s-(?=\w)", _plain(keyword))
    return _whole_words(phrase), tuple(p for p in map(_whole_words, excluded) if p is not None)


def _whole_words(phrase: str) -> re.Pattern[str] | None:
    words = [re.escape(word) for word in phrase.split()]
    if not words:
        return None
    # A combining mark is no \w, but it belongs to the letter before it.
    return re.compile(r"(?<![\w\u0300-\u036f])" + r"\s+".join(words) + r"(?![\w\u0300-\u036f])")


def _plain(text: str) -> str:
    # Casefolding can decompose (İ → i + dot), so the composed form is made again after it.
    return unicodedata.normalize("NFC", normalize(text).casefold())


def _first_of(wanted: Iterable[str], present: set[str]) -> str | None:
    return next((value for value in wanted if _plain(value) in present), None)
