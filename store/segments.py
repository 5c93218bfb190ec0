"""What is no more kept goes out of the captures' files.

A segment without any record that a row names is deleted; one with some is written anew without the rest, under another
name, and the rows are switched to it in one transaction. Killed before that, the new file is in nobody's way; killed
after it, the old one: `sweep` removes what no row names. To be called under the lease that backups hold too. Whoever
lost it deletes nothing and switches nothing any more: what he takes for nobody's may be what its holder is writing.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Connection, Row, delete, insert, select, update

from records.errors import LeaseTaken, StoreAway, StoreError
from records.retention import Tidied
from records.run import Lease
from store.captures import CaptureFiles, sync_folder
from store.database import Database, serialize
from store.leases import require_held
from store.tables import captures, warc_files

_NAME = re.compile(r"(\d{4}-\d\d-\d\d)(?:\.(\d+))?\.warc\.gz")
_PIECE = 1 << 16
_GZIP = 16 + zlib.MAX_WBITS


def tidy(database: Database, files: CaptureFiles, lease: Lease) -> Tidied:
    """Delete and rewrite what has to be; safe to kill and repeat.

    A segment that cannot be written anew stays as it is and keeps no other back. Raises StoreError for it in the end,
    and LeaseTaken when `lease` was lost.
    """
    deleted = rewritten = freed = 0
    problems: list[str] = []
    with database.reading() as connection:
        named = select(captures.c.warc_file).where(captures.c.warc_file.is_not(None))
        unneeded = (warc_files.c.dropped > 0) | warc_files.c.name.not_in(named)
        segments = connection.execute(select(warc_files).where(unneeded).order_by(warc_files.c.name)).all()
    for segment in segments:
        try:
            left = _rewrite(database, files, segment, lease)
        except (StoreAway, LeaseTaken):
            raise
        except StoreError as error:
            problems.append(str(error))
            continue
        if left is None:
            continue  # somebody wrote to it meanwhile: the next time
        freed += segment.bytes - left
        deleted += left == 0
        rewritten += left > 0
    sweep(database, files, lease)
    if problems:
        raise StoreError("; ".join(problems))
    return Tidied(deleted, rewritten, freed)


def sweep(database: Database, files: CaptureFiles, lease: Lease, which: str = "*.warc.gz") -> None:
    """Delete segments that no row names: all of them, or the one called `which`."""
    with database.writing() as connection:
        require_held(connection, lease)
        serialize(connection, "captures")  # nobody has begun a file whose row is not there yet
        known = set(connection.execute(select(warc_files.c.name)).scalars())
        for path in files.folder.glob(which):
            if path.name not in known:
                path.unlink()


def _rewrite(database: Database, files: CaptureFiles, segment: Row[Any], lease: Lease) -> int | None:
    """Bytes that the segment has now, 0 when it is gone; None when it changed while it was read."""
    with database.reading() as connection:
        rows = _rows(connection, segment.name)
    if not rows:
        new, length = None, 0
        offsets: list[int] = []
    else:
        new = _free_name(files.folder, segment.name)
        try:
            offsets, length = _copy_records(files.folder / segment.name, files.folder / new, rows)
        except StoreError:
            sweep(database, files, lease, new)
            raise
    with database.writing() as connection:
        require_held(connection, lease)
        serialize(connection, "captures")
        if new is not None and _size(files.folder / new) != length:
            raise StoreError(f"captures/{new} is not what was written there: {segment.name} stays as it is")
        bytes_now = connection.execute(select(warc_files.c.bytes).where(warc_files.c.name == segment.name)).scalar()
        same = bytes_now == segment.bytes and _rows(connection, segment.name) == rows
        if same:
            _switch(connection, segment.name, new, rows, offsets, length)
    if same:
        # Not outright: since the switch, the day's next capture may have begun a file of this name.
        sweep(database, files, lease, segment.name)
        return length
    if new is not None:
        sweep(database, files, lease, new)
    return None


def _size(path: Path) -> int | None:
    """None when it is not there."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def _rows(connection: Connection, name: str) -> Sequence[Any]:
    of_file = select(captures.c.item_id, captures.c.sha256, captures.c.warc_offset).where(captures.c.warc_file == name)
    return connection.execute(of_file.order_by(captures.c.warc_offset)).all()


def _switch(
    connection: Connection, old: str, new: str | None, rows: Sequence[Any], offsets: Sequence[int], length: int
) -> None:
    connection.execute(delete(warc_files).where(warc_files.c.name == old))
    if new is None:
        return
    connection.execute(insert(warc_files).values(name=new, bytes=length, dropped=0))
    for row, offset in zip(rows, offsets, strict=True):
        this = captures.c.item_id == row.item_id, captures.c.sha256 == row.sha256
        connection.execute(update(captures).where(*this).values(warc_file=new, warc_offset=offset))


def _free_name(folder: Path, name: str) -> str:
    """The day's next number: `2026-01-31.warc.gz` → `2026-01-31.1.warc.gz` → `2026-01-31.2.warc.gz`."""
    match = _NAME.fullmatch(name)
    if match is None:
        raise StoreError(f"captures/{name} is no segment of ours")
    day, number = match.group(1), int(match.group(2) or 0) + 1
    while (folder / f"{day}.{number}.warc.gz").exists():
        number += 1
    return f"{day}.{number}.warc.gz"


def _copy_records(source: Path, target: Path, rows: Sequence[Any]) -> tuple[list[int], int]:
    """Copy the records that begin where `rows` say, as they are; (where each begins now, bytes written).

    Raises StoreError when `target` is there already, the segment is not whole, or there is no room; what is then in
    `target` is for `sweep`.
    """
    try:
        return _copied(source, target, rows)
    except OSError as error:
        raise StoreError(f"captures/{source.name} cannot be written anew: {error.strerror}") from error


def _copied(source: Path, target: Path, rows: Sequence[Any]) -> tuple[list[int], int]:
    offsets: list[int] = []
    with source.open("rb") as reading, target.open("xb") as writing:
        for row in rows:
            offsets.append(writing.tell())
            _copy_member(reading, row.warc_offset, writing)
        writing.flush()
        os.fsync(writing.fileno())
        length = writing.tell()
    sync_folder(source.parent)
    return offsets, length


def _copy_member(reading: BinaryIO, offset: int, writing: BinaryIO) -> None:
    """One gzip member, whose own checksum is verified. Raises StoreError when it is not whole."""
    reading.seek(offset)
    unpacking = zlib.decompressobj(_GZIP)
    while not unpacking.eof:
        piece = reading.read(_PIECE)
        try:
            unpacking.decompress(piece)
        except zlib.error:
            piece = b""
        if not piece:
            raise StoreError(f"captures/{Path(reading.name).name} is not whole: restore it from a backup")
        writing.write(piece[: len(piece) - len(unpacking.unused_data)])
