"""The page about the models: what is in use, what was learnt, what moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from console.services import Learning
from flows import drift
from models import versions
from records.drift import Share
from tests.console.conftest import Desk

NOW = datetime(2026, 3, 8, 20, 0, tzinfo=UTC)
JUDGED = {"head": "kind", "why": "better", "desk_before": 0.25, "desk_after": 0.75, "held_out": 12}
ARRANGED = {"head": "narration", "why": "better", "desk_before": 0.1, "desk_after": 0.3, "held_out": 20}
REFUSED = {"head": "harm", "why": "too_few", "desk_before": None, "desk_after": None, "held_out": 3}


def test_without_a_learning_the_page_says_so(desk_with: Callable[..., Desk], tmp_path: Path) -> None:
    desk = desk_with(learning=lambda: Learning(versions.listed(tmp_path / "none"), (), ()))
    page = desk.page("/models")
    assert "Bản gốc" in page and "Đang dùng" in page and "Chưa có lần học nào" in page
    assert "Chưa đủ dữ liệu để so sánh" in page
    assert 'href="/models"' in desk.page("/sources")


def test_versions_and_learnings_are_shown(desk: Desk, tmp_path: Path) -> None:
    heads = tmp_path / "heads"
    staged = versions.stage(heads, NOW)
    name = versions.publish(staged, {"made": NOW.isoformat(), "corrections": 57, "taken": ["kind"]})
    versions.use(heads, name, NOW, "learnt")
    report = {
        "at": NOW.isoformat(),
        "corrections": 57,
        "contradicted": [["<b>", "kind"]],
        "arrangements": 9,
        "judgements": [JUDGED, REFUSED, ARRANGED],
    }
    versions.keep_report(heads, NOW, report)
    shares = drift.look(desk.store.reader, desk.services.clock()).shares
    found = Learning(versions.listed(heads), versions.reports(heads), shares)
    desk.client.app.state.services = replace(desk.services, learning=lambda: found)  # type: ignore[attr-defined]
    page = desk.page("/models")
    for words in (
        "03:00, 9/3/2026",
        "Học từ 57 ý kiến sửa",
        "Đã thay: bản mới tốt hơn",
        "25% → 75% trong 12 tin",
        "Giữ nguyên: quá ít ý kiến để đo",
        "Cách phân biệt các luồng tin",
        "Khớp với cách cán bộ sắp xếp: 10% → 30% trong 20 lần",
        "9 lần sắp xếp luồng tin",
        "1 nhận định có ý kiến khác nhau",
    ):
        assert words in page, words
    assert "<b>" not in page


def test_what_moved_is_shown_against_the_weeks_before(desk_with: Callable[..., Desk], tmp_path: Path) -> None:
    shares = (
        Share("health", 90, 300, 800, 8000),
        Share("kind: rumor", 10, 90, 100, 800),
        Share("corrected: kind", 0, 0, 8, 800),
        Share("corrected: harm", 3, 90, 0, 0),
        Share("words unseen in training", 20, 1000, 160, 8000),
    )
    page = desk_with(learning=lambda: Learning(versions.listed(tmp_path), (), shares)).page("/models")
    for words in (
        "Tỷ lệ tin về y tế</dt><dd>30% (25% – 35%)<br>trước đó: 10%<br><strong>Có thay đổi",
        "Loại tin: Tin đồn</dt><dd>11%",
        "Cán bộ sửa: Loại tin</dt><dd>chưa có<br>trước đó: 1%",
        "<br>trước đó: chưa có",
        "mà mô hình chưa học</dt><dd>2%",
        "khoảng tin cậy 95%.",
    ):
        assert words in page, words
    assert page.count("Có thay đổi") == 1


def test_a_version_that_fits_the_program_no_more_is_named(desk_with: Callable[..., Desk], tmp_path: Path) -> None:
    (tmp_path / "kind.json").write_text('{"features": "0"}', "utf-8")
    page = desk_with(learning=lambda: Learning(versions.listed(tmp_path), (), ())).page("/models")
    assert "Không còn phù hợp" in page and "Đang dùng" not in page
    assert "hệ thống đang dùng bản gốc thay thế" in page and "tin3c models learn --again" in page


def test_without_the_service_there_is_no_such_page(desk_with: Callable[..., Desk]) -> None:
    assert desk_with(learning=None).client.get("/models").status_code == 404
