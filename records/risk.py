"""Risk: harm × spread, moved by trend; every part shown. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import total_ordering

from records.assessment import Harm


@total_ordering
class Level(StrEnum):
    """Ordered: LOW < MEDIUM < HIGH < CRITICAL."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return list(Level).index(self)

    @property
    def above(self) -> Level:
        return list(Level)[min(self.rank + 1, len(Level) - 1)]

    def __lt__(self, other: object) -> bool:
        return self.rank < other.rank if isinstance(other, Level) else NotImplemented

    def __le__(self, other: object) -> bool:
        return self.rank <= other.rank if isinstance(other, Level) else NotImplemented

    def __gt__(self, other: object) -> bool:
        return self.rank > other.rank if isinstance(other, Level) else NotImplemented

    def __ge__(self, other: object) -> bool:
        return self.rank >= other.rank if isinstance(other, Level) else NotImplemented


@dataclass(frozen=True, slots=True)
class Spread:
    """The Breakout scale (Brookings 2020), with its evidence.

    1 one platform and one community; 2 several of one of them; 3 several of both; 4 in the press; 5 carried by a
    prominent account; 6 followed by acts or an official response.
    """

    scale: int
    platforms: tuple[str, ...]
    communities: tuple[str, ...]  # source names
    press: tuple[str, ...]
    prominent: tuple[str, ...]
    official: tuple[str, ...]  # official sources with a linked item
    marked_by: str | None = None  # a person's mark that acts followed
    denials_left_out: int = 0  # items that deny a claim which no item asserts: they count nowhere above


@dataclass(frozen=True, slots=True)
class Trend:
    """Items in the recent window against what is usual at these hours of the week, items per window.

    `baseline`: of the narrative; `topic_baseline`: of a narrative of its topic. `chance`: of `recent` items or more
    where nothing out of the ordinary happens, 0 to 1; None: there is too little to compare with.
    """

    rising: bool
    recent: int
    baseline: float
    topic_baseline: float
    window_hours: int
    chance: float | None = None

    @property
    def usual(self) -> float:
        """The higher of both baselines."""
        return max(self.baseline, self.topic_baseline)


@dataclass(frozen=True, slots=True)
class Risk:
    """`cell` is the table's level for harm and spread; `level` is that, moved by the trend."""

    harm: Harm
    harm_set_by: str | None  # who confirmed or changed the model's suggestion; None: the model alone
    spread: Spread
    trend: Trend
    cell: Level
    level: Level


#: harm → level for spread 1 to 6. The default; configuration may put another in its place.
RiskTable = Mapping[Harm, tuple[Level, Level, Level, Level, Level, Level]]

_L, _M, _H, _C = Level.LOW, Level.MEDIUM, Level.HIGH, Level.CRITICAL
DEFAULT_TABLE: RiskTable = {
    Harm.NONE: (_L, _L, _L, _L, _L, _L),
    Harm.LOW: (_L, _L, _L, _L, _M, _M),
    Harm.MEDIUM: (_L, _L, _M, _M, _H, _H),
    Harm.HIGH: (_M, _H, _H, _C, _C, _C),
}


def assess_risk(
    harm: Harm, spread: Spread, trend: Trend, table: RiskTable = DEFAULT_TABLE, harm_set_by: str | None = None
) -> Risk:
    """The level of `table` for harm and spread, one higher when the trend rises and there is any harm at all."""
    cell = table[harm][spread.scale - 1]
    level = cell.above if trend.rising and harm is not Harm.NONE else cell
    return Risk(harm=harm, harm_set_by=harm_set_by, spread=spread, trend=trend, cell=cell, level=level)
