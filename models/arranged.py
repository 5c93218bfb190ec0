"""What people said of pairs of items, as narration learns from it: by act, and by what hangs together."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models.examples import near_duplicates
from records.narrative import NarratableItem, NarrativePair


@dataclass(frozen=True, slots=True)
class Act:
    """What one person said at one time of pairs of items: that each is of one narrative, or of two."""

    together: bool
    at: datetime
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Arranged:
    """`items` by id; `groups`: acts that share an item, or near-duplicates, are in one and stay together."""

    items: dict[str, NarratableItem]
    groups: tuple[tuple[Act, ...], ...]

    @property
    def acts(self) -> tuple[Act, ...]:
        return tuple(act for group in self.groups for act in group)


def arranged(pairs: Sequence[NarrativePair]) -> Arranged:
    """The pairs by act and group, in an order of their own. Items whose texts are gone teach nothing."""
    told = [pair for pair in pairs if all((one.title + one.text).strip() for one in (pair.one, pair.other))]
    items = {one.id: one for pair in told for one in (pair.one, pair.other)}
    by_act: dict[tuple[datetime, str, bool], list[tuple[str, str]]] = defaultdict(list)
    for pair in told:
        by_act[pair.at, pair.actor, pair.together].append((pair.one.id, pair.other.id))
    group_of = _grouped([items[id] for id in sorted(items)], told)
    groups: dict[str, list[Act]] = defaultdict(list)
    for (at, _, together), of in sorted(by_act.items()):
        groups[group_of[of[0][0]]].append(Act(together, at, tuple(sorted(of))))
    in_order = sorted(groups, key=lambda group: hashlib.sha256(group.encode()).digest())
    return Arranged(items, tuple(tuple(groups[group]) for group in in_order))


def _grouped(items: Sequence[NarratableItem], pairs: Sequence[NarrativePair]) -> dict[str, str]:
    """Item → the first item of those that it hangs together with."""
    parents = {item.id: item.id for item in items}

    def root(id: str) -> str:
        while parents[id] != id:
            parents[id] = parents[parents[id]]
            id = parents[id]
        return id

    def join(one: str, other: str) -> None:
        first, second = sorted((root(one), root(other)))
        parents[second] = first

    for pair in pairs:
        join(pair.one.id, pair.other.id)
    for item, alike in zip(items, near_duplicates([item.text for item in items]), strict=True):
        join(item.id, items[alike].id)
    return {item.id: root(item.id) for item in items}
