from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from alerts.letterhead import Letterhead
from alerts.slack import SlackDeliverer
from records.message import Address, Channel, Message, Notice, NoticeItem, NoticeKind
from records.risk import Level
from tests.support.desk_records import NOW, RUMOR_TITLE, risk
from tests.support.slack_server import CHANNEL, TOKEN, SlackServer

#: What a hostile page puts where a title is wanted.
HOSTILE = "<!channel> <@U0AAAAAAA> *đậm* `mã` <https://xau.example|bấm> & \"'><script>alert(1)</script>\u202e @here"


@pytest.fixture
def letterhead() -> Letterhead:
    return Letterhead(
        department="Sở Y tế",
        province="Đắk Lắk",
        console_address="http://127.0.0.1:8033/",
        topic_names={"epidemic": "Dịch bệnh, bệnh truyền nhiễm"},
    )


MakeNotice = Callable[..., Notice]
MakeMessage = Callable[..., Message]


@pytest.fixture
def make_notice() -> MakeNotice:
    def make(**changes: object) -> Notice:
        fields: dict[str, object] = {
            "kind": NoticeKind.CASE_OPENED,
            "case_id": "case-n1",
            "narrative_id": "n1",
            "title": RUMOR_TITLE,
            "risk": risk(Level.HIGH, rising=True),
            "topic": "epidemic",
            "places": ("Đắk Lắk", "Ea Kar"),
            "items": 12,
            "first_source": "Nhóm Mẹ và Bé",
            "first_published": NOW - timedelta(hours=6),
            "at": NOW,
            "representative": (
                NoticeItem(
                    RUMOR_TITLE, "https://nhom.example/bai/1?a=1&b=2", "Nhóm Mẹ và Bé", NOW - timedelta(hours=6)
                ),
                NoticeItem("Có ai dùng lá đu đủ chưa ạ?", "https://dien-dan.example/2", "Diễn đàn Sức khỏe", None),
            ),
            "rule": "nguy cơ cao",
            "note": "",
        }
        return Notice(**(fields | changes))  # type: ignore[arg-type]

    return make


@pytest.fixture
def make_message(make_notice: MakeNotice) -> MakeMessage:
    def make(
        key: str = "case:n1:high:slack:tin3c",
        channel: Channel = Channel.SLACK,
        recipient: str = CHANNEL,
        thread: str = "n1",
        **changes: object,
    ) -> Message:
        notice = make_notice(narrative_id=thread, **changes)
        return Message(key=key, to=Address(channel, recipient), thread=thread, notice=notice, created_at=NOW)

    return make


@pytest.fixture
def slack_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackServer]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    with SlackServer() as server:
        yield server
    assert server.slack.problems == []


@pytest.fixture
def slack(slack_server: SlackServer, letterhead: Letterhead) -> SlackDeliverer:
    return SlackDeliverer(TOKEN, letterhead, slack_server.base_url, pause=lambda seconds: None)
