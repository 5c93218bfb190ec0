"""One consistent picture of the store in a folder, and back: `store.db`, a SQLite file whatever the store is, and
the captures.

The rows are those of one reading transaction, so writers go on meanwhile. Captures are taken after it, up to the
lengths that it saw. A body that was staged then may have been archived since, and is found there; one that was deleted
since is not needed, and its row goes from the snapshot.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, Row, case, delete, func, select, update

from records.case import Act
from records.errors import StoreError
from records.item import ItemStage
from store import trail
from store.capture_copies import FileFigures, copy_segment, write_staged
from store.captures import CaptureFiles
from store.changes import CHANGES_A_SECOND, queue_for_index, revision_at
from store.database import Database, advance_numbers, copy_file
from store.migrate import bring_to, known_versions, stored_version
from store.outbox import REFUSED, WAITING
from store.table_copy import TableFigures, copy_rows, figures, tables_of
from store.tables import (
    assessments,
    captures,
    index_queue,
    index_rejected,
    items,
    leases,
    metadata,
    moved,
    outbox,
    warc_files,
    work_parts,
)
from store.tables import trail as trail_table

DATABASE = "store.db"
CAPTURES = "captures"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was taken. `files`: every file in the folder by its path in it, sha256 and length."""

    schema: str
    engine: str
    tables: dict[str, TableFigures]
    trail_entries: int
    trail_head: str
    files: dict[str, FileFigures]


def take(
    database: Database, files: CaptureFiles | None, folder: Path, known: Mapping[str, Path] | None = None
) -> Snapshot:
    """Write the snapshot into `folder`, which is empty; without captures when `files` is None.

    `known`: files of earlier backups by sha256. A segment that is among them is linked, not written again.
    """
    path = folder / DATABASE
    with database.reading() as connection:
        schema = stored_version(connection)
        if schema not in known_versions():
            raise StoreError(f"the store has schema {schema}, which this program does not know")
        engine = connection.dialect.name
        read = None
        if database.is_postgresql:
            path.touch(mode=0o600, exist_ok=False)
            with closing(Database(f"sqlite:///{path}", one_file=True)) as copy, copy.changing_schema() as target:
                bring_to(target, schema)
                read = copy_rows(connection, target)
        else:
            copy_file(connection, path)
    with closing(Database(f"sqlite:///{path}", one_file=True)) as copy:
        if read is not None:
            with copy.reading() as target:
                _compare(read, figures(target), "what was written differs from what was read")
        written = {} if files is None else _take_captures(database, copy, files, folder / CAPTURES, known or {})
        with copy.reading() as target:
            tables = figures(target)
            entries, head = trail.verify(target), trail_head(target)
    own = {DATABASE: FileFigures.of(path)}
    return Snapshot(schema, engine, tables, entries, head, own | {f"{CAPTURES}/{k}": v for k, v in written.items()})


def trail_head(connection: Connection) -> str:
    """The hash of the last entry."""
    last = select(trail_table.c.hash).order_by(trail_table.c.number.desc()).limit(1)
    return connection.execute(last).scalar() or trail.GENESIS


def _take_captures(
    database: Database, copy: Database, files: CaptureFiles, folder: Path, known: Mapping[str, Path]
) -> dict[str, FileFigures]:
    folder.mkdir(mode=0o700)
    written: dict[str, FileFigures] = {}
    with copy.reading() as connection:
        staged = connection.execute(select(captures).where(captures.c.warc_file.is_(None))).all()
        segments = connection.execute(select(warc_files)).all()
    gone: list[Row[Any]] = []
    for row in staged:
        body = _staged_body(database, files, row)
        if body is None:
            gone.append(row)
        else:
            written |= write_staged(folder, row.item_id, row.sha256, body)
    for segment in segments:
        written[segment.name] = copy_segment(files.folder / segment.name, folder / segment.name, segment.bytes, known)
    if gone:
        with copy.writing() as connection:
            for row in gone:
                this = captures.c.item_id == row.item_id, captures.c.sha256 == row.sha256
                connection.execute(delete(captures).where(*this))
    return written


def _staged_body(database: Database, files: CaptureFiles, row: Row[Any]) -> bytes | None:
    """The body of a capture that was staged when the snapshot was taken; None when it is no more."""
    body = files.staged_body(row.item_id, row.sha256)
    if body is not None:
        return body
    this = captures.c.item_id == row.item_id, captures.c.sha256 == row.sha256
    with database.reading() as connection:
        now = connection.execute(select(captures).where(*this)).first()
    if now is None:
        return None  # it was judged not health, or its time was over
    if now.warc_file is None:
        log.warning("the staged capture of item %s is lost", row.item_id)
        return None
    return files.body(now)


