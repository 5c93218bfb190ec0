"""Archives of what was published: folders or buckets of WARC files and of JSON lines, read through fsspec.

Everything in them is hostile: names, sizes, lines, packed bodies. Nothing is unpacked to disk, no name becomes a path,
every read has a limit, and a line or a record that cannot be read is counted and left out.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, BinaryIO, Literal
from urllib.parse import quote

from crawlers.clean import LONGEST_TEXT, LONGEST_TITLE
from records.address import canonical_address, is_web_address, item_id
from records.calendar import to_utc
from records.errors import InputError
from records.text import normalize
from records.work import ArchivedItem

Format = Literal["lines", "warc"]
_ENDINGS: dict[str, Format] = {
    ".jsonl": "lines", ".ndjson": "lines", ".jsonl.gz": "lines", ".ndjson.gz": "lines",
    ".warc": "warc", ".warc.gz": "warc",
}  # fmt: skip
PROTOCOLS = frozenset({"file", "local", "memory", "s3", "s3a"})
#: Bytes in one line; of a longer one nothing is read.
LONGEST_LINE = 16_000_000
#: A packed file may not hold more than so many times its size, beyond what any small file may hold.
MOST_UNPACKED_TIMES = 250
ALWAYS_UNPACKED_BYTES = 64_000_000
_HTML_TYPES = ("text/html", "application/xhtml+xml")
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """`name` is the path below the location. `mark` changes with the file's content, as far as its server tells."""

    name: str
    bytes: int
    format: Format
    mark: str

    @property
    def is_packed(self) -> bool:
        return self.name.casefold().endswith(".gz")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a WARC file: its bytes, not yet read."""

    address: str
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """A line or a record that could not be read; `problem` says nothing of its text."""

    at: int  # the line, from 1 in its range; the record
    problem: str


class Archive:
    """What lies at `location`: a folder, a file, or an address that fsspec knows (s3:// where s3fs is installed).

    Raises InputError when it cannot be read.
    """

    def __init__(self, location: str) -> None:
        self.location = location
        protocol = location.split("://", 1)[0] if "://" in location else "file"
        if protocol not in PROTOCOLS or "::" in location:
            raise InputError(f"an archive lies in a folder or at {', '.join(sorted(PROTOCOLS - {'local'}))}://")
        if "@" in location.partition("://")[2].partition("/")[0]:
            raise InputError("keys do not belong into an address: s3fs reads them from the environment or its own file")
        import fsspec  # type: ignore[import-untyped]

        try:
            self._system, root = fsspec.url_to_fs(location)
        except ImportError as error:
            missing = "s3fs" if protocol.startswith("s3") else str(error)
            raise InputError(f"{protocol}:// needs a package that is not installed: {missing}") from error
        except (ValueError, OSError) as error:
            raise InputError(f"{shown(location)} cannot be opened: {error}") from error
        self._root = root.rstrip("/")

    def files(self) -> tuple[ArchiveFile, ...]:
        """By name. A link is left out: it may lead out of the folder."""
        try:
            found = self._system.find(self._root, detail=True)
        except OSError as error:
            raise InputError(f"{shown(self.location)} cannot be listed: {error.strerror or error}") from error
        files = []
        for path, info in sorted(found.items()):
            known = next((f for end, f in _ENDINGS.items() if path.casefold().endswith(end)), None)
            if known is None or info.get("islink") or info.get("type") != "file":
                continue
            name = path[len(self._root) :].lstrip("/") or path.rpartition("/")[2]
            told = [str(info.get(key) or "") for key in ("ETag", "mtime", "LastModified", "created")]
            mark = hashlib.sha256(f"{info['size']}|{'|'.join(told)}".encode()).hexdigest()[:12]
            files.append(ArchiveFile(name, int(info["size"] or 0), known, mark))
        if not files:
            raise InputError(f"{shown(self.location)} holds no {', '.join(_ENDINGS)}")
        return tuple(files)

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """`name` is one that `files` gave. Raises InputError."""
        path = self._root if self._system.isfile(self._root) else f"{self._root}/{name}"
        try:
            with self._system.open(path, "rb") as file:
                yield file
        except (OSError, EOFError, zlib.error) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise InputError(f"{shown(name)} cannot be read: {reason}") from error

    def lines(self, name: str, start: int = 0, end: int | None = None) -> Iterator[ArchivedItem | Broken]:
        """The items of JSON lines that begin in bytes [start, end) of a file; `end` None is all of it."""
        with self.open(name) as file:
            if name.casefold().endswith(".gz"):
                with gzip.open(file) as unpacked:
                    yield from _items(_Bounded(unpacked, _most_unpacked(file)), None)
                return
            if start:
                # A line belongs to the range that it begins in: one that began before is the other's.
                file.seek(start - 1)
                _rest_of_line(file)
            yield from _items(file, end)

    def pages(self, name: str, largest_body_bytes: int) -> Iterator[Page | Broken]:
        """The HTML pages of a WARC file that were answered with 200, in order."""
        from warcio.archiveiterator import ArchiveIterator
        from warcio.exceptions import ArchiveLoadFailed

        with self.open(name) as file:
            number = 0
            try:
                for number, record in enumerate(ArchiveIterator(file), 1):
                    if (page := _page(record, number, largest_body_bytes)) is not None:
                        yield page
            except (ArchiveLoadFailed, ValueError, UnicodeError, zlib.error) as error:
                yield Broken(number + 1, f"the rest of the file is not WARC ({type(error).__name__})")


def shown(name: str) -> str:
    """A name from an archive, safe to print: no line breaks, no control characters, not endless."""
    return "".join(c if c.isprintable() else "\ufffd" for c in name[:_LONGEST_NAME])


def _most_unpacked(file: BinaryIO) -> int:
    at = file.tell()
    size = file.seek(0, io.SEEK_END)
    file.seek(at)
    return max(ALWAYS_UNPACKED_BYTES, size * MOST_UNPACKED_TIMES)


class _Bounded:
    """Reads no more than `most` bytes out of a packed file."""

    def __init__(self, file: Any, most: int) -> None:
        self._file, self._left = file, most

    def readline(self, size: int) -> bytes:
        line: bytes = self._file.readline(size)
        self._left -= len(line)
        if self._left < 0:
            raise InputError("it unpacks to far more than its size: a bomb, or not an archive of texts")
        return line

    def tell(self) -> int:
        return 0


def _rest_of_line(file: Any) -> None:
    while part := file.readline(1_000_000):
        if part.endswith(b"\n"):
            return


def _items(file: Any, end: int | None) -> Iterator[ArchivedItem | Broken]:
    number = 0
    while end is None or file.tell() < end:
        try:
            line = file.readline(LONGEST_LINE + 1)
            if is_too_long := len(line) > LONGEST_LINE and not line.endswith(b"\n"):
                _rest_of_line(file)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            yield Broken(number + 1, f"the rest of the file cannot be unpacked ({type(error).__name__})")
            return
        if not line:
            return
        number += 1
        if is_too_long:
            yield Broken(number, f"longer than {LONGEST_LINE:,} bytes")
            continue
        if not line.strip():
            continue
        try:
            yield item_of(json.loads(line.removeprefix(b"\xef\xbb\xbf").decode("utf-8")))
        except UnicodeDecodeError:
            yield Broken(number, "not UTF-8")
        except (ValueError, RecursionError):
            yield Broken(number, "not JSON")
        except InputError as error:
            yield Broken(number, str(error))


def item_of(values: Any) -> ArchivedItem:
    """One object of JSON lines: `text`, and optionally `address`, `id`, `title`, `context`, `published`, `author`.

    The `source` that the caller reads for is part of ids that have no address: see `keyed`. Raises InputError.
    """
    if not isinstance(values, dict):
        raise InputError("not an object")
    text = normalize(_string(values, "text")[: 2 * LONGEST_TEXT])[:LONGEST_TEXT]
    title, context = _line(values, "title"), _line(values, "context")
    if not text and not title:
        raise InputError("neither `text` nor `title`")
    address = _string(values, "address").strip()
    if address and not is_web_address(address):
        raise InputError("`address` is not http or https")
    given = values.get("id")
    if isinstance(given, bool) or not isinstance(given, str | int | None):
        raise InputError("`id` is neither a text nor a whole number")
    published, author = _moment(values.get("published")), _string(values, "author") or None
    if address:
        try:
            id, canonical = item_id(address), canonical_address(address)
            return ArchivedItem(id, canonical, address, title, text, published, author, context)
        except (ValueError, UnicodeError):
            raise InputError("`address` cannot be read") from None
    # Known by what the file calls it, or else by what it says.
    key = (
        f"id:{given}" if given not in (None, "") else "text:" + hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()
    )
    return ArchivedItem("", key, "", title, text, published, author, context)


def keyed(item: ArchivedItem, source_id: str) -> ArchivedItem:
    """`item` with an id of its own: one without an address is told apart within its source."""
    if item.id:
        return item
    key = f"archive:{source_id}/{quote(item.key, safe='')}"
    id = hashlib.sha256(key.encode()).hexdigest()[:20]
    return replace(item, id=id, key=key)


def _page(record: Any, number: int, largest_body_bytes: int) -> Page | Broken | None:
    """None for a record that is no page: a request, a revisit, an image, an error status."""
    if record.rec_type not in ("response", "resource"):
        return None
    address = record.rec_headers.get_header("WARC-Target-URI") or ""
    content_type = record.rec_headers.get_header("Content-Type") or ""
    if record.rec_type == "response":
        if record.http_headers is None or record.http_headers.get_statuscode() != "200":
            return None
        content_type = record.http_headers.get_header("Content-Type") or ""
    if content_type.partition(";")[0].strip().lower() not in _HTML_TYPES:
        return None
    if not is_web_address(address):
        return Broken(number, "its address is not http or https")
    try:
        body = record.content_stream().read(largest_body_bytes + 1)
    except Exception as error:  # what packs a body wrongly can break in any way
        return Broken(number, f"its body cannot be unpacked ({type(error).__name__})")
    if len(body) > largest_body_bytes:
        return Broken(number, f"its body is larger than {largest_body_bytes} bytes")
    return Page(address.strip(), content_type, body)


def _line(values: dict[str, Any], name: str) -> str:
    return " ".join(normalize(_string(values, name)[: 2 * LONGEST_TITLE]).split())[:LONGEST_TITLE]


def _string(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InputError(f"`{name}` is not a text")
    return value


def _moment(value: Any) -> datetime | None:
    """ISO 8601, without a zone in Vietnam time; what cannot be read stays unknown."""
    if not isinstance(value, str):
        return None
    try:
        return to_utc(datetime.fromisoformat(value.strip()))
    except (ValueError, OverflowError):
        return None
