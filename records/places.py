"""How places are written: a province by its name ("Vĩnh Long"), a commune with it ("xã Hòa Bình, tỉnh Vĩnh Long")."""

from __future__ import annotations

from collections.abc import Iterable

#: The provinces that are cities.
CITIES = ("Hà Nội", "Huế", "Hải Phòng", "Đà Nẵng", "Cần Thơ", "Hồ Chí Minh")
_MOST_COMMUNES = 3


def commune_label(commune: str, province: str) -> str:
    """What stands in a list of places: "phường Thủ Đức, TP. Hồ Chí Minh"."""
    return f"{commune}, {_formal(province)}"


def parts(place: str) -> tuple[str, str]:
    """(commune, province) of one place of a list; commune is "" for a province."""
    commune, comma, province = place.partition(", ")
    if not comma:
        return "", place
    return commune, province.removeprefix("TP. ").removeprefix("tỉnh ")


def shown(places: Iterable[str], most: int | None = None) -> str:
    """A list of places in one line, each province once with its communes, the first `most` provinces.

    "phường Thủ Đức, TP. Hồ Chí Minh; Vĩnh Long"; with more communes "TP. Hồ Chí Minh (phường Thủ Đức, xã Củ Chi)".
    """
    communes: dict[str, list[str]] = {}
    for place in places:
        commune, province = parts(place)
        communes.setdefault(province, [])
        if commune:
            communes[province].append(commune)
    return "; ".join(_shown(province, named) for province, named in list(communes.items())[:most])


def _shown(province: str, communes: list[str]) -> str:
    if not communes:
        return province
    if len(communes) == 1:
        return commune_label(communes[0], province)
    more = "…" if len(communes) > _MOST_COMMUNES else ""
    return f"{_formal(province)} ({', '.join(communes[:_MOST_COMMUNES])}{more})"


def _formal(province: str) -> str:
    return f"{'TP.' if province in CITIES else 'tỉnh'} {province}"
