"""Without configuration messages go to files: what would have been sent, and the same as plain lines to read."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from alerts import mail, slack_content
from alerts.letterhead import Letterhead
from alerts.mail_content import composed
from records.message import Channel, Delivery, Letter, Message, ThreadRoot

_SENDER = mail.SmtpServer(host="", port=0, sender="tin3c@localhost.localdomain")


class FileDeliverer:
    """Implements `records.ports.Deliverer`. Writes <n>-<hash of the key>.json (Slack) or .eml, and .txt.

    The same message again changes nothing, whatever was killed in between. One process writes a folder at a time.
    """

    def __init__(self, channel: Channel, folder: Path, letterhead: Letterhead) -> None:
        self.channel = channel
        self._folder = folder
        self._letterhead = letterhead

    def deliver(self, message: Message, root: ThreadRoot | None) -> Delivery:
        if found := self.find(message, root):
            return found
        self._folder.mkdir(parents=True, exist_ok=True)
        stem = self._begun(message.key) or f"{self._next_number():04d}-{_hashed(message.key)}"
        written, shown = self._composed(message, root)
        _write(self._folder / f"{stem}.txt", shown.encode())
        # Last, because it is what `find` looks for.
        _write(self._folder / f"{stem}{self._suffix}", written)
        return Delivery(external_id=stem, external_channel=message.to.recipient)

    def find(self, message: Message, root: ThreadRoot | None) -> Delivery | None:
        found = sorted(self._folder.glob(f"*-{_hashed(message.key)}{self._suffix}"))
        return Delivery(found[0].stem, message.to.recipient) if found else None

    def _begun(self, key: str) -> str:
        """The name that a killed try gave the message."""
        return next((path.stem for path in self._folder.glob(f"*-{_hashed(key)}.txt")), "")

    @property
    def _suffix(self) -> str:
        return ".json" if self.channel is Channel.SLACK else ".eml"

    def _next_number(self) -> int:
        numbers = (path.name.partition("-")[0] for path in self._folder.glob("*-*.*"))
        return 1 + max((int(number) for number in numbers if number.isdecimal()), default=0)

    def _composed(self, message: Message, root: ThreadRoot | None) -> tuple[bytes, str]:
        """(the file as the channel has it, the same as lines to read)"""
        to = message.to.recipient
        if self.channel is Channel.SLACK:
            if isinstance(message.notice, Letter):
                content = slack_content.letter(message.notice, self._letterhead)
            else:
                compose = slack_content.head if root is None else slack_content.reply
                content = compose(message.notice, self._letterhead)
            payload = {"channel": to, "text": content.text, "blocks": content.blocks, "key": message.key}
            if root is not None:
                payload["thread_ts"] = root.external_id
            answers = f" (trả lời {root.external_id})" if root else ""
            shown = f"Slack → {to}{answers}\n\n{slack_content.shown(content)}\n"
            return json.dumps(payload, ensure_ascii=False, indent=1).encode(), shown
        letter = composed(message.notice, self._letterhead)
        thread = _SENDER.message_id(root.external_id) if root else None
        sent = mail.build(_SENDER, message.key, to, letter, message.notice.at, thread)
        return sent.as_bytes(), f"Thư → {to}\nTiêu đề: {letter.subject}\n\n{letter.text}"


def printed(folder: Path) -> Iterator[str]:
    """The messages in `folder` as lines to read, in the order in which they were written."""
    for path in sorted(folder.glob("*.txt")):
        yield path.read_text("utf-8").rstrip()


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def _write(path: Path, content: bytes) -> None:
    """All of it or nothing, even when the machine stops."""
    passing = path.with_suffix(path.suffix + ".part")
    with passing.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    passing.replace(path)
