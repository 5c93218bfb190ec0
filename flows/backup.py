"""Backups: store, captures, keys, settings, heads and messages of one home, in a folder of their own.

The index is not in it, because it can be rebuilt; nor is the encoder. A backup holds everything that the home holds,
keys included, and must be kept as secretly.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from flows import manifest, wiring
from flows.manifest import Begun, Contents, Manifest
from flows.settings import FILE_NAME, Settings
from flows.watching import held
from records.errors import StoreError
from store import this_process
from store.capture_copies import FileFigures, copy_private
from store.captures import CaptureFiles
from store.leases import SqlLeases
from store.snapshot import CAPTURES, Snapshot, check, take

#: Of the home, besides store and captures: what cannot be had again.
KEPT = (FILE_NAME, "keys", "messages", "models/heads")
#: Held while captures are copied, rewritten or deleted.
CAPTURES_LEASE = "captures"


@dataclass(frozen=True, slots=True)
class Backup:
    path: Path
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Pruning:
    """What `--keep` lets go: complete backups beyond the newest ones, and what killed ones left."""

    old: tuple[Path, ...]
    unfinished: tuple[Path, ...]


def installation(settings: Settings) -> str:
    """Names this home in its backups. Says nothing about the key that it is made from."""
    return hashlib.sha256(b"tin3c installation " + wiring.key(settings, "author")).hexdigest()[:16]


def program_version() -> str:
    try:
        return version("tin3c")
    except PackageNotFoundError:
        return "unknown"


def make(settings: Settings, to: Path, contents: Contents = Contents.ALL) -> Backup:
    """Write a backup into a new folder in `to`. Runs may go on meanwhile.

    Raises LeaseTaken while captures are being deleted or backed up, and StoreError, StoreMoved among them; then nothing
    is left in `to`.
    """
    folder = _begun(settings, to)
    try:
        with closing(wiring.database(settings)) as database:
            if contents is Contents.STORE:
                # Of whatever schema: a lease could only be asked for in this program's own.
                return _written(settings, folder, contents, lambda: take(database, None, folder))
            with database.reading() as connection:
                database.refuse_when_moved(connection)  # a backup of what is worked on no more would pass for today's
            with held(SqlLeases(database), CAPTURES_LEASE):
                files, known = CaptureFiles(settings.home / CAPTURES), _segments(to, installation(settings))
                return _written(settings, folder, contents, lambda: take(database, files, folder, known))
    except BaseException as error:
        manifest.discard(folder)
        if isinstance(error, OSError):
            raise StoreError(f"the backup could not be written: {error.strerror or error}") from error
        raise


def _begun(settings: Settings, to: Path) -> Path:
    """A new folder in `to`, marked as ours."""
    now = datetime.now(UTC)
    folder = to / f"{manifest.PREFIX}{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
    try:
        to.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
        manifest.begin(folder, Begun(installation(settings), this_process(), now))
    except OSError as error:
        raise StoreError(f"{to} cannot be written: {error.strerror}") from error
    return folder


def _written(settings: Settings, folder: Path, contents: Contents, taking: Callable[[], Snapshot]) -> Backup:
    taken_at = datetime.now(UTC)
    snapshot = taking()
    files = _home_files(settings, folder / manifest.HOME_FILES) if contents is Contents.ALL else {}
    made = Manifest(
        format=manifest.FORMAT,
        name=folder.name,
        installation=installation(settings),
        program=program_version(),
        contents=contents,
        taken_at=taken_at,
        finished_at=datetime.now(UTC),
        snapshot=snapshot,
        files=files,
    )
    manifest.write(folder, made)
    return Backup(folder, made)


def _home_files(settings: Settings, folder: Path) -> dict[str, FileFigures]:
    home = settings.home
    folder.mkdir(mode=0o700)
    written = {}
    for path in sorted({*_kept(home), *_secrets(settings)}):
        name = path.relative_to(home).as_posix()
        written[name] = copy_private(path, folder / name)
    return written


def _kept(home: Path) -> Iterator[Path]:
    for name in KEPT:
        path = home / name
        yield from (one for one in (path.rglob("*") if path.is_dir() else [path]) if one.is_file())


def _secrets(settings: Settings) -> Iterator[Path]:
    """Files that a setting names, such as slack.token_file, where they lie in the home."""
    for section in Settings.model_fields:
        for value in dict(getattr(settings, section)).values() if section != "home" else ():
            if isinstance(value, Path) and value.is_file() and value.is_relative_to(settings.home):
                yield value


def _segments(to: Path, ours: str) -> dict[str, Path]:
    """The captures in the newest complete backup in `to`, by their sha256: what they hold is linked, not copied."""
    for path, made in reversed(manifest.complete(to)):
        if made.installation == ours and made.contents is Contents.ALL:
            return {
                figures.sha256: path / name
                for name, figures in made.snapshot.files.items()
                if name.endswith(".warc.gz")
            }
    return {}


def verify(folder: Path) -> Manifest:
    """Compare every file, the rows and the trail of a backup with its manifest. Raises InputError, StoreError."""
    made = manifest.read(folder)
    for name, figures in made.every_file():
        try:
            found = FileFigures.of(folder / name)
        except OSError as error:
            raise StoreError(f"{folder.name}: {name} cannot be read: {error.strerror}") from error
        if found != figures:
            raise StoreError(f"{folder.name}: {name} is not the file that was backed up")
    check(folder, made.snapshot)
    return made


def pruning(settings: Settings, to: Path, keep: int) -> Pruning:
    """What may go of this home's backups in `to` when the newest `keep` complete ones stay. Deletes nothing."""
    ours = installation(settings)
    own = [path for path, made in manifest.complete(to) if made.installation == ours and made.contents is Contents.ALL]
    left = [path for path, begun, alive in manifest.unfinished(to) if begun.installation == ours and not alive]
    return Pruning(tuple(own[: max(len(own) - keep, 0)]), tuple(left))


def prune(what: Pruning) -> None:
    for path in (*what.old, *what.unfinished):
        manifest.discard(path)
