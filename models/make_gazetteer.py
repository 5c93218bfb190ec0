"""Writes models/data/communes.json from the package `vietnam-provinces`: read as text, never imported.

    python -m models.make_gazetteer FOLDER [--output models/data/communes.json]

`FOLDER` is the unpacked package, its folder `vietnam_provinces`. Any Python reads any version of it in this way; only
the versions since 2026 know the names from before July 2025. Why a table: docs/decisions/0016-communes-as-a-table.md.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from records.text import fold, normalize

TABLE = Path(__file__).parent / "data" / "communes.json"
_SOURCE = (
    "3.321 xã, phường, đặc khu từ ngày 01/7/2025 và các tên cũ, theo danh mục của Cục Thống kê: từ gói"
    " vietnam-provinces {version} (dữ liệu ngày {date}), do models/make_gazetteer.py viết ra."
)
_UNITS = ("đặc khu", "phường", "xã", "thị trấn", "thành phố", "thị xã", "quận", "huyện", "tỉnh")
#: The name went to more than one of today's communes, or was that of several: no one of them can be told.
SEVERAL = -1


def table(package: Path) -> dict[str, Any]:
    """The table of `package`; without `former` and `districts` where it knows no older names."""
    told = (package / "__init__.py").read_text("utf-8")
    version, date = (re.search(rf"{name} = '([^']+)'", told) for name in ("__version__", "__data_version__"))
    flat = json.loads((package / "data" / "flat-divisions.json").read_text("utf-8"))
    rows: dict[str, dict[str, Any]] = {}
    place: dict[int, tuple[str, int]] = {}
    for row in sorted(flat, key=lambda row: row["code"]):
        province = province_name(row["province_name"])
        communes = rows.setdefault(province, {"communes": []})["communes"]
        place[row["code"]] = province, len(communes)
        communes.append(written(row["name"]))
    if (package / "legacy").is_dir():
        _add_former(rows, package, place)
    source = _SOURCE.format(version=version[1] if version else "?", date=date[1] if date else "?")
    return {"source": source, "provinces": dict(sorted(rows.items()))}


def _add_former(rows: dict[str, dict[str, Any]], package: Path, place: dict[int, tuple[str, int]]) -> None:
    legacy = package / "legacy" / "_lookup.py"
    names = {code: call.args[0].value for code, call in _calls(legacy, "WARD_MAPPING")}  # type: ignore[attr-defined]
    districts: dict[int, Any] = dict(_calls(legacy, "DISTRICT_MAPPING"))
    became_of: dict[str, str] = {}
    for row in rows.values():
        row |= {"districts": [], "former": {}}
    for code, call in _calls(package / "_ward_conversion_2025.py", "OLD_TO_NEW"):
        old: Any = call.args[0]
        became = [place[new.args[0].value] for new in call.args[1].elts]  # type: ignore[attr-defined]
        province = became[0][0]
        if code not in names:  # a few that were gone before July 2025
            continue
        became_of[districts[old.args[1].value].args[4].attr] = province
        row, name = rows[province], written(names[code])
        # "phường 12" says nothing without its district, which is known itself.
        if re.fullmatch(r"phường \d+", name):
            continue
        numbers = [number for _, number in became]
        if name in row["communes"] and row["communes"].index(name) in numbers:  # it is that, or most of it
            continue
        one = numbers[0] if len(numbers) == 1 else SEVERAL
        row["former"][name] = one if row["former"].get(name, one) == one else SEVERAL
    for district in districts.values():
        rows[became_of[district.args[4].attr]]["districts"].append(written(district.args[0].value))
    for row in rows.values():
        row["districts"] = sorted(set(row["districts"]))
        row["former"] = dict(sorted(row["former"].items()))


def _calls(file: Path, name: str) -> Iterator[tuple[int, ast.Call]]:
    """(key, call) of the dict literal that `name` is in the source `file`."""
    for statement in ast.parse(file.read_text("utf-8")).body:
        target = statement.target if isinstance(statement, ast.AnnAssign) else None
        if isinstance(target, ast.Name) and target.id == name and isinstance(statement, ast.AnnAssign):
            mapping: Any = statement.value
            yield from ((key.value, call) for key, call in zip(mapping.keys, mapping.values, strict=True))


def province_name(name: str) -> str:
    """ "Thành phố Huế", "Tp Huế", "Tỉnh Cà Mau" → the name alone."""
    return re.sub(r"^(?:Tỉnh|Thành phố|Tp)\s+", "", normalize(name))


def written(name: str) -> str:
    """ "Phường Ba Đình" → "phường Ba Đình", with one sign for each hyphen and apostrophe, every word with a capital."""
    name = re.sub(r"\s*[–-]\s*", " - ", re.sub(r"\s*['’]\s*", "'", normalize(name)))
    unit = next(unit for unit in _UNITS if fold(name).startswith(f"{fold(unit)} "))
    words = name[len(unit) + 1 :].split(" ")
    return " ".join((unit, *(word[:1].upper() + word[1:] for word in words)))


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("package", type=Path, metavar="FOLDER")
    reader.add_argument("--output", type=Path, default=TABLE)
    given = reader.parse_args()
    shown = json.dumps(table(given.package), ensure_ascii=False, separators=(",", ":"))
    given.output.write_text(shown.replace('},"', '},\n"') + "\n", "utf-8")


if __name__ == "__main__":
    main()
