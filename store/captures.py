"""Captures on disk: staged while nobody knows whether their item is health, then kept for good as WARC, or gone.

    captures/staged/<item>-<sha256>.gz     one body, written before the transaction that knows of it
    captures/2026-01-31.warc.gz            the day's, one gzip member a record

A killed writer leaves a staged file that no row names (`sweep` removes it), or a tail of a WARC file beyond the length
that the store committed (the next writer cuts it off: the bodies in it are still staged).
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import http.client
import io
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, select, update

from records.errors import StoreError, StoreFull
from records.item import CapturedPage
from store.database import serialize, upsert
from store.queries import followed_cases
from store.tables import captures, cases, warc_files

log = logging.getLogger(__name__)

#: A staged file younger than this may belong to a transaction that goes on.
STAGED_AT_LEAST = timedelta(days=1)
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
#: Never kept: they let their bearer act as the reader.
_SECRET_HEADERS = {"set-cookie", "set-cookie2"}
#: Of the transfer, not of the body as we hold it: kept under the name that web archives use.
_TRANSFER_HEADERS = {"content-encoding", "transfer-encoding", "content-length"}


class CaptureFiles:
    """The captures folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._staged = folder / "staged"

    def stage(self, item_id: str, page: CapturedPage) -> str:
        """Put a body on disk, safe against a crash; its sha256 (hex)."""
        sha256 = hashlib.sha256(page.body).hexdigest()
        self._staged.mkdir(parents=True, exist_ok=True)
        path = self._staged_path(item_id, sha256)
        part = path.with_suffix(f".part{os.getpid()}")
        try:
            with _room_wanted(), part.open("wb") as file:
                file.write(gzip.compress(page.body, compresslevel=6, mtime=0))
                file.flush()
                os.fsync(file.fileno())
        except StoreFull:
            part.unlink(missing_ok=True)
            raise
        part.replace(path)
        sync_folder(self._staged)
        return sha256

    def unstage(self, item_id: str, sha256: str) -> None:
        self._staged_path(item_id, sha256).unlink(missing_ok=True)

    def is_staged_for(self, connection: Connection, item_id: str, sha256: str | None) -> bool:
        """Whether a row names this staged body."""
        named = captures.c.item_id == item_id, captures.c.sha256 == sha256, captures.c.warc_file.is_(None)
        return connection.execute(select(captures.c.sha256).where(*named)).first() is not None

    def has_staged(self, item_id: str, sha256: str) -> bool:
        return self._staged_path(item_id, sha256).exists()

    def staged_body(self, item_id: str, sha256: str) -> bytes | None:
        try:
            return gzip.decompress(self._staged_path(item_id, sha256).read_bytes())
        except (FileNotFoundError, EOFError, gzip.BadGzipFile):
            return None

    def archive(self, connection: Connection, item_id: str, sha256: str) -> bool:
        """Write a staged capture to its day's WARC file. After the commit, the caller removes the staged body.

        False when there is nothing to write: it is in the archive already, or its body is lost.
        """
        row = connection.execute(
            select(captures).where(captures.c.item_id == item_id, captures.c.sha256 == sha256)
        ).first()
        if row is None or row.warc_file is not None:
            return False
        body = self.staged_body(item_id, sha256)
        if body is None:
            log.warning("the staged capture of item %s is lost", item_id)
            return False
        name = f"{row.fetched_at.astimezone(UTC):%Y-%m-%d}.warc.gz"
        offset = self._append(connection, name, _warc_record(row, body))
        connection.execute(
            update(captures)
            .where(captures.c.item_id == item_id, captures.c.sha256 == sha256)
            .values(warc_file=name, warc_offset=offset)
        )
        return True

    def _append(self, connection: Connection, name: str, record: bytes) -> int:
        serialize(connection, "captures")  # a file that is new has no row yet that could be locked
        known = connection.execute(select(warc_files.c.bytes).where(warc_files.c.name == name)).scalar()
        offset = known or 0
        path = self.folder / name
        is_new = not path.exists()
        with _room_wanted(), path.open("ab" if is_new else "r+b") as file:
            if file.seek(0, os.SEEK_END) < offset:
                raise StoreError(f"captures/{name} is shorter than the store knows: restore it from a backup")
            file.truncate(offset)
            file.seek(offset)
            file.write(record)
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            sync_folder(self.folder)
        upsert(connection, warc_files, {"name": name, "bytes": offset + len(record)})
        return offset

    def body(self, row: Row[Any]) -> bytes:
        """The body of a capture, from wherever it lies. Raises StoreError when it is not what was captured."""
        body = self._archived_body(row) if row.warc_file else self.staged_body(row.item_id, row.sha256)
        if body is None:
            raise StoreError(f"the capture of item {row.item_id} is not where the store knows it to be")
        if hashlib.sha256(body).hexdigest() != row.sha256:
            raise StoreError(f"the capture of item {row.item_id} is not what was captured: its sha256 differs")
        return body

    def _archived_body(self, row: Row[Any]) -> bytes | None:
        from warcio.archiveiterator import ArchiveIterator
        from warcio.exceptions import ArchiveLoadFailed

        try:
            with (self.folder / row.warc_file).open("rb") as file:
                file.seek(row.warc_offset)
                for record in ArchiveIterator(file):
                    body: bytes = record.content_stream().read()
                    return body
        except (FileNotFoundError, ArchiveLoadFailed):
            return None
        return None

    def sweep(self, connection: Connection) -> int:
        """Remove staged files that no row names; how many. Their age is told by the clock that dated them."""
        named = {
            self._staged_path(row.item_id, row.sha256).name
            for row in connection.execute(select(captures.c.item_id, captures.c.sha256, captures.c.warc_file))
            if row.warc_file is None
        }
        orphans = [path for path in self._old_staged() if path.name not in named]
        for path in orphans:
            path.unlink(missing_ok=True)
        return len(orphans)

    def _old_staged(self) -> Iterator[Path]:
        latest = (datetime.now(UTC) - STAGED_AT_LEAST).timestamp()
        for path in self._staged.glob("*") if self._staged.is_dir() else ():
            if path.stat().st_mtime < latest:
                yield path

    def _staged_path(self, item_id: str, sha256: str) -> Path:
        return self._staged / f"{item_id}-{sha256}.gz"


