"""A source's record: what people have found its items to be, whichever way they said it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from records.assessment import Correction, Kind, Stance
from records.case import Case, CaseStage, SetAsideReason
from records.claim import Claim, ClaimMatch, MatchDecision, Verdict
from records.narrative import Merge, Placement
from records.risk import Level
from records.source import SourceRecord

DAY = timedelta(days=1)
NAMES = ("a", "b", "c", "d")


@pytest.fixture
def filled(desk, entries):
    """Four items of one source in two narratives, `a` and `b` in that of `a`; the second refutes."""
    for name in NAMES:
        desk.now += DAY
        desk.read(entries(name, text=f"Nghe nói chuyện {name}", published=desk.now))
    refuted = desk.item("b").id
    desk.assess()
    with desk.store.casebook.work() as work:
        work.correct(Correction(refuted, "stance", "asserts", "refutes", "lan", desk.now))
    ids = {name: desk.item(name).id for name in NAMES}
    of = {"a": "a", "b": "a", "c": "c", "d": "c"}
    placements = [Placement(ids[name], ids[first], 1.0) for name, first in of.items()]
    desk.store.narration.save(desk.run, placements, desk.now)
    return desk


def record(desk):
    found = desk.store.reader.source_records(["bao", "cong", "khong-co"])
    assert found["cong"] == found["khong-co"] == SourceRecord()
    assert (found["bao"].items, found["bao"].until - found["bao"].since) == (4, 3 * DAY)
    return found["bao"].rumors, found["bao"].corrections, found["bao"].not_health


def correct(desk, name, about, said):
    with desk.store.casebook.work() as work:
        work.correct(Correction(desk.item(name).id, about, "rumor", said, "lan", desk.now))


def claim(verdict=Verdict.FALSE, version=1, **more):
    return Claim("c1", "Lá đu đủ chữa ung thư", verdict, "", (), None, more.pop("at"), version=version, **more)


def match(desk, name, decision=MatchDecision.CONFIRMED):
    said = ClaimMatch(desk.item(name).id, desk.store.reader.claim("c1"), decision, "lan", desk.now)
    with desk.store.casebook.work() as work:
        work.save_match(said)


def test_what_only_the_machine_said_is_no_record(filled):
    assert filled.store.reader.assessment(filled.item("a").id).kind is Kind.RUMOR
    assert record(filled) == (0, 0, 0)


def test_the_last_word_on_an_item_counts(filled):
    correct(filled, "a", "kind", "news")
    correct(filled, "a", "kind", "rumor")
    correct(filled, "b", "kind", "correction")
    correct(filled, "c", "health", "false")
    assert record(filled) == (1, 1, 1)
    correct(filled, "a", "kind", "news")
    correct(filled, "c", "health", "true")
    assert record(filled) == (0, 1, 0)


def test_a_confirmed_claim_speaks_of_the_items_of_its_narrative(filled):
    with filled.store.casebook.work() as work:
        work.save_claim(claim(at=filled.now), "lan", filled.now)
    match(filled, "a")
    assert filled.store.reader.assessment(filled.item("b").id).stance is Stance.REFUTES
    assert record(filled) == (1, 1, 0)
    correct(filled, "a", "kind", "news")  # said of the item itself: it goes before
    assert record(filled) == (0, 1, 0)
    with filled.store.casebook.work() as work:
        work.save_claim(claim(Verdict.TRUE, 2, at=filled.now), "lan", filled.now)
    assert record(filled) == (0, 0, 0)


def test_it_follows_a_merge_but_for_a_word_against_it(filled):
    with filled.store.casebook.work() as work:
        work.save_claim(claim(at=filled.now), "lan", filled.now)
    match(filled, "c")
    assert record(filled) == (2, 0, 0)
    filled.store.narration.merge(Merge(filled.item("c").id, filled.item("a").id, 1.0, None), "lan", filled.now)
    assert record(filled) == (3, 1, 0)
    match(filled, "a", MatchDecision.REJECTED)
    assert record(filled) == (0, 0, 0)


def test_a_case_set_aside_as_not_health_counts_while_it_is(filled):
    first = filled.item("c").id
    aside = Case(
        f"case-{first}", first, CaseStage.SET_ASIDE, Level.LOW, filled.now, "lan", 1,
        set_aside_reason=SetAsideReason.NOT_HEALTH,
    )  # fmt: skip
    with filled.store.casebook.work() as work:
        work.save_case(aside)
    assert record(filled) == (0, 0, 2)
    with filled.store.casebook.work() as work:
        work.save_case(replace(aside, version=2, stage=CaseStage.DETECTED, set_aside_reason=None))
    assert record(filled) == (0, 0, 0)
