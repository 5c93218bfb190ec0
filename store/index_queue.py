"""The IndexQueue port: what the index does not have yet, and what it would not take."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, or_, select

from records.assessment import Harm, Kind, Stance
from records.item import ItemStage
from records.search import IndexDocument, Rejected
from records.source import Owner
from store.changes import queue_for_index
from store.database import Database, upsert
from store.tables import assessments, index_queue, index_rejected, items, sources, vectors

_INDEXED = (ItemStage.ASSESSED.value, ItemStage.NOT_HEALTH.value)


class SqlIndexQueue:
    def __init__(self, database: Database) -> None:
        self._database = database

    def pending(self, limit: int) -> tuple[tuple[IndexDocument, ...], tuple[tuple[str, int], ...]]:
        said = (
            assessments.c.health,
            assessments.c.topic,
            assessments.c.kind,
            assessments.c.stance,
            assessments.c.harm,
            assessments.c.places,
        )
        statement = (
            select(index_queue.c.item_id, index_queue.c.revision.label("queued"), index_queue.c.deleted)
            .add_columns(items, sources.c.owner, vectors.c.vector, *said)
            .select_from(index_queue)
            .outerjoin(items, items.c.id == index_queue.c.item_id)
            .outerjoin(sources, sources.c.id == items.c.source_id)
            .outerjoin(assessments, assessments.c.item_id == items.c.id)
            .outerjoin(vectors, vectors.c.item_id == items.c.id)
            .order_by(index_queue.c.item_id)
            .limit(limit)
        )
        with self._database.reading() as connection:
            found = connection.execute(statement).all()
        documents = tuple(_document(row) for row in found if not row.deleted)
        return documents, tuple((row.item_id, row.queued) for row in found if row.deleted)

    def done(self, versions: Sequence[tuple[str, int]]) -> None:
        with self._database.writing() as connection:
            for item_id, version in versions:
                # One that changed since is still to be done.
                same = index_queue.c.item_id == item_id, index_queue.c.revision == version
                connection.execute(delete(index_queue).where(*same))

    def rejected(self, rejected: Sequence[Rejected], now: datetime) -> None:
        with self._database.writing() as connection:
            for one in rejected:
                same = index_queue.c.item_id == one.id, index_queue.c.revision == one.version
                if connection.execute(delete(index_queue).where(*same)).rowcount:
                    values = {"item_id": one.id, "revision": one.version, "reason": one.reason, "at": now}
                    upsert(connection, index_rejected, values)

    def requeue_all(self) -> int:
        known = or_(items.c.stage.in_(_INDEXED), items.c.id.in_(select(assessments.c.item_id)))
        with self._database.writing() as connection:
            ids = connection.execute(select(items.c.id).where(known)).scalars().all()
            queue_for_index(connection, ids)
        return len(ids)


def _document(row: Row[Any]) -> IndexDocument:
    """Of an item that is not health, the title alone."""
    health = bool(row.health)
    return IndexDocument(
        id=row.item_id,
        version=row.queued,
        title=row.title,
        text=(row.text or row.summary) if health else "",
        source_id=row.source_id,
        owner=Owner(row.owner),
        published=row.published,
        first_seen=row.first_seen,
        health=health,
        topic=row.topic if health else None,
        kind=Kind(row.kind) if health else None,
        stance=Stance(row.stance) if health else None,
        harm=Harm(row.harm) if health else None,
        places=tuple(row.places) if health else (),
        narrative_id=row.narrative_id,
        vector=(row.vector or b"") if health else b"",
    )
