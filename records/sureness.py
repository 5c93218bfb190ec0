"""How sure an answer is, in three words: what people read before, or in the place of, a percentage."""

from __future__ import annotations

from enum import StrEnum


class Sureness(StrEnum):
    """Of answers with so high a probability, at least so many are right: the probabilities are calibrated."""

    HIGH = "high"  # nine of ten
    FAIR = "fair"  # seven of ten
    LOW = "low"


def sureness(chance: float) -> Sureness:
    """`chance`: of the answer that was given, so that of a "no" it is that of no."""
    if chance >= 0.9:
        return Sureness.HIGH
    return Sureness.FAIR if chance >= 0.7 else Sureness.LOW
