"""A full disk stops collecting, not alerting: by the threshold, and on a real file system that has no room left."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from demo.showing import moments, source_of
from demo.site import Site, serving
from flows import alert, backfill, collect, room
from flows.doctor import Health, _home
from flows.parts import Parts
from flows.settings import build, load
from records.assessment import AssessableItem, AssessedItem
from records.errors import StoreFull
from records.run import HeldBack
from tests.support import archive, busy_store
from tests.support.desk_records import assessment

NOW = moments()[-1]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MB; only root may make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip("a small file system can only be mounted by root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path, leave: int) -> Path:
    """A file that leaves `leave` bytes."""
    path = folder / "filler"
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, room.free_bytes(folder) - leave)
    return path


def with_sources(parts: Parts, site: Site) -> Parts:
    site.show(NOW)
    for server in site.servers[:3]:
        parts.store.sources.save(source_of(server), NOW)
    return parts


def run(parts: Parts, run_id: str) -> HeldBack | None:
    """Begins as a run does, and collects; whether it was held back."""
    room.make_way(parts.settings)
    parts.store.runs.start(run_id, NOW, NOW)
    collect.collect(parts, run_id, NOW, all_sources=True)
    return parts.store.runs.report(run_id).held_back


def test_when_the_disk_is_full_nothing_is_collected_and_the_team_is_told_once(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "RESERVE_BYTES", 300_000)
    home = small_disk / "home"
    home.mkdir()
    # In its file: the crawling child reads them itself.
    (home / "tin3c.toml").write_text("[keep]\nleast_free_bytes = 0\n[crawl]\ndelay_seconds = 0\n")
    parts = Parts(load(home))
    with closing(parts), serving() as site:
        with_sources(parts, site)
        room.make_way(parts.settings)
        assert (home / room.RESERVE).stat().st_size == 300_000
        filler = fill(small_disk, leave=20_000)
        # The reserve is let go, the crawling child fills it up and fails, and its end can still be written down.
        assert run(parts, "run-1") is HeldBack.DISK_FULL
        assert not (home / room.RESERVE).exists()
        filler.unlink()
        # With room again all that was missed is collected, and a reserve laid by.
        assert run(parts, "run-2") is None
        assert parts.store.reader.counts()["items"] > 10
        assert (home / room.RESERVE).exists()


def test_no_room_for_a_capture_or_a_row_is_said_so(small_disk: Path) -> None:
    parts = Parts(build({"home": small_disk / "home"}))
    with closing(parts):
        parts.store.sources.save(busy_store.SOURCE, NOW)
        filler = fill(small_disk, leave=30_000)
        with pytest.raises(StoreFull):
            for number in range(50):
                busy_store.write_round(parts.store, number)
        filler.unlink()
        busy_store.write_round(parts.store, 60)
        assert parts.store.reader.counts()["items"] > 0


def test_below_the_threshold_nothing_is_collected_and_the_team_is_told_once_a_day(tmp_path: Path) -> None:
    parts = Parts(build({"home": tmp_path / "home", "keep": {"least_free_bytes": 10**15}}))
    with closing(parts), serving() as site:
        with_sources(parts, site)
        assert [run(parts, f"run-{number}") for number in range(2)] == [HeldBack.DISK_FULL] * 2
        assert parts.store.reader.counts()["items"] == 0
        assert alert.deliver(parts).delivered == 2, "one to Slack, one by mail"
        texts = [path.read_text("utf-8") for path in (parts.settings.home / "messages").glob("*.txt")]
        assert all("Tin3C tạm dừng thu thập tin mới" in text for text in texts)
        (found,) = _home(parts)
        assert (found.health, "nothing is collected" in found.what) == (Health.BAD, True)


class Plain:
    """An assessor to which all is health."""

    version = "1"

    def assess(self, items: Sequence[AssessableItem], *, cascade: bool) -> tuple[AssessedItem, ...]:
        return tuple(AssessedItem(item.id, item.version, assessment()) for item in items)


def test_below_the_threshold_no_archive_is_read_and_the_same_command_goes_on_later(tmp_path: Path) -> None:
    location = str(archive.write(tmp_path / "kho", 20, files=1))
    parts = Parts(build({"home": tmp_path / "home", "keep": {"least_free_bytes": 10**15}}))
    with closing(parts):
        parts.store.sources.save(busy_store.SOURCE, NOW)
        begun, _ = backfill.begin(parts, location, busy_store.SOURCE, NOW, alert=False)
        (part,) = parts.store.work_parts.unfinished(begun.id)
        with pytest.raises(StoreFull, match="make room"):
            backfill.do_part(parts, begun.id, part)
        assert parts.store.reader.counts()["items"] == 0
        assert "make room" in parts.store.work_parts.progress(begun.id).problems[0][1]
        parts.settings = build({"home": tmp_path / "home", "keep": {"least_free_bytes": 0}})
        parts.__dict__["assessor"] = Plain()
        again, _ = backfill.begin(parts, location, busy_store.SOURCE, NOW, alert=False)
        assert again == begun
        assert backfill.do_part(parts, begun.id, part)
        assert parts.store.reader.counts()["items"] == 20
