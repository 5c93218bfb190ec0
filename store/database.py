"""The database behind the store: its engine, its transactions, and all that differs between SQLite and PostgreSQL.

No other module holds a statement of one dialect only.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import random
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    DateTime,
    Integer,
    Table,
    TypeDecorator,
    create_engine,
    event,
    func,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Dialect, Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import String

from records.errors import StoreAway, StoreBusy, StoreError, StoreFull, StoreMoved
from store.address import database_address, place_of
from store.nul import without_nul

#: How long a writer waits for another one, seconds.
BUSY_SECONDS = 60.0
#: How long a connection to PostgreSQL may take to come about, seconds.
CONNECT_SECONDS = 10
#: Ids in one IN (...) list.
CHUNK = 500
#: How often a transaction that gave way to another one is begun anew, and the longest wait before the first time.
_ATTEMPTS = 6
_FIRST_WAIT_SECONDS = 0.05
#: PostgreSQL's word (SQLSTATE) for a deadlock, a serialization failure, and a lock that was waited for in vain.
_GAVE_WAY = frozenset({"40P01", "40001", "55P03"})
#: What PostgreSQL can hold in an index: about 2,700 bytes.
_LONGEST_KEY_BYTES = 2_000

log = logging.getLogger(__name__)

T = TypeVar("T")
P = ParamSpec("P")


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
    on SQLite. Both raise StoreError for what the database refuses: StoreBusy when the same may be tried again, and
    StoreAway when it cannot be reached."""

    def __init__(self, address: str, *, one_file: bool = False) -> None:
        """`one_file`: of a SQLite file that is to be carried about, without a log beside it."""
        self.url = database_address(address)
        try:
            self._engine = _engine(self.url, _prepare_one_file if one_file else _prepare_sqlite)
        except (ArgumentError, ImportError) as error:
            raise StoreError(f"store.url cannot be used: {type(error).__name__}") from None
        reading: dict[str, Any] = {"reading": True}
        if self.is_postgresql:
            reading |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reading = self._engine.execution_options(**reading)
        #: Set when it is opened for work: every writing transaction then asks first whether the store has moved.
        self.works = False

    @property
    def is_postgresql(self) -> bool:
        return self._engine.dialect.name == "postgresql"

    @property
    def place(self) -> str:
        """Where it is, for a person: no user, no password."""
        return place_of(self.url)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with _errors_as_ours(self.url), self._reading.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with _errors_as_ours(self.url), self._engine.begin() as connection:
            if self.works:
                self.refuse_when_moved(connection)
            yield connection

    def refuse_when_moved(self, connection: Connection) -> None:
        """Raises StoreMoved for a store that was copied elsewhere. On PostgreSQL it waits for a copy that is being
        made, and a copy waits for whoever has asked this (`holding_off`)."""
        row = connection.execute(text("SELECT place, at FROM moved").columns(at=UtcDateTime)).first()
        if row is not None:
            raise StoreMoved(self.place, row.place, f"{row.at:%Y-%m-%d %H:%M} UTC")

    @contextmanager
    def holding_off(self, tables: Sequence[str]) -> Iterator[Connection]:
        """For reading one state of `tables` that stays the last one: writers to them wait until this ends, and find the
        mark of a move that was made here.

        On SQLite all writers do. They give up after BUSY_SECONDS, and so does this when one of them is at work.
        """
        engine = self._engine
        if self.is_postgresql:
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with _errors_as_ours(self.url), engine.begin() as connection:
            if self.is_postgresql:
                # The first statements: what they wait for is then part of what is read.
                connection.execute(text("LOCK TABLE moved IN ACCESS EXCLUSIVE MODE"))
                quoted = map(connection.dialect.identifier_preparer.quote, tables)
                connection.execute(text(f"LOCK TABLE {', '.join(quoted)} IN SHARE MODE"))
            yield connection

    @contextmanager
    def changing_schema(self) -> Iterator[Connection]:
        """As `writing`, for migrations: SQLite rebuilds a table by dropping it, which must not delete what refers to
        it. That every reference still leads somewhere is checked before the commit."""
        with _errors_as_ours(self.url), self._engine.connect() as connection:
            if not self.is_postgresql:
                connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]
            try:
                with connection.begin():
                    yield connection
                    if not self.is_postgresql and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                        raise StoreError("a row refers to one that is not there: nothing was changed")
            finally:
                if not self.is_postgresql:
                    connection.connection.driver_connection.execute("PRAGMA foreign_keys = ON")  # type: ignore[union-attr]

    def close(self) -> None:
        self._engine.dispose()


