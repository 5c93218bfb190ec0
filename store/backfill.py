"""The Backfills port: archives that are read into the store, and how their items come in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from records.calendar import believed
from records.errors import NotFound
from records.item import Fate, ItemStage
from records.text import text_hash
from records.work import ArchivedItem, Backfill
from store import fates
from store.changes import change_item, next_version, revision_at
from store.database import Database, chunks, insert_new, key_text, retried
from store.handles import author_hash
from store.tables import assessment_failures, assessments, backfills, items, vectors

#: What an item of an archive is told by: all that two of its records of one piece may say differently.
_TOLD = frozenset(
    {"address", "title", "context", "text", "published", "text_hash", "own_text_hash", "author_hash", "moment"}
)
_FIELDS = tuple(field.name for field in fields(Backfill))


class SqlBackfills:
    def __init__(self, database: Database, author_key: bytes) -> None:
        self._database = database
        self._author_key = author_key

    @retried
    def begin(self, wanted: Backfill) -> Backfill:
        with self._database.writing() as connection:
            known = connection.execute(select(backfills).where(backfills.c.id == wanted.id)).first()
            if known is None:
                connection.execute(insert(backfills).values({name: getattr(wanted, name) for name in _FIELDS}))
                return wanted
            return _backfill(known)

    @retried
    def again(self, wanted: Backfill) -> None:
        values = {name: getattr(wanted, name) for name in _FIELDS if name != "id"}
        with self._database.writing() as connection:
            connection.execute(update(backfills).where(backfills.c.id == wanted.id).values(**values))

    def get(self, backfill_id: str) -> Backfill:
        with self._database.reading() as connection:
            row = connection.execute(select(backfills).where(backfills.c.id == backfill_id)).first()
        if row is None:
            raise NotFound("back-fill", backfill_id)
        return _backfill(row)

    @retried
    def write(self, backfill: Backfill, archived: Sequence[ArchivedItem]) -> tuple[int, int]:
        """The archive's word stands behind what is known: an item that a source gave stays as it is.

        Of several records of one piece, which may come in any order, the same one stands in the end.
        """
        by_id: dict[str, dict[str, Any]] = {}
        for values in (self._values(backfill, one) for one in archived):
            by_id[values["id"]] = min(by_id.get(values["id"], values), values, key=_rank)
        new = 0
        with self._database.writing() as connection:
            for id in sorted(by_id):  # in one order everywhere, so that two writers never wait for each other
                meeting = connection, backfill.run_id, id, backfill.source_id
                if insert_new(connection, items, by_id[id]):
                    new += 1
                    fates.meet(*meeting, Fate.NEW)
                elif _reword(connection, backfill, by_id[id]):
                    fates.settle(*meeting, Fate.NEW)
                else:
                    fates.meet(*meeting, Fate.SEEN)
        return new, len(by_id) - new

    def _values(self, backfill: Backfill, one: ArchivedItem) -> dict[str, Any]:
        published = believed(one.published, backfill.now)
        return {
            "id": one.id,
            "canonical": key_text(one.key),
            "source_id": backfill.source_id,
            "address": one.address,
            "title": one.title,
            "context": one.context,
            "summary": "",
            "text": one.text,
            "published": published,
            "first_seen": backfill.now,
            "last_seen": backfill.now,
            "version": 1,
            "version_seen": backfill.now,
            "stage": ItemStage.COMPLETE.value,
            "text_hash": text_hash(one.title, one.text),
            # What a feed says of it is compared with nothing: an archive words it in its own way.
            "entry_hash": "",
            "own_text_hash": text_hash(one.text),
            # There is no page to be read again: its source may be gone for years.
            "whole_in_feed": True,
            "author_hash": author_hash(self._author_key, one.author) if one.author else None,
            "pending_fate": Fate.NEW.value,
            "revision": revision_at(backfill.now),
            "moment": published or backfill.now,
            "backfill": backfill.id,
            "quiet": not backfill.alert,
        }

    def assessed(self, backfill_id: str) -> int:
        done = items.c.backfill == backfill_id, items.c.stage != ItemStage.COMPLETE.value
        with self._database.reading() as connection:
            return connection.execute(select(func.count()).select_from(items).where(*done)).scalar_one()

    @retried
    def read(self, backfill_id: str) -> None:
        begun = select(backfills.c.now).where(backfills.c.id == backfill_id).scalar_subquery()
        brought = items.c.backfill == backfill_id, items.c.first_seen == begun, items.c.version > 1
        with self._database.writing() as connection:
            # How often an item was reworded on the way hangs on the order of the parts: now each has its one wording.
            for some in chunks(connection.execute(select(items.c.id).where(*brought)).scalars().all()):
                for table in (assessments, vectors, assessment_failures):
                    connection.execute(update(table).where(table.c.item_id.in_(some)).values(version=1))
                connection.execute(update(items).where(items.c.id.in_(some)).values(version=1))
            _mark(connection, backfill_id, read_at=datetime.now(UTC))

    @retried
    def finish(self, backfill_id: str) -> None:
        with self._database.writing() as connection:
            _mark(connection, backfill_id, finished_at=datetime.now(UTC))


def _mark(connection: Connection, backfill_id: str, **values: Any) -> None:
    connection.execute(update(backfills).where(backfills.c.id == backfill_id).values(**values))


def _rank(told: Mapping[str, Any]) -> tuple[Any, ...]:
    """Of several records of one piece the one of the least rank stands: the newest by its own date, then by content."""
    published = told["published"]
    dated = (0, -published.timestamp()) if published else (1, 0.0)
    return (*dated, told["text_hash"], told["address"], told["author_hash"] or "")


def _reword(connection: Connection, backfill: Backfill, values: dict[str, Any]) -> bool:
    """Have a better record of a piece that this reading of the archive brought take the other's place, to be assessed;
    whether it did. What was there before this reading, or was shown by a source since, stays as it is."""
    item = connection.execute(select(items).where(items.c.id == values["id"]).with_for_update(key_share=True)).first()
    if item is None or item.backfill != backfill.id or item.first_seen != backfill.now:
        return False
    if _rank(item._asdict()) <= _rank(values):
        return False
    for table in (assessments, vectors):
        connection.execute(delete(table).where(table.c.item_id == item.id))
    told = {name: values[name] for name in _TOLD | {"stage", "pending_fate"}}
    told |= {"health_probability": None, "judged_at": None}
    change_item(connection, item.id, **told, **next_version(connection, item, backfill.now, keep_old=False))
    return True


def may_be_narrated() -> ColumnElement[bool]:
    """Of a row of `items`: not while the back-fill that brings it is being read, for others may come before it."""
    unread = select(backfills.c.id).where(backfills.c.read_at.is_(None))
    return items.c.backfill.is_(None) | items.c.backfill.not_in(unread)


def _backfill(row: Any) -> Backfill:
    return Backfill(**{name: row._mapping[name] for name in _FIELDS})
