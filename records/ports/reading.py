"""What pages, digests and metrics ask of the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from records.assessment import Assessment, Correction
from records.case import Case, CaseStage, Statement, TrailEntry
from records.claim import Claim, ClaimMatch, ClaimPair, ClaimVersion
from records.digest import Digest, Period
from records.drift import Week
from records.item import Capture, Item, ItemVersion
from records.narrative import Arrangement, NarratableItem, Narrative, NarrativeMember
from records.operations import Workload
from records.risk import Level
from records.search import Interval, TimeCount
from records.source import SourceRecord


class Reader(Protocol):
    """What console, digests and doctor read. All lists are bounded by `limit`."""

    def inbox(
        self,
        now: datetime,
        *,
        since: datetime | None = None,
        topic: str | None = None,
        level: Level | None = None,
        stages: frozenset[CaseStage] | None = None,
        offset: int = 0,
        limit: int = 50,
    ) -> tuple[tuple[Narrative, Case | None], ...]:
        """Narratives with their cases, highest risk first, then latest; set-aside and merged ones only by `stages`."""
        ...

    def inbox_counts(
        self,
        *,
        since: datetime | None = None,
        topic: str | None = None,
        stages: frozenset[CaseStage] | None = None,
    ) -> dict[Level | None, int]:
        """How many narratives the inbox has of each level, 0 where there is none; None: not judged yet."""
        ...

    def narrative(self, narrative_id: str) -> Narrative:
        """Follows a merge to the narrative that took it in."""
        ...

    def members(self, narrative_id: str, limit: int = 200) -> tuple[NarrativeMember, ...]:
        """By time, oldest first."""
        ...

    def narrative_timeline(self, narrative_id: str, interval: Interval) -> tuple[TimeCount, ...]: ...

    def narratable(self, narrative_id: str, encoder: str, limit: int) -> tuple[NarratableItem, ...]:
        """Its first items, by time; with b"" for a vector that is not of `encoder`, a version."""
        ...

    def arrangements(self, narrative_id: str, limit: int = 20) -> tuple[Arrangement, ...]:
        """What went into the narrative or out of it and can be undone, the latest first."""
        ...

    def case(self, case_id: str) -> Case: ...

    def case_of(self, narrative_id: str) -> Case | None: ...

    def statements(
        self, *, case_id: str | None = None, waiting_only: bool = False, limit: int = 50
    ) -> tuple[tuple[Statement, Case, Narrative], ...]: ...

    def note(self, sha256: str) -> str | None:
        """The text of a reason that the trail names by its sha256; None when it was erased."""
        ...

    def trail_of(self, subject: str) -> tuple[TrailEntry, ...]: ...

    def verify_trail(self) -> int:
        """The number of entries; raises StoreError naming the first entry that does not verify."""
        ...

    def item(self, item_id: str) -> Item: ...

    def items(self, item_ids: Sequence[str]) -> tuple[Item, ...]:
        """In the order asked for; unknown ids left out."""
        ...

    def versions(self, item_id: str) -> tuple[ItemVersion, ...]: ...

    def assessment(self, item_id: str) -> Assessment | None: ...

    def narrative_of(self, item_id: str) -> str | None: ...

    def capture_of(self, item_id: str) -> tuple[Capture, bytes] | None:
        """The capture and its body, its sha256 checked. Only casework, which logs the reason, hands it to a person."""
        ...

    def claim(self, claim_id: str) -> Claim: ...

    def claims(self, *, withdrawn: bool = False) -> tuple[Claim, ...]:
        """By id; the withdrawn ones only when asked for."""
        ...

    def claim_versions(self, claim_id: str) -> tuple[ClaimVersion, ...]:
        """As it was and is, newest first; none of a claim that came with the demo."""
        ...

    def claims_changed(self, actor: str, at: datetime) -> tuple[str, ...]:
        """Ids of the claims that this person added, changed or withdrew at that very time: those of one import."""
        ...

    def matches(self, narrative_id: str) -> tuple[ClaimMatch, ...]:
        """What people said of the narrative and those merged into it, latest first; one word for each claim."""
        ...

    def narratives_of_claim(self, claim_id: str, limit: int = 50) -> tuple[Narrative, ...]:
        """Those that are confirmed for it, seen last first."""
        ...

    def responses_to(self, claim_id: str, limit: int = 5) -> tuple[Statement, ...]:
        """Approved statements on the cases of those narratives, latest first."""
        ...

    def claim_pairs(self) -> tuple[ClaimPair, ...]:
        """Every word of a person on a narrative and a claim, oldest first: rows to learn from."""
        ...

    def source_records(self, source_ids: Sequence[str]) -> dict[str, SourceRecord]:
        """What people have found the items of each of the sources to be."""
        ...

    def corrections(self) -> tuple[tuple[Correction, Item], ...]:
        """What persons said of items that are still there, oldest first, with the owner of the item's source: rows to
        learn from. A confirmed harm of a narrative is a word on the items that gave the suggestion."""
        ...

    def corrected_narratives(self) -> dict[str, str]:
        """Of the items of which persons spoke, or of whose narrative's harm: item → narrative, where it is in one."""
        ...

    def words_on(self, item_id: str) -> dict[str, str]:
        """Field of its assessment → what a person said of it last."""
        ...

    def weeks(self, until: datetime, count: int) -> tuple[Week, ...]:
        """What the machine said in each of the `count` weeks of seven whole days (as Viet Nam counts) before the day of
        `until`, oldest first."""
        ...

    def health_texts(self, since: datetime, until: datetime, limit: int) -> tuple[str, ...]:
        """Title and 300 characters of text of the newest `limit` health items first seen from `since` until `until`."""
        ...

    def digest(self, period: Period, until: datetime) -> Digest:
        """Of the whole day or week (as Viet Nam counts) that ends at or before `until`."""
        ...

    def counts(self) -> dict[str, int]:
        """items, health, not_health, awaiting_page, to_assess, not_assessable, to_narrate, narratives, open_cases,
        index_queue, index_rejected, messages_waiting, messages_refused."""
        ...


class Operations(Protocol):
    """What those who run Tin3C watch. Cheap however large the store is: metrics ask every few seconds."""

    def check(self) -> None:
        """Raises StoreError when the store does not answer, StoreOutOfDate when its schema is not this program's, and
        StoreMoved when it was copied to another database."""
        ...

    def workload(self, now: datetime) -> Workload: ...
