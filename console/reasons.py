"""The reasons of many assessments, told together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from console import labels
from records.assessment import Assessment, Reason
from records.reasons import LEVELS, sentence


def with_field(reason: Reason, words: Callable[[str], str], language: str) -> str:
    """The reason's sentence after the name of the field that it explains."""
    said = sentence(reason, language)
    return f"{words(labels.FIELDS[reason.about])}: {said}" if reason.about in labels.FIELDS else said


def told(assessments: Iterable[Assessment]) -> list[Reason]:
    """The reasons of `assessments` that say something of their items: a level is the same for all of them, and that
    no place is named is no reason for anything."""
    return [reason for one in assessments for reason in one.reasons if reason.code not in LEVELS | {"no_place"}]


def most_common(sentences: Iterable[str], limit: int) -> list[str]:
    """Those said most often, each once; among equals the first said."""
    return [sentence for sentence, _count in Counter(sentences).most_common(limit)]
