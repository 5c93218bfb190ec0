"""Captures: staged, archived as WARC, read back, and right after a writer was killed."""

from __future__ import annotations

import gzip
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from warcio.archiveiterator import ArchiveIterator

from records.case import Case, CaseStage
from records.errors import NotFound, StoreError
from records.item import ItemStage
from records.narrative import Merge, Placement
from records.risk import Level


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


def _judged_health_then_not(desk, entries, case_on=None):
    """Two items of one page each, archived; "a" is edited and then judged not health."""
    desk.read(entries("a"), entries("b"))
    desk.page("a", "Bài về sởi", body=b"<p>Bai ve soi cua a</p>" * 50)
    desk.page("b", "Bài khác", body=b"<p>Bai cua b</p>" * 50)
    desk.assess()
    a, b = desk.item("a").id, desk.item("b").id
    desk.store.narration.save(desk.run, [Placement(a, a, 1.0), Placement(b, a, 0.9)], desk.now)
    if case_on is not None:
        with desk.store.casebook.work() as work:
            narrative = {"a": a, "b": b}[case_on]
            work.save_case(Case(f"case-{a}", narrative, CaseStage.DETECTED, Level.HIGH, desk.now, "rule:x", 1))
    desk.begin("run-2", later=timedelta(hours=6))
    desk.page("a", "Bài nay nói về bóng đá", body=b"<p>bong da</p>")
    desk.assess("a")


def test_of_an_item_that_is_judged_not_health_later_no_capture_is_left(desk, entries, captures):
    _judged_health_then_not(desk, entries)
    item = desk.item("a")
    assert (item.stage, item.capture_sha256) == (ItemStage.NOT_HEALTH, None)
    assert desk.store.reader.capture_of(item.id) is None
    desk.tidy()
    (archive,) = captures.glob("*.warc.gz")
    held = gzip.decompress(archive.read_bytes())
    assert b"Bai ve soi" not in held and b"bong da" not in held
    assert desk.store.reader.capture_of(desk.item("b").id)[1] == b"<p>Bai cua b</p>" * 50
    assert _staged(captures) == []


@pytest.mark.parametrize("ends", [False, True])
def test_what_a_case_rests_on_is_kept_until_the_case_has_had_its_time(desk, entries, ends):
    _judged_health_then_not(desk, entries, case_on="a")
    id = desk.item("a").id
    assert desk.item("a").text == ""
    capture, body = desk.store.reader.capture_of(id)
    assert body == b"<p>Bai ve soi cua a</p>" * 50 and capture.warc_file
    if ends:
        with desk.store.casebook.work() as work:
            case = work.case(f"case-{id}")
            work.save_case(replace(case, stage=CaseStage.SET_ASIDE, version=2))
    for _ in range(2):  # the capture, and then the item that nothing rests on any more
        desk.store.keep(desk.now + timedelta(days=20_000))
    desk.tidy()
    if ends:
        with pytest.raises(NotFound):
            desk.item("a")
    else:
        assert desk.store.reader.capture_of(id)[1] == body


def test_a_case_keeps_its_evidence_behind_several_merges(desk, entries):
    for name in "abcd":
        desk.read(entries(name))
        desk.page(name, f"Bài {name}")
    desk.assess()
    a, b, c, d = (desk.item(name).id for name in "abcd")
    with_a = [Placement(a, a, 1.0), Placement(b, a, 0.9)]
    desk.store.narration.save(desk.run, with_a, desk.now)
    with desk.store.casebook.work() as work:
        work.save_case(Case(f"case-{a}", a, CaseStage.APPROVED, Level.HIGH, desk.now, "rule:x", 1))
    for gone, into in [(a, c), (c, d)]:
        merged = Placement(into, into, 1.0, merges=(Merge(gone, into, 0.9, into),))
        desk.store.narration.save(desk.run, [merged], desk.now)
    assert b in {member.item.id for member in desk.store.reader.members(d)}
    desk.begin("run-2", later=timedelta(hours=6))
    desk.page("b", "Bài nay nói về bóng đá")
    desk.assess("b")
    assert desk.store.reader.capture_of(b)[1] == "Bài b".encode()
