"""Several learnings in a row: what each may lose does not add up. On texts of words that are made up, in seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from models.comparing import Comparison, Judgement, Rows, Terms
from models.examples import Row, desk_rows
from models.features import BUCKETS, ngrams
from models.heads import Head, HeadSet, Mix
from models.reading import read
from records.assessment import AssessableItem, Correction, Kind
from records.item import Item, ItemStage

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
LABELS = (Kind.NEWS, Kind.RUMOR)
RUMORS = [f"đồn{n}thổi" for n in range(12)]
NEWS = [f"tin{n}báo" for n in range(12)]
EVEN = np.ones(BUCKETS, np.float32)
Pair = tuple[Correction, Item]


class WordsBench:
    """Heads that learn from words alone. A learning may lose one word of a dozen, or the next, and not both."""

    terms = Terms(tolerance=0.05)

    def trained(self, name: str, rows: Rows) -> Head:
        texts = ngrams([read(row.item).own for row in rows[name]], EVEN)
        wanted = np.array([[1.0, -1.0] if row.labels["kind"] == LABELS[0] else [-1.0, 1.0] for row in rows[name]])
        strength = np.diag([0.1 / row.weight for row in rows[name]])
        duals = np.linalg.solve((texts @ texts.T).toarray() + strength, wanted)
        weights = np.asarray(texts.T @ duals, np.float32)
        mix, none = Mix(5.0, 0.0, 0.0, (0.0, 0.0)), np.zeros((0, 2), np.float32)
        return Head(name, LABELS, "own", "none", np.arange(BUCKETS, dtype=np.int32), weights, none, mix, mix)

    def chances(self, name: str, heads: Mapping[str, Head], rows: Sequence[Row]) -> NDArray[np.float64]:
        own = ngrams([read(row.item).own for row in rows], EVEN)
        return HeadSet([heads[name]], "none").probabilities({"own": own}, None)[name]

    def stacks(self, name: str) -> tuple[str, ...]:
        return ()

    def say(self, line: str) -> None:
        pass


def corpus() -> list[Row]:
    texts = [
        (word, label, n)
        for words, label in ((RUMORS, Kind.RUMOR), (NEWS, Kind.NEWS))
        for word in words
        for n in range(10)
    ]
    return [
        Row(AssessableItem(f"{word}-{n}", f"{word} câu{n}"), "corpus", f"corpus:{word}-{n}", {"kind": label})
        for word, label, n in texts
    ]


def said(word: str, label: Kind, week: int, count: int = 60) -> list[Pair]:
    """Officers on texts with that word, in that week."""
    at = NOW + timedelta(weeks=week)
    machine = Kind.RUMOR if word in RUMORS else Kind.NEWS
    pairs = []
    for n in range(count):
        id = f"{word}-desk-{n}"
        item = Item(
            id,
            "bao",
            f"https://bao.example/{id}",
            "",
            "",
            f"{word} câu{n % 10}",
            at,
            at,
            at,
            1,
            ItemStage.COMPLETE,
            "-",
        )
        pairs.append((Correction(id, "kind", machine, label, "Lan", at), item))
    return pairs


def judged(pairs: Sequence[Pair], known: Sequence[Pair]) -> Judgement:
    rows = corpus()
    before = rows + desk_rows(known) if known else rows
    comparison = Comparison(WordsBench(), {"kind": rows}, {"kind": before}, {"kind": rows + desk_rows(pairs)})
    return comparison.judge("kind", pairs, known)


def test_what_each_of_many_learnings_may_lose_does_not_add_up() -> None:
    first, second, third = (said(RUMORS[week], Kind.NEWS, week) for week in range(3))
    one = judged(first, [])
    assert (one.taken, one.why) == (True, "better"), one
    assert one.fixed_shipped == one.fixed_before and one.fixed_after is not None and one.fixed_before is not None
    assert 0 < one.fixed_before - one.fixed_after <= WordsBench.terms.tolerance
    two = judged([*first, *second], first)
    assert (two.taken, two.why) == (False, "worse_than_shipped"), two
    assert two.fixed_before is not None and two.fixed_after is not None
    assert two.fixed_before - two.fixed_after <= WordsBench.terms.tolerance, "against the one in use it would do"
    three = judged([*first, *second, *third], first)
    assert not three.taken and "worse" in three.why, "and no later one takes it along"


def test_what_was_wrongly_learnt_is_unlearnt_by_newer_words() -> None:
    wrong, back = said(RUMORS[0], Kind.NEWS, 0), said(RUMORS[0], Kind.RUMOR, 1)
    assert judged(wrong, []).taken
    again = judged([*wrong, *back], wrong)
    assert (again.taken, again.why) == (True, "better"), again
    assert again.desk_before == 0 and again.desk_after == again.desk_shipped == 1


@pytest.mark.parametrize("label", LABELS)
def test_to_agree_alone_changes_nothing(label: Kind) -> None:
    words = RUMORS if label is Kind.RUMOR else NEWS
    agreed = judged(said(words[0], label, 0), [])
    assert (agreed.why, agreed.desk_before) == ("not_better", 1.0)
