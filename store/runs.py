"""The Runs port: what each run met and did, counted once."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from records.errors import NotFound, StoreError
from records.item import Fate
from records.run import HeldBack, RunReport, SourceCount
from records.source import SourceState
from records.text import sort_key
from store.database import Database, insert_new, retried, upsert
from store.tables import index_queue, items, outbox, run_fates, run_sources, runs, sources

_FIGURES = ("narratives_new", "narratives_grown", "cases_opened", "messages_delivered")


class SqlRuns:
    def __init__(self, database: Database) -> None:
        self._database = database

    @retried
    def start(self, run_id: str, now: datetime, started_at: datetime) -> None:
        values = {"run_id": run_id, "now": now, "started_at": started_at, "messages_waiting": 0, "index_behind": 0}
        with self._database.writing() as connection:
            insert_new(connection, runs, values | dict.fromkeys(_FIGURES, 0))

    @retried
    def hold_back(self, run_id: str, why: HeldBack) -> None:
        with self._database.writing() as connection:
            _run(connection, run_id)
            connection.execute(update(runs).where(runs.c.run_id == run_id).values(held_back=why.value))

    @retried
    def note(self, run_id: str, **counts: int) -> None:
        if unknown := set(counts) - set(_FIGURES):
            raise StoreError(f"a run does not count {', '.join(sorted(unknown))}")
        with self._database.writing() as connection:
            _run(connection, run_id)
            if counts:
                more = {name: runs.c[name] + count for name, count in counts.items()}
                connection.execute(update(runs).where(runs.c.run_id == run_id).values(**more))

    @retried
    def finish(self, run_id: str, finished_at: datetime) -> RunReport:
        """The fates are summed up and their rows go: a run every quarter of an hour would leave millions a week."""
        with self._database.writing() as connection:
            run = _run(connection, run_id)
            if run.finished_at is None:
                counts = _counts(connection, run_id)
                _mark_reported(connection, run_id)
                for count in counts:
                    _keep(connection, run_id, count)
                connection.execute(delete(run_fates).where(run_fates.c.run_id == run_id))
                ending = {"finished_at": finished_at} | _behind(connection)
                connection.execute(update(runs).where(runs.c.run_id == run_id).values(**ending))
            return _report(connection, _run(connection, run_id))

    def report(self, run_id: str) -> RunReport:
        with self._database.reading() as connection:
            return _report(connection, _run(connection, run_id))

    def latest(self) -> RunReport | None:
        with self._database.reading() as connection:
            row = connection.execute(select(runs).order_by(runs.c.started_at.desc(), runs.c.run_id).limit(1)).first()
            return _report(connection, row) if row else None


def _run(connection: Connection, run_id: str) -> Row[Any]:
    row = connection.execute(select(runs).where(runs.c.run_id == run_id)).first()
    if row is None:
        raise NotFound("run", run_id)
    return row


def _mark_reported(connection: Connection, run_id: str) -> None:
    """What this run counts as new or edited is not counted so again, however long its page or assessment takes."""
    counted = select(run_fates.c.item_id).where(
        run_fates.c.run_id == run_id, run_fates.c.fate.in_([Fate.NEW.value, Fate.EDITED.value])
    )
    unfinished = items.c.id.in_(counted), items.c.pending_fate.is_not(None)
    connection.execute(update(items).where(*unfinished).values(pending_fate=None))


def _keep(connection: Connection, run_id: str, count: SourceCount) -> None:
    fates = {fate.value: number for fate, number in count.fates.items()}
    values = {
        "run_id": run_id,
        "source_id": count.source_id,
        "state": count.state.value,
        "detail": count.detail,
        "fates": fates,
    }
    upsert(connection, run_sources, values)


def _behind(connection: Connection) -> dict[str, int]:
    waiting = select(func.count()).select_from(outbox).where(outbox.c.status == "waiting")
    behind = select(func.count()).select_from(index_queue)
    return {
        "messages_waiting": connection.execute(waiting).scalar_one(),
        "index_behind": connection.execute(behind).scalar_one(),
    }


def _counts(connection: Connection, run_id: str) -> list[SourceCount]:
    """Per source that was read, or whose items were met, by name."""
    fates: dict[str, Counter[Fate]] = defaultdict(Counter)
    grouped = (
        select(run_fates.c.source_id, run_fates.c.fate, func.count().label("number"))
        .where(run_fates.c.run_id == run_id)
        .group_by(run_fates.c.source_id, run_fates.c.fate)
    )
    for row in connection.execute(grouped):
        fates[row.source_id][Fate(row.fate)] += row.number
    read = {row.source_id: row for row in connection.execute(select(run_sources).where(run_sources.c.run_id == run_id))}
    for source_id, row in read.items():
        fates[source_id].update({Fate(fate): number for fate, number in row.fates.items()})
    named = {row.id: row for row in connection.execute(select(sources).where(sources.c.id.in_(list(fates))))}
    counts = []
    for source_id, numbers in fates.items():
        source = named[source_id]
        state = read.get(source_id, source)
        counts.append(SourceCount(source_id, source.name, SourceState(state.state), state.detail, dict(numbers)))
    return sorted(counts, key=lambda count: (sort_key(count.name), count.source_id))


def _report(connection: Connection, run: Row[Any]) -> RunReport:
    counts = _counts(connection, run.run_id)
    total: Counter[Fate] = Counter()
    for count in counts:
        total.update(count.fates)
    figures = {name: run._mapping[name] for name in (*_FIGURES, "messages_waiting", "index_behind")}
    if run.finished_at is None:
        figures |= _behind(connection)
    return RunReport(
        run_id=run.run_id,
        now=run.now,
        started_at=run.started_at,
        finished_at=run.finished_at,
        fates={fate: total[fate] for fate in Fate},
        sources=tuple(counts),
        held_back=HeldBack(run.held_back) if run.held_back else None,
        **figures,
    )