def retried(transaction: Callable[P, T]) -> Callable[P, T]:
    """Of a method that is one transaction and may be repeated: begins it anew when it had to give way to another.

    On PostgreSQL writers run side by side, and two that want the same rows in different orders cannot both go on.
    """

    @functools.wraps(transaction)
    def repeated(*args: P.args, **kwargs: P.kwargs) -> T:
        wait_seconds = _FIRST_WAIT_SECONDS
        for _ in range(_ATTEMPTS - 1):
            try:
                return transaction(*args, **kwargs)
            except StoreBusy as error:
                log.info("%s begins anew: %s", transaction.__qualname__, error)
                time.sleep(random.uniform(wait_seconds / 2, wait_seconds))
                wait_seconds *= 2
        return transaction(*args, **kwargs)

    return repeated


@contextmanager
def _errors_as_ours(url: URL) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise _ours(error, url) from error


def _ours(error: SQLAlchemyError, url: URL) -> StoreError:
    """Only the database's own first words: what it adds, and the statement's values, may be texts."""
    cause = getattr(error, "orig", None)
    said = getattr(getattr(cause, "diag", None), "message_primary", None)
    if getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL or getattr(cause, "sqlstate", "") == "53100":
        return StoreFull(f"there is no room left for the store ({place_of(url)})")
    if url.get_backend_name() == "postgresql":
        if getattr(cause, "sqlstate", None) in _GAVE_WAY:
            return StoreBusy(f"the store gave way to another transaction: {said}")
        if isinstance(error, DBAPIError) and (error.connection_invalidated or said is None):
            return StoreAway(f"PostgreSQL cannot be reached ({place_of(url)}): {_first_line(cause)}")
        if (getattr(cause, "sqlstate", None) or "").startswith(("57P", "53")):  # it is being shut down, or is full
            return StoreAway(f"PostgreSQL cannot do it now ({place_of(url)}): {said}")
    return StoreError(f"the store refused: {said or cause or type(error).__name__}")


def _first_line(cause: BaseException | None) -> str:
    return str(cause).strip().partition("\n")[0] or type(cause).__name__


def _engine(url: URL, prepare_sqlite: Callable[[Any, Any], None]) -> Engine:
    if url.get_backend_name() == "postgresql":
        arguments = {
            "application_name": "tin3c",
            "connect_timeout": CONNECT_SECONDS,
            # A server that went away without a word is noticed within a minute.
            "keepalives_idle": 30,
            "keepalives_interval": 10,
            "keepalives_count": 3,
            "options": f"-c lock_timeout={BUSY_SECONDS:.0f}s -c timezone=UTC -c jit=off",
        }
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=arguments)
    else:
        engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine, "connect", prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "before_cursor_execute", without_nul, retval=True)
    return engine


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = FULL")
    _write_ahead(cursor)
    cursor.close()


def _prepare_one_file(connection: Any, _: Any) -> None:
    connection.isolation_level = None
    for setting in ("foreign_keys = ON", "synchronous = FULL", "journal_mode = DELETE"):
        connection.execute(f"PRAGMA {setting}").close()


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


