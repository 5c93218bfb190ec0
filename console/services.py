"""What the console is built from: ports, and a few values of the settings. flows/wiring.py fills it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from casework import Recipients
from models.versions import Version
from records.claim import SimilarClaim
from records.drift import Share
from records.ports import Casebook, Clock, IndexQueue, Operations, Outbox, Reader, SearchIndex, Sources
from records.risk import DEFAULT_TABLE, RiskTable

#: A narrative's id → the known claims that it resembles, nearest first.
SimilarClaims = Callable[[str], tuple[SimilarClaim, ...]]


@dataclass(frozen=True, slots=True)
class Learning:
    """`versions` of the heads, `reports` of the last learnings, newest first; `shares`: the last week, and before."""

    versions: tuple[Version, ...]
    reports: tuple[dict[str, Any], ...]
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Services:
    """`signing_key`: at least 32 random bytes, kept under TIN3C_HOME/keys; it signs the cookie and the forms' tokens.

    `language` is "vi" or "en": what is shown to a person who has not chosen. Without `similar_claims` no known claim is
    suggested; people still find them. `recipients` hear of a case that a person opens. `judge` judges the
    narrative of that id again, after a person's word on it or on an item of it; without it the next run does.
    `public_address` is how a proxy with TLS shows the console, such as "https://tin3c.vi-du.vn"; "" without one.
    `metrics_token` is what /metrics wants to see; None gives the metrics to this machine only.
    Without `learning` there is no page about the models.
    """

    reader: Reader
    casebook: Casebook
    sources: Sources
    index: SearchIndex
    index_queue: IndexQueue
    operations: Operations
    outbox: Outbox
    clock: Clock
    home: Path
    signing_key: bytes
    department: str = "Sở Y tế"
    province: str = ""
    language: str = "vi"
    risk_table: RiskTable = field(default_factory=lambda: DEFAULT_TABLE)
    similar_claims: SimilarClaims | None = None
    recipients: Recipients = field(default_factory=Recipients)
    judge: Callable[[str], object] | None = None
    public_address: str = ""
    metrics_token: str | None = None
    learning: Callable[[], Learning] | None = None

    def __post_init__(self) -> None:
        if len(self.signing_key) < 32:
            raise ValueError("the signing key is shorter than 32 bytes")
