"""Rows from one of our databases to another, SQLite or PostgreSQL, in batches: what backup, restore and copying share.

Tables are read as they stand in the database, not as this code knows them, so that a store of an older schema can be
copied as it is. A table's digest is the same on both kinds of database and does not depend on the order of its rows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Connection, DateTime, MetaData, Table, event, insert, select
from sqlalchemy.engine import Row

from store.database import UtcDateTime, advance_numbers

BATCH = 1_000
#: Belongs to the migrations.
_VERSIONS = "alembic_version"


#: (table, how many of its rows are done)
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class TableFigures:
    """`digest` (hex): the sum of the rows' sha256, modulo 2^256."""

    rows: int
    digest: str


@dataclass
class _Sum:
    columns: list[str]
    rows: int = 0
    total: int = field(default=0)

    def add(self, row: Row[Any]) -> None:
        values = [row._mapping[name] for name in self.columns]
        content = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)
        self.rows += 1
        self.total += int.from_bytes(hashlib.sha256(content.encode("utf-8", "surrogatepass")).digest(), "big")

    @property
    def figures(self) -> TableFigures:
        return TableFigures(self.rows, f"{self.total % 2**256:064x}")


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    raise TypeError(f"{type(value).__name__} in a row")


def tables_of(connection: Connection, but: Collection[str] = ()) -> list[Table]:
    """The tables of the database, what is referred to before what refers to it."""
    metadata = MetaData()

    @event.listens_for(metadata, "column_reflect")
    def _as_ours(inspector: Any, table: Table, column: dict[str, Any]) -> None:
        # A dialect's own type becomes the one whose values are the same on both.
        if isinstance(column["type"], DateTime):
            column["type"] = UtcDateTime()
        elif isinstance(column["type"], JSON):
            column["type"] = JSON(none_as_null=True)

    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name not in {_VERSIONS, *but}]


def figures(connection: Connection, but: Collection[str] = ()) -> dict[str, TableFigures]:
    """Of every table, by name."""
    return {table.name: _read(connection, table, None) for table in tables_of(connection, but)}


def copy_rows(
    source: Connection, target: Connection, but: Collection[str] = (), progress: Progress = lambda _, __: None
) -> dict[str, TableFigures]:
    """Copy every row into the empty tables of `target`, which has the same schema; the figures of what was read.

    `progress` is called after each batch with the table and how many of its rows are copied.
    """
    there = {table.name: table for table in tables_of(target)}
    copied = {}
    for table in tables_of(source, but):
        copied[table.name] = _read(source, table, target, there[table.name], progress)
    for name in copied:
        advance_numbers(target, there[name])
    return copied


def _read(
    source: Connection,
    table: Table,
    target: Connection | None,
    into: Table | None = None,
    progress: Progress = lambda _, __: None,
) -> TableFigures:
    counted = _Sum(sorted(table.columns.keys()))
    batch: list[dict[str, Any]] = []
    with source.execute(select(table), execution_options={"yield_per": BATCH}) as found:
        for row in found:
            counted.add(row)
            if target is None or into is None:
                continue
            batch.append(dict(row._mapping))
            if len(batch) == BATCH:
                target.execute(insert(into), batch)
                batch.clear()
                progress(table.name, counted.rows)
    if batch and target is not None and into is not None:
        target.execute(insert(into), batch)
    return counted.figures
