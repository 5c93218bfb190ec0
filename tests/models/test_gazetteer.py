"""The tables of places hold what the package has, and agree with each other."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest

from models.gazetteer import DISTRICT_KINDS, aliases, provinces, town_province, units
from models.make_gazetteer import SEVERAL, TABLE, table
from models.places import places, province_of
from records.text import fold

ROWS = json.loads(TABLE.read_text("utf-8"))["provinces"]


def _alike(name: str) -> str:
    """The package's versions write a few names otherwise: "Đắk song", "Chân Mây – Lăng Cô", "M’Drắk"."""
    return re.sub(r"\W", "", fold(name))


def test_today_s_communes_are_those_of_the_maintained_package() -> None:
    found = importlib.util.find_spec("vietnam_provinces")
    assert found is not None and found.submodule_search_locations, "requirements/development.lock has it"
    theirs = table(Path(found.submodule_search_locations[0]))["provinces"]
    assert set(theirs) == set(ROWS) == set(provinces())
    assert sum(len(row["communes"]) for row in ROWS.values()) == 3321
    for province, row in ROWS.items():
        assert sorted(map(_alike, row["communes"])) == sorted(map(_alike, theirs[province]["communes"])), province


LEGACY = {
    "__init__.py": "__version__ = '1'\n__data_version__ = '2026-01-01'\n",
    "data/flat-divisions.json": json.dumps(
        [
            {"code": 1, "name": "Phường Ba Đình", "province_name": "Thành phố Hà Nội"},
            {"code": 2, "name": "xã Chân Mây – Lăng Cô", "province_name": "Tp Hà Nội"},
            {"code": 3, "name": "Xã Đắk song", "province_name": "Tỉnh Lâm Đồng"},
        ]
    ),
    "legacy/_lookup.py": """
DISTRICT_MAPPING: dict = {
    1: District('Quận Ba Đình', D.D_1, T.QUAN, 'q', P.P_01),
    2: District('Huyện Đảo', D.D_2, T.H, 'h', P.P_01),
}
WARD_MAPPING: dict = {
    1: Ward('Phường Ba Đình', W.W_1, T.PHUONG, 'b', D.D_1),
    5: Ward('Phường Trúc Bạch', W.W_5, T.PHUONG, 't', D.D_1),
    6: Ward('Phường 12', W.W_6, T.PHUONG, 'p', D.D_1),
    7: Ward('Xã Lăng Cô', W.W_7, T.XA, 'l', D.D_1),
}
""",
    "_ward_conversion_2025.py": """
OLD_TO_NEW: dict = {
    1: OldToNewEntry(OldWardRef(1, 1, 1, False), (NewWardRef(1, 1),)),
    5: OldToNewEntry(OldWardRef(5, 1, 1, False), (NewWardRef(1, 1),)),
    6: OldToNewEntry(OldWardRef(6, 1, 1, False), (NewWardRef(1, 1),)),
    7: OldToNewEntry(OldWardRef(7, 1, 1, True), (NewWardRef(2, 1), NewWardRef(1, 1))),
    8: OldToNewEntry(OldWardRef(8, 1, 1, True), (NewWardRef(2, 1),)),
}
""",
}


def test_older_names_are_read_without_running_the_package(tmp_path: Path) -> None:
    """Nothing that its files name is there: they cannot have been imported."""
    for name, text in LEGACY.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "data").mkdir(exist_ok=True)
    assert table(tmp_path)["provinces"] == {
        "Hà Nội": {
            "communes": ["phường Ba Đình", "xã Chân Mây - Lăng Cô"],
            "districts": ["huyện Đảo", "quận Ba Đình"],
            "former": {"phường Trúc Bạch": 0, "xã Lăng Cô": SEVERAL},
        },
        "Lâm Đồng": {"communes": ["xã Đắk Song"], "districts": [], "former": {}},
    }


def test_what_an_old_commune_became_is_there() -> None:
    for row in ROWS.values():
        assert all(number == SEVERAL or 0 <= number < len(row["communes"]) for number in row["former"].values())
        assert len(set(row["communes"])) == len(row["communes"])
    assert sum(len(row["districts"]) for row in ROWS.values()) > 680


def test_towns_and_provinces_agree() -> None:
    towns = [alias.name for those in aliases().values() for alias in those if alias.town]
    assert len(towns) > 80
    assert {town_province(name) for name in towns} <= set(provinces())
    # a town that is an alias of a province lies in it
    for those in aliases().values():
        for alias in those:
            own = {unit.province for unit in units().get(fold(alias.name), ()) if unit.kind == DISTRICT_KINDS[3]}
            assert not own or alias.province in own | {""}


@pytest.mark.parametrize("name", provinces())
def test_a_province_is_found_under_every_way_of_writing_it(name: str) -> None:
    assert places(f"Sở Y tế tỉnh {name}")[:1] == (name,)
    assert places(f"so y te tinh {fold(name)}")[:1] == (name,)
    assert province_of(fold(name)) == name
