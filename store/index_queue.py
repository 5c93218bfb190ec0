"""The IndexQueue port: what the index does not have yet, and what it would not take."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, func, or_, select, update

from records.assessment import Harm, Kind, Stance
from records.item import ItemStage
from records.search import IndexDocument, Rejected, StoredRevision
from records.source import Owner
from store.changes import queue_deletion, queue_for_index
from store.database import Database, chunks, retried, upsert
from store.tables import assessments, index_queue, index_rejected, items, sources, vectors

_INDEXED = (ItemStage.ASSESSED.value, ItemStage.NOT_HEALTH.value)
#: What was judged once stays in the index while its page is read again.
_IS_INDEXED = or_(items.c.stage.in_(_INDEXED), items.c.id.in_(select(assessments.c.item_id)))
_ITEM = (
    items.c.title, items.c.summary, items.c.text, items.c.source_id, items.c.published, items.c.first_seen,
    items.c.narrative_id,
)  # fmt: skip


class SqlIndexQueue:
    def __init__(self, database: Database) -> None:
        self._database = database

    def pending(self, limit: int) -> tuple[tuple[IndexDocument, ...], tuple[tuple[str, int], ...]]:
        queued = index_queue.c.revision.label("version")
        statement = _with_what_is_said(
            select(index_queue.c.item_id, queued, index_queue.c.deleted)
            .select_from(index_queue)
            .outerjoin(items, items.c.id == index_queue.c.item_id)
            .order_by(index_queue.c.item_id)
            .limit(limit)
        )
        with self._database.reading() as connection:
            found = connection.execute(statement).all()
        documents = tuple(_document(row) for row in found if not row.deleted)
        return documents, tuple((row.item_id, row.version) for row in found if row.deleted)

    def documents(self, item_ids: Sequence[str]) -> tuple[IndexDocument, ...]:
        with self._database.reading() as connection:
            found: list[IndexDocument] = []
            for some in chunks(item_ids):
                wanted = select(items.c.id.label("item_id"), items.c.revision.label("version")).select_from(items)
                statement = _with_what_is_said(wanted.where(items.c.id.in_(some), _IS_INDEXED))
                found += map(_document, connection.execute(statement))
        return tuple(found)

    @retried
    def done(self, versions: Sequence[tuple[str, int]]) -> None:
        with self._database.writing() as connection:
            for item_id, version in versions:
                # One that changed since is still to be done.
                same = index_queue.c.item_id == item_id, index_queue.c.revision == version
                connection.execute(delete(index_queue).where(*same))

    @retried
    def rejected(self, rejected: Sequence[Rejected], now: datetime) -> None:
        with self._database.writing() as connection:
            for one in rejected:
                same = index_queue.c.item_id == one.id, index_queue.c.revision == one.version
                if connection.execute(delete(index_queue).where(*same)).rowcount:
                    values = {"item_id": one.id, "revision": one.version, "reason": one.reason, "at": now}
                    upsert(connection, index_rejected, values)

    @retried
    def requeue_all(self) -> int:
        with self._database.writing() as connection:
            ids = connection.execute(select(items.c.id).where(_IS_INDEXED)).scalars().all()
            queue_for_index(connection, ids)
        return len(ids)

    @retried
    def requeue(self, versions: Sequence[tuple[str, int]]) -> int:
        with self._database.writing() as connection:
            for item_id, version in versions:
                if version:
                    # A store that was restored from a backup may be behind its index, whose version would win.
                    behind = items.c.id == item_id, items.c.revision < version
                    connection.execute(update(items).where(*behind).values(revision=version))
            known: list[str] = []
            for some in chunks([item_id for item_id, _ in versions]):
                known += connection.execute(select(items.c.id).where(items.c.id.in_(some), _IS_INDEXED)).scalars()
            queue_for_index(connection, known)
        return len(known)

    @retried
    def forget(self, versions: Sequence[tuple[str, int]]) -> None:
        with self._database.writing() as connection:
            for item_id, version in versions:
                queue_deletion(connection, item_id, version)

    def waiting(self) -> int:
        with self._database.reading() as connection:
            return int(connection.execute(select(func.count()).select_from(index_queue)).scalar_one())

    def aside(self, limit: int = 20) -> tuple[Rejected, ...]:
        latest = select(index_rejected).order_by(index_rejected.c.at.desc(), index_rejected.c.item_id).limit(limit)
        with self._database.reading() as connection:
            return tuple(Rejected(row.item_id, row.revision, row.reason) for row in connection.execute(latest))

    def put_aside(self, after: str, limit: int) -> tuple[StoredRevision, ...]:
        first = select(index_rejected).where(index_rejected.c.item_id > after).order_by(index_rejected.c.item_id)
        with self._database.reading() as connection:
            rows = connection.execute(first.limit(limit)).all()
        return tuple(StoredRevision(row.item_id, row.revision, rejected=True) for row in rows)

    @retried
    def taken(self, versions: Sequence[tuple[str, int]]) -> None:
        with self._database.writing() as connection:
            for item_id, version in versions:
                same = index_rejected.c.item_id == item_id, index_rejected.c.revision == version
                connection.execute(delete(index_rejected).where(*same))

    def stored(self, after: str, limit: int) -> tuple[StoredRevision, ...]:
        statement = _revisions().where(items.c.id > after, _IS_INDEXED).order_by(items.c.id).limit(limit)
        with self._database.reading() as connection:
            return tuple(_revision(row) for row in connection.execute(statement))

    def known(self, item_ids: Sequence[str]) -> dict[str, StoredRevision]:
        found: dict[str, StoredRevision] = {}
        with self._database.reading() as connection:
            for some in chunks(item_ids):
                leaving = index_queue.c.item_id.in_(some), index_queue.c.deleted
                for row in connection.execute(select(index_queue).where(*leaving)):
                    found[row.item_id] = StoredRevision(row.item_id, row.revision, waiting=True, deleted=True)
                for row in connection.execute(_revisions().where(items.c.id.in_(some), _IS_INDEXED)):
                    found[row.id] = _revision(row)
        return found


def _revisions() -> Select[Any]:
    return (
        select(items.c.id, items.c.revision, index_queue.c.item_id.label("waiting"))
        .add_columns(index_rejected.c.item_id.label("rejected"))
        .select_from(items)
        .outerjoin(index_queue, index_queue.c.item_id == items.c.id)
        .outerjoin(index_rejected, index_rejected.c.item_id == items.c.id)
    )


def _revision(row: Row[Any]) -> StoredRevision:
    waiting, rejected = row.waiting is not None, row.rejected is not None
    return StoredRevision(row.id, row.revision, waiting=waiting, rejected=rejected)


def _with_what_is_said(statement: Select[Any]) -> Select[Any]:
    """`statement`, which names item_id and version and selects from items, with all that a document is made of."""
    assessed = assessments.c
    return (
        statement.add_columns(*_ITEM, sources.c.owner, vectors.c.vector, assessed.health, assessed.topic, assessed.kind)
        .add_columns(assessed.stance, assessed.harm, assessed.places)
        .outerjoin_from(items, sources, sources.c.id == items.c.source_id)
        .outerjoin_from(items, assessments, assessments.c.item_id == items.c.id)
        .outerjoin_from(items, vectors, vectors.c.item_id == items.c.id)
    )


def _document(row: Row[Any]) -> IndexDocument:
    """Of an item that is not health, the title alone."""
    health = bool(row.health)
    return IndexDocument(
        id=row.item_id,
        version=row.version,
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
