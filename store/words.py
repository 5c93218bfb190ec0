"""What people said of which items are of one narrative: kept as pairs of items, so that it outlives every merge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, insert, or_, select, update

from records.narrative import NarrativePair, PersonsWords
from store import rows
from store.database import chunks
from store.tables import items, narrative_words, vectors

#: Of each side of what was moved: enough to know the sides again, and to learn from.
MOST_OF_A_SIDE = 8
_ONE, _OTHER = items.alias("one_item"), items.alias("other_item")


def say(
    connection: Connection,
    merge: int,
    ones: Sequence[str],
    others: Sequence[str],
    together: bool,
    actor: str,
    now: datetime,
) -> None:
    """Keep a person's word on two sides, of which the first MOST_OF_A_SIDE stand for all."""
    pairs = [(one, other) for one in ones[:MOST_OF_A_SIDE] for other in others[:MOST_OF_A_SIDE]]
    if pairs:
        told = {"merge": merge, "together": together, "actor": actor, "at": now}
        connection.execute(insert(narrative_words), [{"one": one, "other": other, **told} for one, other in pairs])


def take_back(connection: Connection, merge: int) -> None:
    connection.execute(update(narrative_words).where(narrative_words.c.merge == merge).values(undone=True))


def members(connection: Connection, narrative_id: str) -> list[str]:
    """Ids of its items, the first ones first."""
    member = select(items.c.id).where(items.c.narrative_id == narrative_id).order_by(items.c.moment, items.c.id)
    return list(connection.execute(member).scalars())


def _valid(*columns: Any) -> Select[Any]:
    return (
        select(narrative_words, *columns)
        .join(_ONE, _ONE.c.id == narrative_words.c.one)
        .join(_OTHER, _OTHER.c.id == narrative_words.c.other)
        .where(~narrative_words.c.undone)
        .order_by(narrative_words.c.number)
    )


def are_apart(connection: Connection, narrative_id: str, other_id: str) -> bool:
    """Whether a person said so of items that are in the two now."""
    here = and_(_ONE.c.narrative_id == narrative_id, _OTHER.c.narrative_id == other_id)
    there = and_(_ONE.c.narrative_id == other_id, _OTHER.c.narrative_id == narrative_id)
    found = _valid().where(~narrative_words.c.together, or_(here, there)).limit(1)
    return connection.execute(found).first() is not None


def for_narrator(connection: Connection) -> PersonsWords:
    """The words that hold now, by the narratives that the items are in. Of two words on one pair the later holds."""
    apart: set[tuple[str, str]] = set()
    halves: dict[tuple[int, str, bool], set[str]] = defaultdict(set)
    belongs: dict[str, str] = {}
    outside: dict[str, set[str]] = defaultdict(set)
    for row in connection.execute(_valid(_ONE.c.narrative_id.label("of_one"), _OTHER.c.narrative_id.label("of_other"))):
        if row.of_one is not None and row.of_other is not None:
            if row.together and row.of_one == row.of_other:
                halves[row.merge, row.of_one, True].add(row.one)
                halves[row.merge, row.of_one, False].add(row.other)
            elif not row.together and row.of_one != row.of_other:
                first, second = sorted((row.of_one, row.of_other))
                apart.add((first, second))
            continue
        item, narrative_id = (row.one, row.of_other) if row.of_one is None else (row.other, row.of_one)
        if narrative_id is None:
            continue
        if row.together:
            belongs[item] = narrative_id
            outside[item].discard(narrative_id)
        else:
            outside[item].add(narrative_id)
            if belongs.get(item) == narrative_id:
                del belongs[item]
    sides = tuple((narrative_id, frozenset(of)) for (_, narrative_id, _), of in sorted(halves.items()))
    return PersonsWords(frozenset(apart), sides, belongs, {item: frozenset(of) for item, of in outside.items()})


def pairs(connection: Connection) -> tuple[NarrativePair, ...]:
    """Every pair that a person spoke of, with the latest word on it: what narration can be trained and measured on."""
    latest = {tuple(sorted((row.one, row.other))): row for row in connection.execute(_valid())}
    ids = sorted({id for pair in latest for id in pair})
    known = select(items, vectors.c.vector).outerjoin(vectors, vectors.c.item_id == items.c.id)
    texts = {}
    for some in chunks(ids):
        for row in connection.execute(known.where(items.c.id.in_(some))):
            texts[row.id] = rows.narratable(row._mapping)
    return tuple(
        NarrativePair(texts[row.one], texts[row.other], row.together, row.actor, row.at) for row in latest.values()
    )
