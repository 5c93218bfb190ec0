"""Claim (thông tin đã kiểm chứng): a known claim, its verdict and the official sources that say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    FALSE = "false"
    MISLEADING = "misleading"
    TRUE = "true"
    UNVERIFIABLE = "unverifiable"


@dataclass(frozen=True, slots=True)
class Claim:
    id: str
    text: str
    verdict: Verdict
    explanation: str
    sources: tuple[str, ...]  # web addresses, official
    topic: str | None
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class SimilarClaim:
    """`similarity`: cosine, -1 to 1."""

    claim: Claim
    similarity: float
