"""The store: one object that holds an adapter for each of its ports."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from store.assessment_queue import SqlAssessmentQueue
from store.captures import CaptureFiles
from store.database import Database
from store.leases import SqlLeases
from store.migrate import migrate
from store.runs import SqlRuns
from store.sink import SqlSink
from store.sources import SqlSources

FILE_NAME = "tin3c.db"


class Store:
    """The system of record. `close` it; its adapters are then of no use."""

    def __init__(self, database: Database, files: CaptureFiles, author_key: bytes, not_health_days: int) -> None:
        self._database = database
        self._files = files
        self._not_health_for = timedelta(days=not_health_days)
        self.sink = SqlSink(database, files, author_key)
        self.sources = SqlSources(database)
        self.runs = SqlRuns(database)
        self.leases = SqlLeases(database)
        self.assessment_queue = SqlAssessmentQueue(database, files)

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_store(url: str | None, *, home: Path, author_key: bytes, not_health_days: int = 90) -> Store:
    """The store at `url` (an SQLAlchemy URL), or SQLite in `home`; captures lie in `home` either way.

    Creates what is not there and upgrades what is older. Raises StoreOutOfDate when it is newer than this code, and
    StoreError when it cannot be opened. `author_key` is what handles are hashed with.
    """
    home.mkdir(parents=True, exist_ok=True)
    database = Database(url or f"sqlite:///{home / FILE_NAME}")
    try:
        migrate(database)
    except BaseException:
        database.close()
        raise
    return Store(database, CaptureFiles(home / "captures"), author_key, not_health_days)
