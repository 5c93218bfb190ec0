"""The provinces that a text names, under their names since July 2025; the 63 old names are aliases."""

from __future__ import annotations

import json
import re
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from records.text import fold, normalize

_TABLE = Path(__file__).parent / "data" / "provinces.json"
#: Words that make the next one a place even without marks or capitals.
_BEFORE = r"(?:tinh|thanh pho|tp|t\.p|o|tai|cdc|so y te|benh vien da khoa|que|ve|duoi|tren|len|quanh)"


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
def _rows() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(_TABLE.read_text("utf-8"))["provinces"])


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

    def either(aliases: dict[str, str]) -> str:
        return "|".join(
            r"[ \-–]+".join(re.escape(part) for part in alias.split(" "))
            for alias in sorted(aliases, key=len, reverse=True)
        )

    return (
        marked,
        re.compile(rf"(?<![\w])(?:{either(marked)})(?!\w)"),
        folded,
        re.compile(rf"(?<!\w){_BEFORE}[ .]+({either(folded)})(?!\w)"),
    )


def places(text: str) -> tuple[str, ...]:
    """Today's names of the provinces that `text` (normalized) names, in the order in which they come.

    With its marks an alias counts as whole words in capitals ("hòa bình" is peace, "Hòa Bình" a place). Without
    them it counts only after a word such as "tinh", "tp" or "o". Communes are not known yet.
    """
    marked, marked_pattern, folded, folded_pattern = _patterns()
    found: list[tuple[int, str]] = []
    for match in marked_pattern.finditer(text):
        if not _is_something_else(text, match):
            found.append((match.start(), marked[_key(match.group())]))
    flat = fold(text)
    found += [(match.start(), folded[_key(match.group(1))]) for match in folded_pattern.finditer(flat)]
    return tuple(dict.fromkeys(name for _, name in sorted(found)))


def _key(written: str) -> str:
    """One form for "Bà Rịa - Vũng Tàu" and "Bà Rịa–Vũng Tàu"."""
    return re.sub(r"[ \-–]+", " ", written)


#: What stands before a name that is then a street's, a person's or a river's, and no province.
_NOT_A_PLACE = re.compile(
    r"(?:đường|phố|ông|bà|anh|chị|em|bác|cô|chú|bác sĩ|BS\.?|hãng|cầu|sông|nền|Chủ tịch|Bác"
    r"|Nguyễn|Trần|Lê|Phạm|Hoàng|Huỳnh|Phan|Vũ|Võ|Đặng|Bùi|Đỗ|Ngô|Dương|Lý|Nguyễn \w+|Trần \w+|Lê \w+|Phạm \w+)\s+$"
)


def _is_something_else(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - 20) : match.start()]
    return bool(_NOT_A_PLACE.search(before)) and not re.search(r"[Tt]hành phố\s+$", before)