# --- back -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Restored:
    """`held`: messages that a person has to release; `asked`: those for which the channel is asked before they go."""

    queued_for_index: int
    held: int
    asked: int


def load(
    folder: Path, snapshot: Snapshot, database: Database, *, taken_at: datetime, name: str, now: datetime
) -> Restored:
    """Bring a snapshot into an empty database, and up to this code's schema: all of it in one transaction, or nothing.

    Raises StoreError when the database is not empty, or does not hold afterwards what the snapshot held.
    """
    with database.changing_schema() as connection:
        if not is_empty(connection):
            raise StoreError("the database is not empty: a backup is only restored into an empty one")
        if stored_version(connection) is not None:
            there = MetaData()  # without a row in them, and perhaps of another schema than the backup
            there.reflect(connection)
            there.drop_all(connection)
        bring_to(connection, snapshot.schema)
        with (
            closing(Database(f"sqlite:///{folder / DATABASE}", one_file=True)) as source,
            source.reading() as reading,
        ):
            _compare(snapshot.tables, copy_rows(reading, connection), "the backup's rows are not those it was made of")
        verify(connection, snapshot)
        bring_to(connection, "head")
        return _settle(connection, taken_at=taken_at, name=name, now=now)


def is_empty(connection: Connection) -> bool:
    """Whether the database is one to restore into: without our tables, or with our tables and not a row in them, as a
    console leaves it that was started and not used. Who is at work does not count."""
    if stored_version(connection) is None:
        return True
    there = tables_of(connection, {leases.name})
    if not {table.name for table in there} <= metadata.tables.keys():
        return False
    return all(connection.execute(select(table).limit(1)).first() is None for table in there)


def verify(connection: Connection, snapshot: Snapshot) -> None:
    """Raises StoreError when rows or trail are not those of the snapshot."""
    _compare(snapshot.tables, figures(connection), "what was restored differs from the backup")
    if (trail.verify(connection), trail_head(connection)) != (snapshot.trail_entries, snapshot.trail_head):
        raise StoreError("the trail is not the one that the backup names")


def check(folder: Path, snapshot: Snapshot) -> None:
    """As `verify`, of the snapshot's own database."""
    with closing(Database(f"sqlite:///{folder / DATABASE}", one_file=True)) as copy, copy.reading() as connection:
        verify(connection, snapshot)


def _compare(wanted: Mapping[str, TableFigures], found: Mapping[str, TableFigures], problem: str) -> None:
    for table in sorted({*wanted, *found}):
        one, other = wanted.get(table), found.get(table)
        if one != other:
            rows = f"{one.rows if one else 0} and {other.rows if other else 0} rows"
            raise StoreError(f"{problem}: table {table}, {rows}")


def _settle(connection: Connection, *, taken_at: datetime, name: str, now: datetime) -> Restored:
    """What must not go on as it stood when the backup was taken."""
    connection.execute(delete(leases))
    connection.execute(delete(moved))
    connection.execute(update(items).where(items.c.claimed_by.is_not(None)).values(claimed_by=None, claimed_until=None))
    connection.execute(update(work_parts).values(holder=None, held_until=None))
    connection.execute(delete(index_queue))
    connection.execute(delete(index_rejected))
    # An index that outlived the store holds nothing newer than this.
    first = revision_at(now)
    newest = case((items.c.revision < first, first), else_=items.c.revision + CHANGES_A_SECOND)
    connection.execute(update(items).values(revision=newest))
    known = items.c.stage == ItemStage.NOT_HEALTH.value
    judged = items.c.id.in_(select(assessments.c.item_id))
    ids = connection.execute(select(items.c.id).where(known | judged)).scalars().all()
    queue_for_index(connection, ids)
    held, asked = _hold_messages(connection, taken_at)
    detail = {"backup": name, "taken_at": taken_at.isoformat(), "messages_held": str(held)}
    trail.append(connection, now, "system", Act.RESTORE, trail.STORE, detail)
    advance_numbers(connection, outbox)
    return Restored(len(ids), held, asked)


def _hold_messages(connection: Connection, taken_at: datetime) -> tuple[int, int]:
    """Messages that waited then were most likely sent since. Slack can be asked; mail cannot, so a person decides."""
    waiting = outbox.c.status == WAITING
    problem = f"held: the store was restored from a backup of {taken_at:%Y-%m-%d %H:%M} UTC, and it may have been sent"
    mail = update(outbox).where(waiting, outbox.c.channel == "mail").values(status=REFUSED, problem=problem)
    held = connection.execute(mail).rowcount
    # As after a crash between the server's acceptance and our commit: the channel is asked first.
    asked = update(outbox).where(waiting, outbox.c.sending_at.is_(None)).values(sending_at=outbox.c.created_at)
    connection.execute(asked)
    return held, connection.execute(select(func.count()).select_from(outbox).where(waiting)).scalar_one()
