"""The second reading: what a reader is shown, and what is told of two readers who differ."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from models.agreement import BEGIN, END, SCALES, counts, first_reading, interval, kappa, paired, part, write
from models.examples import own_corpus, read_jsonl
from models.second_reading import DECIDED, READ, REPORT, SHOWN, corpus, draw, main
from records.errors import InputError


def row(number: int, **labels: Any) -> dict[str, Any]:
    """An item of the narrative `number // 4`, a rumor of medium harm unless `labels` say otherwise."""
    return {
        "id": f"x{number:03}",
        "narrative": f"chuyen-{number // 4}",
        "channel": "comment" if number % 2 else "newspaper",
        "title": "",
        "text": f"Lời thứ {number}",
        "health": True,
        "topic": "epidemic",
        "kind": "rumor",
        "stance": "asserts",
        "harm": "medium",
        "attention": True,
        "spelling": "full",
        "places": [],
    } | labels


ROWS = [row(number) for number in range(60)]


def test_whole_narratives_are_drawn_and_nothing_is_told_of_them() -> None:
    drawn = draw(ROWS, 0.2, seed=7)
    assert 12 <= len(drawn) < 12 + 4
    assert all(tuple(one) == SHOWN for one in drawn)
    narratives = [next(each["narrative"] for each in ROWS if each["id"] == one["id"]) for one in drawn]
    assert all(narratives.count(name) == 4 for name in set(narratives))
    assert narratives != sorted(narratives, key=narratives.index), "items of one narrative stand side by side"
    assert draw(ROWS, 0.2, seed=7) == drawn != draw(ROWS, 0.2, seed=8)
    assert {one["id"] for one in draw(ROWS, 1, seed=7)} == {one["id"] for one in ROWS}


def test_the_blind_files_hold_a_fifth_of_the_corpus(tmp_path: Path) -> None:
    main(["draw", "--output", str(tmp_path), "--parts", "part_a_0*.jsonl", "part_a_1*.jsonl"])
    files = sorted(tmp_path.iterdir())
    shown = [one for path in files for one in read_jsonl(path)]
    assert [path.name for path in files[:2]] == ["blind_01.jsonl", "blind_02.jsonl"]
    assert all(set(one) == set(SHOWN) for one in shown)
    assert len(shown) >= 0.2 * len(corpus(["part_a_*.jsonl"]))


@pytest.mark.parametrize("field", ["kind", "harm"])
def test_kappa_is_that_of_scikit_learn(field: str) -> None:
    chance = np.random.default_rng(3)
    labels = chance.choice(SCALES[field], (2, len(ROWS)))
    labels[1, ::2] = labels[0, ::2]
    second = [each | {field: str(label)} for each, label in zip(ROWS, labels[1], strict=True)]
    first = [each | {field: str(label)} for each, label in zip(ROWS, labels[0], strict=True)]
    tables, ordered = counts(paired(first, second), field), field == "harm"
    assert tables.shape == (15, len(SCALES[field]), len(SCALES[field]))
    wanted = cohen_kappa_score(*labels, labels=SCALES[field], weights="linear" if ordered else None)
    found = float(kappa(tables.sum(axis=0), ordered))
    assert found == pytest.approx(wanted)
    low, high = interval(tables, ordered)
    assert low < found < high


def test_what_differs_is_told_without_a_word_of_the_text() -> None:
    second = [row(0, harm="high"), row(1, places=["Huế", "Hà Nội"]), row(2), row(3, health=False, topic=None)]
    told = part(paired(ROWS, second))
    assert "4 items of 1 narratives" in told
    assert "The 3 items on which they differ" in told
    assert "| x000 | harm medium → high |" in told
    assert "| x001 | places none → Huế, Hà Nội |" in told
    assert "| x003 | health yes → no; topic epidemic → none |" in told
    assert "| kind | 4 | 1.000 | – |  |" in told, "one label everywhere says nothing of agreement"
    assert "Lời thứ" not in told and "x002" not in told


def decision(number: int, field: str, was: Any, now: Any) -> dict[str, Any]:
    return {"id": f"x{number:03}", "field": field, "was": was, "is": now, "why": "the guide"}


def test_what_was_decided_later_leaves_the_agreement_as_it_was() -> None:
    second = [row(0, harm="high"), row(1, kind="news"), row(2, kind="chatter"), row(3, kind="question"), row(4)]
    items = [row(0, harm="high"), row(1), row(2, kind="advert"), row(3), row(4, kind="advert")]
    decided = [
        decision(0, "harm", "medium", "high"),
        decision(2, "kind", "rumor", "advert"),
        decision(4, "kind", "rumor", "advert"),
    ]
    before, after = paired(ROWS[:5], second), paired(items, second, decided)
    assert [(pair.first, pair.second) for pair in after] == [(pair.first, pair.second) for pair in before]
    told = part(after)
    assert "| harm | 1 | 0 | 1 | 0 | 0 |" in told, "the second reader's label stands now"
    assert "| kind | 3 | 2 | 0 | 1 | 1 |" in told, "and here the first one's twice, and an advert that neither saw"
    assert "| x000 | harm medium → high |" in told, "a difference is told after it was decided, too"


@pytest.mark.parametrize(
    "decided",
    [decision(99, "harm", "medium", "high"), decision(0, "harm", "medium", "high"), decision(0, "mood", None, "sad")],
    ids=["unknown item", "not carried out", "unknown field"],
)
def test_a_decision_that_the_corpus_does_not_carry_is_refused(decided: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=decided["id"]):
        first_reading(ROWS, [decided])


def test_every_decision_has_its_reason_and_keeps_a_narrative_of_one_harm() -> None:
    decided, items = read_jsonl(DECIDED), corpus()
    before = first_reading(items, decided)
    assert len({(each["id"], each["field"]) for each in decided}) == len(decided)
    assert all(each["why"] and each["was"] == before[each["id"]][each["field"]] != each["is"] for each in decided)
    harms: dict[tuple[str, str], set[str]] = {}
    for each in items:
        assert (each["claim"] is None) == (each["stance"] == "neutral"), each["id"]
        if each["claim"]:
            harms.setdefault((each["narrative"], each["claim"]), set()).add(each["harm"])
    assert all(len(found) == 1 for found in harms.values())


@pytest.mark.parametrize(
    "read",
    [[row(99)], [row(1), row(1)], [row(1, kind="gossip")], [row(1, harm=None, topic="no_such_topic")]],
    ids=["unknown item", "read twice", "unknown kind", "unknown topic"],
)
def test_a_reading_that_cannot_be_compared_is_refused(read: list[dict[str, Any]]) -> None:
    with pytest.raises(InputError, match=read[0]["id"]):
        paired(ROWS, read)


def test_only_what_stands_between_the_marks_is_written(tmp_path: Path) -> None:
    report, pairs = tmp_path / "agreement.md", paired(ROWS, ROWS)
    with pytest.raises(InputError):
        write(report, pairs)
    report.write_text("# no marks\n", "utf-8")
    with pytest.raises(InputError):
        write(report, pairs)
    report.write_text(f"# Above\n{BEGIN}\nold\n{END}\nbelow\n", "utf-8")
    assert write(report, pairs)
    assert report.read_text("utf-8") == f"# Above\n{BEGIN}\n{part(pairs)}{END}\nbelow\n"
    assert not write(report, pairs)


def test_a_fifth_of_the_corpus_was_read_twice() -> None:
    read, items = len(read_jsonl(READ)), len(corpus())
    assert read >= 0.2 * items, f"{read} of {items} items: draw, and read, some of the newer narratives"


def test_the_report_is_of_the_readings_that_are_shipped(tmp_path: Path) -> None:
    report = tmp_path / "agreement.md"
    report.write_bytes(REPORT.read_bytes())
    main(["agreement", "--output", str(report)])
    assert report.read_text("utf-8") == REPORT.read_text("utf-8"), "run python -m models.second_reading agreement"


def test_nothing_learns_from_the_second_reading() -> None:
    first = {each["id"]: each for each in corpus()}
    rows = own_corpus()
    assert len(rows) == len(first)
    second = {each["id"]: each["kind"] for each in read_jsonl(READ)}
    changed = [each for each in rows if second.get(each.item.id, each.labels["kind"]) != each.labels["kind"]]
    assert changed, "the readers differ somewhere, or this test shows nothing"
    assert all(each.labels["kind"] == first[each.item.id]["kind"] for each in changed)
    assert json.loads(READ.read_text("utf-8").partition("\n")[0]).keys().isdisjoint({"text", "title", "narrative"})
