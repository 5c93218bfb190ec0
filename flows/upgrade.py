"""A new program's schema for an old program's store: a backup first, then one transaction."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from flows import backup, wiring
from flows.backup import Backup
from flows.manifest import Contents
from flows.settings import Settings
from records.errors import SearchUnavailable, StoreError
from store.migrate import known_versions, refuse_newer, stored_version
from store.migrate import upgrade as migrate

FOLDER = "upgrades"


@dataclass(frozen=True, slots=True)
class State:
    """Versions of the schema. `stored` is None while there is no store."""

    stored: str | None
    wanted: str

    @property
    def is_old(self) -> bool:
        return self.stored is not None and self.stored != self.wanted


def state(settings: Settings) -> State:
    """Raises StoreOutOfDate when the store is newer than this program."""
    if wiring.store_url(settings) is None and not settings.home.is_dir():
        return State(None, known_versions()[-1])
    with closing(wiring.database(settings)) as database, database.reading() as connection:
        stored = stored_version(connection)
    if stored is not None:
        refuse_newer(stored)
    return State(stored, known_versions()[-1])


def index_is_old(settings: Settings) -> bool:
    """Whether search answers only after `tin3c index rebuild`: the embedded index is another program's. The store holds
    all that is in it. Elasticsearch is not asked."""
    if settings.index.engine != "sqlite":
        return False
    from index.sqlite import SqliteIndex

    try:
        return SqliteIndex(settings.home / "index").is_of_another_version()
    except SearchUnavailable:  # what names the index in use is damaged: a rebuild mends that too
        return True


def upgrade(settings: Settings, to: Path | None = None) -> Backup | None:
    """Bring the store to this program's schema; the backup that was made before, None when there was nothing to do.

    Raises StoreError when the change failed and was rolled back: the store is then as it was.
    """
    if not state(settings).is_old:
        return None
    made = backup.make(settings, to or settings.home / FOLDER, Contents.STORE)
    try:
        with closing(wiring.database(settings)) as database:
            migrate(database)
    except StoreError as error:
        raise StoreError(f"{error}. Go on with the old program; a backup is at {made.path}") from error
    return made
