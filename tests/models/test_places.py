"""Provinces named, old names as aliases, and words that only look like them."""

from __future__ import annotations

import pytest

from models.places import places, province_of, provinces, provinces_near


def test_there_are_34() -> None:
    assert len(provinces()) == len(set(provinces())) == 34


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Sở Y tế tỉnh Bắc Giang và TP.HCM", ("Bắc Ninh", "Hồ Chí Minh")),
        ("Bà Rịa – Vũng Tàu, Vũng Tàu, Sài Gòn", ("Hồ Chí Minh",)),
        ("Thừa Thiên - Huế; Tp Huế", ("Huế",)),
        ("tỉnh Hòa Bình cũ", ("Phú Thọ",)),
        ("cdc dong nai thong bao", ("Đồng Nai",)),
        ("em o ha noi a", ("Hà Nội",)),
        ("vì nền hòa bình", ()),
        ("một nền Hòa Bình", ()),
        ("đường Điện Biên Phủ", ()),
        ("ông Hồ Chí Minh", ()),
        ("chị Nguyễn Hà Nam", ()),
        ("an giang ho", ()),
        ("", ()),
    ],
)
def test_places(text: str, named: tuple[str, ...]) -> None:
    assert places(text) == named


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Lạng Sơn", "Lạng Sơn"),
        ("tinh lang son", "Lạng Sơn"),
        ("TP. Huế", "Huế"),
        ("TP.HCM", "Hồ Chí Minh"),
        ("Bà Rịa – Vũng Tàu", "Hồ Chí Minh"),
        ("tỉnh Kon Tum", "Quảng Ngãi"),
        ("Lang Sown", None),
        ("", None),
    ],
)
def test_a_typed_name_is_one_province_or_none(typed: str, name: str | None) -> None:
    assert province_of(typed) == name


def test_what_is_written_alike_is_offered() -> None:
    assert provinces_near("Lang Sown")[0] == "Lạng Sơn"
    assert provinces_near("Thai Bin")[0] == "Hưng Yên"
    assert provinces_near("qqqq") == ()
