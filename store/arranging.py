"""Moving some of a narrative's items into another one, and taking that back: a person's act, never the narrator's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from records.errors import NotFound, StoreError
from records.narrative import Arrangement
from store import words
from store.changes import queue_for_index
from store.database import chunks, insert_new
from store.queries import lock_surviving, narrative_row
from store.recount import recount
from store.tables import cases, items, narrative_merges, narratives


def move(
    connection: Connection, item_ids: Sequence[str], narrative_id: str, into: str | None, actor: str, now: datetime
) -> str:
    """Move `item_ids` from one narrative into another, or into a new one; the other's id.

    Raises StoreError when one of them is not in the narrative any more, or all of it would go.
    """
    narrative_row(connection, narrative_id, lock=True)
    wanted = set(item_ids)
    members = words.members(connection, narrative_id)
    moved, rest = [id for id in members if id in wanted], [id for id in members if id not in wanted]
    if len(moved) != len(wanted) or not moved or not rest:
        raise StoreError(f"the items of narrative {narrative_id} changed meanwhile")
    begun = into is None
    there: list[str] = []
    if into is None:
        into = _begin(connection, moved, actor, now)
    else:
        if narrative_row(connection, into, lock=True).merged_into is not None or into == narrative_id:
            raise StoreError(f"narrative {into} takes in nothing")
        there = words.members(connection, into)
    _put(connection, moved, into)
    record = {
        "narrative_id": narrative_id,
        "into": into,
        "similarity": 1.0,
        "item_id": into if begun else None,
        "actor": actor,
        "at": now,
        "moved": moved,
        "partial": True,
    }
    adding = insert(narrative_merges).values(record).returning(narrative_merges.c.number)
    number = connection.execute(adding).scalar_one()
    words.say(connection, number, moved, rest, False, actor, now)
    words.say(connection, number, moved, there, True, actor, now)
    recount(connection, [narrative_id, into])
    queue_for_index(connection, moved)
    return into


def take_back(connection: Connection, number: int, actor: str, now: datetime) -> Arrangement:
    """Undo a move: what is still where it went comes back, and the person's word on it goes."""
    row = connection.execute(select(narrative_merges).where(narrative_merges.c.number == number)).first()
    if row is None or not row.partial or row.undone_at is not None:
        raise NotFound("arrangement", str(number))
    source, holder = lock_surviving(connection, row.narrative_id), lock_surviving(connection, row.into)
    back = [id for id in words.members(connection, holder) if id in set(row.moved)]
    _put(connection, back, source)
    undone = {"undone_at": now, "undone_by": actor}
    connection.execute(update(narrative_merges).where(narrative_merges.c.number == number).values(**undone))
    words.take_back(connection, number)
    recount(connection, {source, holder})
    emptied = narratives.c.id == holder, narratives.c["items"] == 0
    if source != holder:
        connection.execute(update(narratives).where(*emptied).values(merged_into=source))
    queue_for_index(connection, back)
    return _arrangement(row)


def latest(connection: Connection, narrative_id: str, limit: int) -> tuple[Arrangement, ...]:
    """What went into the narrative or out of it and was not undone, the latest first."""
    about = or_(narrative_merges.c.narrative_id == narrative_id, narrative_merges.c.into == narrative_id)
    found = connection.execute(
        select(narrative_merges)
        .where(about, narrative_merges.c.undone_at.is_(None))
        .order_by(narrative_merges.c.number.desc())
        .limit(limit)
    )
    return tuple(_arrangement(row) for row in found)


def _arrangement(row: Any) -> Arrangement:
    return Arrangement(
        number=row.number,
        narrative_id=row.narrative_id,
        into=row.into,
        items=len(row.moved),
        whole=not row.partial,
        begun=row.partial and row.item_id is not None,
        actor=row.actor,
        at=row.at,
    )


def _put(connection: Connection, item_ids: Sequence[str], narrative_id: str) -> None:
    for some in chunks(item_ids):
        connection.execute(update(items).where(items.c.id.in_(some)).values(narrative_id=narrative_id))


def _begin(connection: Connection, item_ids: Sequence[str], actor: str, now: datetime) -> str:
    """A new narrative with the id of its first item, of which there is none yet.

    Where each item was a narrative before, one of them that was merged away and has no case begins anew; else, as with
    the first item of a narrative that goes on without it, the id is the first item's with a number.
    """
    for item_id in item_ids:
        if _added(connection, item_id, item_id):
            return item_id
    for item_id in item_ids:
        gone = narratives.c.id == item_id, narratives.c.merged_into.is_not(None)
        child = select(narratives.c.id).where(narratives.c.merged_into == item_id)
        case = select(cases.c.id).where(cases.c.narrative_id == item_id)
        if connection.execute(child).first() is None and connection.execute(case).first() is None:
            anew = {"merged_into": None, "revision": narratives.c.revision + 1}
            if connection.execute(update(narratives).where(*gone).values(**anew)).rowcount:
                _close_merges(connection, item_id, actor, now)
                return item_id
    first = item_ids[0]
    return next(id for id in _names(first) if _added(connection, id, first))


def name_to_begin(connection: Connection, item_id: str) -> str:
    """The id of the narrative that the item begins when the narrator finds none for it.

    Its own, unless the narrative of that id lives without the item, or went into another one. One that has no item any
    more begins again.
    """
    return next(name for name in _names(item_id) if _nobody_has(connection, name))


def _nobody_has(connection: Connection, narrative_id: str) -> bool:
    known = select(narratives.c["items"], narratives.c.merged_into).where(narratives.c.id == narrative_id)
    found = connection.execute(known).first()
    return found is None or (found[0] == 0 and found.merged_into is None)


def _names(item_id: str) -> Iterator[str]:
    """What a narrative that the item begins may be called: its id, then that with a number."""
    yield item_id
    yield from (f"{item_id}-{number}" for number in count(2))


def _close_merges(connection: Connection, narrative_id: str, actor: str, now: datetime) -> None:
    """The narrative that was merged away has begun anew: there is no more to undo. What was said of its items stays."""
    merged = narrative_merges.c.narrative_id == narrative_id, ~narrative_merges.c.partial
    still = update(narrative_merges).where(*merged, narrative_merges.c.undone_at.is_(None))
    connection.execute(still.values(undone_at=now, undone_by=actor))


def _added(connection: Connection, narrative_id: str, item_id: str) -> bool:
    """Whether there was no such narrative; now there is, which the item begins."""
    item = connection.execute(select(items).where(items.c.id == item_id)).one()
    return insert_new(connection, narratives, first_values(narrative_id, item))


def first_values(narrative_id: str, item: Any) -> dict[str, Any]:
    """Of a narrative that `item` begins, before it is counted."""
    return {
        "id": narrative_id,
        "label": item.title,
        "words": [],
        "places": [],
        "items": 0,
        "first_published": item.published,
        "first_seen": item.first_seen,
        "last_seen": item.first_seen,
        "first_source_id": item.source_id,
        "kinds": {},
        "stances": {},
        "level_rank": -1,
        "revision": 0,
        "judged_revision": 0,
    }
