"""Captures: staged, archived as WARC, read back, and right after a writer was killed."""

from __future__ import annotations

import gzip
import os
from datetime import UTC, datetime, timedelta

import pytest
from warcio.archiveiterator import ArchiveIterator

from records.errors import StoreError


@pytest.fixture
def captures(tmp_path):
    return tmp_path / "captures"


def _staged(captures):
    return sorted((captures / "staged").glob("*"))


def test_a_health_capture_goes_to_its_days_archive_and_can_be_read_back(desk, entries, captures):
    desk.read(entries("a"), entries("b"), entries("c"))
    for name in "abc":
        desk.page(name, f"Nội dung {name}", body=f"<p>Nội dung {name}</p>".encode())
    assert len(_staged(captures)) == 3
    capture, body = desk.store.reader.capture_of(desk.item("a").id)
    assert (capture.warc_file, body) == (None, "<p>Nội dung a</p>".encode())
    desk.assess("c")
    assert _staged(captures) == []
    with (captures / "2026-03-02.warc.gz").open("rb") as file:
        records = [
            (r.rec_headers["WARC-Target-URI"], r.http_headers, r.raw_stream.read()) for r in ArchiveIterator(file)
        ]
    assert sorted(address for address, _, _ in records) == ["https://bao.example/a", "https://bao.example/b"]
    headers = records[0][1]
    assert headers.get_statuscode() == "200"
    assert headers["Set-Cookie"] is None
    assert headers["X-Archive-Orig-Content-Encoding"] == "gzip"
    for name in "ab":
        capture, body = desk.store.reader.capture_of(desk.item(name).id)
        assert (capture.warc_file, capture.bytes) == ("2026-03-02.warc.gz", len(body))
        assert body == f"<p>Nội dung {name}</p>".encode()
    assert desk.store.reader.capture_of(desk.item("c").id) is None


def test_a_torn_tail_is_cut_off_by_the_next_writer(desk, entries, captures):
    desk.read(entries("a"))
    desk.page("a", "Một")
    desk.assess()
    archive = captures / "2026-03-02.warc.gz"
    with archive.open("ab") as file:
        file.write(gzip.compress(b"WARC/1.0 a record whose transaction never ended")[:-7])
    desk.read(entries("b"))
    desk.page("b", "Hai")
    desk.assess()
    for name, text in (("a", "Một"), ("b", "Hai")):
        assert desk.store.reader.capture_of(desk.item(name).id)[1] == text.encode()
    with archive.open("rb") as file:
        assert len(list(ArchiveIterator(file, check_digests="raise"))) == 2


def test_an_archive_that_lost_bytes_is_said_and_not_written_over(desk, entries, captures):
    desk.read(entries("a"), entries("b"))
    desk.page("a", "Một")
    desk.assess()
    archive = captures / "2026-03-02.warc.gz"
    archive.write_bytes(archive.read_bytes()[:-20])
    desk.page("b", "Hai")
    with pytest.raises(StoreError, match="shorter"):
        desk.assess()
    assert [item.id for item in desk.store.assessment_queue.waiting(5)] == [desk.item("b").id]


def test_a_capture_that_was_changed_on_disk_is_not_handed_out(desk, entries, captures):
    desk.read(entries("a"))
    desk.page("a", "Một")
    (staged,) = _staged(captures)
    staged.write_bytes(gzip.compress(b"something else"))
    with pytest.raises(StoreError, match="sha256"):
        desk.store.reader.capture_of(desk.item("a").id)
    staged.unlink()
    with pytest.raises(StoreError, match="is not where"):
        desk.store.reader.capture_of(desk.item("a").id)


def test_a_staged_file_that_no_row_names_goes_after_a_day(desk, entries, captures):
    desk.read(entries("a"))
    desk.page("a", "Một")
    orphan = captures / "staged" / "0000-1111.gz"
    orphan.write_bytes(b"")
    # A run's "now" says nothing of a file's age: one in the far future must not take what was staged a moment ago.
    assert desk.store.keep(datetime.now(UTC) + timedelta(days=400))["staged_captures"] == 0
    old = (datetime.now(UTC) - timedelta(days=2)).timestamp()
    os.utime(orphan, (old, old))
    assert desk.store.keep(desk.now)["staged_captures"] == 1
    assert len(_staged(captures)) == 1
