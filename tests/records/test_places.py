"""Places as people read them."""

from __future__ import annotations

import pytest

from records.places import commune_label, parts, shown


@pytest.mark.parametrize(
    ("places", "line"),
    [
        ((), ""),
        (("Huế",), "Huế"),
        (("Huế", "Đồng Nai"), "Huế; Đồng Nai"),
        (("Hồ Chí Minh", "phường Thủ Đức, TP. Hồ Chí Minh"), "phường Thủ Đức, TP. Hồ Chí Minh"),
        (("xã Hòa Bình, tỉnh Vĩnh Long", "Vĩnh Long", "Huế"), "xã Hòa Bình, tỉnh Vĩnh Long; Huế"),
        (
            ("Huế", "phường An Cựu, TP. Huế", "xã A Lưới 2, TP. Huế"),
            "TP. Huế (phường An Cựu, xã A Lưới 2)",
        ),
        (
            ("Huế", *(f"xã {n}, TP. Huế" for n in "ABCD"), "Đồng Nai"),
            "TP. Huế (xã A, xã B, xã C…); Đồng Nai",
        ),
        (("một nơi nào đó",), "một nơi nào đó"),
    ],
)
def test_each_province_stands_once_with_its_communes(places: tuple[str, ...], line: str) -> None:
    assert shown(places) == line


def test_only_the_first_provinces_where_so_asked() -> None:
    assert shown(("Huế", "xã A, TP. Huế", "Đồng Nai", "Cà Mau"), 2) == "xã A, TP. Huế; Đồng Nai"


@pytest.mark.parametrize("place", [("phường Thủ Đức", "Hồ Chí Minh"), ("xã Hòa Bình", "Vĩnh Long")])
def test_a_label_comes_apart_again(place: tuple[str, str]) -> None:
    assert parts(commune_label(*place)) == place
