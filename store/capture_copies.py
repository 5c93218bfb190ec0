"""Copies of captures for a backup: whole segments up to a length, and staged bodies. Each file for its owner alone."""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from records.errors import StoreError

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class FileFigures:
    bytes: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> FileFigures:
        with path.open("rb") as file:
            return _copied(file, None, None)


def private_folder(path: Path) -> None:
    """`path`, and what is missing above it, for its owner alone."""
    if not path.is_dir():
        private_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def private_file(path: Path) -> Iterator[BinaryIO]:
    """A new file that only its owner may read; on the disk when the block ends."""
    private_folder(path.parent)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def copy_private(source: Path, target: Path) -> FileFigures:
    """Copy a whole file; its figures."""
    with source.open("rb") as reading, private_file(target) as writing:
        return _copied(reading, writing, None)


def copy_segment(source: Path, target: Path, length: int, known: Mapping[str, Path]) -> FileFigures:
    """Copy the first `length` bytes of a segment, which only grows; link what is in `known` already (sha256 → file).

    Raises StoreError when it is shorter, or gone.
    """
    try:
        with source.open("rb") as reading, private_file(target) as writing:
            figures = _copied(reading, writing, length)
    except FileNotFoundError:
        raise StoreError(f"captures/{source.name} is gone: restore it from an older backup") from None
    if figures.bytes != length:
        raise StoreError(f"captures/{source.name} is shorter than the store knows: restore it from an older backup")
    if (same := known.get(figures.sha256)) is not None and _holds(same, figures):
        _link(same, target)
    return figures


def _holds(path: Path, figures: FileFigures) -> bool:
    """Whether it still does: a file that went bad in an earlier backup must not become this one's."""
    try:
        return FileFigures.of(path) == figures
    except OSError:
        return False


def _link(same: Path, target: Path) -> None:
    draft = target.with_name(f".{target.name}")
    try:
        os.link(same, draft)
    except OSError:
        return  # another file system, or one without links: the copy stays
    draft.replace(target)


def write_staged(folder: Path, item_id: str, sha256: str, body: bytes) -> dict[str, FileFigures]:
    """Write one staged body; {its path in the captures folder: its figures}."""
    name = f"staged/{item_id}-{sha256}.gz"
    packed = gzip.compress(body, mtime=0)
    with private_file(folder / name) as file:
        file.write(packed)
    return {name: FileFigures(len(packed), hashlib.sha256(packed).hexdigest())}


def _copied(reading: BinaryIO, writing: BinaryIO | None, length: int | None) -> FileFigures:
    """Read `length` bytes, or all, and write them if there is where to."""
    hashed, done = hashlib.sha256(), 0
    while length is None or done < length:
        piece = reading.read(_PIECE if length is None else min(_PIECE, length - done))
        if not piece:
            break
        hashed.update(piece)
        if writing is not None:
            writing.write(piece)
        done += len(piece)
    return FileFigures(done, hashed.hexdigest())
