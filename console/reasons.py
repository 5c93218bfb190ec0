"""A model's reason as a sentence in the person's language."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from console import labels
from records.assessment import Reason


def sentence(reason: Reason, words: Callable[[str], str]) -> str:
    """The field, and the words that weighed most."""
    name = words(labels.FIELDS[reason.about]) if reason.about in labels.FIELDS else reason.about
    said = [f"“{', '.join(reason.words)}”"] if reason.words else []
    said += [reason.detail] if reason.detail else []
    return f"{name}: {'; '.join(said)}"


def most_common(reasons: Iterable[str], limit: int) -> list[str]:
    """The sentences said most often, each once; among equals the first said."""
    counted: dict[str, int] = {}
    for reason in reasons:
        counted[reason] = counted.get(reason, 0) + 1
    return sorted(counted, key=lambda reason: -counted[reason])[:limit]
