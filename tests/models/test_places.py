"""Provinces named, old names as aliases, and words that only look like them."""

from __future__ import annotations

import json
import time

import pytest

from models.make_gazetteer import TABLE
from models.places import How, named_places, places, province_of, provinces, provinces_near
from records.places import commune_label


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
    ("text", "named"),
    [
        ("huyen Cu Chi", ("Hồ Chí Minh",)),
        ("thủ đức", ("Hồ Chí Minh",)),
        ("phường Thủ Đức", ("Hồ Chí Minh", "phường Thủ Đức, TP. Hồ Chí Minh")),
        ("P.Thủ Đức, TP.HCM", ("Hồ Chí Minh", "phường Thủ Đức, TP. Hồ Chí Minh")),
        ("xã Hòa Bình, tỉnh Vĩnh Long", ("Vĩnh Long", "xã Hòa Bình, tỉnh Vĩnh Long")),
        ("Bình An (Kiên Giang)", ("An Giang", "xã Bình An, tỉnh An Giang")),
        ("xa tan hung dong nai", ("Đồng Nai", "xã Tân Hưng, tỉnh Đồng Nai")),
        ("p. thu duc ngap nang", ("Hồ Chí Minh", "phường Thủ Đức, TP. Hồ Chí Minh")),
        ("xã Ea H’Leo có dịch", ("Đắk Lắk", "xã Ea H'Leo, tỉnh Đắk Lắk")),
        ("Phường 2 Bảo Lộc", ("Lâm Đồng", "phường 2 Bảo Lộc, tỉnh Lâm Đồng")),
        ("đặc khu Phú Quốc", ("An Giang", "đặc khu Phú Quốc, tỉnh An Giang")),
        # old communes are today's
        ("thị trấn Củ Chi", ("Hồ Chí Minh", "xã Tân An Hội, TP. Hồ Chí Minh")),
        # a district has no name any more, but tells the province
        ("huyện Hớn Quản, xã Tân Hưng", ("Đồng Nai", "xã Tân Hưng, tỉnh Đồng Nai")),
        ("huyện Châu Thành, Kiên Giang", ("An Giang",)),
        ("tx phu my, q1 sai gon, tphcm", ("Hồ Chí Minh",)),
        ("quận 9 và quận Bình Thạnh", ("Hồ Chí Minh",)),
        ("em đi Sầm Sơn, Pleiku về", ("Thanh Hóa", "Gia Lai")),
        ("o duc hoa long an co ai", ("Tây Ninh",)),
        ("thành phố hải dương và tp trà vinh, hà nội", ("Hải Phòng", "Vĩnh Long", "Hà Nội")),
        ("Thành phố Hà Nôi", ("Hà Nội",)),
        ("chị em Hà Nội", ("Hà Nội",)),
        ("các bác Đắk Lắk xịt gì", ("Đắk Lắk",)),
        ("hỏi mấy anh Hà Nội", ("Hà Nội",)),
        ("bác Hải Dương bán thuốc", ()),
        ("long an cũ đang phát", ("Tây Ninh",)),
        ("một xã Lai Châu", ("Lai Châu",)),
        (
            "Các phường Thủ Đức, Linh Xuân và Tam Bình",
            ("Hồ Chí Minh", *(f"phường {name}, TP. Hồ Chí Minh" for name in ("Thủ Đức", "Linh Xuân", "Tam Bình"))),
        ),
    ],
)
def test_communes_districts_and_towns(text: str, named: tuple[str, ...]) -> None:
    assert places(text) == named


@pytest.mark.parametrize(
    "text",
    [
        "xã Hòa Bình",  # of several provinces
        "huyện Châu Thành",
        "phường Tân Hưng",
        "phường Long Thạnh Đông",  # no such: the name is longer than one that is known
        "Đường Điện Biên Phủ",
        "ĐƯỜNG Điện Biên Phủ, Cầu Sài Gòn",
        "chiến thắng Điện Biên Phủ",
        "trường Nguyễn Huệ",
        "Bệnh viện Thống Nhất",
        "Trường tiểu học Củ Chi",
        "chủ tịch hồ chí minh",
        "thôn Hòa Bình",
        "an sinh xã hội an toàn",
        "danh hiệu xã tiên tiến, các phường trung tâm",
        "bình quân 1,7 xét nghiệm",
        "nuoc ao dau ra o quan 3 ma ao",
        "y học phương Đông",
        "phong trào độc lập hòa bình",
        "Nhà Trắng; đã lật; đa năng",
        "xa tan hung",
        "chu la gi ma la, phuong an phu hop, quan trong lam",
    ],
)
def test_what_is_no_place_or_could_be_several(text: str) -> None:
    assert places(text) == ()


