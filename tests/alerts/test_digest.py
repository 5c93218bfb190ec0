"""The digest: complete, comparable, bounded, escaped, and the same in both parts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.digest import compose_digest
from records.digest import Digest, Period
from records.search import TimeCount
from records.source import SourceState
from tests.alerts.conftest import HOSTILE, MONDAY, case_of, silent
from tests.support.desk_records import narrative, risk

CONSOLE = "http://127.0.0.1:8033"


@pytest.fixture
def day(week: Digest) -> Digest:
    hours = {8: 3, 9: 12, 14: 5, 20: 7}
    timeline = tuple(TimeCount(MONDAY + timedelta(hours=h), c) for h, c in hours.items())
    return replace(
        week, period=Period.DAY, until=MONDAY + timedelta(days=1), items=27, items_before=27, timeline=timeline
    )


def test_both_parts_say_the_same(week: Digest) -> None:
    content = compose_digest(week, "Sở Y tế Đắk Lắk", CONSOLE)
    assert content.subject == (
        "[Tin3C] Điểm tin tuần từ 23/02/2026 đến 01/03/2026: 129 tin, 1 luồng tin rủi ro cao trở lên"
    )
    for part in (content.text, content.html):
        for said in (
            "tăng 24% so với tuần trước (104 tin)",
            "2.318 tin không thuộc lĩnh vực y tế",
            "Dịch bệnh, bệnh truyền nhiễm",
            "5/6 – được tài khoản có ảnh hưởng lớn đăng lại",
            "đang tăng: 18 tin trong 24 giờ qua (bình thường vào giờ này khoảng 1,5)",
            "Vắc xin sởi gây sốt cao kéo dài?",
            "(2 đang xử lý)",
            "Chờ người phát ngôn",
            "http://127.0.0.1:8033/narratives/n1",
            "Báo Huyện",
            "T5 26/02",
        ):
            assert said in part, said
        assert part.index("lá đu đủ") < part.index("Vắc xin sởi")


def test_the_charts_show_empty_days_and_hours_too(week: Digest, day: Digest) -> None:
    lines = compose_digest(week, "Sở Y tế", CONSOLE).text.splitlines()
    bars = {line.split()[0]: line for line in lines if line[:2] in {"T2", "T4", "T6", "CN"}}
    assert bars["T6"].count("█") == 30 and bars["T6"].endswith(" 41")
    assert "█" not in bars["T4"] and bars["T4"].endswith(" 0")
    content = compose_digest(day, "Sở Y tế", CONSOLE)
    assert "0h ········▃█····▄·····▅··· 24h   (nhiều nhất 12 tin, 09h)" in content.text
    assert "bằng ngày trước" in content.text


@pytest.mark.parametrize(
    ("items", "before", "said"),
    [
        (5, 0, "ngày trước không có tin nào"),
        (0, 5, "Không có tin về y tế trong ngày; ngày trước có 5 tin."),
        (1001, 1000, "tăng dưới 1% so với ngày trước (1.000 tin)"),
        (2500, 1000, "tăng 150%"),
    ],
)
def test_the_period_before(day: Digest, items: int, before: int, said: str) -> None:
    assert said in compose_digest(replace(day, items=items, items_before=before), "Sở Y tế", CONSOLE).text


def test_an_empty_period_says_so(week: Digest) -> None:
    empty = replace(week, items=0, items_before=0, timeline=(), topics=(), narratives=(), cases=(), silent_sources=())
    content = compose_digest(empty, "Sở Y tế", "")
    for part in (content.text, content.html):
        assert "Không có luồng tin nào trong tuần." in part
        assert "Không có vụ việc nào được mở trong tuần." in part
        assert "Không có: mọi nguồn đang bật đều có tin." in part
    assert "href" not in content.html


def test_a_home_that_reads_nothing_yet_is_not_said_to_read_everything(week: Digest) -> None:
    new = replace(week, items=0, items_before=0, not_health=0, timeline=(), topics=(), narratives=(), cases=())
    content = compose_digest(replace(new, silent_sources=(), sources_enabled=0), "Sở Y tế", "")
    assert content.subject.endswith(": không có tin, không có luồng tin rủi ro cao")
    for part in (content.text, content.html):
        assert "Không có tin về y tế trong tuần." in part
        assert "Chưa bật nguồn nào để theo dõi." in part
        assert "0 tin" not in part and "(0 " not in part and "T2" not in part


def test_what_came_from_the_web_is_escaped_masked_and_short(week: Digest) -> None:
    long = narrative("n1", risk(), label=f"{HOSTILE} gọi 0905 123 456 " + "dài " * 200)
    hostile = replace(week, narratives=(long,), silent_sources=(silent(HOSTILE, SourceState.FAILING),))
    content = compose_digest(hostile, HOSTILE, "javascript:alert(1)")
    assert "<script" not in content.html and "<img" not in content.html and "javascript:" not in content.html
    for part in (content.text, content.html):
        assert "0905 123 456" not in part and "[số điện thoại đã che]" in part
        assert "dài " * 100 not in part


def test_long_lists_are_cut_and_say_so(week: Digest) -> None:
    many = replace(
        week,
        narratives=tuple(narrative(f"n{n}", risk()) for n in range(25)),
        cases=tuple(case_of(f"n{n}") for n in range(25)),
        silent_sources=tuple(silent(f"Nguồn {n}", SourceState.FAILING) for n in range(25)),
    )
    content = compose_digest(many, "Sở Y tế", CONSOLE)
    for part in (content.text, content.html):
        assert "Và 15 luồng tin khác." in part and "Và 10 vụ việc khác." in part and "Và 5 nguồn khác." in part


def test_it_works_in_mail_clients(week: Digest, day: Digest) -> None:
    for digest in (week, day):
        html = compose_digest(digest, "Sở Y tế", CONSOLE).html
        for forbidden in ("<script", "<style", "<img", "<link", "class=", "url("):
            assert forbidden not in html
        assert len(html.encode()) < 100_000  # Gmail cuts longer ones
