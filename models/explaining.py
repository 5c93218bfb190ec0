"""The reasons of a whole assessment, field by field: words, cues, the levels that decide, and the rules that did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from models import cues as signs
from models.heads import HeadSet
from models.places import How, Named
from models.reading import Reading
from models.reasons import TextReasons, field_reasons, owner_reason
from models.settled import Settled
from records.assessment import Assessment, Kind, Reason, Stance, chance_key
from records.source import Owner

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Explainer:
    """Says why of what the heads and the rules decided; it decides nothing."""

    def __init__(self, heads: HeadSet, idf: NDArray[np.float32]) -> None:
        self._heads, self._idf = heads, idf

    def reasons(
        self,
        reading: Reading,
        owner: Owner | None,
        said: Assessment,
        named: Sequence[Named],
        *,
        settled: Settled | None,
        ruled: bool,
        paired: Mapping[str, str] = MappingProxyType({}),
    ) -> tuple[Reason, ...]:
        """`named`: the places of `said`; `settled`: what made it a correction by models/settled.py; `ruled`: attention
        is by the rule on harm; `paired`: field → code of what made its answer another than its own head's, see
        models/consistent.py.
        """
        text = _Text(reading, self._heads, self._idf, said.probabilities)
        by_rule = [Reason("kind", "settled", (settled.words,))] if settled else []
        by_rule += [Reason(about, code) for about, code in paired.items()]
        if not said.health and _likeliest_kind(said) is not said.kind:
            by_rule = [Reason("kind", "claims_left_out")]
        reasons = text.reasons("health", "", sign=1.0 if said.health else -1.0)
        reasons.append(self._level("health", said.health))
        reasons += by_rule + text.reasons("kind", said.kind)
        reasons += self._reliability(owner, reading, said, text)
        if said.health:
            if settled and said.stance is Stance.REFUTES:
                reasons.append(Reason("stance", "settled", (settled.words,)))
            if said.stance is Stance.NEUTRAL:
                reasons.append(Reason("stance", "no_claim"))
            else:
                reasons += text.reasons("stance", said.stance)
            chatter = said.kind is Kind.CHATTER
            reasons += [Reason("harm", "chatter")] if chatter else text.reasons("harm", said.harm)
            reasons += text.reasons("topic", said.topic or "none")
            by_heads: tuple[str, ...] = (
                ("harm", "topic") if settled or "stance" in paired else ("stance", "harm", "topic")
            )
            by_heads = tuple(about for about in by_heads if not (about == "harm" and chatter))
            reasons += [Reason(about, "lifted") for about in by_heads if _is_lifted(said, about)]
            reasons += self._attention(said, ruled, text)
        else:
            reasons += [Reason(about, "not_health") for about in ("harm", "stance", "topic", "attention")]
        return (*reasons, *_places(named))

    def _level(self, head: str, reached: bool) -> Reason:
        return Reason(head, f"{head}_{'from' if reached else 'below'}", detail=str(self._heads.heads[head].threshold))

    def _reliability(self, owner: Owner | None, reading: Reading, said: Assessment, text: _Text) -> list[Reason]:
        threshold = self._heads.heads["reliability"].threshold
        sign = 1.0 if said.probabilities["unreliable"] >= threshold else -1.0
        level = Reason("reliability", "reliability_from", detail=str(threshold))
        return [*owner_reason(owner, reading.source), *text.reasons("reliability", "", sign=sign), level]

    def _attention(self, said: Assessment, ruled: bool, text: _Text) -> list[Reason]:
        likely = said.probabilities["attention"] >= self._heads.heads["attention"].threshold
        if said.attention:
            why = [Reason("attention", "rule")] if ruled else []
            return [*why, *text.reasons("attention", ""), *([self._level("attention", True)] if likely else [])]
        # A refuting item is let go whatever its chance: that has to be said, above all where the chance is high.
        if ruled or likely:
            return [Reason("attention", "refuting")]
        return [self._level("attention", False)]


class _Text:
    """The words of one item as each head reads it, and its cues."""

    def __init__(
        self, reading: Reading, heads: HeadSet, idf: NDArray[np.float32], chances: Mapping[str, float]
    ) -> None:
        self._heads, self._chances = heads, chances
        own = TextReasons(reading.own, idf)
        self._views = {"own": own, "whole": TextReasons(reading.whole, idf) if reading.context else own}
        self._found = signs.found(reading.own)

    def reasons(self, about: str, answer: str, *, sign: float = 1.0) -> list[Reason]:
        """`answer`: of a head with classes the one that was said; "" of one that says yes or no.

        Of several classes, a word is one for the answer that speaks more for it than for the likeliest other.
        """
        head = self._heads.heads[about]
        column, against = 0, None
        if len(head.classes) > 1:
            rival = max((each for each in head.classes if each != answer), key=lambda name: self._chance(about, name))
            column = head.classes.index(answer)
            against = self._heads.word_weights(about, head.classes.index(rival))
        words = self._views[head.view].words(self._heads.word_weights(about, column), against, sign)
        return field_reasons(about, answer, words, self._found)

    def _chance(self, about: str, name: str) -> float:
        return self._chances.get(name if about == "kind" else chance_key(about, name), 0.0)


def _likeliest_kind(said: Assessment) -> Kind:
    return max(Kind, key=lambda kind: said.probabilities[kind])


def _is_lifted(said: Assessment, about: str) -> bool:
    """Whether another answer of the head is likelier."""
    others = [chance for name, chance in said.probabilities.items() if name.startswith(f"{about}.")]
    return max(others, default=0.0) > (said.chance(about) or 0.0)


def _places(named: Sequence[Named]) -> Sequence[Reason]:
    if not named:
        return (Reason("places", "no_place"),)
    return [
        Reason("places", f"place_{how}", tuple(one.written for one in those), "; ".join(one.place for one in those))
        for how in How
        if (those := [one for one in named if one.how is how])
    ]
