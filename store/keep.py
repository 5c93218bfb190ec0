"""What goes with time, by retention class, and what killed processes left behind.

Each batch is one transaction with its entry in the trail, which holds ids and hashes only: killed anywhere, it is
taken up by the next call. What goes out of the captures' files is in store/segments.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, or_, select, update

from records.case import OPEN_STAGES, Act
from records.item import ItemStage
from records.retention import Retention, RetentionTerms
from store.captures import forget_archived
from store.changes import queue_deletion, queue_for_index
from store.database import Database, serialize
from store.queries import followed_cases
from store.tables import (
    captures,
    cases,
    item_versions,
    items,
    leases,
    run_fates,
    run_sources,
    runs,
    trail,
    vectors,
    work_parts,
)
from store.trail import STORE, append

BATCH = 500
#: Fates of a run that never finished are of no more use.
UNFINISHED_FOR = timedelta(days=7)
LEASES_FOR = timedelta(days=1)
_WITHOUT_TEXT = tuple(stage.value for stage in (ItemStage.UNREADABLE, ItemStage.REFUSED, ItemStage.FAILED))
#: Whose ids stand in the trail one by one: what had been judged health. Of the others a sum tells it.
_NAMED = frozenset({Retention.CAPTURES, Retention.TEXTS, Retention.CASE_CAPTURES, Retention.CASE_TEXTS})


@dataclass(frozen=True)
class _Class:
    """`found`: the ids of what has had its time; `let_go`: does it to some of them."""

    found: Select[Any]
    let_go: Callable[[Connection, Sequence[str]], None]


def expired(connection: Connection, terms: RetentionTerms, now: datetime) -> dict[Retention, int]:
    """How many there are of each class that have had their time."""
    return {
        retention: connection.execute(select(func.count()).select_from(one.found.subquery())).scalar_one()
        for retention, one in _classes(terms, now).items()
    }


def let_go(database: Database, terms: RetentionTerms, now: datetime) -> dict[Retention, int]:
    """Let go what has had its time; how many of each class."""
    return {retention: _let_go(database, retention, one, now) for retention, one in _classes(terms, now).items()}


def _let_go(database: Database, retention: Retention, one: _Class, now: datetime) -> int:
    done = 0
    while True:
        with database.writing() as connection:
            serialize(connection, "casework")  # a case that is opened meanwhile would not keep what it rests on
            ids = connection.execute(one.found.limit(BATCH)).scalars().all()
            if not ids:
                return done
            if retention is not Retention.RUNS and not (ids := _still(connection, one, ids)):
                continue
            one.let_go(connection, ids)
            append(connection, now, "system", Act.ERASE, STORE, _detail(retention, ids))
        done += len(ids)


def _still(connection: Connection, one: _Class, ids: Sequence[str]) -> Sequence[str]:
    """Those of the items that nobody has changed since they were found, nor changes until the transaction ends."""
    locked = select(items.c.id).where(items.c.id.in_(ids)).order_by(items.c.id).with_for_update()
    connection.execute(locked)
    return connection.execute(one.found.where(items.c.id.in_(ids))).scalars().all()


def _detail(retention: Retention, ids: Sequence[str]) -> dict[str, str]:
    named = "\n".join(sorted(ids))
    told = {"ids": named} if retention in _NAMED else {"ids_sha256": hashlib.sha256(named.encode()).hexdigest()}
    return {"class": retention.value, "count": str(len(ids)), **told}


def _classes(terms: RetentionTerms, now: datetime) -> Mapping[Retention, _Class]:
    stage = items.c.stage
    health = stage == ItemStage.ASSESSED.value
    has_text = or_(items.c.text != "", items.c.summary != "")
    item = select(items.c.id).order_by(items.c.id)
    captured = select(captures.c.item_id).distinct().join(items, items.c.id == captures.c.item_id)
    captured = captured.where(captures.c.warc_file.is_not(None)).order_by(captures.c.item_id)
    # What was judged not health since is in no narrative any more, and may still be what a case rests on.
    held = captures.alias()
    evidence = select(held.c.item_id).where(held.c.item_id == items.c.id, held.c.evidence_of.is_not(None))
    no_evidence = ~evidence.correlate(items).exists()
    # A case may stay on a narrative whose items a merge took into another one.
    followed, over = followed_cases(), _ended_cases(now - terms.cases, now)
    still_evidence = evidence.where(held.c.evidence_of.not_in(over)).correlate(items).exists()
    going_on = or_(_in_one_of(select(followed.c.id).where(followed.c.case_on.not_in(over))), still_evidence)
    any_case = or_(_in_one_of(select(followed.c.id)), ~no_evidence)
    no_case, ended = ~any_case, and_(any_case, ~going_on)
    old_capture = captures.c.fetched_at < now - terms.captures
    old_run = runs.c.started_at < now - terms.runs
    return {
        Retention.NOT_HEALTH: _Class(
            item.where(stage == ItemStage.NOT_HEALTH.value, items.c.judged_at < now - terms.not_health, no_evidence),
            _delete_items,
        ),
        Retention.UNREAD: _Class(
            item.where(
                stage.in_(_WITHOUT_TEXT), items.c.narrative_id.is_(None), items.c.last_seen < now - terms.unread
            ),
            _delete_items,
        ),
        Retention.CAPTURES: _Class(captured.where(no_case, old_capture), _captures_before(now - terms.captures)),
        Retention.TEXTS: _Class(
            item.where(health, has_text, no_case, items.c.version_seen < now - terms.texts), _erase_texts
        ),
        Retention.CASE_CAPTURES: _Class(captured.where(ended), forget_archived),
        Retention.CASE_TEXTS: _Class(item.where(health, has_text, ended), _erase_texts),
        Retention.RUNS: _Class(
            select(runs.c.run_id).where(runs.c.finished_at.is_not(None), old_run).order_by(runs.c.run_id), _delete_runs
        ),
    }


def _in_one_of(narrative_ids: Select[Any]) -> ColumnElement[bool]:
    """Also true or false, and never unknown, of an item that is in no narrative."""
    return and_(items.c.narrative_id.is_not(None), items.c.narrative_id.in_(narrative_ids))


def _ended_cases(before: datetime, now: datetime) -> Select[Any]:
    """Narratives whose case is at its end and saw its last act before `before`."""
    acts = select(func.max(trail.c.at)).where(trail.c.subject == cases.c.id).scalar_subquery()
    return select(cases.c.narrative_id).where(
        cases.c.stage.not_in([one.value for one in OPEN_STAGES]),
        func.coalesce(acts, cases.c.opened_at) < before,
        or_(cases.c.look_again_at.is_(None), cases.c.look_again_at < now),
    )


def _delete_items(connection: Connection, ids: Sequence[str]) -> None:
    """The index is told to forget them."""
    forget_archived(connection, ids)
    for row in connection.execute(select(items.c.id, items.c.revision).where(items.c.id.in_(ids))).all():
        queue_deletion(connection, row.id, row.revision)
    connection.execute(delete(items).where(items.c.id.in_(ids)))


def _captures_before(before: datetime) -> Callable[[Connection, Sequence[str]], None]:
    """A later capture of the same item may still have its time."""
    old: ColumnElement[bool] = captures.c.fetched_at < before
    return lambda connection, ids: forget_archived(connection, ids, old)


def _erase_texts(connection: Connection, ids: Sequence[str]) -> None:
    """Title, address, dates, assessment and hashes stay: they are counted in reports, and the trail names them."""
    connection.execute(update(items).where(items.c.id.in_(ids)).values(text="", summary=""))
    connection.execute(update(item_versions).where(item_versions.c.item_id.in_(ids)).values(text=""))
    connection.execute(delete(vectors).where(vectors.c.item_id.in_(ids)))
    queue_for_index(connection, ids)


def _delete_runs(connection: Connection, ids: Sequence[str]) -> None:
    connection.execute(delete(work_parts).where(work_parts.c.job.in_(ids)))
    for table in (run_fates, run_sources, runs):
        connection.execute(delete(table).where(table.c.run_id.in_(ids)))


def forget_old_leases(connection: Connection) -> None:
    """Each host that was ever asked left one, and pages name hosts as they like. They ended by the wall's clock."""
    connection.execute(delete(leases).where(leases.c.expires_at < datetime.now(UTC) - LEASES_FOR))


def forget_unfinished_runs(connection: Connection, now: datetime) -> int:
    """Drop the fates of runs that were killed long ago; how many rows."""
    dead = select(runs.c.run_id).where(runs.c.finished_at.is_(None), runs.c.started_at < now - UNFINISHED_FOR)
    return connection.execute(delete(run_fates).where(run_fates.c.run_id.in_(dead))).rowcount
