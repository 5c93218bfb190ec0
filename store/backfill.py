"""The Backfills port: archives that are read into the store, and how their items come in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select, update

from records.calendar import believed
from records.errors import NotFound
from records.item import Fate, ItemStage
from records.text import text_hash
from records.work import ArchivedItem, Backfill
from store import fates
from store.changes import revision_at
from store.database import Database, insert_new, key_text, retried
from store.handles import author_hash
from store.tables import backfills, items

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
        """The archive's word stands behind what is known: an item that a source gave stays as it is."""
        by_id = {one.id: one for one in reversed(archived)}
        new = 0
        with self._database.writing() as connection:
            for id in sorted(by_id):  # in one order everywhere, so that two writers never wait for each other
                is_new = insert_new(connection, items, self._values(backfill, by_id[id]))
                new += is_new
                fate = Fate.NEW if is_new else Fate.SEEN
                fates.meet(connection, backfill.run_id, id, backfill.source_id, fate)
        return new, len(by_id) - new

    def _values(self, backfill: Backfill, one: ArchivedItem) -> dict[str, Any]:
        published = believed(one.published, backfill.now)
        return {
            "id": one.id,
            "canonical": key_text(one.key),
            "source_id": backfill.source_id,
            "address": one.address,
            "title": one.title,
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

    def read(self, backfill_id: str) -> None:
        self._mark(backfill_id, read_at=datetime.now(UTC))

    def finish(self, backfill_id: str) -> None:
        self._mark(backfill_id, finished_at=datetime.now(UTC))

    @retried
    def _mark(self, backfill_id: str, **values: Any) -> None:
        with self._database.writing() as connection:
            connection.execute(update(backfills).where(backfills.c.id == backfill_id).values(**values))


def may_be_narrated() -> ColumnElement[bool]:
    """Of a row of `items`: not while the back-fill that brings it is being read, for others may come before it."""
    unread = select(backfills.c.id).where(backfills.c.read_at.is_(None))
    return items.c.backfill.is_(None) | items.c.backfill.not_in(unread)


def _backfill(row: Any) -> Backfill:
    return Backfill(**{name: row._mapping[name] for name in _FIELDS})
