"""Log lines say what happened and to which id, and nothing of what anybody wrote."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows import logs
from flows.settings import Log
from records.errors import FetchFailed, StoreError
from records.message import Channel
from tests.support.command_line import CommandLine, home_with_encoder
from tests.support.local_site import article, feed, feed_item, local_site

#: What must never stand in a line, as it is met: in titles, texts, authors, addresses, errors.
TEXTS = ("Nguyễn Thị Bích Vân", "Nguyen Thi Bich Van", "vắc xin sởi gây vô sinh")
COVERED = ("0912 345 678", "0912345678", "001203004567", "bich.van@vi-du.vn", "@bichvan88", "xoxb-123456-secret")
PLANTED = (*TEXTS, *COVERED, "bich-van-88", "s3cret")
TITLE = "Chị Nguyễn Thị Bích Vân (0912 345 678, @bichvan88): vắc xin sởi gây vô sinh"


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "log" / "tin3c.jsonl"
    levels = {name: logging.getLogger(name).level for name in ("", *logs.OURS)}
    logs.set_up(Log(format="json", level="debug", file=path))
    yield path
    logs.set_up(Log())
    root = logging.getLogger()
    for handler in [one for one in root.handlers if getattr(one, "is_ours", False)]:
        root.removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def clean(text: str) -> None:
    found = [planted for planted in PLANTED if planted.casefold() in text.casefold()]
    assert not found, found


def test_whatever_is_logged_nothing_of_it_is_personal(written: Path) -> None:
    ours, theirs = logging.getLogger("flows.collect"), logging.getLogger("urllib3.connectionpool")
    logs.bind(run="20260823T050000-0a1b2c3d", step="collect")
    for planted in (TITLE, *TEXTS, *COVERED):
        ours.warning("item %s of %s", "4f2a", planted, extra={"source": "bao-yen-ha", "item": planted})
        ours.warning("page %s", f"https://mang.example/bich-van-88?u={planted}")
        ours.error("not read: %s", FetchFailed("https://mang.example/bich-van-88", f"ended with status 1: {planted}"))
        theirs.warning("retrying %s after %r", planted, ValueError(planted))
        theirs.error(f"could not read {planted}")
        try:
            raise KeyError(planted)
        except KeyError:
            ours.exception("a message to %s could not be composed", Channel.MAIL)
    for planted in COVERED:
        ours.error("not now: %s", StoreError(f"{planted}: https://bich-van-88:s3cret@mang.example/bich-van-88"))
    text = written.read_text("utf-8")
    clean(text)
    for line in text.splitlines():
        found = json.loads(line)
        assert {"time", "level", "logger", "message"} <= set(found)
        assert (found["run"], found["step"]) == ("20260823T050000-0a1b2c3d", "collect")
    assert "item 4f2a of …" in text
    assert "https://mang.example/…" in text
    assert "KeyError at test_logs.py" in text
    assert written.stat().st_mode & 0o777 == 0o600


def test_a_file_is_turned_over(tmp_path: Path) -> None:
    path = tmp_path / "tin3c.log"
    logs.set_up(Log(file=path, largest_bytes=2_000, files=2))
    try:
        for number in range(200):
            logging.getLogger("flows").warning("line %d", number)
        assert sorted(one.name for one in tmp_path.glob("tin3c.log*")) == ["tin3c.log", "tin3c.log.1", "tin3c.log.2"]
    finally:
        logs.set_up(Log())


@pytest.mark.encoder
@pytest.mark.timeout(400)
def test_a_run_over_personal_texts_writes_none_of_them(builtin_encoder_home: Path, tmp_path: Path) -> None:
    home, path = home_with_encoder(tmp_path / "home", builtin_encoder_home), tmp_path / "tin3c.jsonl"
    with local_site() as site:
        site.routes |= {
            "/feed": feed(
                feed_item(TITLE, f"{site.base}/bich-van-88.html", f"{TITLE}. Số giấy tờ 001203004567."),
                feed_item(f"{TITLE} nữa", f"{site.base}/bich-van-88-gone.html", TITLE),
            ),
            "/bich-van-88.html": article(TITLE, f"{TITLE}. Thư: bich.van@vi-du.vn. Nhiều người không cho con đi tiêm."),
        }
        settings = {"CRAWL__DELAY_SECONDS": "0", "LOG__FORMAT": "json", "LOG__LEVEL": "debug", "LOG__FILE": str(path)}
        command = CommandLine(home, settings)
        assert command.run("sources", "add", "--yes", f"{site.base}/feed").status == 0
        report = command.watch("2026-08-23T12:00", limit_seconds=350)
    assert report["fates"]["new"] == 2
    lines = path.read_text("utf-8").splitlines()
    assert any("ended with 2 items met" in line for line in lines)
    for line in lines:
        json.loads(line)
        clean(line)
