"""Provinces named, old names as aliases, and words that only look like them."""

from __future__ import annotations

import pytest

from models.places import How, named_places, places, province_of, provinces, provinces_near


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
        ("me em o dak lak, can cuoc van ghi phu yen", ("Đắk Lắk",)),
        ("nha tui o vung tau, bua nay len kham", ("Hồ Chí Minh",)),
        ("ninh thuận cấp đất, đóng 450k giữ suất", ("Khánh Hòa",)),
        ("bv Hạ Mỹ nam định hết thuốc rồi, mọi người đừng đưa bệnh nhân xuống nữa nha", ("Ninh Bình",)),
        ("đi du lịch thanh hóa về bị ngứa", ("Thanh Hóa",)),
        ("Vùng giáp ranh Lâm Đồng có ca nghi mắc", ("Lâm Đồng",)),
        ("Rừng tràm Đồng Tháp Mười mùa nước nổi", ()),
        ("dong thap muoi nuoc len roi", ()),
        ("Đoàn tàu qua Thái Bình Dương", ()),
        ("cây sào cao bằng cái cột, nuôi cho bến tre xanh", ()),
        ("nghe an uong kieu do la met roi, gia lai con tang", ()),
        ("hai phong kham moi mo, bac can di thi di", ()),
        ("", ()),
    ],
)
def test_places(text: str, named: tuple[str, ...]) -> None:
    assert places(text) == named


@pytest.mark.parametrize(
    ("text", "written", "how"),
    [
        ("Sở Y tế tỉnh Đồng Tháp", "Đồng Tháp", How.NAMED),
        ("tỉnh Bình Dương cũ", "Bình Dương", How.FORMER),
        ("người dân Sài Gòn", "Sài Gòn", How.FORMER),
        ("cdc dong nai thong bao", "dong nai", How.UNMARKED),
        ("tỉnh đồng tháp họp", "đồng tháp", How.UNMARKED),
        ("o dong nai, roi Đồng Nai họp", "Đồng Nai", How.NAMED),
    ],
)
def test_the_surest_mention_tells_how_sure_it_is(text: str, written: str, how: How) -> None:
    assert [(one.written, one.how) for one in named_places(text)] == [(written, how)]


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
