"""The Operations port: how the work stands, in queries that stay cheap however large the store is.

Each goes over an index, or over a table that stays small: none counts the items.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, func, select

from records.case import CaseStage, SetAsideReason
from records.errors import StoreOutOfDate
from records.item import Fate, ItemStage
from records.operations import FinishedRun, MessageStatus, Overdue, Queue, Waiting, Workload
from records.source import SourceState
from store.database import Database
from store.failures import was_given_up
from store.migrate import known_versions, stored_version
from store.tables import (
    assessments,
    cases,
    index_queue,
    index_rejected,
    items,
    outbox,
    page_queue,
    run_sources,
    runs,
    sources,
)


class SqlOperations:
    def __init__(self, database: Database) -> None:
        self._database = database

    def check(self) -> None:
        with self._database.reading() as connection:
            stored, known = stored_version(connection), known_versions()[-1]
            if stored != known:
                raise StoreOutOfDate(f"the store has schema {stored}; this program knows {known}")
            self._database.refuse_when_moved(connection)

    def workload(self, now: datetime) -> Workload:
        with self._database.reading() as connection:
            return Workload(
                queues=_queues(connection, now),
                not_assessable=_rows(connection, items, items.c.stage == ItemStage.COMPLETE.value, was_given_up()),
                index_rejected=_rows(connection, index_rejected),
                messages=_messages(connection),
                last_run=_last_run(connection),
                sources=_sources(connection),
                cases=_cases(connection),
                overdue={Overdue.LOOK_AGAIN: _rows(connection, cases, *_look_again(now))},
            )


def _rows(connection: Connection, table: FromClause, *wanted: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(table).where(*wanted)).scalar_one()


def _waiting(
    connection: Connection, table: FromClause, since: ColumnElement[Any], *wanted: ColumnElement[bool]
) -> Waiting:
    statement = select(func.count(), func.min(since)).select_from(table).where(*wanted)
    count, oldest = connection.execute(statement).one()
    return Waiting(count, oldest)


def _queues(connection: Connection, now: datetime) -> dict[Queue, Waiting]:
    judged = items.join(assessments, assessments.c.item_id == items.c.id)
    unplaced = items.c.stage == ItemStage.ASSESSED.value, items.c.narrative_id.is_(None), assessments.c.health
    undelivered = outbox.c.status == MessageStatus.WAITING.value
    complete = items.c.stage == ItemStage.COMPLETE.value
    return {
        Queue.PAGES: _pages(connection, now),
        # Since its wording was seen: an old item that was edited has not waited since its first day.
        Queue.ASSESSMENT: _waiting(connection, items, items.c.version_seen, complete, ~was_given_up()),
        Queue.NARRATION: _waiting(connection, judged, assessments.c.assessed_at, *unplaced),
        Queue.INDEX: Waiting(_rows(connection, index_queue)),
        Queue.OUTBOX: _waiting(connection, outbox, outbox.c.created_at, undelivered),
    }


def _pages(connection: Connection, now: datetime) -> Waiting:
    """The count is of all that are due: to look at the source of each takes 120 ms where 14,000 are due."""
    joined = page_queue.join(items, items.c.id == page_queue.c.item_id).join(sources, sources.c.id == items.c.source_id)
    due = page_queue.c.due_at <= now
    readable = sources.c.enabled, sources.c.removed_at.is_(None)
    first = select(page_queue.c.due_at).select_from(joined).where(due, *readable).order_by(page_queue.c.due_at).limit(1)
    return Waiting(_rows(connection, page_queue, due), connection.execute(first).scalar())


def _messages(connection: Connection) -> dict[MessageStatus, int]:
    grouped = select(outbox.c.status, func.count().label("number")).group_by(outbox.c.status)
    return dict.fromkeys(MessageStatus, 0) | {
        MessageStatus(row.status): row.number for row in connection.execute(grouped)
    }


def _last_run(connection: Connection) -> FinishedRun | None:
    """The finished run that was started last."""
    finished = select(runs).where(runs.c.finished_at.is_not(None)).order_by(runs.c.started_at.desc()).limit(1)
    run = connection.execute(finished).first()
    if run is None:
        return None
    fates: Counter[Fate] = Counter(dict.fromkeys(Fate, 0))
    for counts in connection.execute(select(run_sources.c.fates).where(run_sources.c.run_id == run.run_id)).scalars():
        fates.update({Fate(fate): number for fate, number in counts.items()})
    return FinishedRun(run.started_at, run.finished_at, dict(fates))


def _sources(connection: Connection) -> dict[SourceState, int]:
    wanted = sources.c.enabled, sources.c.removed_at.is_(None)
    grouped = select(sources.c.state, func.count().label("number")).where(*wanted).group_by(sources.c.state)
    return dict.fromkeys(SourceState, 0) | {SourceState(row.state): row.number for row in connection.execute(grouped)}


def _cases(connection: Connection) -> dict[CaseStage, Waiting]:
    grouped = select(cases.c.stage, func.count().label("number"), func.min(cases.c.opened_at).label("oldest")).group_by(
        cases.c.stage
    )
    found = {CaseStage(row.stage): Waiting(row.number, row.oldest) for row in connection.execute(grouped)}
    return {stage: found.get(stage, Waiting(0)) for stage in CaseStage}


def _look_again(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        cases.c.stage == CaseStage.SET_ASIDE.value,
        cases.c.set_aside_reason == SetAsideReason.WATCH.value,
        cases.c.look_again_at <= now,
    )
