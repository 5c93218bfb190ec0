"""What an item is and where it stands, decided together: by the labelling guide not every kind has every stance.

Two heads that each take their likeliest answer contradict each other in six texts of a hundred: "a rumor" that
"denies". The likeliest pair of those that there can be is right more often than both are by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from records.assessment import Kind, Stance

#: docs/models/labelling-guide.md. Of news and corrections a few in thousands are labelled otherwise.
STANCES: Final[Mapping[Kind, tuple[Stance, ...]]] = {
    Kind.RUMOR: (Stance.ASSERTS,),
    Kind.CORRECTION: (Stance.REFUTES,),
    Kind.NEWS: (Stance.NEUTRAL,),
    Kind.QUESTION: (Stance.ASKS, Stance.NEUTRAL),
    Kind.ADVERT: (Stance.ASSERTS, Stance.REFUTES, Stance.NEUTRAL),
    Kind.CHATTER: (Stance.NEUTRAL,),
}


def kind_and_stance(kinds: Mapping[str, float], stances: Mapping[str, float]) -> tuple[Kind, Stance]:
    """The pair with the greatest product. `kinds`, `stances`: what speaks for each, by name; 0 or more."""
    pairs = [(kind, stance) for kind, those in STANCES.items() for stance in those]
    return max(pairs, key=lambda pair: kinds[pair[0]] * stances[pair[1]])
