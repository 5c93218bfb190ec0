"""Rows of a file that somebody gave: JSON lines or CSV, read one at a time.

A broken row never ends the reading: it comes as a BrokenRow that names its line.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from records.assessment import AssessableItem
from records.calendar import to_utc
from records.errors import InputError
from records.source import Owner

#: Bytes in one line; a longer one is broken. A text of 100,000 characters is far below it, however it is escaped.
LONGEST_LINE = 16_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """`id` as it was given, a text or a whole number; the number of the line where none was given."""

    line: int
    id: str | int
    item: AssessableItem


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """`line` counts from 1. `error` is one clause without any of the row's text."""

    line: int
    error: str

    def __str__(self) -> str:
        """How every command names it on standard error."""
        return f"line {self.line}: {self.error}"


def read_rows(path: str | Path) -> Iterator[Row | BrokenRow]:
    """The rows of `path`, in order; "-" is standard input. Blank lines are no rows.

    CSV by its ending, or when the first line is not a JSON object; its first line names the columns.
    Raises InputError when the file cannot be opened, or a CSV file has no `text` column.
    """
    if str(path) == "-":
        yield from _read(sys.stdin.buffer, "")
        return
    try:
        with Path(path).open("rb") as file:
            yield from _read(file, Path(path).suffix.casefold())
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error


def _read(file: BinaryIO, suffix: str) -> Iterator[Row | BrokenRow]:
    lines = _lines(file)
    if suffix in {".jsonl", ".ndjson", ".json"}:
        yield from _json_rows(lines)
        return
    waiting: list[tuple[int, bytes]] = []
    for number, line in lines:
        waiting.append((number, line))
        if line.strip():
            break
    first = waiting[-1][1].lstrip() if waiting else b""
    read = _csv_rows if suffix in {".csv", ".tsv"} or not first.startswith(b"{") else _json_rows
    yield from read(_chained(waiting, lines))


def _chained(waiting: list[tuple[int, bytes]], lines: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    yield from waiting
    yield from lines


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """(number, line): of a line that is too long only its first LONGEST_LINE + 1 bytes are kept."""
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        rest = line
        while len(line) > LONGEST_LINE and rest and not rest.endswith(b"\n"):
            rest = file.readline(LONGEST_LINE)
        yield number, line


def _json_rows(lines: Iterator[tuple[int, bytes]]) -> Iterator[Row | BrokenRow]:
    for number, line in lines:
        if not line.strip():
            continue
        try:
            if len(line) > LONGEST_LINE:
                raise InputError(f"longer than {LONGEST_LINE:,} bytes")
            yield _row(number, json.loads(line.decode("utf-8")))
        except UnicodeDecodeError:
            yield BrokenRow(number, "not UTF-8")
        except (ValueError, RecursionError):
            yield BrokenRow(number, "not JSON")
        except InputError as error:
            yield BrokenRow(number, str(error))


def _csv_rows(lines: Iterator[tuple[int, bytes]]) -> Iterator[Row | BrokenRow]:
    """A quoted field may hold line breaks; a row's number is that of the line it begins on."""
    csv.field_size_limit(LONGEST_LINE)
    header: list[str] | None = None
    delimiter = ","
    for number, record, closed in _csv_records(lines):
        try:
            text = record.decode("utf-8")
        except UnicodeDecodeError:
            yield BrokenRow(number, "not UTF-8")
            continue
        if header is None:
            delimiter = max(",;\t", key=text.count)
            header = [name.strip().casefold() for name in next(csv.reader([text], delimiter=delimiter), [])]
            if "text" not in header:
                raise InputError("neither JSON lines nor CSV with a column `text`", number)
            continue
        try:
            if not closed:
                raise InputError("a quotation mark is not closed")
            cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
            if len(cells) != len(header):
                raise InputError(f"{len(cells)} columns where the first line has {len(header)}")
            yield _row(number, dict(zip(header, cells, strict=True)))
        except csv.Error as error:
            yield BrokenRow(number, f"not CSV: {error}")
        except InputError as error:
            yield BrokenRow(number, str(error))


def _csv_records(lines: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes, bool]]:
    """(line, bytes, whether its quotation marks are closed) of each record."""
    parts: list[bytes] = []
    begins = marks = size = 0
    for number, line in lines:
        if not parts and not line.strip():
            continue
        if not parts:
            begins = number
        parts.append(line)
        size += len(line)
        marks += line.count(b'"')
        if marks % 2 == 0 or size > LONGEST_LINE:
            yield begins, b"".join(parts), marks % 2 == 0
            parts, marks, size = [], 0, 0
    if parts:
        yield begins, b"".join(parts), False


def _row(number: int, values: Any) -> Row:
    if not isinstance(values, dict):
        raise InputError("not an object")
    if "text" not in values:
        raise InputError("no `text`")  # null is an empty text: of some pieces only the title is known
    identifier = values.get("id")
    if identifier is None or identifier == "":
        identifier = number
    if isinstance(identifier, bool) or not isinstance(identifier, str | int):
        raise InputError("`id` is neither a text nor a whole number")
    item = AssessableItem(
        id=str(identifier),
        text=_string(values, "text"),
        owner=_owner(values.get("owner")),
        published=_moment(values.get("published")),
        title=_string(values, "title"),
        context=_string(values, "context"),
        source=_string(values, "source"),
    )
    return Row(number, identifier, item)


def _string(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InputError(f"`{name}` is not a text")
    return value


def _owner(value: Any) -> Owner | None:
    """An owner that is not one of the five is unknown, not an error: files have columns of their own."""
    try:
        return Owner(value)
    except ValueError:
        return None


def _moment(value: Any) -> datetime | None:
    """ISO 8601, without a zone in Vietnam time; what cannot be read stays unknown."""
    if not isinstance(value, str):
        return None
    try:
        return to_utc(datetime.fromisoformat(value.strip()))
    except (ValueError, OverflowError):
        return None