@contextmanager
def _room_wanted() -> Iterator[None]:
    """Raises StoreFull when what is written in the block finds no room."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise StoreFull(f"there is no room left for captures: {error.strerror}") from error


def remember(connection: Connection, item_id: str, sha256: str, page: CapturedPage) -> None:
    """The row of a staged capture; one that is in the archive stays as it is."""
    row = connection.execute(
        select(captures.c.warc_file).where(captures.c.item_id == item_id, captures.c.sha256 == sha256)
    ).first()
    if row is not None and row.warc_file is not None:
        return
    headers = [(name, value) for name, value in page.headers if name.lower() not in _SECRET_HEADERS]
    content_type = next((value for name, value in headers if name.lower() == "content-type"), "")
    values = {
        "item_id": item_id,
        "sha256": sha256,
        "address": page.address,
        "fetched_at": page.fetched_at,
        "status": page.status,
        "content_type": content_type,
        "bytes": len(page.body),
        "headers": headers,
    }
    upsert(connection, captures, values)


def forget_staged(connection: Connection, item_id: str, but: str | None = None) -> list[str]:
    """Drop the rows of an item's staged captures, all `but` one; the sha256 of those to unstage after the commit."""
    staged = captures.c.item_id == item_id, captures.c.warc_file.is_(None)
    gone = [sha for sha in connection.execute(select(captures.c.sha256).where(*staged)).scalars() if sha != but]
    if gone:
        connection.execute(delete(captures).where(*staged, captures.c.sha256.in_(gone)))
    return gone


def keep_as_evidence(connection: Connection, item: Row[Any]) -> str | None:
    """Mark the archived captures of an item that leaves a narrative on which a case was opened; the latest's sha256.

    None, and nothing is marked, when there is no such case or no such capture.
    """
    archived = captures.c.item_id == item.id, captures.c.warc_file.is_not(None)
    latest = select(captures.c.sha256).where(*archived).order_by(captures.c.fetched_at.desc()).limit(1)
    sha256 = connection.execute(latest).scalar()
    if sha256 is None:
        return None  # as of nearly all items: the rest is asked of few
    followed = followed_cases()
    story = select(followed.c.case_on).where(followed.c.id.in_([item.id, item.narrative_id or item.id]))
    case_on = select(cases.c.narrative_id).where(cases.c.narrative_id.in_(story)).order_by(cases.c.opened_at.desc())
    before = select(captures.c.evidence_of).where(*archived, captures.c.evidence_of.is_not(None))
    of = connection.execute(case_on.limit(1)).scalar() or connection.execute(before.limit(1)).scalar()
    if of is None:
        return None
    connection.execute(update(captures).where(*archived).values(evidence_of=of))
    return str(sha256)


def forget_archived(connection: Connection, item_ids: Sequence[str], *which: ColumnElement[bool]) -> None:
    """Drop the rows of archived captures of some items. Their bytes go when their segments are tidied."""
    archived = captures.c.item_id.in_(item_ids), captures.c.warc_file.is_not(None), *which
    if connection.execute(select(captures.c.sha256).where(*archived).limit(1)).first() is None:
        return
    serialize(connection, "captures")  # a segment that is being switched would not be told of what goes from it
    counted = (
        select(captures.c.warc_file, func.count().label("records")).where(*archived).group_by(captures.c.warc_file)
    )
    for row in connection.execute(counted).all():
        more = warc_files.c.dropped + row.records
        connection.execute(update(warc_files).where(warc_files.c.name == row.warc_file).values(dropped=more))
    connection.execute(delete(captures).where(*archived))


def _warc_record(row: Row[Any], body: bytes) -> bytes:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    headers = [
        (f"X-Archive-Orig-{name}" if name.lower() in _TRANSFER_HEADERS else name, value) for name, value in row.headers
    ]
    status = f"{row.status} {http.client.responses.get(row.status, '')}".strip()
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True)
    record = writer.create_warc_record(
        row.address,
        "response",
        payload=io.BytesIO(body),
        length=len(body),
        http_headers=StatusAndHeaders(status, headers, protocol="HTTP/1.1"),
        warc_headers_dict={"WARC-Date": f"{row.fetched_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"},
    )
    writer.write_record(record)
    # To make the digests warcio has put a temporary file in the place of our stream.
    record.raw_stream.close()
    return out.getvalue()


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
