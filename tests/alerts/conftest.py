from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from alerts.letterhead import Letterhead
from alerts.slack import SlackDeliverer
from records.case import Case, CaseStage
from records.digest import Digest, Period
from records.message import Address, Channel, Message, Notice, NoticeItem, NoticeKind
from records.risk import Level
from records.search import TimeCount
from records.source import SourceHealth, SourceState
from tests.support.desk_records import NOW, RUMOR_TITLE, narrative, risk, source
from tests.support.slack_server import CHANNEL, TOKEN, SlackServer

#: What a hostile page puts where a title is wanted.
HOSTILE = "<!channel> <@U0AAAAAAA> *đậm* `mã` <https://xau.example|bấm> & \"'><script>alert(1)</script>\u202e @here"


MONDAY = datetime(2026, 2, 22, 17, 0, tzinfo=UTC)  # midnight of Monday 23/02 in Viet Nam


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


def case_of(id: str, stage: CaseStage = CaseStage.DETECTED, level: Level = Level.HIGH) -> Case:
    return Case(f"case-{id}", id, stage, level, MONDAY + timedelta(days=1), "rule:nguy cơ cao", 1)


def silent(name: str, state: SourceState) -> SourceHealth:
    return SourceHealth(source(name), state, "", None, None, MONDAY - timedelta(days=3), 4, 20, 0)


@pytest.fixture
def week() -> Digest:
    counts = (14, 9, 0, 23, 41, 30, 12)
    return Digest(
        period=Period.WEEK,
        since=MONDAY,
        until=MONDAY + timedelta(days=7),
        items=129,
        items_before=104,
        not_health=2318,
        timeline=tuple(TimeCount(MONDAY + timedelta(days=n), c) for n, c in enumerate(counts) if c),
        topics=(("epidemic", 61), ("immunisation", 30), ("food_safety", 12)),
        narratives=(
            narrative("n1", risk(Level.CRITICAL, scale=5, rising=True, recent=18), items=31),
            narrative("n2", risk(Level.MEDIUM, scale=2), label="Vắc xin sởi gây sốt cao kéo dài?", items=8),
            narrative("n3", risk(Level.LOW, scale=1), label="Ngộ độc ở bếp ăn tập thể", items=3),
        ),
        cases=(case_of("n2", CaseStage.ASKED, Level.MEDIUM), case_of("n1", level=Level.CRITICAL)),
        silent_sources=(silent("Báo Huyện", SourceState.FAILING), silent("Nhóm cũ", SourceState.EMPTY)),
        sources_enabled=12,
    )
