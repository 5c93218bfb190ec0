"""What the assessor says of texts that were written to be got wrong: a suite of behaviours, counted.

A line of a suite has `group`, `owner` and `text`, and may have `title`, `kind` (the kinds that are right), `attention`
and `twin`: the same in another spelling, which is to be judged the same. The texts teach nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from models.examples import read_jsonl, sha256_of
from records.assessment import AssessableItem, Assessment, Kind, Stance
from records.ports import Assessor
from records.source import Owner

Case = Mapping[str, Any]


def figures(assessor: Assessor, path: Path) -> dict[str, Any]:
    """`groups`: of each how many are `right`, `of` how many; `sha256` of the suite."""
    counted: dict[str, dict[str, int]] = {}
    for case, right in judged(assessor, read_jsonl(path)):
        group = counted.setdefault(case["group"], {"right": 0, "of": 0})
        group["of"] += 1
        group["right"] += right
    every = {key: sum(group[key] for group in counted.values()) for key in ("right", "of")}
    return {"groups": dict(sorted(counted.items())), "all": every, "sha256": sha256_of([path])}


def judged(assessor: Assessor, cases: Sequence[Case]) -> list[tuple[Case, bool]]:
    """Each case, and whether all that is said of it and its twin is right."""
    texts = [(at, text) for at, case in enumerate(cases) for text in (case["text"], case.get("twin")) if text]
    items = [
        AssessableItem(f"{number}", text, title=cases[at].get("title", ""), owner=Owner(cases[at]["owner"]))
        for number, (at, text) in enumerate(texts)
    ]
    said: dict[int, list[Assessment]] = defaultdict(list)
    for (at, _), assessed in zip(texts, assessor.assess(items, cascade=True), strict=True):
        said[at].append(assessed.assessment)
    return [(case, all(right(case, each) for each in said[at])) for at, case in enumerate(cases)]


def right(case: Case, said: Assessment) -> bool:
    """By the group: what must not go wrong there, and the kinds and the attention that the case names."""
    named = said.kind in case.get("kind", list(Kind)) and said.attention == case.get("attention", said.attention)
    match case["group"].removeprefix("long_"):
        case "figure":
            return not said.health and not said.attention
        case "unmarked" | "spelling" | "incident" | "ordinary":
            return said.health and named
        case "spread":
            return said.kind is Kind.RUMOR
        case _:
            return not said.attention and said.kind is not Kind.RUMOR and said.stance is not Stance.ASSERTS
