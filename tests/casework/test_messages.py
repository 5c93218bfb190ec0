"""A person's word on messages that their server refused: tried again one by one, or discarded and forgotten."""

from __future__ import annotations

from pathlib import Path

import pytest

import casework
from casework import refusals
from records.case import Act
from records.errors import ActRefused, InputError
from records.message import Channel, Message, Progress
from tests.casework.conftest import Newsroom
from tests.support import stores

WHO, WHY = "Trần Bình", "Hộp thư đã đóng"


@pytest.fixture
def refused(room: Newsroom) -> dict[Channel, Message]:
    """An alert that went to Slack and to a mailbox, and that both refused."""
    narrative = room.item("a")
    room.spread(narrative)
    room.judge()
    found = {message.to.channel: message for message in room.store.outbox.due(room.now)}
    for message in found.values():
        room.store.outbox.refused(message.key, "550", room.now)
    return found


def test_one_is_tried_again_and_the_other_stays(room: Newsroom, refused: dict[Channel, Message]) -> None:
    book, slack = room.store.casebook, refused[Channel.SLACK]
    casework.retry_message(book, slack.key, WHO, room.now)
    assert [message.key for message in room.store.outbox.due(room.now)] == [slack.key]
    assert room.store.outbox.counts()["refused"] == 1
    with pytest.raises(ActRefused, match="not among the refused"):
        casework.retry_message(book, slack.key, WHO, room.now)
    assert room.acts(casework.OUTBOX) == [Act.RETRY_MESSAGES]


def test_a_discarded_one_is_sent_no_more_and_nobody_knows_whom_it_was_for(
    room: Newsroom, refused: dict[Channel, Message], tmp_path: Path
) -> None:
    book, outbox, mail = room.store.casebook, room.store.outbox, refused[Channel.MAIL]
    with pytest.raises(InputError, match=refusals.REASON_MISSING):
        casework.discard_message(book, mail.key, " ", WHO, room.now)
    casework.discard_message(book, mail.key, WHY, WHO, room.now)
    (entry,) = room.store.reader.trail_of(casework.OUTBOX)
    assert (entry.act, entry.actor) == (Act.DISCARD_MESSAGE, WHO)
    assert entry.detail["message"].isdecimal() and room.store.reader.note(entry.detail["note_sha256"]) == WHY
    assert not [text for _, text in stores.texts(tmp_path) if mail.to.recipient in text]
    assert outbox.state(mail.key).progress is Progress.DISCARDED
    assert [one.message.to.channel for one in outbox.undelivered()] == [Channel.SLACK]
    with pytest.raises(ActRefused):
        casework.discard_message(book, mail.key, WHY, WHO, room.now)
    assert room.judge().messages == 0
    with book.work() as work:
        assert not work.enqueue(mail), "the same cause does not bring it back"
        assert work.addresses(mail.thread) == (refused[Channel.SLACK].to,), "nor is it told of what comes after"
    casework.retry_messages(book, WHO, room.now)
    assert {message.to.channel for message in outbox.due(room.now)} == {Channel.SLACK}


def test_what_was_not_refused_is_not_discarded(room: Newsroom, refused: dict[Channel, Message]) -> None:
    slack = refused[Channel.SLACK]
    casework.retry_message(room.store.casebook, slack.key, WHO, room.now)
    with pytest.raises(ActRefused):
        casework.discard_message(room.store.casebook, slack.key, WHY, WHO, room.now)
    assert [message.key for message in room.store.outbox.due(room.now)] == [slack.key]
