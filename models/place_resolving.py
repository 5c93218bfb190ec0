"""Which province and commune a unit named with its kind is: hundreds of communes share a name."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass
from enum import StrEnum

from models.gazetteer import COMMUNE_KINDS, DISTRICT_KINDS, Unit, aliases, folded
from records.places import commune_label

#: A province named at most so many words after a commune is the commune's.
_BESIDE = 12
#: So near it is what follows the comma: another province's name there says that none we know is meant.
_CLOSE = 3


class How(StrEnum):
    """How a name stands in a text, the surest first. A list of names has no probability: this is what can be said."""

    NAMED = "named"  # today's name, with its marks and capitals
    FORMER = "former"  # with them too, but an old or another name: "Bình Dương", "Sài Gòn"
    SHARED = "shared"  # several provinces have one of this name: the one that the text, or the department, is about
    UNMARKED = "unmarked"  # without marks or capitals: another word may be meant


@dataclass(frozen=True, slots=True)
class Named:
    """A province, or a commune of it, that a text names, and its surest mention as it is written there.

    `commune`: today's name with its kind ("phường Thủ Đức"); "" where the province is all that is known.
    """

    province: str
    written: str
    how: How
    commune: str = ""

    @property
    def place(self) -> str:
        """As it stands in a list of places: "Đồng Nai", "phường Thủ Đức, TP. Hồ Chí Minh"."""
        return commune_label(self.commune, self.province) if self.commune else self.province


@dataclass(frozen=True, slots=True)
class Waiting:
    """A unit named with its kind, words `start` to `end`; of which province is told when all of the text is read.

    `units`: all of this name, of any kind. `how`: NAMED with marks and capitals, UNMARKED without.
    """

    start: int
    end: int
    kinds: tuple[str, ...]
    units: tuple[Unit, ...]
    how: How


class Told:
    """The provinces that a text names, and at which words."""

    def __init__(self) -> None:
        self._all: list[int] = []
        self._of: dict[str, list[int]] = {}

    def add(self, at: int, province: str) -> None:
        insort(self._all, at)
        insort(self._of.setdefault(province, []), at)

    def __bool__(self) -> bool:
        return bool(self._all)

    def within(self, start: int, end: int) -> bool:
        """Any is named at the words from `start` to `end`, both included."""
        first = bisect_left(self._all, start)
        return first < len(self._all) and self._all[first] <= end

    def nearest(self, at: int, province: str) -> tuple[int, int] | None:
        """(how far, where) of the mention nearest to word `at`: what follows is nearer than what went before."""
        those = self._of.get(province)
        if not those:
            return None
        after = bisect_left(those, at)
        return min(
            (where - at if where > at else 2 * (at - where), where) for where in those[max(after - 1, 0) : after + 1]
        )


def resolved(one: Waiting, told: Told, written: str, home: str) -> Named | None:
    """What is meant; None when several provinces have such a name and nothing tells which, or it may be none at all."""
    level = _of_kind(one.units, one.kinds)
    candidates = {unit.province for unit in level}
    near = [(*found, province) for province in candidates if (found := told.nearest(one.start, province))]
    if near:
        _, at, province = min(near)
        shared = len(candidates) > 1 and not one.end <= at <= one.end + _BESIDE
    elif len(candidates) == 1 and _stands_alone(one, level, told):
        (province,), shared = candidates, False
    elif home in candidates:
        province, shared = home, True
    else:
        return None
    every = [unit for unit in level if unit.province == province]
    own = [unit for unit in every if unit.today] or every
    communes = {unit.commune for unit in own}
    shared = shared or (own[0].today and any(unit.commune not in communes for unit in every))
    how = How.FORMER if one.how is How.NAMED and not own[0].today else one.how
    how = How.SHARED if shared and how is not How.UNMARKED else how
    return Named(province, written, how, communes.pop() if len(communes) == 1 else "")


def _of_kind(those: tuple[Unit, ...], kinds: tuple[str, ...]) -> list[Unit]:
    """Of these kinds; else of another kind of the same level: many a "xã" became a "phường"."""
    level = COMMUNE_KINDS if kinds[0] in COMMUNE_KINDS else DISTRICT_KINDS
    return [unit for unit in those if unit.kind in kinds] or [unit for unit in those if unit.kind in level]


def _stands_alone(one: Waiting, those: list[Unit], told: Told) -> bool:
    """Whether a name that only one province has is enough, without that province."""
    exact = any(unit.kind in one.kinds for unit in those)
    commune = one.kinds[0] in COMMUNE_KINDS
    beside = commune and told.within(one.end, one.end + _CLOSE)
    elsewhere = commune and bool(told) and (one.how is How.UNMARKED or not any(unit.today for unit in those))
    also = aliases().get(" ".join(map(folded, those[0].name.split(" "))), ())
    another = any(alias.province not in {those[0].province, ""} and not alias.town for alias in also)
    return exact and not (beside or elsewhere or (commune and another))
