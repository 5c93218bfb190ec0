"""A backup back into a home: checked before and after, the old home moved aside and not deleted.

Everything is made ready in `restoring/` under the home and then put in place by renames, so a killed restore leaves
the old home, or one that can be restored again with `replace`.
"""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flows import backup, prefect_server, wiring
from flows.manifest import HOME_FILES, Contents, Manifest
from flows.settings import FILE_NAME, Settings, load
from records.errors import InputError, LeaseTaken, StoreError, StoreOutOfDate, Tin3CError
from records.run import HOST_LEASE
from store.assessment_queue import SqlAssessmentQueue
from store.capture_copies import copy_private, private_folder
from store.captures import CaptureFiles
from store.core import FILE_NAME as DATABASE
from store.core import database_at
from store.database import Database
from store.leases import SqlLeases
from store.migrate import known_versions, stored_version
from store.moving import leave
from store.snapshot import CAPTURES, Restored, is_empty
from store.snapshot import load as load_snapshot
from store.work import SqlWorkParts

SQLITE = "sqlite"
STAGING, REPLACED = "restoring", "replaced"
#: The encoder, which is the same everywhere; what an earlier restore moved aside; what a killed one left.
_LEFT_ALONE = frozenset({"models", REPLACED, STAGING, "lost+found"})
_DATABASE_FILES = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm")
_HEADS = "models/heads"
_STORE_VARIABLES = ("TIN3C_STORE__URL", "TIN3C_STORE__URL_FILE")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a restore does. `aside`: what of the home moves to `replaced/`; `place`: the database, without password."""

    made: Manifest
    place: str
    aside: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`replaced`: where the old home's files are now; None when there were none."""

    restored: Restored
    replaced: Path | None


