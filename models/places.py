"""The provinces that a text names, under their names since July 2025; the 63 old names are aliases."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from records.text import fold, normalize

_TABLE = Path(__file__).parent / "data" / "provinces.json"
#: Words that make the next one a place even without marks or capitals.
_BEFORE = (
    r"(?:tinh|thanh pho|tp|t\.p|o|tai|cdc|so y te|bv|benh vien|benh vien da khoa|benh vien da lieu|vien|du lich|que|ve"
    r"|duoi|tren|len|quanh)"
)
#: Capital letters among the letters of a text that is written in small ones.
_FEW_CAPITALS = 0.05


@cache
def provinces() -> tuple[str, ...]:
    """The 34 names, in the order of the table."""
    return tuple(row["name"] for row in _rows())


def province_of(name: str) -> str | None:
    """Today's name of the one province that `name` is: with or without marks, "tỉnh" or "TP", under an old name too."""
    return _aliases().get(_bare(name))


def provinces_near(name: str, limit: int = 3) -> tuple[str, ...]:
    """Today's names of the provinces whose name, old or new, is written most like `name`, the nearest first."""
    found = get_close_matches(_bare(name), _aliases(), n=3 * limit, cutoff=0.6)
    return tuple(dict.fromkeys(_aliases()[alias] for alias in found))[:limit]


@cache
def _aliases() -> dict[str, str]:
    """{folded name, new, old or usual: today's name}"""
    return {_bare(alias): row["name"] for row in _rows() for alias in [*row["old"], *row["also"], row["name"]]}


def _bare(name: str) -> str:
    return re.sub(r"^(tinh|thanh pho|t\.? ?p\.?(?= |\.))[ .]+", "", _key(fold(normalize(name)).strip()))


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(_TABLE.read_text("utf-8"))
    return table


def _rows() -> tuple[dict[str, Any], ...]:
    return tuple(_table()["provinces"])


@cache
def _patterns() -> tuple[dict[str, str], re.Pattern[str], dict[str, str], re.Pattern[str]]:
    """(marked alias → province, its pattern, folded alias → province, its pattern); the longest alias first."""
    marked: dict[str, str] = {}
    folded: dict[str, str] = {}
    for row in _rows():
        for alias in [row["name"], *row["old"], *row["also"]]:
            marked[_key(normalize(alias))] = row["name"]
            if alias not in row["never_folded"]:
                folded[_key(fold(alias))] = row["name"]
    # A longer name that begins like a province's: found first, and none.
    marked |= dict.fromkeys(_table()["no_province"], "")
    folded |= dict.fromkeys([fold(name) for name in _table()["no_province"]], "")
    return (
        marked,
        re.compile(rf"(?<![\w])(?:{_either(marked)})(?!\w)"),
        folded,
        re.compile(rf"(?<!\w){_BEFORE}[ .]+({_either(folded)})(?!\w)"),
    )


@cache
def _small() -> tuple[dict[str, str], re.Pattern[str], dict[str, str], re.Pattern[str]]:
    """As `_patterns`, of names in small letters that are no other words: written with marks, and without."""
    marked, _, folded, _ = _patterns()
    others = {fold(name) for name in _table()["words_in_lower_case"]}
    small = {name.lower(): province for name, province in marked.items() if " " in name and fold(name) not in others}
    sure = {fold(name) for name in [*_table()["unmistakable_unmarked"], *_table()["no_province"]]}
    sure |= {alias for alias in ("dac lac", "dac nong") if alias in folded}
    plain = {name: province for name, province in folded.items() if name in sure}
    return (
        small,
        re.compile(rf"(?<!\w)(?:{_either(small)})(?!\w)"),
        plain,
        re.compile(rf"(?<!\w)(?:{_either(plain)})(?!\w)"),
    )


