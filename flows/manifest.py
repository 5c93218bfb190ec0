"""What a backup says of itself: `manifest.json`, written last. A folder without one is an unfinished backup."""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path, PurePosixPath

from pydantic import TypeAdapter, ValidationError

from records.errors import InputError
from store.capture_copies import FileFigures, private_file
from store.leases import is_dead
from store.snapshot import Snapshot

FORMAT = 1
PREFIX = "tin3c-"
_MANIFEST, _BEGUN = "manifest.json", "begun.json"

log = logging.getLogger(__name__)


class Contents(StrEnum):
    ALL = "all"
    STORE = "store"  # rows only: what an upgrade makes before it changes them


@dataclass(frozen=True, slots=True)
class Begun:
    """Written first. `installation` is the same for all backups of one home; `maker` is a process."""

    installation: str
    maker: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Manifest:
    """`taken_at`: the store is as it was then. `files`: those of the home by their path in it; not the snapshot's."""

    format: int
    name: str
    installation: str
    program: str
    contents: Contents
    taken_at: datetime
    finished_at: datetime
    snapshot: Snapshot
    files: dict[str, FileFigures]

    def every_file(self) -> Iterator[tuple[str, FileFigures]]:
        """(path in the backup's folder, its figures)"""
        for name, figures in self.snapshot.files.items():
            yield name, figures
        for name, figures in self.files.items():
            yield f"{HOME_FILES}/{name}", figures

    @property
    def bytes(self) -> int:
        return sum(figures.bytes for _, figures in self.every_file())


#: Where the home's own files lie in a backup.
HOME_FILES = "home"
_MANIFESTS, _BEGINNINGS = TypeAdapter(Manifest), TypeAdapter(Begun)


def begin(folder: Path, begun: Begun) -> None:
    with private_file(folder / _BEGUN) as file:
        file.write(_BEGINNINGS.dump_json(begun, indent=1))


def write(folder: Path, manifest: Manifest) -> None:
    """All of it or nothing, even when the machine stops: with this the backup is complete."""
    draft = folder / f".{_MANIFEST}"
    with private_file(draft) as file:
        file.write(_MANIFESTS.dump_json(manifest, indent=1))
    draft.replace(folder / _MANIFEST)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read(folder: Path) -> Manifest:
    """Raises InputError for a folder that is no backup, or an unfinished one, or one of a newer format."""
    try:
        content = (folder / _MANIFEST).read_bytes()
        if json.loads(content).get("format", 0) > FORMAT:
            raise InputError(f"{folder} was made by a newer program: restore it with that one")
        made = _MANIFESTS.validate_json(content)
    except FileNotFoundError:
        state = "an unfinished backup: it was cut off" if (folder / _BEGUN).exists() else "no backup"
        raise InputError(f"{folder} is {state}") from None
    except (OSError, ValueError, ValidationError, AttributeError) as error:
        raise InputError(f"{folder / _MANIFEST} cannot be read: {type(error).__name__}") from error
    for name, _ in made.every_file():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise InputError(f"{folder / _MANIFEST} names a file outside of the backup")
    return made


def complete(folder: Path) -> list[tuple[Path, Manifest]]:
    """The complete backups in `folder`, the oldest first; not those that cannot be read, which stay as they are."""
    found = []
    for path in folder.glob(f"{PREFIX}*"):
        if not (path / _MANIFEST).exists():
            continue
        try:
            found.append((path, read(path)))
        except InputError as error:
            # One that went bad, or a newer program's, must not keep the next backup from being made.
            log.warning("left alone: %s", error)
    return sorted(found, key=lambda one: (one[1].taken_at, one[1].name))


def unfinished(folder: Path) -> list[tuple[Path, Begun, bool]]:
    """(folder, how it began, whether somebody may still be at work on it) of those without a manifest.

    Not one that was cut off before it could say whose it is.
    """
    found = []
    for path in sorted(folder.glob(f"{PREFIX}*")):
        if (path / _BEGUN).exists() and not (path / _MANIFEST).exists():
            try:
                begun = _BEGINNINGS.validate_json((path / _BEGUN).read_bytes())
            except ValidationError:
                log.warning("left alone: %s was cut off when it began, or is nothing of ours", path.name)
                continue
            found.append((path, begun, not is_dead(begun.maker)))
    return found


def discard(folder: Path) -> None:
    """Delete a backup. The manifest goes first: what is left of a killed deletion is seen as unfinished."""
    (folder / _MANIFEST).unlink(missing_ok=True)
    beginning = folder / _BEGUN
    for path in folder.iterdir():
        if path != beginning:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.rmtree(folder)
