"""The database behind the store: its engine, its transactions, and all that differs between SQLite and PostgreSQL.

No other module holds a statement of one dialect only.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, DateTime, Table, TypeDecorator, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import String

from records.errors import StoreError

#: How long a writer waits for another one on SQLite, seconds.
BUSY_SECONDS = 60.0
#: Ids in one IN (...) list.
CHUNK = 500

T = TypeVar("T")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, in UTC on both sides. A naive one is refused: nobody can know what it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class local_hour(FunctionElement[str]):
    """The hour in Viet Nam that a time falls on, as "2026-01-31 07"."""

    type = String()
    inherit_cache = True


@compiles(local_hour, "sqlite")
def _local_hour_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    return f"strftime('%Y-%m-%d %H', {compiler.process(element.clauses, **options)}, '+7 hours')"


@compiles(local_hour, "postgresql")
def _local_hour_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    moment = compiler.process(element.clauses, **options)
    return f"to_char({moment} AT TIME ZONE 'Asia/Ho_Chi_Minh', 'YYYY-MM-DD HH24')"


class Database:
    """Transactions on one database. A reading one sees one state throughout; writing ones come one after the other
    on SQLite. Both raise StoreError for what the database refuses."""

    def __init__(self, url: str) -> None:
        try:
            self._engine = _engine(url)
        except (ArgumentError, ImportError) as error:
            raise StoreError(f"store.url cannot be used: {type(error).__name__}") from error
        reading: dict[str, Any] = {"reading": True}
        if self._engine.dialect.name == "postgresql":
            reading["isolation_level"] = "REPEATABLE READ"
        self._reading = self._engine.execution_options(**reading)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with _errors_as_ours(), self._reading.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with _errors_as_ours(), self._engine.begin() as connection:
            yield connection

    def close(self) -> None:
        self._engine.dispose()


@contextmanager
def _errors_as_ours() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        # Only the driver's own words: the statement's values may be texts.
        raise StoreError(f"the store refused: {getattr(error, 'orig', None) or type(error).__name__}") from error


def _engine(url: str) -> Any:
    parsed = make_url(url)
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise StoreError(f"store.url: {parsed.get_backend_name()} is neither sqlite nor postgresql")
    if parsed.get_backend_name() == "postgresql":
        return create_engine(parsed, hide_parameters=True, pool_pre_ping=True)
    engine = create_engine(parsed, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = FULL")
    _write_ahead(cursor)
    cursor.close()


def _write_ahead(cursor: Any) -> None:
    """Switch to write-ahead logging. SQLite does not wait for others here as it does elsewhere, so we do."""
    last = time.monotonic() + BUSY_SECONDS
    while cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            mode = cursor.execute("PRAGMA journal_mode = WAL").fetchone()[0]
            if mode == "memory":
                return
        except Exception as error:
            if "locked" not in str(error) or time.monotonic() > last:
                raise
            time.sleep(0.05)


def _begin_sqlite(connection: Connection) -> None:
    # A deferred transaction that turns into a writing one fails at once when another writer came first.
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def serialize(connection: Connection, name: str) -> None:
    """From here to its end this transaction is the only one that called `serialize` with `name`."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": f"tin3c.{name}"})


def _insert(connection: Connection, table: Table) -> Any:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def insert_new(connection: Connection, table: Table, values: dict[str, Any]) -> bool:
    """Insert a row; False when one with its key is there already."""
    return bool(connection.execute(_insert(connection, table).values(values).on_conflict_do_nothing()).rowcount)


def upsert(connection: Connection, table: Table, values: dict[str, Any], keys: Sequence[str] | None = None) -> None:
    """Insert a row, or bring the one with the same `keys` (the primary key) up to date."""
    keys = keys or [column.name for column in table.primary_key]
    statement = _insert(connection, table).values(values)
    rest = {name: statement.excluded[name] for name in values if name not in keys}
    if rest:
        connection.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=rest))
    else:
        connection.execute(statement.on_conflict_do_nothing())


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    listed = list(values)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]
