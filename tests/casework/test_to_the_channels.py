"""From an item to Slack and a mailbox, over the real store: killed at the worst moment, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import casework
from alerts.delivery import deliver_due
from alerts.letterhead import Letterhead
from alerts.mail import MailDeliverer, SmtpServer
from alerts.slack import SlackDeliverer
from records.message import Channel
from records.ports import Deliverer
from records.source import Owner
from store.outbox import SqlOutbox
from tests.casework.conftest import Newsroom
from tests.support.desk_records import source
from tests.support.mail_server import RunningMailServer, mail_server
from tests.support.slack_server import TOKEN, SlackServer


@pytest.fixture
def mailbox() -> Iterator[RunningMailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def slack_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackServer]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    with SlackServer() as server:
        yield server


@pytest.fixture
def deliverers(mailbox: RunningMailServer, slack_server: SlackServer) -> dict[Channel, Deliverer]:
    head = Letterhead(console_address="http://127.0.0.1:8033")
    smtp = SmtpServer(mailbox.host, mailbox.port, "tin3c@soyte.example", security="none")
    return {
        Channel.SLACK: SlackDeliverer(TOKEN, head, slack_server.base_url, pause=lambda seconds: None),
        Channel.MAIL: MailDeliverer(smtp, head),
    }


def test_one_narrative_is_one_thread_however_often_it_is_killed(
    room: Newsroom,
    deliverers: dict[Channel, Deliverer],
    slack_server: SlackServer,
    mailbox: RunningMailServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    id = room.item("a")
    room.spread(id)
    room.judge()
    outbox = room.store.outbox

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    for _ in range(2):
        with monkeypatch.context() as broken:
            broken.setattr(SqlOutbox, "delivered", killed)
            with pytest.raises(KeyboardInterrupt):
                deliver_due(outbox, deliverers, lambda: room.now)
    outcome = deliver_due(outbox, deliverers, lambda: room.now)
    assert (outcome.delivered, outcome.found, outcome.delayed, outcome.refused) == (2, 1, 0, 0)

    room.item("press", id, source("Báo C", Owner.PRESS, "web"))
    room.judge()
    casework.acknowledge(room.store.casebook, room.case(id).id, "Trần Bình", room.now)
    casework.ask_spokesperson(room.store.casebook, room.case(id).id, "Không có căn cứ.", "Trần Bình", room.now)
    assert deliver_due(outbox, deliverers, lambda: room.now).delivered == 4

    head, raised, asked = slack_server.slack.messages
    assert "thread_ts" not in head and raised["thread_ts"] == asked["thread_ts"] == head["ts"]
    assert head["edits"] == 2 and slack_server.slack.problems == []
    assert len({mail["Message-ID"] for mail in mailbox.mailbox.mails}) == 3
    assert {mail["In-Reply-To"] for mail in mailbox.mailbox.mails[-2:]} == {mailbox.mailbox.mails[0]["Message-ID"]}
