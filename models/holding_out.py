"""What a learning is measured on: groups that are never split, and the fifths that neither side learns from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from models.examples import RUN_OF_WORDS, Row, near_duplicates

_PARTS = 5


def groups(rows: Sequence[Row], narratives: Mapping[str, str]) -> dict[str, str]:
    """Item → group: a narrative and its near-duplicates, wherever they stand, are never on both sides of a split."""
    # A run of words of the narrative's own name, so that what shares it is grouped as what shares a run of text is.
    names = [f" {narratives[row.item.id]}" * RUN_OF_WORDS if row.item.id in narratives else "" for row in rows]
    found = near_duplicates([row.item.text + name for row, name in zip(rows, names, strict=True)])
    return {row.item.id: f"desk:{rows[group].item.id}" for row, group in zip(rows, found, strict=True)}


def held_out(groups: Sequence[str]) -> set[str]:
    """A fifth of the desk's groups, the same ones whatever the order that they came in."""
    return set(sorted(groups, key=lambda group: hashlib.sha256(group.encode()).digest())[::_PARTS])


def fixed(row: Row) -> bool:
    """Whether it is of the fixed set: a fifth of the corpus's narratives, by hash."""
    if row.origin == "desk":
        return False
    return int.from_bytes(hashlib.sha256(f"fixed {row.group}".encode()).digest()[:4]) % _PARTS == 0
