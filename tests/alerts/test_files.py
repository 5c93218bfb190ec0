"""Files in the place of channels: whole, once per message, in order."""

from __future__ import annotations

import json
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from alerts.delivery import deliver_due
from alerts.files import FileDeliverer
from alerts.letterhead import Letterhead
from records.message import Channel, NoticeKind
from tests.alerts.conftest import MakeMessage
from tests.support.block_kit import problems_of
from tests.support.desk_records import NOW
from tests.support.memory_outbox import MemoryOutbox


def test_messages_become_files_in_order(tmp_path: Path, letterhead: Letterhead, make_message: MakeMessage) -> None:
    folder = tmp_path / "messages"
    outbox = MemoryOutbox.holding(
        [
            make_message("a"),
            make_message("b", Channel.MAIL, "truc-ban@soyte.example"),
            make_message("c", kind=NoticeKind.LEVEL_RAISED),
        ]
    )
    deliverers = {channel: FileDeliverer(channel, folder, letterhead) for channel in Channel}
    assert deliver_due(outbox, deliverers, lambda: NOW).delivered == 3
    names = sorted(path.name for path in folder.iterdir())
    assert [name[:4] + Path(name).suffix for name in names] == [
        "0001.json", "0001.txt", "0002.eml", "0002.txt", "0003.json", "0003.txt",
    ]  # fmt: skip
    head, reply = (json.loads(path.read_text()) for path in sorted(folder.glob("*.json")))
    assert problems_of(head["blocks"]) == problems_of(reply["blocks"]) == []
    assert reply["thread_ts"] == names[0].removesuffix(".json") and "thread_ts" not in head
    mail = message_from_bytes(next(folder.glob("*.eml")).read_bytes(), policy=default)
    assert "Uống nước lá đu đủ" in mail["Subject"]
    assert "Slack → C0000TIN3C" in next(folder.glob("0001*.txt")).read_text()


def test_the_same_message_again_changes_nothing(
    tmp_path: Path, letterhead: Letterhead, make_message: MakeMessage
) -> None:
    deliverer = FileDeliverer(Channel.SLACK, tmp_path, letterhead)
    first = deliverer.deliver(make_message("a"), None)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert deliverer.deliver(make_message("a"), None) == first == deliverer.find(make_message("a"), None)
    assert before == {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert deliverer.find(make_message("b"), None) is None


def test_a_kill_between_the_two_files_is_made_good(
    tmp_path: Path, letterhead: Letterhead, make_message: MakeMessage
) -> None:
    deliverer = FileDeliverer(Channel.SLACK, tmp_path, letterhead)
    deliverer.deliver(make_message("a"), None)
    next(tmp_path.glob("*.json")).unlink()
    deliverer.deliver(make_message("a"), None)
    assert len(list(tmp_path.glob("*.json"))) == 1
    assert len(list(tmp_path.glob("*.txt"))) == 1
