"""The places that a text names: provinces under their names since July 2025, and communes with their province.

A text is read once, word by word, and looked up in tables: the time grows with its length alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from models.gazetteer import province_of, provinces, provinces_near
from models.place_reading import Words
from models.place_resolving import How, Named

__all__ = ["How", "Named", "listed", "named_places", "places", "province_of", "provinces", "provinces_near"]

_SUREST = tuple(How)


def places(text: str, home: str = "") -> tuple[str, ...]:
    """The places that `text` (normalized) names, as `listed` has them; `home`: see `named_places`."""
    return listed(named_places(text, home))


def listed(named: Iterable[Named]) -> tuple[str, ...]:
    """As an assessment keeps them: in the order in which they come, each commune after its province."""
    return tuple(dict.fromkeys(place for one in named for place in (one.province, one.place)))


def named_places(text: str, home: str = "") -> tuple[Named, ...]:
    """What `text` (normalized) names, in the order in which it comes: each commune once, and each province once that
    is named by itself or by a district.

    With its marks a name counts as whole words in capitals ("hòa bình" is peace, "Hòa Bình" a place); a commune's only
    after its kind ("xã", "p.") or before its province. Without marks or capitals a province counts after a word such
    as "tinh", "tp" or "o", and in a text in small letters when it can be nothing else ("ninh thuận", "dak lak").
    `home`: the department's province, which is meant where several have a commune of the name and none is named.
    """
    surest: dict[tuple[str, str], Named] = {}
    for _, named in sorted(Words(text).mentions(home), key=lambda mention: mention[0]):
        known = surest.setdefault((named.province, named.commune), named)
        if _SUREST.index(named.how) < _SUREST.index(known.how):
            surest[named.province, named.commune] = named
    return tuple(surest.values())
