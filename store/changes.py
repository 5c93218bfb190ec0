"""Changes of items that more than one step makes: a new wording, and the index's notice of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from store.database import chunks, insert_new, upsert
from store.tables import assessments, index_queue, index_rejected, item_versions, items

#: Of an item that nobody is assessing.
UNCLAIMED: dict[str, Any] = {"claimed_by": None, "claimed_until": None}


#: Changes of one item, between two of the clock's seconds, that no later clock could be behind.
CHANGES_A_SECOND = 2**20


def revision_at(now: datetime) -> int:
    """The first revision of what comes into the store at `now`: above any that it had before, here or in a store that
    was lost, so that an index which outlived either takes what comes now for newer."""
    return int(now.timestamp()) * CHANGES_A_SECOND


def change_item(connection: Connection, item_id: str, **values: Any) -> None:
    connection.execute(update(items).where(items.c.id == item_id).values(**values))


def next_version(connection: Connection, item: Row[Any], now: datetime, *, keep_old: bool) -> dict[str, Any]:
    """The values that make the coming wording the item's next version.

    With `keep_old` the one so far is kept, if it was judged health: of others no text is kept.
    """
    if (
        keep_old
        and connection.execute(
            select(assessments.c.item_id).where(assessments.c.item_id == item.id, assessments.c.health)
        ).first()
    ):
        old = {
            "item_id": item.id,
            "version": item.version,
            "title": item.title,
            "text": item.text or item.summary,
            "seen_at": item.version_seen,
            "text_hash": item.text_hash,
            "capture_sha256": item.capture_sha256,
        }
        insert_new(connection, item_versions, old)
    # Who was assessing the wording so far has no claim on this one.
    return {"version": item.version + 1, "version_seen": now, **UNCLAIMED}


def queue_for_index(connection: Connection, item_ids: Iterable[str]) -> None:
    """Note, in the transaction of a change, that the index has to follow it."""
    for some in chunks(sorted(set(item_ids))):
        connection.execute(update(items).where(items.c.id.in_(some)).values(revision=items.c.revision + 1))
        rows = connection.execute(select(items.c.id, items.c.revision).where(items.c.id.in_(some))).all()
        for row in rows:
            _queue(connection, row.id, row.revision, deleted=False)


def queue_deletion(connection: Connection, item_id: str, revision: int) -> None:
    """Note that the index has to forget an item whose last revision was `revision`."""
    _queue(connection, item_id, revision + 1, deleted=True)


def _queue(connection: Connection, item_id: str, revision: int, *, deleted: bool) -> None:
    connection.execute(delete(index_rejected).where(index_rejected.c.item_id == item_id))
    upsert(connection, index_queue, {"item_id": item_id, "revision": revision, "deleted": deleted})
