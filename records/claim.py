"""Claim (thông tin đã kiểm chứng): a known claim, its verdict and the official sources that say so.

A narrative is matched against the library: the machine suggests, a person confirms or rejects. The acts are in
casework/claims.py.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from records.text import normalize


class Verdict(StrEnum):
    FALSE = "false"
    MISLEADING = "misleading"
    TRUE = "true"
    UNVERIFIABLE = "unverifiable"


@dataclass(frozen=True, slots=True)
class Claim:
    """`wordings`: other ways in which people say it. `response`: what a spokesperson approved to be said about it, ""
    while nothing was. `valid_until`: from then on it is neither suggested nor offered; None holds without an end.

    A claim is withdrawn, never deleted. `version` counts its changes, from 1.
    """

    id: str
    text: str
    verdict: Verdict
    explanation: str
    sources: tuple[str, ...]  # web addresses, official
    topic: str | None
    decided_at: datetime
    wordings: tuple[str, ...] = ()
    decided_by: str = ""
    valid_until: datetime | None = None
    response: str = ""
    withdrawn_at: datetime | None = None
    version: int = 1

    @property
    def all_wordings(self) -> tuple[str, ...]:
        return (self.text, *self.wordings)

    def holds(self, now: datetime) -> bool:
        """Whether it may be suggested and offered."""
        return self.withdrawn_at is None and (self.valid_until is None or now < self.valid_until)


@dataclass(frozen=True, slots=True)
class ClaimVersion:
    """A claim as it was, and who made it so."""

    claim: Claim
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SimilarClaim:
    """A claim that the machine suggests. `similarity`: the chance that it is the same claim, 0 to 1.

    `wording`: that of its wordings which is nearest. `strong`: at or above the threshold at which nearly all are right;
    a person confirms these, too.
    """

    claim: Claim
    similarity: float
    wording: str = ""
    strong: bool = False


class MatchDecision(StrEnum):
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class ClaimMatch:
    """A person's word on a narrative and a claim. `similarity`: what the machine gave it then, None if nothing."""

    narrative_id: str
    claim: Claim
    decision: MatchDecision
    actor: str
    at: datetime
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class ClaimPair:
    """A training row: what a narrative was called, and a person's word on whether it is about the claim."""

    label: str
    claim: Claim
    same: bool


def claim_id(text: str) -> str:
    """The id of a claim that is given none: 12 hex digits of the sha256 of its text."""
    line = " ".join(normalize(text).casefold().split())
    return "c" + hashlib.sha256(line.encode()).hexdigest()[:12]