class Restoring:
    """One restore of the backup in `folder` into `home`. Raises InputError or StoreError when it is not whole."""

    def __init__(self, home: Path, folder: Path, *, to_store: str | None = None, replace: bool = False) -> None:
        self._home, self._folder, self._to_store, self._replace = home, folder, to_store, replace
        self._made = backup.verify(folder)
        if self._made.snapshot.schema not in known_versions():
            raise StoreOutOfDate(f"the backup has schema {self._made.snapshot.schema}: restore it with a newer program")
        self._all = self._made.contents is Contents.ALL
        self._settings = self._future_settings()
        self._url = None if to_store == SQLITE else to_store or self._future_url()

    def plan(self) -> Plan:
        """What `carry_out` would do. Raises what would keep it from beginning; changes nothing."""
        with closing(self._target(self._home)) as database:
            place = database.place
        self._will_be_used(place)
        aside = self._present()
        if aside and not self._replace:
            raise InputError(f"{self._home} is not empty ({', '.join(aside)}): --replace moves that aside first")
        self._nobody_is_at_work()
        if self._url is not None:
            with closing(self._target(self._home)) as database, database.reading() as connection:
                if not is_empty(connection):
                    how = f"let {variable} name it" if (variable := store_variable()) else "name it with --to-store"
                    raise StoreError(f"{place} is not empty: create an empty database, and {how}")
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        needed, free = self._made.bytes, shutil.disk_usage(self._home).free
        if free < needed * 1.1:
            raise StoreError(
                f"the backup needs {needed / 1e9:.2f} GB, and {free / 1e9:.2f} GB are free at {self._home}"
            )
        return Plan(self._made, place, aside)

    def carry_out(self, now: datetime) -> Outcome:
        plan = self.plan()
        staging = self._home / STAGING
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(mode=0o700)
        self._copy_files(staging)
        if self._url is not None:
            # Files first: when this is cut off, the database is still empty, and the whole can be done again.
            replaced = self._put_in_place(staging, plan.place, now)
            restored = self._load(self._home, now)
        else:
            restored = self._load(staging, now)
            replaced = self._put_in_place(staging, plan.place, now)
        shutil.rmtree(staging, ignore_errors=True)
        return Outcome(restored, replaced)

    def _future_settings(self) -> Settings:
        file = self._folder / HOME_FILES / FILE_NAME if self._all else None
        return load(self._home, file if file is not None and file.exists() else None)

    def _future_url(self) -> str | None:
        """Of the store that the settings name. The file with its password, or address, may be in the backup still."""
        store, inside = self._settings.store, dict[str, Path]()
        for name in ("url_file", "password_file"):
            file: Path | None = getattr(store, name)
            if self._all and file is not None and file.is_relative_to(self._home):
                inside[name] = self._folder / HOME_FILES / file.relative_to(self._home)
        there = {name: file for name, file in inside.items() if file.exists()}
        return wiring.store_url(self._settings.model_copy(update={"store": store.model_copy(update=there)}))

    def _target(self, folder: Path) -> Database:
        return database_at(self._url, folder)

    def _present(self) -> tuple[str, ...]:
        if not self._home.is_dir():
            return ()
        if not self._all:
            return tuple(name for name in _DATABASE_FILES if self._url is None and (self._home / name).exists())
        names = sorted(path.name for path in self._home.iterdir() if path.name not in _LEFT_ALONE)
        return (*names, *([_HEADS] if (self._home / _HEADS).exists() else []))

    def _will_be_used(self, place: str) -> None:
        """Raises InputError when the environment names another database than the restored settings would."""
        if self._to_store is None or not (variable := store_variable()):
            return
        with closing(database_at(self._future_url(), self._home)) as database:
            if database.place == place:
                return
        raise InputError(
            f"{variable} is set and wins over tin3c.toml: what is restored into {place} would not be used. Let it name"
            " the new database, and leave --to-store out"
        )

    def _old_store(self) -> Database | None:
        """What the home names now, to be closed; None where nothing is, or nothing that can be read: that may be why
        it is restored."""
        try:
            url = wiring.store_url(load(self._home))
            if url is None and not (self._home / DATABASE).exists():
                return None
            database = database_at(url, self._home)
        except Tin3CError:
            return None
        try:
            with database.reading() as connection:
                if stored_version(connection) is not None:
                    return database
        except Tin3CError:
            pass
        database.close()
        return None

    def _nobody_is_at_work(self) -> None:
        if prefect_server.permanent_address(self._settings):
            raise InputError("`tin3c up` is running: end it first")
        if (database := self._old_store()) is None:
            return
        with closing(database):
            try:
                held = SqlLeases(database).live()
                helping = SqlWorkParts(database).at_work()
                helping += SqlAssessmentQueue(database, CaptureFiles(self._home / CAPTURES)).at_work("")
            except StoreError:
                return  # the store of a program that keeps it otherwise
        for lease in held:
            if not lease.name.startswith(HOST_LEASE):  # a pause after an answer, which runs out by itself
                raise LeaseTaken(lease.name, lease.holder)
        if helping:
            raise LeaseTaken("a run", ", ".join(helping))

    def _leave_the_old_store(self, place: str, now: datetime) -> None:
        """Whoever has it open all the same, a console for one, is refused from here on: what he wrote would be lost."""
        if (database := self._old_store()) is None:
            return
        with closing(database):
            if self._url is None or database.place != place:
                leave(database, f"{place}, restored from {self._made.name}", now)

    def _copy_files(self, staging: Path) -> None:
        for name, figures in self._made.every_file():
            inner = name.removeprefix(f"{HOME_FILES}/")
            if inner == name and not name.startswith(f"{CAPTURES}/"):
                continue  # the rows, which are not copied but read
            if copy_private(self._folder / name, staging / inner) != figures:
                raise StoreError(f"{name} changed while it was read: nothing was restored")
        if self._to_store is not None and self._all:
            _set_store(staging / FILE_NAME, self._url)

    def _load(self, folder: Path, now: datetime) -> Restored:
        made = self._made
        if self._url is None:
            (folder / DATABASE).touch(mode=0o600)
        with closing(self._loaded_into(folder)) as database:
            return load_snapshot(self._folder, made.snapshot, database, taken_at=made.taken_at, name=made.name, now=now)

    def _loaded_into(self, folder: Path) -> Database:
        # One file, because it is moved when it is ready.
        return Database(f"sqlite:///{folder / DATABASE}", one_file=True) if self._url is None else self._target(folder)

    def _put_in_place(self, staging: Path, place: str, now: datetime) -> Path | None:
        self._leave_the_old_store(place, now)
        replaced = None
        if aside := self._present():
            replaced = self._home / REPLACED / f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
            for name in aside:
                private_folder((replaced / name).parent)
                (self._home / name).rename(replaced / name)
        # The database last: a home without one can be restored into again.
        for path in sorted(staging.iterdir(), key=lambda path: path.name == DATABASE):
            if path.name == "models":
                (self._home / "models").mkdir(mode=0o700, exist_ok=True)
                (path / "heads").rename(self._home / _HEADS)
            else:
                path.rename(self._home / path.name)
        return replaced


def store_variable() -> str | None:
    """The environment variable that names the store, over tin3c.toml; None when there is none."""
    return next((name for name in _STORE_VARIABLES if os.environ.get(name)), None)


def way_back(settings: Settings, folder: Path) -> str:
    """How the rows in the backup in `folder` are brought back to the home that they are of, in words."""
    if wiring.store_url(settings) is None:
        return f"`tin3c restore {folder} --replace`"
    if variable := store_variable():
        return f"create an empty database, let {variable} name it, and run `tin3c restore {folder}`"
    return f"create an empty database, run `tin3c restore {folder} --to-store ITS_URL`, and name it in store.url"


def _set_store(path: Path, url: str | None) -> None:
    """Have the restored settings name the database that the store was restored into."""
    import tomlkit

    document = tomlkit.parse(path.read_text("utf-8")) if path.exists() else tomlkit.document()
    section = document.setdefault("store", tomlkit.table())
    for key in ("url", "url_file", "password_file"):
        section.pop(key, None)
    if url is not None:
        section["url"] = url
    path.touch(mode=0o600)
    path.write_text(tomlkit.dumps(document), "utf-8")