def _either(aliases: dict[str, str]) -> str:
    return "|".join(
        r"[ \-–]+".join(re.escape(part) for part in alias.split(" "))
        for alias in sorted(aliases, key=len, reverse=True)
    )


class How(StrEnum):
    """How a name stands in a text, the surest first. A list of names has no probability: this is what can be said."""

    NAMED = "named"  # today's name, with its marks and capitals
    FORMER = "former"  # with them too, but an old or another name: "Bình Dương", "Sài Gòn"
    UNMARKED = "unmarked"  # without marks or capitals: another word may be meant


@dataclass(frozen=True, slots=True)
class Named:
    """A province that a text names, and its surest mention as it is written there."""

    province: str
    written: str
    how: How


def places(text: str) -> tuple[str, ...]:
    """Today's names of the provinces that `text` (normalized) names, in the order in which they come."""
    return tuple(named.province for named in named_places(text))


def named_places(text: str) -> tuple[Named, ...]:
    """The provinces that `text` (normalized) names, in the order in which they come.

    With its marks an alias counts as whole words in capitals ("hòa bình" is peace, "Hòa Bình" a place). Without
    them it counts only after a word such as "tinh", "tp" or "o". In a text that is written in small letters a name
    counts that can be nothing else ("ninh thuận", "dak lak"). Communes are not known yet.
    """
    mentions = sorted(_mentions(text), key=lambda mention: (mention[0], mention[1].province))
    surest: dict[str, Named] = {}
    for _, mention in mentions:
        known = surest.setdefault(mention.province, mention)
        if _SUREST.index(mention.how) < _SUREST.index(known.how):
            surest[mention.province] = mention
    return tuple(surest.values())


_SUREST = tuple(How)


def _mentions(text: str) -> Iterator[tuple[int, Named]]:
    """(where, what), in no order."""
    marked, marked_pattern, folded, folded_pattern = _patterns()
    flat = fold(text)
    as_written = text if len(text) == len(flat) else flat

    def mention(start: int, end: int, province: str, how: How) -> Iterator[tuple[int, Named]]:
        if province:
            yield start, Named(province, as_written[start:end], how)

    for match in marked_pattern.finditer(text):
        if not _is_something_else(text, match):
            key = _key(match.group())
            how = How.NAMED if key == _key(marked[key]) else How.FORMER
            yield from mention(*match.span(), marked[key], how)
    for match in folded_pattern.finditer(flat):
        yield from mention(*match.span(1), folded[_key(match.group(1))], How.UNMARKED)
    if sum(letter.isupper() for letter in text) <= _FEW_CAPITALS * len(text):
        small, small_pattern, plain, plain_pattern = _small()
        for match in small_pattern.finditer(text):
            if not _is_something_else(text, match):
                yield from mention(*match.span(), small[_key(match.group())], How.UNMARKED)
        if flat == text.casefold():
            for match in plain_pattern.finditer(flat):
                yield from mention(*match.span(), plain[_key(match.group())], How.UNMARKED)


def _key(written: str) -> str:
    """One form for "Bà Rịa - Vũng Tàu" and "Bà Rịa–Vũng Tàu"."""
    return re.sub(r"[ \-–]+", " ", written)


#: What stands before a name that is then a street's, a person's or a river's, and no province.
_NOT_A_PLACE = re.compile(
    r"(?<!\w)(?:đường|phố|ông|bà|anh|chị|em|bác|cô|chú|bác sĩ|BS\.?|hãng|cầu|sông|nền|Chủ tịch|Bác"
    r"|Nguyễn|Trần|Lê|Phạm|Hoàng|Huỳnh|Phan|Vũ|Võ|Đặng|Bùi|Đỗ|Ngô|Dương|Lý|Nguyễn \w+|Trần \w+|Lê \w+|Phạm \w+)\s+$"
)


def _is_something_else(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - 20) : match.start()]
    return bool(_NOT_A_PLACE.search(before)) and not re.search(r"[Tt]hành phố\s+$", before)
