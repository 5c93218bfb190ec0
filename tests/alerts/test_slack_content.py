"""What Slack is given: valid blocks, the three parts of risk, and nothing of the web's read as markup."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts import slack_content
from alerts.letterhead import Letterhead
from alerts.mail_content import compose_alert
from records.claim import Verdict
from records.message import NoticeItem, NoticeKind
from records.risk import Level, Spread
from records.source import SourceRecord
from tests.alerts.conftest import HOSTILE, MakeNotice
from tests.support.block_kit import mrkdwn_problems, problems_of
from tests.support.desk_records import NOW, risk


@pytest.mark.parametrize("kind", NoticeKind)
@pytest.mark.parametrize("level", Level)
def test_every_notice_is_valid_and_says_the_three_parts(
    make_notice: MakeNotice, letterhead: Letterhead, kind: NoticeKind, level: Level
) -> None:
    notice = make_notice(kind=kind, risk=risk(level, rising=True), note="Đề nghị bổ sung nguồn.")
    content = slack_content.head(notice, letterhead)
    assert problems_of(list(content.blocks)) == []
    assert problems_of(list(slack_content.reply(notice, letterhead).blocks)) == []
    shown = slack_content.shown(content)
    for part in (
        "Mức gây hại: Cao (hệ thống gợi ý)",
        "Độ lan truyền: 3/6 – nhiều nền tảng và nhiều cộng đồng",
        "Xu hướng: Đang tăng: 4 tin trong 24 giờ qua (bình thường vào giờ này khoảng 1,5)",
        "Dịch bệnh, bệnh truyền nhiễm",
        "http://127.0.0.1:8033/narratives/n1",
        "https://nhom.example/bai/1?a=1&b=2",
    ):
        assert part in shown


def test_who_answers_is_not_said_to_spread(make_notice: MakeNotice, letterhead: Letterhead) -> None:
    spread = Spread(6, ("web",), ("Báo Sông", "Nhóm Mẹ"), ("Báo Sông",), (), ("Sở Y tế",), "Trần Bình")
    notice = make_notice(risk=replace(risk(Level.HIGH), spread=spread))
    mail = compose_alert(notice, letterhead)
    for shown in (slack_content.shown(slack_content.head(notice, letterhead)), mail.text):
        assert "Nơi lan truyền: Báo Sông, Nhóm Mẹ\n" in shown
        assert "Phản hồi chính thức: Sở Y tế\n" in shown
        assert "Đã dẫn đến hành động: Trần Bình ghi nhận\n" in shown
    # What an office denies and nobody else is counted of: who denies is then all that the spread knows.
    spread = Spread(6, ("web",), ("Sở Y tế",), (), (), ("Sở Y tế",), denials_left_out=1)
    mail = compose_alert(make_notice(risk=replace(risk(Level.HIGH), spread=spread)), letterhead)
    assert "Phản hồi chính thức: Sở Y tế\n" in mail.text and "Nơi lan truyền" not in mail.text


def test_what_came_from_the_web_is_never_markup(make_notice: MakeNotice, letterhead: Letterhead) -> None:
    item = NoticeItem(HOSTILE, "javascript:alert(1)", HOSTILE, NOW)
    linked = NoticeItem(HOSTILE, "https://a.example/|x>y", HOSTILE, NOW)
    notice = make_notice(
        title=HOSTILE,
        first_source=HOSTILE,
        places=(HOSTILE,),
        representative=(item, linked),
        rule=HOSTILE,
        note=HOSTILE,
    )
    for content in (slack_content.head(notice, letterhead), slack_content.reply(notice, letterhead)):
        assert problems_of(list(content.blocks)) == []
        assert mrkdwn_problems(content.text) == []
        assert "<" not in content.text
        written = json.dumps(content.blocks, ensure_ascii=False)
        assert "javascript:" not in written
        assert '"type": "mrkdwn"' not in json.dumps([b for b in content.blocks if b["type"] != "section"])


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1, max_size=300))
def test_any_text_makes_valid_blocks(make_notice: MakeNotice, letterhead: Letterhead, text: str) -> None:
    item = NoticeItem(text, "https://a.example/", text, None)
    notice = make_notice(title=text, first_source=text, places=(text,) * 9, representative=(item,) * 3, note=text)
    content = slack_content.head(notice, letterhead)
    assert problems_of(list(content.blocks)) == []
    assert len(content.text) <= slack_content.FALLBACK_CHARACTERS


def test_what_is_blank_makes_no_empty_text(make_notice: MakeNotice, letterhead: Letterhead) -> None:
    item = NoticeItem(" ", "https://a.example/", "\r", None)
    notice = make_notice(title=" ", first_source="\r", places=(" ",), representative=(item,), note="\n")
    for content in (slack_content.head(notice, letterhead), slack_content.reply(notice, letterhead)):
        assert problems_of(list(content.blocks)) == []


def test_without_a_console_there_is_no_link_to_it(make_notice: MakeNotice) -> None:
    content = slack_content.head(make_notice(), Letterhead())
    assert "narratives/" not in json.dumps(content.blocks)


def test_the_schema_of_the_tests_can_refuse() -> None:
    assert problems_of([{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}])
    assert problems_of([{"type": "section", "text": {"type": "mrkdwn", "text": "<!channel>"}}])
    assert problems_of([{"type": "section", "text": {"type": "mrkdwn", "text": "a & b"}}])
    assert problems_of([{"type": "divider"}] * 51)
    assert problems_of([])


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (None, False),
        (SourceRecord(items=7, since=NOW), False),
        (SourceRecord(rumors=3, not_health=1, items=1200, since=NOW), True),
    ],
)
def test_what_was_found_of_the_first_source_is_told(
    make_notice: MakeNotice, letterhead: Letterhead, record: SourceRecord | None, told: bool
) -> None:
    notice = make_notice(first_source_record=record)
    line = "cán bộ đã xác định 3 tin đồn hoặc tin sai, 1 tin không thuộc lĩnh vực y tế (trong 1.200 tin thu thập từ "
    mail = compose_alert(notice, letterhead)
    for text in (slack_content.shown(slack_content.head(notice, letterhead)), mail.text, mail.html):
        assert (line in text) is told and ("Lịch sử nguồn" in text) is told


@pytest.mark.parametrize(
    ("confirmed", "label", "hint"),
    [
        (True, "Thông tin đã kiểm chứng: ", False),
        (False, "Giống thông tin đã kiểm chứng: ", True),
    ],
)
def test_a_known_claim_is_named_with_its_verdict(
    make_notice: MakeNotice, letterhead: Letterhead, confirmed: bool, label: str, hint: bool
) -> None:
    claim = {"claim": "Lá <b>đu đủ</b> chữa sốt", "claim_verdict": Verdict.FALSE, "claim_confirmed": confirmed}
    notice = make_notice(**claim)
    mail = compose_alert(notice, letterhead)
    for shown in (slack_content.shown(slack_content.head(notice, letterhead)), mail.text):
        assert f"{label}“Lá <b>đu đủ</b> chữa sốt” – kết luận: sai sự thật" in shown
        assert ("hệ thống gợi ý, cần người xác nhận" in shown) == hint
    assert "Lá &lt;b&gt;đu đủ&lt;/b&gt;" in mail.html
    assert "đã kiểm chứng" not in compose_alert(make_notice(), letterhead).text
