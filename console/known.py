"""The known claims that a person confirmed or rejected for a narrative, and the draft that they bring along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from records.case import Statement
from records.claim import Claim, ClaimMatch, MatchDecision
from records.ports import Reader


@dataclass(frozen=True, slots=True)
class Draft:
    """What may be said again. `statement`: the one that was approved on an earlier case; None for the library's own."""

    text: str
    claim: Claim
    statement: Statement | None = None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """`draft` is None where nothing was approved yet, or the claim does not hold any more."""

    match: ClaimMatch
    holds: bool
    draft: Draft | None


@dataclass(frozen=True, slots=True)
class KnownClaims:
    confirmed: tuple[Confirmed, ...]
    rejected: tuple[ClaimMatch, ...]


def known_claims(reader: Reader, narrative_id: str, now: datetime) -> KnownClaims:
    matches = reader.matches(narrative_id)
    confirmed = []
    for match in matches:
        if match.decision is MatchDecision.CONFIRMED:
            holds = match.claim.holds(now)
            confirmed.append(Confirmed(match, holds, _draft(reader, match.claim) if holds else None))
    return KnownClaims(tuple(confirmed), tuple(match for match in matches if match.decision is MatchDecision.REJECTED))


def _draft(reader: Reader, claim: Claim) -> Draft | None:
    """The library's own response, else what was approved last on a narrative of the same claim: not what was approved
    while the verdict was another one."""
    if claim.response:
        return Draft(claim.response, claim)
    earlier = next(iter(reader.responses_to(claim.id, limit=1)), None)
    if earlier is None or earlier.decided_at is None:
        return None
    since = _verdict_since(reader, claim)
    return Draft(earlier.text, claim, earlier) if since is None or since <= earlier.decided_at else None


def _verdict_since(reader: Reader, claim: Claim) -> datetime | None:
    """When the verdict became what it is; None for the first one."""
    versions = reader.claim_versions(claim.id)
    return next((new.at for new, old in pairwise(versions) if new.claim.verdict is not old.claim.verdict), None)
