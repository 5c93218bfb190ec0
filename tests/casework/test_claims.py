"""The library of known claims: added, changed, withdrawn; and a person's word on what a narrative is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

import casework
from casework import refusals
from casework.claims import claim_subject, open_suggestions
from records.case import Act
from records.claim import Claim, MatchDecision, SimilarClaim, Verdict
from records.errors import ActRefused, InputError, NotFound
from tests.casework.conftest import Newsroom
from tests.support.desk_records import CLAIM, NOW


def _added(room: Newsroom) -> Claim:
    return casework.save_claim(room.store.casebook, CLAIM, "Trần Bình", room.now, new=True)


def test_a_claim_is_added_once_and_its_versions_are_kept(room: Newsroom) -> None:
    added = _added(room)
    assert _added(room) == added == room.store.reader.claim(CLAIM.id)
    room.later(hours=1)
    changed = casework.save_claim(room.store.casebook, replace(added, explanation="Khác."), "Lê Mai", room.now)
    assert changed.version == 2
    assert casework.save_claim(room.store.casebook, changed, "Lê Mai", room.now) == changed
    versions = room.store.reader.claim_versions(CLAIM.id)
    assert [(one.claim.version, one.actor) for one in versions] == [(2, "Lê Mai"), (1, "Trần Bình")]
    assert versions[1].claim == added
    assert room.acts(claim_subject(CLAIM.id)) == [Act.ADD_CLAIM, Act.EDIT_CLAIM]
    for entry in room.store.reader.trail_of(claim_subject(CLAIM.id)):
        assert "đu đủ" not in str(entry.detail)


def test_a_claim_that_came_without_an_act_keeps_its_first_version(room: Newsroom) -> None:
    room.store.save_claims([CLAIM])
    casework.save_claim(room.store.casebook, replace(CLAIM, verdict=Verdict.MISLEADING), "Lê Mai", room.now)
    assert [one.claim.verdict for one in room.store.reader.claim_versions(CLAIM.id)] == [
        Verdict.MISLEADING,
        Verdict.FALSE,
    ]


def test_two_people_do_not_overwrite_each_other(room: Newsroom) -> None:
    read = _added(room)
    casework.save_claim(room.store.casebook, replace(read, explanation="Một."), "Lê Mai", room.now)
    with pytest.raises(ActRefused, match="meanwhile"):
        casework.save_claim(room.store.casebook, replace(read, explanation="Hai."), "Trần Bình", room.now)
    with pytest.raises(ActRefused, match="already"):
        casework.save_claim(room.store.casebook, replace(read, text="Khác"), "Trần Bình", room.now, new=True)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"text": " \u200b "}, refusals.CLAIM_TEXT_MISSING),
        ({"text": "x" * 501}, refusals.TEXT_TOO_LONG),
        ({"wordings": ("x" * 501,)}, refusals.TEXT_TOO_LONG),
        ({"wordings": tuple(map(str, range(101)))}, refusals.CLAIM_TOO_MANY),
        ({"sources": ()}, refusals.CLAIM_SOURCE_MISSING),
        ({"sources": ("javascript:alert(1)",)}, refusals.CLAIM_SOURCE_NOT_WEB),
        ({"sources": ("https://ai@soyte.example/",)}, refusals.CLAIM_SOURCE_NOT_WEB),
        ({"topic": "none such"}, refusals.CLAIM_TOPIC_UNKNOWN),
        ({"decided_at": NOW + timedelta(days=1)}, refusals.CLAIM_DECIDED_AHEAD),
        ({"valid_until": NOW - timedelta(days=40)}, refusals.CLAIM_ENDS_EARLY),
        ({"decided_by": " "}, refusals.NAME_MISSING),
    ],
)
def test_what_a_claim_must_be(room: Newsroom, change: dict[str, object], problem: str) -> None:
    with pytest.raises(InputError) as raised:
        casework.save_claim(room.store.casebook, replace(CLAIM, **change), "Lê Mai", room.now, new=True)  # type: ignore[arg-type]
    assert str(raised.value) == problem
    assert room.store.reader.claims() == ()


def test_a_withdrawn_claim_stays_and_comes_back(room: Newsroom) -> None:
    _added(room)
    narrative = room.item("a")
    casework.decide_match(room.store.casebook, narrative, CLAIM.id, MatchDecision.CONFIRMED, "Lê Mai", room.now)
    with pytest.raises(InputError, match="reason"):
        casework.withdraw_claim(room.store.casebook, CLAIM.id, " ", "Lê Mai", room.now)
    gone = casework.withdraw_claim(room.store.casebook, CLAIM.id, "Bằng chứng mới", "Lê Mai", room.now)
    assert casework.withdraw_claim(room.store.casebook, CLAIM.id, "Bằng chứng mới", "Lê Mai", room.now) == gone
    assert room.store.reader.claims() == () and room.store.reader.claims(withdrawn=True) == (gone,)
    with pytest.raises(ActRefused, match="withdrawn"):
        casework.save_claim(room.store.casebook, replace(gone, text="Khác"), "Lê Mai", room.now)
    back = casework.bring_back_claim(room.store.casebook, CLAIM.id, "Lê Mai", room.now)
    assert room.store.reader.claims() == (back,) and back.version == 3
    assert room.acts(narrative) == [Act.CONFIRM_CLAIM, Act.WITHDRAW_CLAIM, Act.BRING_BACK_CLAIM]


def test_a_word_on_a_narrative_stands_until_it_is_taken_back(room: Newsroom) -> None:
    _added(room)
    narrative = room.item("a")
    book, reader = room.store.casebook, room.store.reader
    suggested = [SimilarClaim(reader.claim(CLAIM.id), 0.9)]
    assert len(open_suggestions(suggested, reader.matches(narrative), room.now)) == 1
    said = casework.decide_match(book, narrative, CLAIM.id, MatchDecision.REJECTED, "Lê Mai", room.now, 0.9)
    assert casework.decide_match(book, narrative, CLAIM.id, MatchDecision.REJECTED, "Trần Bình", room.now) == said
    assert open_suggestions(suggested, reader.matches(narrative), room.now) == ()
    casework.decide_match(book, narrative, CLAIM.id, MatchDecision.CONFIRMED, "Lê Mai", room.now, 0.9)
    assert [one.id for one in reader.narratives_of_claim(CLAIM.id)] == [narrative]
    (pair,) = reader.claim_pairs()
    assert pair.same and pair.claim.id == CLAIM.id and pair.label == reader.narrative(narrative).label
    casework.undecide_match(book, narrative, CLAIM.id, "Lê Mai", room.now)
    casework.undecide_match(book, narrative, CLAIM.id, "Lê Mai", room.now)
    assert reader.matches(narrative) == () and reader.claim_pairs() == ()
    assert room.acts(narrative) == [Act.REJECT_CLAIM, Act.CONFIRM_CLAIM, Act.UNDECIDE_CLAIM]
    with pytest.raises(NotFound):
        casework.decide_match(book, "none", CLAIM.id, MatchDecision.CONFIRMED, "Lê Mai", room.now)
    with pytest.raises(NotFound):
        casework.decide_match(book, narrative, "none", MatchDecision.CONFIRMED, "Lê Mai", room.now)


def test_a_claim_is_made_of_a_narrative_or_nothing_happens(room: Newsroom) -> None:
    first, second = room.item("a"), room.item("b")
    book, reader = room.store.casebook, room.store.reader
    room.narrator_merges(second, first)
    with pytest.raises(ActRefused, match="merged"):
        casework.add_claim_for(book, CLAIM, second, "Lê Mai", room.now)
    with pytest.raises(NotFound):
        casework.add_claim_for(book, CLAIM, "none", "Lê Mai", room.now)
    assert reader.claims(withdrawn=True) == () and room.acts(claim_subject(CLAIM.id)) == []
    added = casework.add_claim_for(book, CLAIM, first, "Lê Mai", room.now)
    assert casework.add_claim_for(book, CLAIM, first, "Lê Mai", room.now) == added == reader.claim(CLAIM.id)
    (match,) = reader.matches(first)
    assert match.decision is MatchDecision.CONFIRMED and match.similarity is None
    assert room.acts(first).count(Act.CONFIRM_CLAIM) == 1 and room.acts(claim_subject(CLAIM.id)) == [Act.ADD_CLAIM]
    with pytest.raises(ActRefused, match="already"):
        casework.add_claim_for(book, replace(CLAIM, explanation="Khác."), first, "Lê Mai", room.now)


def test_what_was_denied_stays_denied_when_the_claim_or_the_narrative_changes(room: Newsroom) -> None:
    added = _added(room)
    first, second = room.item("a"), room.item("b")
    book, reader = room.store.casebook, room.store.reader
    casework.decide_match(book, second, CLAIM.id, MatchDecision.REJECTED, "Lê Mai", room.now, 0.9)
    casework.save_claim(book, replace(added, wordings=("Khác",)), "Lê Mai", room.now)
    casework.withdraw_claim(book, CLAIM.id, "Xem lại", "Lê Mai", room.now)
    casework.bring_back_claim(book, CLAIM.id, "Lê Mai", room.now)
    room.narrator_merges(second, first)
    suggested = [SimilarClaim(reader.claim(CLAIM.id), 0.9)]
    assert open_suggestions(suggested, reader.matches(first), room.now) == ()


def test_a_merged_narrative_brings_its_claim_along(room: Newsroom) -> None:
    _added(room)
    first, second = room.item("a"), room.item("b")
    book, reader = room.store.casebook, room.store.reader
    casework.decide_match(book, second, CLAIM.id, MatchDecision.CONFIRMED, "Lê Mai", room.now)
    room.narrator_merges(second, first)
    (match,) = reader.matches(first)
    assert match.decision is MatchDecision.CONFIRMED and match.narrative_id == second
    assert [one.id for one in reader.narratives_of_claim(CLAIM.id)] == [first]
    with pytest.raises(ActRefused, match="merged"):
        casework.decide_match(book, second, CLAIM.id, MatchDecision.REJECTED, "Lê Mai", room.now)
    casework.decide_match(book, first, CLAIM.id, MatchDecision.REJECTED, "Lê Mai", room.now)
    assert [one.decision for one in reader.matches(first)] == [MatchDecision.REJECTED], "its own word goes before"
    casework.undecide_match(book, first, CLAIM.id, "Lê Mai", room.now)
    assert reader.matches(first) == ()


def test_a_new_verdict_is_told_in_the_trail_of_the_narratives(room: Newsroom) -> None:
    added = _added(room)
    narrative, other = room.item("a"), room.item("b")
    casework.decide_match(room.store.casebook, narrative, CLAIM.id, MatchDecision.CONFIRMED, "Lê Mai", room.now)
    casework.decide_match(room.store.casebook, other, CLAIM.id, MatchDecision.REJECTED, "Lê Mai", room.now)
    casework.save_claim(room.store.casebook, replace(added, verdict=Verdict.MISLEADING), "Trần Bình", room.now)
    (match,) = room.store.reader.matches(narrative)
    assert match.claim.verdict is Verdict.MISLEADING
    told = room.store.reader.trail_of(narrative)[-1]
    assert told.act is Act.EDIT_CLAIM and told.actor == "Trần Bình"
    assert (told.detail["verdict_before"], told.detail["verdict"]) == ("false", "misleading")
    assert Act.EDIT_CLAIM not in room.acts(other)


def test_what_was_approved_before_comes_along(room: Newsroom) -> None:
    _added(room)
    narrative = room.item("a")
    room.judge()
    book, reader = room.store.casebook, room.store.reader
    case = casework.open_case(book, narrative, "Lê Mai", room.now)
    casework.acknowledge(book, case.id, "Lê Mai", room.now)
    statement = casework.ask_spokesperson(book, case.id, "Không tự chữa bằng lá đu đủ.", "Lê Mai", room.now)
    casework.decide_match(book, narrative, CLAIM.id, MatchDecision.CONFIRMED, "Lê Mai", room.now)
    assert reader.responses_to(CLAIM.id) == ()
    approved = casework.approve(book, statement.id, "Trần Bình", room.now)
    assert reader.responses_to(CLAIM.id) == (approved,)


def test_an_alert_names_the_claim_that_it_resembles_or_was_confirmed_for(room: Newsroom) -> None:
    added = _added(room)
    narrative = room.item("a")
    room.spread(narrative)
    room.judge(resembles=lambda one: added if one == narrative else None)
    (message, *_rest) = room.outbox()
    assert message.notice.claim == CLAIM.text and not message.notice.claim_confirmed  # type: ignore[union-attr]
    casework.decide_match(room.store.casebook, narrative, CLAIM.id, MatchDecision.CONFIRMED, "Lê Mai", room.now)
    casework.open_case(room.store.casebook, narrative, "Lê Mai", room.now)
    casework.acknowledge(room.store.casebook, room.case(narrative).id, "Lê Mai", room.now)
    casework.ask_spokesperson(room.store.casebook, room.case(narrative).id, "Dự thảo", "Lê Mai", room.now)
    (message, *_rest) = room.outbox()
    assert message.notice.claim_confirmed and message.notice.claim_verdict is Verdict.FALSE  # type: ignore[union-attr]
