"""Provinces named, old names as aliases, and words that only look like them."""

from __future__ import annotations

import pytest

from models.places import places, provinces


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
