"""The whole store from one database to another, SQLite or PostgreSQL: read once, written once, compared, verified.

The target is written in one transaction that ends when everything was found to be there: a copy that is cut off leaves
nothing behind and is begun anew. Captures are files of the home and stay where they are.

The source is then marked as moved, before any writer that waited goes on: whoever works on it (`Database.works`) is
refused, and a timer or console that still names it writes nothing there. `reopen` takes the mark away.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, inspect, select

from records.errors import StoreError, StoreOutOfDate
from store import trail
from store.database import Database
from store.migrate import bring_to, known_versions, stored_version
from store.table_copy import Progress, TableFigures, copy_rows, figures, tables_of
from store.tables import moved

#: Who is at work on the one database is not at work on the other; and only the one has moved.
LEFT = frozenset({"leases", moved.name})


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied, by table, and the number of the trail's entries, verified where they are now."""

    tables: dict[str, TableFigures]
    trail_entries: int


def counted(source: Database, target: Database) -> dict[str, int]:
    """How many rows of each table would be copied. Raises StoreError when they could not be."""
    with source.reading() as connection:
        _known(connection, source)
        tables = tables_of(connection, LEFT)
        rows = {one.name: connection.execute(select(func.count()).select_from(one)).scalar_one() for one in tables}
    with target.reading() as connection:
        _nothing_in(connection, target)
    return rows


def copy(source: Database, target: Database, progress: Progress, now: datetime) -> Copied:
    """Copy all but the leases into `target`, which is empty; writers to `source` are held off meanwhile, and then
    refused: it has moved at `now`.

    Raises StoreError when something differs or does not verify: then both are as they were.
    """
    names = list(counted(source, target))
    with source.holding_off(names) as old:
        with target.changing_schema() as new:
            schema = _known(old, source)
            _nothing_in(new, target)
            if stored_version(new) is None:
                bring_to(new, schema)
            read = copy_rows(old, new, LEFT, progress)
            _compare(read, figures(new, LEFT))
            copied = Copied(read, trail.verify(new))
        # Killed between the two commits: both can be worked on, and the next copy says that the target is not empty.
        old.execute(insert(moved).values(place=target.place, at=now))
        return copied


def leave(database: Database, place: str, now: datetime) -> None:
    """Mark a store as moved to `place` without copying it: another one takes its place there. Safe to repeat."""
    with database.writing() as connection:
        if inspect(connection).has_table(moved.name):  # one of an old schema has no such mark
            connection.execute(delete(moved))
            connection.execute(insert(moved).values(place=place, at=now))


def reopen(database: Database) -> str | None:
    """Let a store that was moved be worked on again; where it had been moved to, None when it had not."""
    with database.writing() as connection:
        place = connection.execute(select(moved.c.place)).scalar()
        connection.execute(delete(moved))
    return place


def _known(connection: Connection, source: Database) -> str:
    schema, newest = stored_version(connection), known_versions()[-1]
    if schema is None:
        raise StoreError(f"{source.place} holds no store: there is nothing to copy")
    if schema != newest:
        raise StoreOutOfDate(f"the store has schema {schema} and this program wants {newest}: run `tin3c upgrade`")
    source.refuse_when_moved(connection)
    return schema


def _nothing_in(connection: Connection, target: Database) -> None:
    """Raises StoreError when something is in `target`, ours or not. Empty tables of this schema are nothing."""
    schema = stored_version(connection)
    if schema not in {None, known_versions()[-1]} or (schema is None and inspect(connection).get_table_names()):
        raise StoreError(f"{target.place} is not empty: name a new database")
    if schema is None:
        return
    for table in tables_of(connection, LEFT):
        if connection.execute(select(table).limit(1)).first() is not None:
            raise StoreError(f"{target.place} is not empty ({table.name} has rows): name a new database")


def _compare(read: dict[str, TableFigures], written: dict[str, TableFigures]) -> None:
    if differing := [name for name, one in read.items() if written.get(name) != one]:
        raise StoreError(f"{_listed(differing)} came out differently: nothing was copied")


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names))