def order_by_code_points(connection: Connection) -> None:
    """Have PostgreSQL order and index all texts as SQLite and Python do, whatever the database's own order.

    Another order would change which item comes first; and one that comes from the operating system can change with
    its next version, under indexes that were sorted by the old one.
    """
    if connection.dialect.name != "postgresql":
        return
    found = connection.execute(
        text(
            "SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c"
            " JOIN information_schema.tables t USING (table_schema, table_name)"
            " WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'"
            " AND c.data_type IN ('character varying', 'text') AND c.collation_name IS DISTINCT FROM 'C'"
        )
    ).all()
    quote = connection.dialect.identifier_preparer.quote
    for table, column, kind in found:
        change = f'ALTER TABLE {quote(table)} ALTER COLUMN {quote(column)} TYPE {kind} COLLATE "C"'
        connection.execute(text(change))


def version_and_bytes(connection: Connection) -> tuple[str, int]:
    """(the engine with its version, the size of the database in bytes)."""
    if connection.dialect.name == "postgresql":
        version = connection.execute(text("SHOW server_version")).scalar_one()
        size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        return f"PostgreSQL {version}", int(size)
    version = connection.execute(text("SELECT sqlite_version()")).scalar_one()
    file = connection.engine.url.database
    return f"SQLite {version}", Path(file).stat().st_size if file and Path(file).exists() else 0


def key_text(value: str) -> str:
    """`value`, or what stands for it where it is too long to be looked up by: hostile addresses can be."""
    if len(value.encode()) <= _LONGEST_KEY_BYTES:
        return value
    return f"sha256:{hashlib.sha256(value.encode()).hexdigest()}"


def claim(
    connection: Connection, table: Table, wanted: ColumnElement[bool], order: Sequence[Any], limit: int, **values: Any
) -> list[Any]:
    """Set `values` on up to `limit` rows that are `wanted`, the first by `order`; their keys (the first key column).

    No row is claimed twice: on PostgreSQL what another transaction is claiming is skipped, on SQLite writers come one
    after the other. `values` must make a row not `wanted` any more.
    """
    key = table.primary_key.columns[0]
    free = select(key).where(wanted).order_by(*order).limit(limit).with_for_update(skip_locked=True)
    keys = list(connection.execute(free).scalars())
    for some in chunks(keys):
        connection.execute(table.update().where(key.in_(some)).values(**values))
    return keys


def _insert(connection: Connection, table: Table) -> Any:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def insert_new(connection: Connection, table: Table, values: dict[str, Any]) -> bool:
    """Insert a row; False when one with its key is there already."""
    statement = _insert(connection, table).values(values).on_conflict_do_nothing()
    # Without being told, SQLAlchemy does not ask psycopg how many rows an INSERT made.
    return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount == 1


def upsert(connection: Connection, table: Table, values: dict[str, Any], keys: Sequence[str] | None = None) -> None:
    """Insert a row, or bring the one with the same `keys` (the primary key) up to date."""
    keys = keys or [column.name for column in table.primary_key]
    statement = _insert(connection, table).values(values)
    rest = {name: statement.excluded[name] for name in values if name not in keys}
    if rest:
        connection.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=rest))
    else:
        connection.execute(statement.on_conflict_do_nothing())


def copy_file(connection: Connection, path: Path) -> None:
    """Write all that a reading transaction on SQLite sees to a new database file, for its owner alone."""
    path.touch(mode=0o600, exist_ok=False)
    with closing(sqlite3.connect(path)) as copy:
        connection.connection.driver_connection.backup(copy)  # type: ignore[union-attr]
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, with no log beside it


def advance_numbers(connection: Connection, table: Table) -> None:
    """After rows were put in with their numbers: have PostgreSQL go on counting behind them, as SQLite does."""
    if connection.dialect.name != "postgresql":
        return
    (*_, key) = table.primary_key
    if not isinstance(key.type, BigInteger | Integer):
        return
    asked = select(func.pg_get_serial_sequence(table.name, key.name))
    if sequence := connection.execute(asked).scalar():
        last = select(func.max(key)).scalar_subquery()
        connection.execute(select(func.setval(sequence, func.coalesce(last, 1), last.is_not(None))))


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    listed = list(values)
    for start in range(0, len(listed), size):
        yield listed[start : start + size]
