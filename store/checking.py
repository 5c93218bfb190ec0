"""Whether the store holds together: its references, its counts, its trail, and the files that it names."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Table, func, select

from records.errors import StoreError
from store import trail
from store.captures import CaptureFiles
from store.database import Database
from store.tables import captures, items, metadata, narratives, warc_files


def problems(database: Database, files: CaptureFiles) -> Iterator[str]:
    """One sentence for each kind of thing that is wrong; none when all is well. Reads everything once."""
    with database.reading() as connection:
        yield from _references(connection)
        yield from _counts(connection)
        yield from _files(connection, files)
        try:
            trail.verify(connection)
        except StoreError as error:
            yield str(error)


def _references(connection: Connection) -> Iterator[str]:
    for table in metadata.sorted_tables:
        for reference in table.foreign_keys:
            to = reference.column
            yield from _dangling(connection, table, reference.parent.name, to.table, to.name)
    # Not kept by the database itself.
    yield from _dangling(connection, narratives, "merged_into", narratives, "id")


def _dangling(connection: Connection, table: Table, column: str, to: Table, key: str) -> Iterator[str]:
    there = to.alias()
    missing = ~select(there.c[key]).where(there.c[key] == table.c[column]).exists()
    number = connection.execute(
        select(func.count()).select_from(table).where(table.c[column].is_not(None), missing)
    ).scalar_one()
    if number:
        yield f"{number} rows of {table.name} name a row of {to.name} that is not there ({column})"


def _counts(connection: Connection) -> Iterator[str]:
    members = select(func.count()).where(items.c.narrative_id == narratives.c.id).scalar_subquery()
    wrong = select(func.count()).select_from(narratives).where(narratives.c["items"] != members)
    if number := connection.execute(wrong).scalar_one():
        yield f"{number} narratives count their items wrongly"


def _files(connection: Connection, files: CaptureFiles) -> Iterator[str]:
    for segment in connection.execute(select(warc_files).order_by(warc_files.c.name)):
        path = files.folder / segment.name
        length = path.stat().st_size if path.exists() else 0
        if length < segment.bytes:
            yield f"captures/{segment.name} has {length} bytes, and the store knows of {segment.bytes}"
    staged = connection.execute(select(captures.c.item_id, captures.c.sha256).where(captures.c.warc_file.is_(None)))
    if lost := sum(not files.has_staged(row.item_id, row.sha256) for row in staged):
        yield f"{lost} captures that wait for their assessment are not in captures/staged"
