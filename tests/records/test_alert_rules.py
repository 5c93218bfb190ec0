"""Alert rules: conditions hold together, values are alternatives, and marks matter."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from records.alert_rules import AlertRule, contains_keyword, matches
from records.risk import Level
from tests.support.desk_records import member, narrative, risk, source

MEMBERS = (member(title="Vắc xin sởi gây vô sinh?", text="Người dân ở Ea Kar lo lắng.", from_=source("Nhóm A")),)


def reason(rule: AlertRule, **of_risk: object) -> str | None:
    return matches(rule, narrative(), MEMBERS, risk(**of_risk))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "because"),
    [
        (AlertRule("r", level=Level.HIGH), "level"),
        (AlertRule("r", level=Level.CRITICAL), None),
        (AlertRule("r", topics=("immunisation", "epidemic")), "topic: epidemic"),
        (AlertRule("r", topics=("food_safety",)), None),
        (AlertRule("r", places=("đắk lắk",)), "place: đắk lắk"),
        (AlertRule("r", places=("Huế",)), None),
        (AlertRule("r", sources=("nhóm a",)), "source: nhóm a"),
        (AlertRule("r", sources=("Nhóm",)), None),
        (AlertRule("r", keywords=("dịch hạch", "vắc xin")), "keyword: vắc xin"),
        (AlertRule("r", keywords=("vac xin",)), None),
        (AlertRule("r", spike=True), None),
        (AlertRule("r"), None),
        (AlertRule("r", level=Level.HIGH, keywords=("vô sinh",)), "level, keyword: vô sinh"),
        (AlertRule("r", level=Level.HIGH, keywords=("dịch hạch",)), None),
    ],
)
def test_conditions_hold_together(rule: AlertRule, because: str | None) -> None:
    assert reason(rule) == because


def test_a_rule_for_a_commune_needs_no_province_and_one_for_the_province_takes_its_communes() -> None:
    (one,) = MEMBERS
    places = ("Đắk Lắk", "xã Ea Kar, tỉnh Đắk Lắk")
    members = (replace(one, assessment=replace(one.assessment, places=places)),)
    of = replace(narrative(), places=())
    for asked in ("xã Ea Kar", "Xã Ea Kar, tỉnh Đắk Lắk", "đắk lắk"):
        assert matches(AlertRule("r", places=(asked,)), of, members, risk()) == f"place: {asked}"
    assert matches(AlertRule("r", places=("Ea Kar",)), of, members, risk()) is None


def test_a_spike_rule_matches_while_the_trend_rises() -> None:
    assert reason(AlertRule("r", spike=True), rising=True) == "spike"


@pytest.mark.parametrize(
    ("text", "keyword", "found"),
    [
        ("Phòng chống lao ở trẻ em", "lao", True),
        ("Người lao động nghỉ lễ", "lao", True),  # a limit: syllables stand apart in Vietnamese
        ("Người lao động nghỉ lễ", "lao -lao động", False),
        ("Người lao động mắc bệnh lao", "lao -lao động -lao công", True),
        ("Chị lao công quét đường", "lao -lao động -lao công", False),
        ("Ngọn giáo lào phào", "lao", False),
        ("Bệnh LAO kháng thuốc", "lao", True),
        ("chó dại cắn người", "co dai", False),
        ("co dai trong cơn đau", "chó dại", False),
        ("Chó   dại\ncắn", "chó dại", True),
        ("hoà bình và hòa thuận", "hoà thuận", True),
        (unicodedata.normalize("NFD", "Tiêm vắc xin sởi"), "vắc xin", True),
        ("covid-19 quay lại", "covid-19", True),
        ("covid-199", "covid-19", False),
        ("a.b+c (d)", "b+c (d)", True),
        ("aXb", "a.b", False),
        ("Đắk Lắk", "đắk lắk", True),
        ("bất kỳ", "", False),
        ("bất kỳ", "-bất", False),
        ("lao e\u0301\u0323", "e", False),
    ],
)
def test_keywords_are_whole_words_with_their_marks(text: str, keyword: str, found: bool) -> None:
    assert contains_keyword(text, keyword) is found
