"""Items whose assessing process ended while it had them: each of a batch is a suspect, and is assessed alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, func, or_, select, update

from records.item import ItemStage
from store.changes import UNCLAIMED
from store.database import chunks, upsert
from store.leases import is_dead
from store.tables import assessment_deaths, items

_CLAIMED = items.c.stage == ItemStage.COMPLETE.value, items.c.claimed_by.is_not(None)


def is_suspect() -> ColumnElement[bool]:
    """Of a row of `items`: whether a process ended at its newest wording."""
    same = assessment_deaths.c.item_id == items.c.id, assessment_deaths.c.version == items.c.version
    return select(assessment_deaths.c.item_id).where(*same).correlate(items).exists()


def number() -> ColumnElement[int]:
    """Of a row of `items`: how often that happened."""
    same = assessment_deaths.c.item_id == items.c.id, assessment_deaths.c.version == items.c.version
    found = select(assessment_deaths.c.deaths).where(*same).correlate(items).scalar_subquery()
    return func.coalesce(found, 0)


def note(connection: Connection, now: datetime) -> bool:
    """Free what was claimed by dead processes, or for longer than it may be, and count; whether there was any."""
    holders = connection.execute(select(items.c.claimed_by).where(*_CLAIMED).distinct()).scalars()
    dead = [holder for holder in holders if is_dead(holder)]
    ended = or_(items.c.claimed_by.in_(dead), items.c.claimed_until <= now)
    rows = connection.execute(
        select(items.c.id, items.c.version).where(*_CLAIMED, ended).order_by(items.c.id).with_for_update(key_share=True)
    ).all()
    for row in rows:
        same = assessment_deaths.c.item_id == row.id, assessment_deaths.c.version == row.version
        before = connection.execute(select(assessment_deaths.c.deaths).where(*same)).scalar() or 0
        upsert(connection, assessment_deaths, {"item_id": row.id, "version": row.version, "deaths": before + 1})
    for some in chunks(row.id for row in rows):
        connection.execute(update(items).where(items.c.id.in_(some)).values(**UNCLAIMED))
    return bool(rows)


def forget(connection: Connection, item_ids: Iterable[str]) -> None:
    """They are done with."""
    for some in chunks(item_ids):
        connection.execute(delete(assessment_deaths).where(assessment_deaths.c.item_id.in_(some)))
