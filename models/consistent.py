"""What an item is and where it stands, decided together: by the labelling guide not every kind has every stance.

Two heads that each take their likeliest answer contradict each other in six texts of a hundred: "a rumor" that
"denies". The likeliest pair of those that there can be is right more often than both are by themselves.

What an office or a newspaper says is taken for a rumor only where that is clearly likelier: calling a correction a
rumor is what must not happen, and in the corpus, on purpose, they spread nearly as often as they deny.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from records.assessment import Kind, Stance
from records.source import ANSWERABLE, Owner

#: So many times as likely must it be that those who answer for it spread it (decision 0023).
_DOUBT = 2.0
#: docs/models/labelling-guide.md. Of news and corrections a few in thousands are labelled otherwise.
STANCES: Final[Mapping[Kind, tuple[Stance, ...]]] = {
    Kind.RUMOR: (Stance.ASSERTS,),
    Kind.CORRECTION: (Stance.REFUTES,),
    Kind.NEWS: (Stance.NEUTRAL,),
    Kind.QUESTION: (Stance.ASKS, Stance.NEUTRAL),
    Kind.ADVERT: (Stance.ASSERTS, Stance.REFUTES, Stance.NEUTRAL),
    Kind.CHATTER: (Stance.NEUTRAL,),
}


def kind_and_stance(
    kinds: Mapping[str, float], stances: Mapping[str, float], owner: Owner | None = None
) -> tuple[Kind, Stance]:
    """The pair with the greatest product. `kinds`, `stances`: what speaks for each, by name; 0 or more.

    `owner`: whose words they are; None of whom nothing is known, or where it is not to count.
    """
    pairs = [(kind, stance) for kind, those in STANCES.items() for stance in those]
    doubt = _DOUBT if owner in ANSWERABLE else 1.0
    return max(pairs, key=lambda pair: kinds[pair[0]] * stances[pair[1]] / (doubt if pair[0] is Kind.RUMOR else 1.0))
