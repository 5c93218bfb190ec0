"""The store: one object that holds an adapter for each of its ports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from records.claim import Claim
from records.operations import StoreFacts
from records.retention import DEFAULT_TERMS, Retention, RetentionTerms, Tidied
from records.run import Lease
from store import drift, keep, rows, segments
from store.assessment_queue import SqlAssessmentQueue
from store.backfill import SqlBackfills
from store.captures import CaptureFiles
from store.casebook import SqlCasebook
from store.checking import problems
from store.coming_back import stop_waiting
from store.database import Database, retried, upsert, version_and_bytes
from store.index_queue import SqlIndexQueue
from store.leases import SqlLeases
from store.migrate import migrate, stored_version
from store.narration import SqlNarration
from store.operations import SqlOperations
from store.outbox import SqlOutbox
from store.reader import SqlReader
from store.risk import SqlRisk
from store.runs import SqlRuns
from store.sink import SqlSink
from store.sources import SqlSources
from store.tables import claims as claims_table
from store.work import SqlWorkParts

FILE_NAME = "tin3c.db"


class Store:
    """The system of record. `close` it; its adapters are then of no use."""

    def __init__(
        self,
        database: Database,
        files: CaptureFiles,
        *,
        author_key: bytes,
        terms: RetentionTerms,
        trend_window: timedelta,
    ) -> None:
        self._database = database
        self._files = files
        self._terms = terms
        self.sink = SqlSink(database, files, author_key)
        self.sources = SqlSources(database)
        self.runs = SqlRuns(database)
        self.leases = SqlLeases(database)
        self.assessment_queue = SqlAssessmentQueue(database, files)
        self.work_parts = SqlWorkParts(database)
        self.backfills = SqlBackfills(database, author_key)
        self.narration = SqlNarration(database)
        self.risk = SqlRisk(database, trend_window)
        self.casebook = SqlCasebook(database, author_key)
        self.outbox = SqlOutbox(database, author_key)
        self.index_queue = SqlIndexQueue(database)
        self.operations = SqlOperations(database)
        self.reader = SqlReader(database, files, self.sources)

    @retried
    def save_claims(self, claims: Iterable[Claim]) -> None:
        """Insert or replace."""
        with self._database.writing() as connection:
            for claim in claims:
                upsert(connection, claims_table, rows.claim_values(claim))

    @retried
    def count_days(self, now: datetime) -> int:
        """Count, once, what the machine said on each day that is over; how many days were counted."""
        return drift.count_days(self._database, now)

    def expired(self, now: datetime) -> dict[Retention, int]:
        """How many of each class have had their time."""
        with self._database.reading() as connection:
            return keep.expired(connection, self._terms, now)

    @retried
    def keep(self, now: datetime) -> dict[str, int]:
        """Let go what has had its time: how many of each class; and orphaned `staged_captures` and `run_fates`."""
        gone = {retention.value: count for retention, count in keep.let_go(self._database, self._terms, now).items()}
        with self._database.writing() as connection:
            keep.forget_old_leases(connection)
            stop_waiting(connection, now)
            return gone | {
                "staged_captures": self._files.sweep(connection),
                "run_fates": keep.forget_unfinished_runs(connection, now),
            }

    def tidy_captures(self, lease: Lease) -> Tidied:
        """Let the bytes go of captures that are no more kept, under the lease that backups hold too."""
        return segments.tidy(self._database, self._files, lease)

    def facts(self) -> StoreFacts:
        """What it is kept in."""
        with self._database.reading() as connection:
            engine, size = version_and_bytes(connection)
            return StoreFacts(engine, self._database.place, size, stored_version(connection) or "none")

    def problems(self) -> Iterator[str]:
        """What does not hold together, a sentence each; reads everything once."""
        return problems(self._database, self._files)

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def database_at(url: str | None, home: Path) -> Database:
    """The database at `url`, or SQLite in `home`, as it stands. Close it."""
    return Database(url or f"sqlite:///{home / FILE_NAME}")


def open_store(
    url: str | None,
    *,
    home: Path,
    author_key: bytes,
    terms: RetentionTerms = DEFAULT_TERMS,
    trend_window_hours: int = 24,
) -> Store:
    """The store at `url` (an SQLAlchemy URL), or SQLite in `home`; captures lie in `home` either way.

    Creates what is not there. Raises StoreOutOfDate when it is older or newer than this code, StoreMoved when it was
    copied to another database (and from then on at every write), and StoreError when it cannot be opened. `author_key`
    is what handles are hashed with; `trend_window_hours` is the settings' (risk), by which a topic's baseline is
    counted.
    """
    home.mkdir(parents=True, exist_ok=True)
    database = database_at(url, home)
    try:
        migrate(database)
        with database.reading() as connection:
            database.refuse_when_moved(connection)
        database.works = True
    except BaseException:
        database.close()
        raise
    return Store(
        database,
        CaptureFiles(home / "captures"),
        author_key=author_key,
        terms=terms,
        trend_window=timedelta(hours=trend_window_hours),
    )
