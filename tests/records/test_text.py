"""Vietnamese text: one spelling, one folded copy, one order."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.text import excerpt, fold, mask_personal, normalize, sort_key

SPELLINGS = {
    "hoà": "hòa",
    "HOÀ": "HÒA",
    "thuý": "thúy",
    "quý": "quý",
    "qúy": "quý",
    "khoẻ": "khỏe",
    "hoàn toàn": "hoàn toàn",
    "khuỷu tay": "khuỷu tay",
    "loà xoà": "lòa xòa",
    "Thuỷ.": "Thủy.",
    "hoài": "hoài",
    "ngoằn ngoèo": "ngoằn ngoèo",
    "hóa": "hóa",
    "tuỵ": "tụy",
}


@pytest.mark.parametrize(("written", "stored"), SPELLINGS.items())
def test_one_tone_mark_placement_composed_or_not(written: str, stored: str) -> None:
    assert normalize(written) == stored
    assert normalize(unicodedata.normalize("NFD", written)) == stored


@given(st.text())
def test_normalizing_twice_changes_nothing(text: str) -> None:
    once = normalize(text)
    assert normalize(once) == once
    assert fold(fold(text)) == fold(text)


def test_control_and_invisible_characters_go_and_line_breaks_stay() -> None:
    assert normalize("a\u200bb\x00c\r\n\r\n d\u00a0 e\ufeff") == "ab c\nd e"


def test_fold_takes_all_marks_and_the_stroke() -> None:
    assert fold("Đường Hòa, vắc-xin SỞI") == "duong hoa, vac-xin soi"


def test_names_sort_by_the_vietnamese_alphabet() -> None:
    names = ["Đà Nẵng", "Ánh", "da", "ăn", "Ba Vì", "đa", "an", "dá", "âm"]
    assert sorted(names, key=sort_key) == ["an", "Ánh", "ăn", "âm", "Ba Vì", "da", "dá", "đa", "Đà Nẵng"]


@given(st.lists(st.text(max_size=8)))
def test_any_names_can_be_sorted(names: list[str]) -> None:
    assert len(sorted(names, key=sort_key)) == len(names)


def test_phone_identity_and_mail_are_covered_and_money_and_dates_are_not() -> None:
    masked = mask_personal("gọi 0912 345 678, +84.912.345.678, CCCD 001099012345, ban@vi-du.vn")
    assert not any(character.isdigit() for character in masked)
    assert "@" not in masked
    kept = "1.000.000.000 đồng ngày 20/11/2026, 115 ca"
    assert mask_personal(kept) == kept


@given(st.text(max_size=700))
def test_an_excerpt_is_one_line_of_at_most_300_characters(text: str) -> None:
    short = excerpt(text)
    assert len(short) <= 300
    assert "\n" not in short
