"""What people said of narratives, followed through the merges of one call of the narrator."""

from __future__ import annotations

from collections import defaultdict

from records.narrative import PersonsWords


class Said:
    def __init__(self, words: PersonsWords) -> None:
        self._belongs, self._outside = words.belongs, {item: set(of) for item, of in words.outside.items()}
        self._apart: dict[str, set[str]] = defaultdict(set)
        for one, other in words.apart:
            self._apart[one].add(other)
            self._apart[other].add(one)
        self._into: dict[str, str] = {}

    def belongs(self, item_id: str) -> str | None:
        """The narrative that a person put the item into, or the one that took that in."""
        narrative_id = self._belongs.get(item_id)
        while narrative_id is not None and narrative_id in self._into:
            narrative_id = self._into[narrative_id]
        return narrative_id

    def outside(self, item_id: str, narrative_id: str) -> bool:
        return narrative_id in self._outside.get(item_id, ())

    def apart(self, one: str, other: str) -> bool:
        return other in self._apart.get(one, ())

    def merged(self, gone: str, into: str) -> None:
        """What was said of a narrative holds for the one that took it in."""
        self._into[gone] = into
        for other in self._apart.pop(gone, set()):
            self._apart[other].add(into)
            self._apart[into].add(other)
        for outside in self._outside.values():
            if gone in outside:
                outside.add(into)
