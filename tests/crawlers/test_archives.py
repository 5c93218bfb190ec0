"""Archives are read whole, once, and within limits, whatever lies in them."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from pathlib import Path

import fsspec
import pytest

from crawlers import archives
from crawlers.archives import Archive, Broken, Page, keyed
from records.address import item_id
from records.errors import InputError
from records.work import ArchivedItem

LINES = [{"id": n, "title": f"Tin {n}", "text": "Chữ có dấu " * (n % 7)} for n in range(50)]


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def items(archive: Archive, name: str, *ranges: tuple[int, int | None]) -> list[ArchivedItem]:
    found = [one for span in ranges or [(0, None)] for one in archive.lines(name, *span)]
    assert all(isinstance(one, ArchivedItem) for one in found)
    return found  # type: ignore[return-value]


@pytest.mark.parametrize("size", [1, 7, 64, 100_000])
def test_ranges_give_each_line_once(tmp_path: Path, size: int) -> None:
    path = write(tmp_path / "a.jsonl", *LINES)
    spans = [(start, start + size) for start in range(0, path.stat().st_size, size)]
    found = items(Archive(str(tmp_path)), "a.jsonl", *spans)
    assert [one.title for one in found] == [line["title"] for line in LINES]


def test_ids_are_stable_and_apart(tmp_path: Path) -> None:
    address = {"address": "https://www.bao.example/a?utm_source=x", "text": "A"}
    write(tmp_path / "a.jsonl", address, {"id": "1", "text": "A"}, {"text": "B"}, {"text": "B"})
    found = items(Archive(str(tmp_path)), "a.jsonl")
    here, there = ([keyed(one, source).id for one in found] for source in ("here", "there"))
    assert here[0] == there[0] == item_id("https://bao.example/a")
    assert here[1] != there[1]
    assert len(set(here)) == 3, "the same text without an id is the same item"
    assert all(len(id) == 20 for id in here)


def test_what_cannot_be_read_is_named_and_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LONGEST_LINE", 1_000)
    bad = [b"{", b"[1]", b'{"text": 3}', b'{"id": 1}', b'{"text": "a", "address": "javascript:x"}', b"\xff\xfe"]
    bad += [b'{"text": "a", "id": [1]}', b"[" * 900, b'"' + b"x" * 5_000]
    good = b'{"text": "\\u0110\\u00fang", "published": "0000", "title": "a\\nb"}'
    (tmp_path / "a.ndjson").write_bytes(b"\n".join([*bad, b"", good]))
    *broken, last = Archive(str(tmp_path)).lines("a.ndjson")
    assert len(broken) == len(bad)
    assert all(isinstance(one, Broken) for one in broken)
    assert isinstance(last, ArchivedItem)
    assert (last.text, last.title, last.published) == ("Đúng", "a b", None)


def test_a_bomb_ends_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "ALWAYS_UNPACKED_BYTES", 100_000)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b" " * 20_000_000))
    with pytest.raises(InputError, match="bomb"):
        list(Archive(str(tmp_path)).lines("a.jsonl.gz"))


def test_what_is_before_the_damage_of_a_packed_file_is_read(tmp_path: Path) -> None:
    whole = gzip.compress(b"".join(b'{"id": %d, "text": "%s"}\n' % (n, hashlib.sha256(b"%d" % n).hexdigest().encode())
                                   for n in range(500)))  # fmt: skip
    for name, content in {"cut.jsonl.gz": whole[:-5_000], "none.jsonl.gz": b"not packed at all"}.items():
        (tmp_path / name).write_bytes(content)
    *read, broken = Archive(str(tmp_path)).lines("cut.jsonl.gz")
    assert len(read) > 100 and all(isinstance(one, ArchivedItem) for one in read)
    assert isinstance(broken, Broken) and "EOFError" in broken.problem
    (broken,) = Archive(str(tmp_path)).lines("none.jsonl.gz")
    assert isinstance(broken, Broken)


def test_links_and_other_files_are_left_out(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside.jsonl", *LINES)
    folder = tmp_path / "kho"
    (folder / "sâu").mkdir(parents=True)
    write(folder / "sâu" / "b.jsonl", *LINES)
    (folder / "c.jsonl").symlink_to(outside)
    (folder / "d.txt").write_text("x")
    (folder / "e\nf.jsonl.gz").write_bytes(gzip.compress(b'{"text": "a"}\n'))
    files = Archive(str(folder)).files()
    assert [file.name for file in files] == ["e\nf.jsonl.gz", "sâu/b.jsonl"]
    assert archives.shown(files[0].name) == "e\ufffdf.jsonl.gz"
    assert len(items(Archive(str(folder)), files[0].name)) == 1


def test_any_file_system_and_one_file(tmp_path: Path) -> None:
    fsspec.filesystem("memory").pipe("/kho-thu/a.jsonl", b'{"text": "a"}\n')
    archive = Archive("memory://kho-thu")
    (file,) = archive.files()
    assert len(items(archive, file.name)) == 1
    one = Archive(str(write(tmp_path / "a.jsonl", *LINES)))
    assert len(items(one, one.files()[0].name)) == len(LINES)


@pytest.mark.parametrize(
    ("location", "problem"),
    [
        ("http://bao.example/", "lies in a folder"),
        ("simplecache::file:///tmp", "lies in a folder"),
        ("s3://key:secret@kho/a", "keys do not belong"),
        ("/nowhere/at/all", "holds no"),
    ],
)
def test_where_no_archive_can_be(location: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        Archive(location).files()


def test_a_missing_package_is_named() -> None:
    pytest.importorskip("fsspec")
    try:
        import s3fs  # noqa: F401
    except ImportError:
        with pytest.raises(InputError, match="s3fs"):
            Archive("s3://kho/2024")


def test_pages_of_a_web_archive(tmp_path: Path) -> None:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    with (tmp_path / "a.warc.gz").open("wb") as file:
        writer = WARCWriter(file, gzip=True)

        def put(address: str, body: bytes, status: str = "200 OK", *headers: tuple[str, str], kind: str = "response"):
            given = [("Content-Type", "text/html; charset=utf-8"), *headers]
            http = StatusAndHeaders(status, given, protocol="HTTP/1.1")
            record = writer.create_warc_record(address, kind, payload=io.BytesIO(body), http_headers=http)
            writer.write_record(record)
            record.raw_stream.close()

        put("https://bao.example/1", b"<h1>1</h1>")
        put("https://bao.example/2", b"gone", "404 Not Found")
        put("file:///etc/passwd", b"<h1>3</h1>")
        put("https://bao.example/4", gzip.compress(b"x" * 5_000_000), "200 OK", ("Content-Encoding", "gzip"))
        put("https://bao.example/5", gzip.compress(b"<h1>5</h1>"), "200 OK", ("Content-Encoding", "gzip"))
        put("https://bao.example/6", b"", kind="request")
        file.write(b"no record at all")
    found = list(Archive(str(tmp_path)).pages("a.warc.gz", largest_body_bytes=100_000))
    pages = [one for one in found if isinstance(one, Page)]
    assert [(page.address, page.body) for page in pages] == [
        ("https://bao.example/1", b"<h1>1</h1>"),
        ("https://bao.example/5", b"<h1>5</h1>"),
    ]
    problems = [one.problem for one in found if isinstance(one, Broken)]
    assert ["larger than" in problems[0], "not WARC" in problems[1]] == [True, True]
    assert len(problems) == 2
