"""Kind and stance that fit each other."""

from __future__ import annotations

from collections import Counter

import pytest

from models.consistent import STANCES, kind_and_stance
from models.examples import own_corpus
from records.assessment import Kind, Stance
from records.source import Owner

KINDS = dict.fromkeys(Kind, 0.05)
NOWHERE = dict.fromkeys(Stance, 0.05)


@pytest.mark.parametrize(
    ("kinds", "stances", "pair"),
    [
        ({Kind.RUMOR: 0.9}, {Stance.ASSERTS: 0.9}, (Kind.RUMOR, Stance.ASSERTS)),
        ({Kind.RUMOR: 0.5, Kind.CORRECTION: 0.4}, {Stance.REFUTES: 0.9}, (Kind.CORRECTION, Stance.REFUTES)),
        ({Kind.RUMOR: 0.9}, {Stance.REFUTES: 0.5, Stance.ASSERTS: 0.4}, (Kind.RUMOR, Stance.ASSERTS)),
        ({Kind.ADVERT: 0.6, Kind.RUMOR: 0.4}, {Stance.ASSERTS: 0.9}, (Kind.ADVERT, Stance.ASSERTS)),
        ({Kind.NEWS: 0.6, Kind.QUESTION: 0.3}, {Stance.ASKS: 0.8, Stance.NEUTRAL: 0.2}, (Kind.QUESTION, Stance.ASKS)),
    ],
)  # fmt: skip
def test_the_likeliest_pair_that_there_can_be(
    kinds: dict[Kind, float], stances: dict[Stance, float], pair: tuple[Kind, Stance]
) -> None:
    assert kind_and_stance(KINDS | kinds, NOWHERE | stances) == pair


@pytest.mark.parametrize(
    ("rumor", "owner", "kind"),
    [
        (0.5, Owner.OFFICIAL, Kind.CORRECTION),
        (0.5, Owner.PRESS, Kind.CORRECTION),
        (0.5, Owner.CITIZEN, Kind.RUMOR),
        (0.5, None, Kind.RUMOR),
        (0.75, Owner.OFFICIAL, Kind.CORRECTION),
        (0.85, Owner.OFFICIAL, Kind.RUMOR),
    ],
)
def test_an_office_spreads_a_rumor_only_where_that_is_clearly_likelier(
    rumor: float, owner: Owner | None, kind: Kind
) -> None:
    kinds, stances = {Kind.RUMOR: rumor, Kind.CORRECTION: 0.4}, {Stance.ASSERTS: 0.4, Stance.REFUTES: 0.4}
    assert kind_and_stance(KINDS | kinds, NOWHERE | stances, owner)[0] is kind


def test_every_kind_has_a_stance() -> None:
    assert list(STANCES) == list(Kind)
    assert {stance for those in STANCES.values() for stance in those} == set(Stance)


def test_the_corpus_is_labelled_so() -> None:
    pairs = Counter((Kind(row.labels["kind"]), Stance(row.labels["stance"])) for row in own_corpus())
    others = sum(count for (kind, stance), count in pairs.items() if stance not in STANCES[kind])
    assert others <= 0.005 * pairs.total()
