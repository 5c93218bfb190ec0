"""The WorkParts port: parts of a job, each taken by one process at a time. A dead process's parts are free at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select, update

from records.work import WorkPart, WorkProgress
from store.database import Database, chunks, claim, insert_new, retried
from store.leases import is_dead
from store.tables import work_parts

#: A part that was taken so often and never finished is given up: it may be what ends its workers.
MOST_ATTEMPTS = 3


class SqlWorkParts:
    def __init__(self, database: Database) -> None:
        self._database = database

    @retried
    def plan(self, parts: Sequence[WorkPart]) -> None:
        wanted = {part.id for part in parts}
        unfinished = work_parts.c.job.in_({part.job for part in parts}), work_parts.c.finished_at.is_(None)
        with self._database.writing() as connection:
            noted = connection.execute(select(work_parts.c.id).where(*unfinished)).scalars()
            for some in chunks(sorted(set(noted) - wanted)):
                connection.execute(delete(work_parts).where(work_parts.c.id.in_(some)))
            for part in parts:
                values = {"id": part.id, "job": part.job, "number": part.number, "order": part.order}
                insert_new(connection, work_parts, values | {"size": part.size, "attempts": 0})

    @retried
    def claim(self, job: str, holder: str, length: timedelta, part_id: str | None = None) -> WorkPart | None:
        now = datetime.now(UTC)
        with self._database.writing() as connection:
            wanted = and_(
                work_parts.c.job == job,
                work_parts.c.finished_at.is_(None),
                work_parts.c.attempts < MOST_ATTEMPTS,
                _free(connection, job, now),
            )
            if part_id is not None:
                wanted = and_(wanted, work_parts.c.id == part_id)
            values = {"holder": holder, "held_until": now + length, "attempts": work_parts.c.attempts + 1}
            keys = claim(connection, work_parts, wanted, (work_parts.c.number, work_parts.c.id), 1, **values)
            row = connection.execute(select(work_parts).where(work_parts.c.id.in_(keys))).first()
        return WorkPart(row.id, row.job, row.number, row.order, row.size, row.attempts) if row else None

    def renew(self, part: WorkPart, holder: str, length: timedelta) -> bool:
        return self._change(part, holder, held_until=datetime.now(UTC) + length)

    def finish(self, part: WorkPart, holder: str, counts: dict[str, int]) -> bool:
        done = {"finished_at": datetime.now(UTC), "counts": counts, "problem": None}
        return self._change(part, holder, holder=None, held_until=None, **done)

    def give_back(self, part: WorkPart, holder: str, problem: str) -> None:
        self._change(part, holder, holder=None, held_until=None, problem=problem)

    @retried
    def _change(self, part: WorkPart, by: str, **values: object) -> bool:
        mine = work_parts.c.id == part.id, work_parts.c.holder == by, work_parts.c.finished_at.is_(None)
        with self._database.writing() as connection:
            return bool(connection.execute(update(work_parts).where(*mine).values(**values)).rowcount)

    @retried
    def try_again(self, job: str) -> None:
        unfinished = work_parts.c.job == job, work_parts.c.finished_at.is_(None)
        with self._database.writing() as connection:
            connection.execute(update(work_parts).where(*unfinished).values(attempts=0, problem=None))

    def unfinished(self, job: str) -> tuple[str, ...]:
        wanted = work_parts.c.job == job, work_parts.c.finished_at.is_(None), work_parts.c.attempts < MOST_ATTEMPTS
        statement = select(work_parts.c.id).where(*wanted).order_by(work_parts.c.number, work_parts.c.id)
        with self._database.reading() as connection:
            return tuple(connection.execute(statement).scalars())

    def at_work(self, but: Iterable[str] = ()) -> tuple[str, ...]:
        held = work_parts.c.finished_at.is_(None), work_parts.c.held_until > datetime.now(UTC)
        collecting = work_parts.c.job.not_like("backfill:%")
        with self._database.reading() as connection:
            found = connection.execute(select(work_parts.c.holder).where(*held, collecting).distinct()).scalars().all()
        return tuple(sorted(holder for holder in set(found) - set(but) if not is_dead(holder)))

    def progress(self, job: str) -> WorkProgress:
        with self._database.reading() as connection:
            rows = connection.execute(select(work_parts).where(work_parts.c.job == job)).all()
        done = [row for row in rows if row.finished_at is not None]
        counts: Counter[str] = Counter()
        for row in done:
            counts.update(row.counts or {})
        return WorkProgress(
            parts=len(rows),
            finished=len(done),
            size=sum(row.size for row in rows),
            finished_size=sum(row.size for row in done),
            counts=dict(counts),
            problems=tuple(sorted((row.id, row.problem) for row in rows if row.problem)),
        )


def _free(connection: Connection, job: str, now: datetime) -> ColumnElement[bool]:
    held = work_parts.c.job == job, work_parts.c.finished_at.is_(None), work_parts.c.holder.is_not(None)
    holders = connection.execute(select(work_parts.c.holder).where(*held).distinct()).scalars()
    dead = [holder for holder in holders if is_dead(holder)]
    return or_(work_parts.c.held_until.is_(None), work_parts.c.held_until <= now, work_parts.c.holder.in_(dead))
