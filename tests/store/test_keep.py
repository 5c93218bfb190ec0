"""What has had its time goes, class by class; what a case needs stays; the trail verifies; killed, it is taken up."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from records.case import Act, Case, CaseStage
from records.errors import LeaseTaken, StoreError
from records.narrative import Merge, Placement
from records.retention import Tidied
from records.risk import Level
from store import segments
from tests.store.conftest import CAPTURES

DAY = timedelta(days=1)


@pytest.fixture
def three(desk, entries):
    """Items a and b of one day with archived captures, b with an open case; c not health, d not readable."""
    desk.read(*(entries(name) for name in "abcd"))
    for name in "abc":
        desk.page(name, f"Nội dung {name}", body=f"<p>Nội dung {name}</p>".encode() * 50)
    desk.fail("d", permanent=True)
    desk.assess("c")
    waiting = {item.id: item for item in desk.store.narration.waiting()}
    placements = [Placement(item.id, item.id, 1.0) for item in waiting.values()]
    desk.store.narration.save(desk.run, placements, desk.now)
    b = desk.item("b")
    with desk.store.casebook.work() as work:
        work.save_case(Case(f"case-{b.id}", b.id, CaseStage.DETECTED, Level.HIGH, desk.now, "rule:x", 1))
        work.trail(desk.now, "rule:x", Act.OPEN, f"case-{b.id}", {})
    desk.end()
    return desk


def _addresses(path) -> list[str]:
    with path.open("rb") as file:
        return [record.rec_headers["WARC-Target-URI"] for record in ArchiveIterator(file, check_digests="raise")]


@pytest.fixture
def files(tmp_path):
    return tmp_path / "captures"


def test_nothing_goes_before_its_time(three, files):
    for days in (0, 89):
        assert sum(three.store.expired(three.now + days * DAY).values()) == 0
        assert sum(three.store.keep(three.now + days * DAY).values()) == 0
    assert three.tidy() == Tidied(0, 0, 0)
    assert three.store.reader.verify_trail() == 1


def test_each_class_in_its_time_and_what_a_case_needs_stays(three, files):
    store, now = three.store, three.now
    a, b, c = (three.item(name) for name in "abc")
    assert store.keep(now + 91 * DAY) == {
        "not_health": 1, "unread": 1, "captures": 0, "texts": 0, "case_captures": 0, "case_texts": 0, "runs": 1,
        "staged_captures": 0, "run_fates": 0,
    }  # fmt: skip
    assert store.reader.items([a.id, b.id, c.id]) == (a, b)
    assert {one: n for one, n in store.expired(now + 366 * DAY).items() if n} == {"captures": 1}
    before = (files / "2026-03-02.warc.gz").stat().st_size
    assert store.keep(now + 366 * DAY)["captures"] == 1
    assert store.reader.capture_of(a.id) is None
    done = three.tidy()
    assert (done.deleted, done.rewritten) == (0, 1)
    (left,) = files.glob("*.warc.gz")
    assert (left.name, before - left.stat().st_size) == ("2026-03-02.1.warc.gz", done.bytes_freed)
    assert _addresses(left) == ["https://bao.example/b"]
    assert store.reader.capture_of(b.id)[1] == b"<p>N\xe1\xbb\x99i dung b</p>" * 50
    # What is archived of that day from now on begins a file of its own.
    assert store.keep(now + 1096 * DAY)["texts"] == 1
    erased = three.item("a")
    assert (erased.text, erased.title, erased.text_hash) == ("", a.title, a.text_hash)
    assert three.item("b").text == b.text, "an open case needs it"
    assert sum(store.keep(now + 9_000 * DAY).values()) == 0

    with store.casebook.work() as work:
        case = work.case(f"case-{b.id}")
        work.save_case(replace(case, version=2, stage=CaseStage.APPROVED))
        work.trail(now + 100 * DAY, "lan", Act.APPROVE, case.id, {})
    assert sum(store.keep(now + 1_900 * DAY).values()) == 0, "counted from the case's last act"
    gone = store.keep(now + 1_926 * DAY)
    assert (gone["case_captures"], gone["case_texts"]) == (1, 1)
    assert three.tidy().deleted == 1
    assert list(files.glob("*.warc.gz")) == []
    erasures = [entry for entry in store.reader.trail_of("store") if entry.act is Act.ERASE]
    assert [entry.detail["class"] for entry in erasures] == [
        "not_health", "unread", "runs", "captures", "texts", "case_captures", "case_texts",
    ]  # fmt: skip
    assert erasures[0].detail["ids_sha256"] == hashlib.sha256(c.id.encode()).hexdigest()
    assert erasures[3].detail["ids"] == a.id
    assert store.reader.verify_trail() == len(erasures) + 2


@pytest.mark.parametrize("steps", [1, 2])
def test_a_case_that_stays_behind_when_its_narrative_is_merged_keeps_what_it_rests_on(three, entries, steps):
    """As one does that is with the spokesperson, or approved, when the narrator merges."""
    store, now = three.store, three.now
    with store.casebook.work() as work:
        work.save_case(replace(work.case_of(three.item("b").id), version=2, stage=CaseStage.APPROVED))
    three.begin("run-2")
    a, b, into = three.item("a").id, three.item("b").id, three.item("a").id
    for name, merged in [("e", b), ("f", a)][:steps]:
        three.read(entries(name))
        three.page(name, f"Nội dung {name}")
        three.assess()
        new = three.item(name).id
        into = a if merged == b else new
        store.narration.save(three.run, [Placement(new, into, 1.0, merges=(Merge(merged, into, 1.0, new),))], now)
    assert b in {member.item.id for member in store.reader.members(into)}
    gone = store.keep(now + 1_800 * DAY)
    assert not any(gone[name] for name in ("captures", "texts", "case_captures", "case_texts"))
    assert store.reader.capture_of(b)[1] == b"<p>N\xe1\xbb\x99i dung b</p>" * 50
    gone = store.keep(now + 1_826 * DAY)
    assert gone["case_captures"] == gone["case_texts"] == 2 + steps, "the case has had its time"


@pytest.mark.parametrize("at", ["before the switch", "after the switch"])
def test_killed_while_a_segment_is_rewritten(three, files, monkeypatch, at):
    three.store.keep(three.now + 366 * DAY)
    b = three.item("b")
    body = three.store.reader.capture_of(b.id)[1]

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if at == "before the switch":
            patch.setattr(segments, "_switch", killed)
        else:
            patch.setattr("pathlib.Path.unlink", killed)
        with pytest.raises(KeyboardInterrupt):
            three.tidy()
    assert len(list(files.glob("*.warc.gz"))) == 2
    assert three.store.reader.capture_of(b.id)[1] == body
    three.tidy()
    assert len(list(files.glob("*.warc.gz"))) == 1
    assert three.store.reader.capture_of(b.id)[1] == body


def test_a_segment_that_grows_meanwhile_is_left_to_the_next_time(three, entries, files, monkeypatch):
    three.store.keep(three.now + 366 * DAY)
    copy = segments._copy_records

    def slow(source, target, rows: Sequence[Any]):
        copied = copy(source, target, rows)
        three.begin("run-2")
        three.read(entries("e"))
        three.page("e", "Nội dung e")
        three.assess()
        return copied

    with monkeypatch.context() as patch:
        patch.setattr(segments, "_copy_records", slow)
        assert three.tidy() == Tidied(0, 0, 0)
    assert [path.name for path in files.glob("*.warc.gz")] == ["2026-03-02.warc.gz"]
    assert three.tidy().rewritten == 1
    for name in "be":
        assert f"Nội dung {name}" in three.store.reader.capture_of(three.item(name).id)[1].decode()
    # The day goes on in a file of its old name.
    three.read(entries("f"))
    three.page("f", "Nội dung f")
    three.assess()
    assert sorted(path.name for path in files.glob("*.warc.gz")) == ["2026-03-02.1.warc.gz", "2026-03-02.warc.gz"]
    assert three.store.reader.capture_of(three.item("f").id)[1].decode() == "Nội dung f"


def test_a_day_that_goes_on_right_after_the_switch(three, entries, files, monkeypatch):
    three.store.keep(three.now + 366 * DAY)
    sweep = segments.sweep

    def late(*arguments: Any) -> None:
        monkeypatch.setattr(segments, "sweep", sweep)
        three.begin("run-2")
        three.read(entries("f"))
        three.page("f", "Nội dung f")
        three.assess()
        sweep(*arguments)

    monkeypatch.setattr(segments, "sweep", late)
    assert three.tidy().rewritten == 1
    assert three.store.reader.capture_of(three.item("f").id)[1].decode() == "Nội dung f"
    assert three.store.reader.capture_of(three.item("b").id)[1]


def test_a_segment_that_is_not_whole_is_left_and_said(three, files):
    three.store.keep(three.now + 366 * DAY)
    (segment,) = files.glob("*.warc.gz")
    segment.write_bytes(bytes(segment.stat().st_size))
    for _ in range(2):
        with pytest.raises(StoreError, match="not whole"):
            three.tidy()
        assert list(files.glob("*.warc.gz")) == [segment], "and nothing half written beside it"


@pytest.mark.parametrize(("holder", "refusal"), [("other", "held by other"), ("one", "not what was written")])
def test_one_that_stood_still_in_the_middle_of_a_copy_loses_nothing(three, files, monkeypatch, holder, refusal):
    """Its lease ends, and whoever takes it sweeps away the new file that no row names yet."""
    store = three.store
    store.keep(three.now + 366 * DAY)
    b = three.item("b")
    body = store.reader.capture_of(b.id)[1]
    (segment,) = files.glob("*.warc.gz")
    ended = store.leases.acquire(CAPTURES, "one", timedelta(0))
    copy = segments._copy_records

    def stands_still(source, target, rows: Sequence[Any]):
        monkeypatch.setattr(segments, "_copy_records", copy)
        copied = copy(source, target, rows)
        whole = segment.read_bytes()
        segment.write_bytes(bytes(len(whole)))
        with pytest.raises(StoreError, match="not whole"):
            store.tidy_captures(store.leases.acquire(CAPTURES, holder, DAY))
        segment.write_bytes(whole)
        assert not target.exists()
        return copied

    monkeypatch.setattr(segments, "_copy_records", stands_still)
    with pytest.raises(StoreError, match=refusal):
        store.tidy_captures(ended)
    assert store.reader.capture_of(b.id)[1] == body


def test_one_that_lost_its_lease_leaves_the_files_of_its_holder_alone(three, files, monkeypatch):
    three.store.keep(three.now + 366 * DAY)
    ended = three.store.leases.acquire(CAPTURES, "one", timedelta(0))
    copy = segments._copy_records

    def late(source, target, rows: Sequence[Any]):
        three.store.leases.acquire(CAPTURES, "other", DAY)
        target.write_bytes(b"what the holder is writing")
        return copy(source, target, rows)

    monkeypatch.setattr(segments, "_copy_records", late)
    with pytest.raises(LeaseTaken):
        three.store.tidy_captures(ended)
    assert (files / "2026-03-02.1.warc.gz").read_bytes() == b"what the holder is writing"
