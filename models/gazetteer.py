"""The tables of places: 34 provinces, their communes since July 2025, and the names from before as aliases.

Read once, at the first use: models/data/provinces.json is written by hand, communes.json by models/make_gazetteer.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from records.text import fold, normalize

_DATA = Path(__file__).parent / "data"
COMMUNE_KINDS = ("xã", "phường", "thị trấn", "đặc khu")
DISTRICT_KINDS = ("quận", "huyện", "thị xã", "thành phố")


class Unit(NamedTuple):
    """A commune or a district of today's `province`, under one of its names.

    `name`: without its kind, as `key` has it. `commune`: today's name with its kind ("phường Thủ Đức"); "" of a
    district, and of an old commune that went to more than one.
    """

    kind: str
    name: str
    province: str
    commune: str
    today: bool


class Alias(NamedTuple):
    """A name of today's `province`, as `key` has it; `province` is "" of a longer name that only begins like one's.

    `town`: a city, town or island of it. `exact`: only as it is written here. `common`: in small letters it is a word.
    `plain`: it can be nothing else even without marks.
    """

    name: str
    province: str
    today: bool = False
    town: bool = False
    exact: str = ""
    common: bool = False
    plain: bool = False


@cache
def provinces() -> tuple[str, ...]:
    """The 34 names, in the order of the table."""
    return tuple(row["name"] for row in _provinces()["provinces"])


def province_of(name: str) -> str | None:
    """Today's name of the one province that `name` is: with or without marks, "tỉnh" or "TP", under an old name too."""
    return _typed().get(_bare(name))


def provinces_near(name: str, limit: int = 3) -> tuple[str, ...]:
    """Today's names of the provinces whose name, old or new, is written most like `name`, the nearest first."""
    found = get_close_matches(_bare(name), _typed(), n=3 * limit, cutoff=0.6)
    return tuple(dict.fromkeys(_typed()[alias] for alias in found))[:limit]


@cache
def _typed() -> dict[str, str]:
    """{folded name, new, old or usual: today's name}"""
    rows = _provinces()["provinces"]
    return {_bare(alias): row["name"] for row in rows for alias in [*row["old"], *row["also"], row["name"]]}


def _bare(name: str) -> str:
    spaced = re.sub(r"[ \-–]+", " ", fold(normalize(name)).strip())
    return re.sub(r"^(tinh|thanh pho|t\.? ?p\.?(?= |\.))[ .]+", "", spaced)


@cache
def _provinces() -> dict[str, Any]:
    table: dict[str, Any] = json.loads((_DATA / "provinces.json").read_text("utf-8"))
    return table


@cache
def _communes() -> dict[str, Any]:
    table: dict[str, Any] = json.loads((_DATA / "communes.json").read_text("utf-8"))["provinces"]
    return table


@lru_cache(maxsize=1 << 15)
def folded(word: str) -> str:
    """One word for look-up: folded, without apostrophes ("Ea H'leo", "Ea H’Leo")."""
    return re.sub(r"['’]", "", fold(word))


@lru_cache(maxsize=1 << 15)
def key(word: str) -> str:
    """One word in small letters with its marks: "Đăk" and "Đắk" are one."""
    word = re.sub(r"['’]", "", word.lower())
    return "đắk" if word == "đăk" else word


WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def _name(text: str) -> str:
    return " ".join(map(key, WORD.findall(text)))


def _lookup(name: str) -> str:
    return " ".join(map(folded, name.split(" ")))


def beginnings(names: Iterable[str]) -> frozenset[str]:
    """All that a look-up word by word passes on its way to one of `names`, the names included."""
    found: set[str] = set()
    for name in names:
        parts = name.split(" ")
        found.update(" ".join(parts[:end]) for end in range(1, len(parts) + 1))
    return frozenset(found)


@cache
def units() -> dict[str, tuple[Unit, ...]]:
    """{folded name without its kind: all that are called so}"""
    kinds = (*COMMUNE_KINDS, *DISTRICT_KINDS)
    found: dict[str, list[Unit]] = {}
    for province, row in _communes().items():
        former = row["former"].items()
        named = [(name, name, True) for name in row["communes"]]
        named += [(name, row["communes"][at] if at >= 0 else "", False) for name, at in former]
        gone = _provinces()["districts_gone"].get(province, [])
        named += [(name, "", False) for name in [*row["districts"], *gone]]
        for name, commune, today in named:
            kind = next(kind for kind in kinds if name.startswith(kind))
            unit = Unit(kind, _name(name[len(kind) :]), province, commune, today)
            found.setdefault(_lookup(unit.name), []).append(unit)
    return {name: tuple(those) for name, those in found.items()}


@cache
def unit_beginnings() -> frozenset[str]:
    return beginnings(units())


@cache
def aliases() -> dict[str, tuple[Alias, ...]]:
    """{folded name: the provinces' names, and the towns', that are written so}"""
    table = _provinces()
    common, plain = ({_name(name) for name in table[of]} for of in ("words_in_lower_case", "unmistakable_unmarked"))
    plain |= {_name(name) for name in table["no_province"]} | {"đắc lắc", "đắc nông"}
    found: dict[str, list[Alias]] = {}

    def add(name: str, province: str, *, today: bool = False, town: bool = False, exact: str = "") -> None:
        alias = Alias(_name(name), province, today, town, exact, _name(name) in common, _name(name) in plain)
        those = found.setdefault(_lookup(alias.name), [])
        if all(other.name != alias.name for other in those):
            those.append(alias)

    for row in table["provinces"]:
        add(row["name"], row["name"], today=True)
        for name in [*row["old"], *row["also"]]:
            add(name, row["name"], exact=name if name in row["never_folded"] else "")
    for name in table["no_province"]:
        add(name, "")
    for name in table["towns"]:
        add(name, town_province(name), town=True)
    return {name: tuple(those) for name, those in found.items()}


@cache
def alias_beginnings() -> frozenset[str]:
    return beginnings(aliases())


def town_province(name: str) -> str:
    """Of a city, town, district or island of the table: before July 2025, or else of the commune that has its name."""
    those = units()[_lookup(_name(name))]
    those = tuple(unit for unit in those if unit.name == _name(name))
    found = {unit.province for unit in those if unit.kind in DISTRICT_KINDS} or {unit.province for unit in those}
    (province,) = found
    return province


@cache
def are_words() -> frozenset[str]:
    """Names of communes, as `_name` has them, that are words when they are written in small letters."""
    return frozenset(_name(name) for name in _provinces()["communes_that_are_words"])


@cache
def in_no_name() -> dict[str, frozenset[str]]:
    """{folded word of a kind: words that make another word of it: "xã hội", "quan trọng"}"""
    return {kind: frozenset(others) for kind, others in _provinces()["units_in_no_name"].items()}
