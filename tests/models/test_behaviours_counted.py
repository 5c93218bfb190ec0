"""Three suites of texts written to be got wrong, by the real encoder and the shipped heads; the fourth quotes claims.

They were written after heads and rules by writers who had read neither, and no rule is changed for them but one line
of fact checks (decision 0024); the corpus has grown since where groups of the second failed. How many are right is
counted, and stands in models/data/figures.json (`tin3c models evaluate`), below which it never falls unnoticed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from models import behaviours
from models.assessor import load_assessor
from models.encoder import load_encoder
from models.examples import own_corpus, read_jsonl
from models.heads import SHIPPED
from models.measuring import SUITES
from records.assessment import AssessableItem
from records.ports import Assessor

COUNTED = ("second", "third", "fourth")
FIGURES: dict[str, Any] = json.loads((SHIPPED.parent / "figures.json").read_text("utf-8"))
#: A processor without bfloat16 may judge a text at the edge otherwise.
_AT_THE_EDGE = 1


def suite(name: str) -> Path:
    return Path(__file__).parent / SUITES[name]


@pytest.mark.encoder
@pytest.mark.parametrize("name", COUNTED)
def test_as_many_are_right_as_were_counted(builtin_encoder_home: Path, name: str) -> None:
    counted = FIGURES["behaviours"][name]
    found = behaviours.figures(load_assessor(load_encoder("builtin", builtin_encoder_home)), suite(name))
    assert found["sha256"] == counted["sha256"]
    assert found["groups"].keys() == counted["groups"].keys()
    assert abs(found["all"]["right"] - counted["all"]["right"]) <= _AT_THE_EDGE, found


@pytest.mark.parametrize(("name", "short", "long"), [("second", 60, 15), ("third", 72, 8), ("fourth", 108, 0)])
def test_the_suite_is_what_it_is_said_to_be(name: str, short: int, long: int) -> None:
    cases = read_jsonl(suite(name))
    longer = [case for case in cases if case["group"].startswith("long_")]
    assert (len(cases) - len(longer), len(longer)) == (short, long)
    assert all(len(case["text"].split()) >= 200 for case in longer)
    others = [each for each in SUITES if each != name]
    known = {row.item.text for row in own_corpus()} | {c["text"] for other in others for c in read_jsonl(suite(other))}
    assert not known & {case["text"] for case in cases}


def test_a_case_is_right_only_if_its_twin_is_too(assessor: Assessor) -> None:
    text = "Trạm y tế phường tổ chức tiêm vắc xin sởi cho trẻ dưới hai tuổi."
    said = assessor.assess([AssessableItem("1", text)], cascade=True)[0].assessment
    case = {"group": "spelling", "owner": "citizen", "text": text, "kind": [said.kind]}
    assert [right for _, right in behaviours.judged(assessor, [case])] == [said.health]
    twin = case | {"twin": "Đội chủ nhà thắng ngược ở phút bù giờ, khán đài vỡ òa."}
    assert [right for _, right in behaviours.judged(assessor, [twin])] == [False]
