"""Casework: its transactions, what it sends, and who delivers it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from records.assessment import Assessment, Correction, Harm
from records.case import Act, Case, Statement, TrailEntry
from records.claim import Claim, ClaimMatch
from records.item import Item
from records.message import Address, Channel, Delivery, Message, MessageState, ThreadRoot, Undelivered
from records.narrative import Arrangement, Merge, Narrative, NarrativeMember
from records.risk import Risk
from records.source import SourceRecord


class Work(Protocol):
    """One transaction of casework. Leaving the context commits; an exception rolls everything back."""

    def case(self, case_id: str) -> Case: ...

    def case_of(self, narrative_id: str) -> Case | None: ...

    def to_look_at_again(self, now: datetime) -> tuple[str, ...]:
        """Ids of cases set aside whose time to look again has come, by that time."""
        ...

    def save_case(self, case: Case) -> None:
        """Insert (version 1) or replace; raises StoreError when the stored version is not `case.version - 1`."""
        ...

    def statement(self, statement_id: str) -> Statement: ...

    def statements(self, case_id: str) -> tuple[Statement, ...]:
        """Oldest first."""
        ...

    def save_statement(self, statement: Statement) -> None: ...

    def narrative(self, narrative_id: str) -> Narrative: ...

    def members(self, narrative_id: str, limit: int = 50) -> tuple[NarrativeMember, ...]:
        """Most attention first: rumors that assert, then by time."""
        ...

    def save_risk(self, narrative_id: str, risk: Risk, now: datetime, revision: int | None = None) -> None:
        """`revision`: the evidence's. What changed since is judged again; None takes the narrative as it is now."""
        ...

    def confirm_harm(self, narrative_id: str, harm: Harm | None, actor: str, now: datetime) -> None:
        """A person's word on harm; None takes it back. The narrative is judged again."""
        ...

    def mark_acts(self, narrative_id: str, actor: str | None) -> bool:
        """A person's mark that acts followed; None takes it back. Whether that changed anything: the first mark stands.

        The narrative is then judged again.
        """
        ...

    def correct(self, correction: Correction) -> None:
        """Keep a training row and put the person's word into the item's assessment. An item that was judged not health,
        and is said to be, comes back."""
        ...

    def words_on(self, item_id: str) -> dict[str, str]:
        """Field → what a person said of it last."""
        ...

    def item(self, item_id: str) -> Item: ...

    def assessment(self, item_id: str) -> Assessment | None: ...

    def merge_narratives(self, merge: Merge, actor: str, now: datetime) -> None: ...

    def split_narratives(self, narrative_id: str, actor: str, now: datetime) -> None:
        """Undo the merge of `narrative_id` into another."""
        ...

    def move_items(
        self, item_ids: Sequence[str], narrative_id: str, into: str | None, actor: str, now: datetime
    ) -> str:
        """Move some of a narrative's items into another, or into a new one (None); the other's id. The narrator never
        brings them together again. Raises StoreError when they are not all in it, or are all of it."""
        ...

    def take_back_move(self, number: int, actor: str, now: datetime) -> Arrangement:
        """Undo that move; raises NotFound when there is none to undo."""
        ...

    def arrangements(self, narrative_id: str, limit: int = 20) -> tuple[Arrangement, ...]:
        """What went into the narrative or out of it and can be undone, the latest first."""
        ...

    def rename(self, narrative_id: str, label: str, actor: str) -> bool:
        """A person's label, which stays; "" gives the naming back to the narrator. False when it has it already."""
        ...

    def claim(self, claim_id: str) -> Claim: ...

    def save_claim(self, claim: Claim, actor: str, now: datetime) -> None:
        """Insert (version 1) or replace, and keep this version; raises StoreError when the stored version is not
        `claim.version - 1`."""
        ...

    def matches(self, narrative_id: str) -> tuple[ClaimMatch, ...]:
        """What people said of the narrative and those merged into it, latest first; one word for each claim."""
        ...

    def source_record(self, source_id: str) -> SourceRecord:
        """What people have found the source's items to be."""
        ...

    def narratives_of_claim(self, claim_id: str) -> tuple[Narrative, ...]:
        """Those that are confirmed for it, seen last first."""
        ...

    def save_match(self, match: ClaimMatch) -> None:
        """Insert or replace."""
        ...

    def drop_match(self, narrative_id: str, claim_id: str) -> None:
        """Forget what was said, of the narrative and of those merged into it."""
        ...

    def enqueue(self, message: Message) -> bool:
        """Put a message in the outbox; False when one with its key is there already, or was discarded."""
        ...

    def addresses(self, thread: str) -> tuple[Address, ...]:
        """Everywhere that a message of this thread was put to, in order of the first: where its next ones go too. Not
        where all of them were discarded."""
        ...

    def retry_refused(self, now: datetime, key: str | None = None) -> int:
        """Put the refused messages back in the outbox, or the one of that key; how many."""
        ...

    def discard_refused(self, key: str) -> int | None:
        """Send a refused message no more, and forget whom it was for; its number. None when it is not refused."""
        ...

    def keep_note(self, text: str, now: datetime) -> str:
        """Keep a person's reason apart from the trail, where it can be erased; its sha256 (hex), for the trail."""
        ...

    def trail(self, at: datetime, actor: str, act: Act, subject: str, detail: dict[str, str]) -> TrailEntry:
        """Append to the hash-chained trail."""
        ...


class Casebook(Protocol):
    def work(self) -> AbstractContextManager[Work]: ...


class Outbox(Protocol):
    def due(self, now: datetime, limit: int = 20) -> tuple[Message, ...]:
        """Messages to deliver now, oldest first, and of one thread and recipient only the first."""
        ...

    def thread_root(self, thread: str, to: Address) -> ThreadRoot | None: ...

    def sending(self, key: str, now: datetime) -> bool:
        """Note that delivery is about to begin; True when it had begun before without an end (a crash)."""
        ...

    def delivered(self, key: str, delivery: Delivery, now: datetime) -> None: ...

    def delayed(self, key: str, problem: str, retry_at: datetime) -> None: ...

    def refused(self, key: str, problem: str, now: datetime) -> None:
        """Put aside: a person must act. Seen in `doctor` and on the console."""
        ...

    def state(self, key: str) -> MessageState: ...

    def retry_refused(self, now: datetime) -> int: ...

    def undelivered(self, limit: int = 50) -> tuple[Undelivered, ...]:
        """The refused, then those whose last try failed; of each the oldest first."""
        ...

    def counts(self) -> dict[str, int]:
        """waiting, delivered, refused."""
        ...


class Deliverer(Protocol):
    """One channel. Raises DeliveryDelayed or DeliveryRefused."""

    channel: Channel

    def deliver(self, message: Message, root: ThreadRoot | None) -> Delivery:
        """Send `message`; with `root`, into that thread, whose head is brought up to date."""
        ...

    def find(self, message: Message, root: ThreadRoot | None) -> Delivery | None:
        """After a crash: whether the server has it already. None also where the channel cannot tell."""
        ...
