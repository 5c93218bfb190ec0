"""What the machine says, week by week, so that a change of it is seen; and how sure a share of few can be."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

#: Standard errors of an interval that holds the true share 95 times of 100.
_SURE = 1.96


@dataclass(frozen=True, slots=True)
class Week:
    """`since`: its first moment. Of items first seen in it: `health` and `not_health`, and of those that are health,
    `attention` and `kinds`, as the machine said when each day was over. `corrected`: field → items that persons
    corrected in that week.
    """

    since: datetime
    health: int
    not_health: int
    attention: int
    kinds: Mapping[str, int]
    corrected: Mapping[str, int]

    @property
    def judged(self) -> int:
        return self.health + self.not_health


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole` this week and before. A smaller change than `least_change` is none."""

    name: str
    part: int
    whole: int
    part_before: int
    whole_before: int
    least_change: float = 0.0

    @property
    def now(self) -> float:
        return self.part / max(1, self.whole)

    @property
    def before(self) -> float:
        return self.part_before / max(1, self.whole_before)

    @property
    def interval(self) -> tuple[float, float]:
        """Where this week's true share lies, 95 times of 100."""
        return interval(self.part, self.whole)

    @property
    def moved(self) -> bool:
        """Whether the two differ by more than chance: their intervals do not meet, of a hundred items on each side."""
        if min(self.whole, self.whole_before) < _LEAST:
            return False
        if abs(self.now - self.before) < self.least_change:
            return False
        (low, high), (low_before, high_before) = self.interval, interval(self.part_before, self.whole_before)
        return low > high_before or high < low_before


#: Of fewer items nothing is said to have moved.
_LEAST = 100


def interval(part: int, whole: int) -> tuple[float, float]:
    """Wilson's, 0 to 1: also of few, and of none and all."""
    if not whole:
        return 0.0, 1.0
    share, squared = part / whole, _SURE**2
    middle = (share + squared / (2 * whole)) / (1 + squared / whole)
    half = _SURE / (1 + squared / whole) * math.sqrt(share * (1 - share) / whole + squared / (4 * whole**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def shares(weeks: tuple[Week, ...]) -> tuple[Share, ...]:
    """The newest of `weeks` (oldest first) against all before it: health, attention, each kind, corrections."""
    if not weeks:
        return ()
    *earlier, last = weeks
    judged, health = sum(week.judged for week in earlier), sum(week.health for week in earlier)
    found = [
        Share("health", last.health, last.judged, health, judged),
        Share("attention", last.attention, last.health, sum(week.attention for week in earlier), health),
    ]
    for kind in sorted({kind for week in weeks for kind in week.kinds}):
        before = sum(week.kinds.get(kind, 0) for week in earlier)
        found.append(Share(f"kind: {kind}", last.kinds.get(kind, 0), last.health, before, health))
    for about in sorted({about for week in weeks for about in week.corrected}):
        before = sum(week.corrected.get(about, 0) for week in earlier)
        found.append(Share(f"corrected: {about}", last.corrected.get(about, 0), last.health, before, health))
    return tuple(found)
