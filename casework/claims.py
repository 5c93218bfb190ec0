"""The library of known claims (thông tin đã kiểm chứng), and a person's word on what a narrative is about."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import datetime

from casework import refusals
from casework.rules_of_work import LONGEST_STATEMENT, named, noted, reasoned
from records.address import is_web_address
from records.case import Act
from records.claim import Claim, ClaimMatch, MatchDecision, SimilarClaim, Verdict
from records.errors import ActRefused, InputError, NotFound
from records.ports import Casebook, Work
from records.text import normalize, text_hash
from records.topics import TOPICS

LONGEST_CLAIM = 500  # characters, of the text and of each wording
LONGEST_EXPLANATION = 4000
LONGEST_ADDRESS = 2000
LONGEST_ID = 100
MOST_WORDINGS = 100
MOST_SOURCES = 20

#: What a version is told from another by.
_CONTENT = tuple(field.name for field in fields(Claim) if field.name not in {"version", "withdrawn_at"})
_ACTS = {MatchDecision.CONFIRMED: Act.CONFIRM_CLAIM, MatchDecision.REJECTED: Act.REJECT_CLAIM}


def claim_subject(claim_id: str) -> str:
    """What the trail calls a claim."""
    return f"claim:{claim_id}"


def checked(claim: Claim, now: datetime) -> Claim:
    """`claim` in one spelling. Raises InputError with one of `casework.refusals`."""
    text, explanation, response = normalize(claim.text), normalize(claim.explanation), normalize(claim.response)
    text = " ".join(text.split())
    wordings = _distinct((" ".join(normalize(one).split()) for one in claim.wordings), but=text)
    sources = _distinct(one.strip() for one in claim.sources)
    if not text or not claim.id:
        raise InputError(refusals.CLAIM_TEXT_MISSING)
    if (
        max(map(len, (text, *wordings))) > LONGEST_CLAIM
        or len(explanation) > LONGEST_EXPLANATION
        or len(response) > LONGEST_STATEMENT
        or len(claim.id) > LONGEST_ID
    ):
        raise InputError(refusals.TEXT_TOO_LONG)
    if len(wordings) > MOST_WORDINGS or len(sources) > MOST_SOURCES:
        raise InputError(refusals.CLAIM_TOO_MANY)
    if not all(is_web_address(one) and one.isprintable() and len(one) <= LONGEST_ADDRESS for one in sources):
        raise InputError(refusals.CLAIM_SOURCE_NOT_WEB)
    if not sources and claim.verdict is not Verdict.UNVERIFIABLE:
        raise InputError(refusals.CLAIM_SOURCE_MISSING)
    if claim.topic is not None and claim.topic not in TOPICS:
        raise InputError(refusals.CLAIM_TOPIC_UNKNOWN)
    if claim.decided_at > now:
        raise InputError(refusals.CLAIM_DECIDED_AHEAD)
    if claim.valid_until is not None and claim.valid_until <= claim.decided_at:
        raise InputError(refusals.CLAIM_ENDS_EARLY)
    return replace(
        claim,
        text=text,
        wordings=wordings,
        explanation=explanation,
        response=response,
        sources=sources,
        decided_by=named(claim.decided_by),
    )


def same_content(one: Claim, other: Claim) -> bool:
    """Whether they say the same, whichever version of it."""
    return all(getattr(one, name) == getattr(other, name) for name in _CONTENT)


def save_claim(casebook: Casebook, claim: Claim, actor: str, now: datetime, *, new: bool = False) -> Claim:
    """Add a claim, or change one: then `version` is that which the person has read.

    Every version is kept. Where its verdict changes, the narratives that are confirmed for it say so in their trail.
    """
    actor, claim = named(actor), checked(claim, now)
    with casebook.work() as work:
        return _save(work, claim, actor, now, new)


def add_claim_for(casebook: Casebook, claim: Claim, narrative_id: str, actor: str, now: datetime) -> Claim:
    """Add a new claim and confirm it for the narrative that it was made of: both or neither."""
    actor, claim = named(actor), checked(claim, now)
    with casebook.work() as work:
        added = _save(work, claim, actor, now, new=True)
        _decide(work, narrative_id, added.id, MatchDecision.CONFIRMED, actor, now)
        return added


def withdraw_claim(casebook: Casebook, claim_id: str, reason: str, actor: str, now: datetime) -> Claim:
    """Take it out of use, with a reason: it is no more suggested, and narratives confirmed for it say so."""
    actor, reason = named(actor), reasoned(reason)
    with casebook.work() as work:
        return _withdraw(work, claim_id, reason, actor, now)


def put_back_claim(casebook: Casebook, before: Claim, reason: str, actor: str, now: datetime) -> Claim:
    """Make a claim what it was before, whose `version` is that which was read now; where it was withdrawn then, it is
    withdrawn again, for `reason`: all of it or nothing."""
    actor, reason, before = named(actor), reasoned(reason), checked(before, now)
    with casebook.work() as work:
        if work.claim(before.id).version != before.version:
            raise ActRefused(before.id, refusals.CLAIM_CHANGED)
        back = _save(work, before, actor, now, new=False)
        return back if before.withdrawn_at is None else _withdraw(work, back.id, reason, actor, now)


def bring_back_claim(casebook: Casebook, claim_id: str, actor: str, now: datetime) -> Claim:
    """Undo of withdrawing it."""
    actor = named(actor)
    with casebook.work() as work:
        known = work.claim(claim_id)
        if known.withdrawn_at is None:
            return known
        back = replace(known, withdrawn_at=None, version=known.version + 1)
        work.save_claim(back, actor, now)
        work.trail(now, actor, Act.BRING_BACK_CLAIM, claim_subject(claim_id), _named_in_trail(back))
        _tell_narratives(work, Act.BRING_BACK_CLAIM, back, actor, now)
        return back


# --- narratives and claims --------------------------------------------------------------------------------------------


def decide_match(
    casebook: Casebook,
    narrative_id: str,
    claim_id: str,
    decision: MatchDecision,
    actor: str,
    now: datetime,
    similarity: float | None = None,
) -> ClaimMatch:
    """A person's word that the narrative is about the claim, or is not. It stands until it is taken back or changed.

    `similarity`: what the machine gave the pair, kept with it to learn from; None for one that it did not suggest.
    """
    actor = named(actor)
    with casebook.work() as work:
        return _decide(work, narrative_id, claim_id, decision, actor, now, similarity)


def undecide_match(casebook: Casebook, narrative_id: str, claim_id: str, actor: str, now: datetime) -> None:
    """Take back what was said: the claim may be suggested again."""
    actor = named(actor)
    with casebook.work() as work:
        if _word_on(work.matches(narrative_id), claim_id) is None:
            return
        work.drop_match(narrative_id, claim_id)
        work.trail(now, actor, Act.UNDECIDE_CLAIM, narrative_id, {"claim": claim_id})


def known_claim(work: Work, narrative_id: str, now: datetime) -> Claim | None:
    """The claim that the narrative was confirmed for last, of those that hold."""
    for match in work.matches(narrative_id):
        if match.decision is MatchDecision.CONFIRMED and match.claim.holds(now):
            return match.claim
    return None


def open_suggestions(
    suggested: Iterable[SimilarClaim], matches: Iterable[ClaimMatch], now: datetime
) -> tuple[SimilarClaim, ...]:
    """Those on which nobody has spoken, of claims that hold."""
    decided = {match.claim.id for match in matches}
    return tuple(one for one in suggested if one.claim.id not in decided and one.claim.holds(now))


def _save(work: Work, claim: Claim, actor: str, now: datetime, new: bool) -> Claim:
    known = _known(work, claim.id)
    if known is None:
        if not new:
            raise NotFound("claim", claim.id)
        added = replace(claim, version=1, withdrawn_at=None)
        work.save_claim(added, actor, now)
        work.trail(now, actor, Act.ADD_CLAIM, claim_subject(claim.id), _named_in_trail(added))
        return added
    if same_content(known, claim):
        return known
    if new:
        raise ActRefused(claim.id, refusals.CLAIM_KNOWN)
    _require_in_use(known)
    if known.version != claim.version:
        raise ActRefused(claim.id, refusals.CLAIM_CHANGED)
    changed = replace(claim, version=known.version + 1, withdrawn_at=None)
    work.save_claim(changed, actor, now)
    work.trail(now, actor, Act.EDIT_CLAIM, claim_subject(claim.id), _named_in_trail(changed, known))
    if changed.verdict is not known.verdict:
        _tell_narratives(work, Act.EDIT_CLAIM, changed, actor, now, known)
    return changed


def _withdraw(work: Work, claim_id: str, reason: str, actor: str, now: datetime) -> Claim:
    known = work.claim(claim_id)
    if known.withdrawn_at is not None:
        return known
    gone = replace(known, withdrawn_at=now, version=known.version + 1)
    work.save_claim(gone, actor, now)
    detail = {**_named_in_trail(gone), **noted(work, reason, now)}
    work.trail(now, actor, Act.WITHDRAW_CLAIM, claim_subject(claim_id), detail)
    _tell_narratives(work, Act.WITHDRAW_CLAIM, gone, actor, now)
    return gone


def _known(work: Work, claim_id: str) -> Claim | None:
    try:
        return work.claim(claim_id)
    except NotFound:
        return None


def _decide(
    work: Work,
    narrative_id: str,
    claim_id: str,
    decision: MatchDecision,
    actor: str,
    now: datetime,
    similarity: float | None = None,
) -> ClaimMatch:
    if work.narrative(narrative_id).merged_into is not None:
        raise ActRefused(narrative_id, refusals.NARRATIVE_MERGED)
    claim = work.claim(claim_id)
    known = _word_on(work.matches(narrative_id), claim_id)
    if known is not None and known.decision is decision:
        return known
    if decision is MatchDecision.CONFIRMED:
        _require_in_use(claim)
    match = ClaimMatch(narrative_id, claim, decision, actor, now, similarity)
    work.save_match(match)
    detail = {"claim": claim_id, "claim_version": str(claim.version)}
    if similarity is not None:
        detail["similarity"] = f"{similarity:.2f}"
    work.trail(now, actor, _ACTS[decision], narrative_id, detail)
    return match


def _word_on(matches: Iterable[ClaimMatch], claim_id: str) -> ClaimMatch | None:
    return next((match for match in matches if match.claim.id == claim_id), None)


def _require_in_use(claim: Claim) -> None:
    if claim.withdrawn_at is not None:
        raise ActRefused(claim.id, refusals.CLAIM_WITHDRAWN)


def _tell_narratives(
    work: Work, act: Act, claim: Claim, actor: str, now: datetime, before: Claim | None = None
) -> None:
    for narrative in work.narratives_of_claim(claim.id):
        detail = {"claim": claim.id, "claim_version": str(claim.version), "verdict": claim.verdict.value}
        if before is not None:
            detail["verdict_before"] = before.verdict.value
        work.trail(now, actor, act, narrative.id, detail)


def _named_in_trail(claim: Claim, before: Claim | None = None) -> dict[str, str]:
    content = {name: getattr(claim, name) for name in _CONTENT}
    detail = {
        "version": str(claim.version),
        "verdict": claim.verdict.value,
        "claim_sha256": text_hash(json.dumps(content, sort_keys=True, ensure_ascii=False, default=str)),
    }
    if before is not None and before.verdict is not claim.verdict:
        detail["verdict_before"] = before.verdict.value
    return detail


def _distinct(values: Iterable[str], but: str = "") -> tuple[str, ...]:
    """Each once and in order, without empty ones."""
    return tuple(dict.fromkeys(value for value in values if value and value != but))
