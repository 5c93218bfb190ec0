"""How often the provinces that models/places.py finds are those that people saw, on the labels of the own corpus.

The guide counts a city or district for its province and has no label for communes: what a commune alone tells counts
as wrong here, whether it is or not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from models.examples import OWN_CORPUS, sha256_of
from models.places import How, named_places
from models.second_reading import corpus
from records.text import normalize

_PARTS = ("channel", "spelling")
#: Smaller parts are left out of the table.
_LEAST_NAMED = 10


def figures(rows: Sequence[Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """Of the corpus, or of such `rows` (`title`, `text`, `places`, `channel`, `spelling`): counts and shares of
    provinces; by channel and spelling, and by how they are named."""
    given = corpus() if rows is None else rows
    found = [_found(row) for row in given]
    out: dict[str, Any] = {"all": _shares(found)}
    for part in _PARTS:
        by: dict[str, list[_Found]] = {}
        for row, one in zip(given, found, strict=True):
            by.setdefault(row[part], []).append(one)
        shares = {name: _shares(those) for name, those in sorted(by.items())}
        out[f"by_{part}"] = {name: one for name, one in shares.items() if one["labelled"] >= _LEAST_NAMED}
    right, said = Counter[How](), Counter[How]()
    for named, labels in found:
        said.update(named.values())
        right.update(how for province, how in named.items() if province in labels)
    out["by_how"] = {how.value: _of(right[how], said[how]) for how in How if said[how]}
    return out | ({"sha256": sha256_of(OWN_CORPUS.glob("part_*.jsonl"))} if rows is None else {})


#: ({province: its surest mention}, the provinces of the label)
_Found = tuple[Mapping[str, How], frozenset[str]]


def _found(row: Mapping[str, Any]) -> _Found:
    surest: dict[str, How] = {}
    order = list(How)
    for named in named_places(normalize(f"{row['title'] or ''}\n{row['text']}")):
        surest[named.province] = min(named.how, surest.get(named.province, named.how), key=order.index)
    return surest, frozenset(row["places"])


def _shares(found: Iterable[_Found]) -> dict[str, Any]:
    found = list(found)
    right = sum(len(named.keys() & labels) for named, labels in found)
    said, labelled = sum(len(named) for named, _ in found), sum(len(labels) for _, labels in found)
    shares = _of(right, said)
    return {
        "items": len(found),
        "labelled": labelled,
        **shares,
        "recall": round(right / labelled, 4) if labelled else None,
        "same": round(sum(named.keys() == labels for named, labels in found) / max(len(found), 1), 4),
    }


def _of(right: int, said: int) -> dict[str, Any]:
    return {"named": said, "right": right, "precision": round(right / said, 4) if said else None}
