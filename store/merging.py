"""Merging narratives, and taking a merge back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from records.errors import NotFound, StoreError
from records.narrative import Merge
from store import words
from store.changes import queue_for_index
from store.database import chunks
from store.queries import lock_surviving, narrative_row, surviving
from store.recount import recount
from store.tables import items, narrative_merges, narratives

#: Who merges when the narrator does.
NARRATOR = "narrator"


def apply_merge(connection: Connection, merge: Merge, actor: str, now: datetime) -> list[str]:
    """Move the members and record what moved; the ids of the items. A merge that was made before is not made again.

    The caller recounts the survivor. Raises NotFound for a narrative that there is not.
    """
    gone = narrative_row(connection, merge.narrative_id, lock=True)
    narrative_row(connection, merge.into)
    into = surviving(connection, merge.into)
    if gone.merged_into is not None or into == gone.id:
        if surviving(connection, gone.id) == into:
            return []
        raise StoreError(f"narrative {gone.id} is merged into {gone.merged_into} already")
    moved = _move(connection, gone.id, into)
    record = {
        "narrative_id": gone.id,
        "into": into,
        "similarity": merge.similarity,
        "item_id": merge.item_id,
        "actor": actor,
        "at": now,
        "moved": moved,
    }
    connection.execute(insert(narrative_merges).values(record))
    changed = {"merged_into": into, "revision": narratives.c.revision + 1}
    connection.execute(update(narratives).where(narratives.c.id == gone.id).values(**changed))
    return moved


def merge_now(connection: Connection, merge: Merge, actor: str, now: datetime) -> None:
    """A person's merge, whole."""
    there = words.members(connection, surviving(connection, merge.into))
    moved = apply_merge(connection, merge, actor, now)
    made = narrative_merges.c.narrative_id == merge.narrative_id, ~narrative_merges.c.partial
    number = connection.execute(select(func.max(narrative_merges.c.number)).where(*made)).scalar_one()
    if moved and number is not None:
        words.say(connection, number, moved, there, True, actor, now)
    recount(connection, [merge.narrative_id, surviving(connection, merge.into)])
    queue_for_index(connection, moved)


def split_now(connection: Connection, narrative_id: str, actor: str, now: datetime) -> None:
    """Undo the last merge of `narrative_id`: what moved then and went on with its narrative comes back.

    What was moved on by itself stays, so that either narrative may be left without items: casework refuses that.
    Raises NotFound when it is merged into none.
    """
    narrative = narrative_row(connection, narrative_id, lock=True)
    last = connection.execute(
        select(narrative_merges)
        .where(
            narrative_merges.c.narrative_id == narrative_id,
            narrative_merges.c.undone_at.is_(None),
            ~narrative_merges.c.partial,
        )
        .order_by(narrative_merges.c.number.desc())
        .limit(1)
    ).first()
    if narrative.merged_into is None or last is None:
        raise NotFound("merge of narrative", narrative_id)
    holder = lock_surviving(connection, narrative_id)
    back: list[str] = []
    for some in chunks(last.moved):
        there = items.c.id.in_(some), items.c.narrative_id == holder
        back += connection.execute(select(items.c.id).where(*there).order_by(items.c.id)).scalars()
        connection.execute(update(items).where(*there).values(narrative_id=narrative_id))
    undone = {"undone_at": now, "undone_by": actor}
    connection.execute(update(narrative_merges).where(narrative_merges.c.number == last.number).values(**undone))
    connection.execute(update(narratives).where(narratives.c.id == narrative_id).values(merged_into=None))
    words.take_back(connection, last.number)
    if last.actor == NARRATOR:
        # Otherwise the narrator would merge them again with the next item.
        words.say(connection, last.number, back, words.members(connection, holder), False, actor, now)
    recount(connection, [narrative_id, holder])
    queue_for_index(connection, back)


def _move(connection: Connection, narrative_id: str, into: str) -> list[str]:
    member = items.c.narrative_id == narrative_id
    moved = list(connection.execute(select(items.c.id).where(member).order_by(items.c.id)).scalars())
    connection.execute(update(items).where(member).values(narrative_id=into))
    return moved
