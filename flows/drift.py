"""Drift: whether what the machine says, what persons correct, and the words that are used have moved of late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.unseen import unseen_words
from records.drift import Share, Week, shares
from records.ports import Reader

#: The last seven whole days, and eight weeks before them.
WEEKS = 9
_TEXTS = 500
#: The words of one text depend on each other: a change of their share below this is not told.
_WORDS_MOVE = 0.05


@dataclass(frozen=True, slots=True)
class Drift:
    """`weeks`: oldest first; `shares`: the last of them against those before."""

    weeks: tuple[Week, ...]
    shares: tuple[Share, ...]

    @property
    def moved(self) -> tuple[Share, ...]:
        return tuple(share for share in self.shares if share.moved)


def look(reader: Reader, now: datetime) -> Drift:
    """Of the days before that of `now`. Of the health items' words, the beginnings of the newest 500 texts on each side
    are read."""
    weeks = reader.weeks(now, WEEKS)
    first, last = weeks[0].since, weeks[-1].since
    newer, older = (
        unseen_words(reader.health_texts(since, until, _TEXTS))
        for since, until in ((last, last + timedelta(days=7)), (first, last))
    )
    words = Share("words unseen in training", *newer, *older, least_change=_WORDS_MOVE)
    return Drift(weeks, (*shares(weeks), words))
