"""Rows that somebody gave: every broken line is named, and the rest is read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.cli.rows import BrokenRow, Row, read_rows
from records.errors import InputError
from records.source import Owner


def _read(folder: Path, name: str, data: bytes) -> list[Row | BrokenRow]:
    (folder / name).write_bytes(data)
    return list(read_rows(folder / name))


def test_json_lines(tmp_path: Path) -> None:
    data = (
        '\ufeff{"id": 7, "text": "một", "title": "t", "published": "2026-01-02T07:00:00", "owner": "press"}\n'
        "\n"
        '{"text": ""}\n'
        '{"id": "a", "text": null, "topic": "khác"}'
    ).encode()
    first, second, third = _read(tmp_path, "rows.jsonl", data)
    assert isinstance(first, Row)
    assert (first.id, first.item.id, first.item.title, first.item.owner) == (7, "7", "t", Owner.PRESS)
    assert first.item.published == datetime(2026, 1, 2, tzinfo=UTC)
    assert isinstance(second, Row) and second.id == 3  # no id: the line's number
    assert isinstance(third, Row) and third.item.text == ""


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[1]",
        b"nothing",
        b'{"id": 1}',
        b'{"id": 1, "text": 5}',
        b'{"id": [], "text": "x"}',
        b'{"id": true, "text": "x"}',
        b'\xff{"text": "x"}',
        b"[" * 100_000,
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: bytes) -> None:
    rows = _read(tmp_path, "rows.jsonl", b'{"text": "a"}\n' + line + b'\n{"text": "b"}\n')
    assert [type(row) for row in rows] == [Row, BrokenRow, Row]
    assert rows[1].line == 2


def test_csv(tmp_path: Path) -> None:
    data = 'id,text,title\n1,"hai\ndòng, ""trích""",t\n2,thiếu cột\n"3",ba,\n4,"không đóng'.encode()
    rows = _read(tmp_path, "rows.csv", data)
    assert [(type(row).__name__, row.line) for row in rows] == [
        ("Row", 2),
        ("BrokenRow", 4),
        ("Row", 5),
        ("BrokenRow", 6),
    ]
    assert isinstance(rows[0], Row) and rows[0].item.text == 'hai\ndòng, "trích"'


def test_sniffed_and_refused(tmp_path: Path) -> None:
    assert len(_read(tmp_path, "a.txt", b'\n{"text": "x"}\n')) == 1
    assert len(_read(tmp_path, "b.txt", b"text;id\nx;1\n")) == 1
    assert _read(tmp_path, "empty.txt", b"") == []
    with pytest.raises(InputError):
        _read(tmp_path, "c.txt", b"no columns here\n")
    with pytest.raises(InputError):
        list(read_rows(tmp_path / "absent.jsonl"))
