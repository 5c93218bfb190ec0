"""What goes with time: items judged not health after their term, and what killed processes left behind."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from records.item import ItemStage
from store.changes import queue_deletion
from store.database import chunks
from store.tables import items, run_fates, runs

#: Fates of a run that never finished are of no more use.
UNFINISHED_FOR = timedelta(days=7)


def expire_not_health(connection: Connection, before: datetime) -> int:
    """Delete items judged not health before `before`; how many. The index is told to forget them."""
    old = items.c.stage == ItemStage.NOT_HEALTH.value, items.c.judged_at < before
    found = connection.execute(select(items.c.id, items.c.revision).where(*old).order_by(items.c.id)).all()
    for some in chunks(found):
        for row in some:
            queue_deletion(connection, row.id, row.revision)
        connection.execute(delete(items).where(items.c.id.in_([row.id for row in some])))
    return len(found)


def forget_unfinished_runs(connection: Connection, now: datetime) -> int:
    """Drop the fates of runs that were killed long ago; how many rows."""
    dead = select(runs.c.run_id).where(runs.c.finished_at.is_(None), runs.c.started_at < now - UNFINISHED_FOR)
    return connection.execute(delete(run_fates).where(run_fates.c.run_id.in_(dead))).rowcount