def test_a_name_that_several_provinces_have_is_the_department_s_own() -> None:
    (one,) = named_places("Trạm Y tế xã Tân Hưng", home="Đồng Nai")
    assert (one.place, one.how) == ("xã Tân Hưng, tỉnh Đồng Nai", How.SHARED)
    assert places("Trạm Y tế xã Tân Hưng", home="Huế") == ()
    # what the text says is heard before that
    assert places("xã Tân Hưng, Hải Phòng", home="Đồng Nai")[0] == "Hải Phòng"


@pytest.mark.parametrize("kind", ["thành phố", "TP", "TP.", "tp", "Thành phố"])
@pytest.mark.parametrize("province", ["Ninh Bình", "Hải Phòng", "Huế", "Thái Nguyên", "Cà Mau"])
def test_a_city_called_like_its_province_is_heard(province: str, kind: str) -> None:
    assert places(f"Dịch sởi ở {kind} {province} tăng") == (province,)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        # Communes elsewhere are called so, no district is.
        ("nghe noi tp hai phong co dich soi", ("Hải Phòng",)),
        ("thanh pho hai phong", ("Hải Phòng",)),
        ("TP Hai Phong co dich", ("Hải Phòng",)),
        ("tp. Hai Phong", ("Hải Phòng",)),
        ("tp ninh binh co dich", ("Ninh Bình",)),
        ("Thành phố Ninh Bình, tỉnh Ninh Bình", ("Ninh Bình",)),
        # a commune is that one still
        ("xã Hải Phong, tỉnh Quảng Trị", ("Quảng Trị", "xã Nam Hải Lăng, tỉnh Quảng Trị")),
        ("huyen thanh liem ninh binh", ("Ninh Bình",)),
    ],
)
def test_a_city_is_no_commune_of_its_name_in_another_province(text: str, named: tuple[str, ...]) -> None:
    assert places(text) == named


def test_every_commune_is_found_by_its_full_name() -> None:
    wanted = [
        (f"{commune}, {province}", commune_label(commune, province))
        for province, row in json.loads(TABLE.read_text("utf-8"))["provinces"].items()
        for commune in row["communes"]
    ]
    assert len(wanted) == 3321
    assert [text for text, label in wanted if label not in places(text)] == []


@pytest.mark.parametrize(
    "piece", ["xã Tân Hưng, Đồng Nai, ", "xã ", "Hòa Bình ", "các xã Tân Hưng và ", "huyen cu chi ", "tp.", "Hà Nội ("]
)
def test_the_time_grows_with_the_length_alone(piece: str) -> None:
    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        start = time.process_time()
        places(text)
        return time.process_time() - start

    # The least of a few tries: a machine that is lent away counts the wait as the process's own time.
    short, long = (min(seconds(length) for _ in range(5)) for length in (20_000, 80_000))
    assert long < 10 * short + 0.05


@pytest.mark.parametrize(
    ("text", "written", "how"),
    [
        ("Sở Y tế tỉnh Đồng Tháp", "Đồng Tháp", How.NAMED),
        ("tỉnh Bình Dương cũ", "Bình Dương", How.FORMER),
        ("người dân Sài Gòn", "Sài Gòn", How.FORMER),
        ("cdc dong nai thong bao", "dong nai", How.UNMARKED),
        ("tỉnh đồng tháp họp", "đồng tháp", How.UNMARKED),
        ("o dong nai, roi Đồng Nai họp", "Đồng Nai", How.NAMED),
        ("phường Thủ Đức", "phường Thủ Đức", How.NAMED),
        ("thị trấn Củ Chi", "thị trấn Củ Chi", How.FORMER),
        ("huyện Củ Chi", "huyện Củ Chi", How.FORMER),
        ("huyen cu chi", "huyen cu chi", How.UNMARKED),
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
