"""The ports: what one part may ask of another, as Protocols. Adapters are built in flows/wiring.py.

Times are aware and in UTC. Every method of a store port is one transaction unless it says otherwise, and raises
StoreError when the store cannot do it; a method that names an id raises NotFound when there is no such record.

Over 400 lines on purpose: signatures only, and one place to read what each part may ask of another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from records.assessment import AssessableItem, AssessedItem, Assessment, AssessmentFailure, Correction, Harm
from records.case import Act, Case, CaseStage, Statement, TrailEntry
from records.claim import Claim
from records.crawl import CrawlOrder, FetchState, PageFailure, PageReading, PageTask, SourceReading
from records.digest import Digest, Period
from records.item import Capture, Item, ItemVersion
from records.message import Address, Channel, Delivery, Message, MessageState, ThreadRoot, Undelivered
from records.narrative import (
    Merge,
    NarratableItem,
    Narrative,
    NarrativeEvidence,
    NarrativeMember,
    PlacedItem,
    Placement,
)
from records.operations import Workload
from records.risk import Level, Risk
from records.run import HeldBack, Lease, RunReport
from records.search import (
    Facet,
    IndexDocument,
    IndexedVersion,
    IndexState,
    Interval,
    Rejected,
    SearchFilter,
    SearchQuery,
    SearchResults,
    StoredRevision,
    TimeCount,
)
from records.source import Source, SourceHealth
from records.work import ArchivedItem, Backfill, WorkPart, WorkProgress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


# --- crawlers → store -------------------------------------------------------------------------------------------------


class Sink(Protocol):
    """Where the crawling child puts what it reads. Each call is one transaction: the child can be killed anywhere."""

    def fetch_state(self, address: str) -> FetchState | None: ...

    def source_read(self, order: CrawlOrder, reading: SourceReading) -> tuple[PageTask, ...]:
        """Upsert the entries, count their fates, remember the fetch; the pages that are now to be fetched."""
        ...

    def due_pages(self, order: CrawlOrder) -> tuple[PageTask, ...]:
        """Pages left by earlier runs, to be tried again, or due to be read again after 6 hours, 24 hours and 7 days."""
        ...

    def page_read(self, order: CrawlOrder, reading: PageReading) -> None: ...

    def page_failed(self, order: CrawlOrder, failure: PageFailure) -> None: ...


# --- store: the run's steps -------------------------------------------------------------------------------------------


class Sources(Protocol):
    def all(self) -> tuple[Source, ...]:
        """By name, in the Vietnamese order."""
        ...

    def get(self, source_id: str) -> Source: ...

    def save(self, source: Source, now: datetime) -> None:
        """Insert or replace."""
        ...

    def remove(self, source_id: str) -> None:
        """Take it off the list; its items stay."""
        ...

    def health(self, now: datetime) -> tuple[SourceHealth, ...]: ...

    def due(self, now: datetime) -> tuple[Source, ...]:
        """Enabled, and not read for `every_minutes`."""
        ...


class Runs(Protocol):
    def start(self, run_id: str, now: datetime, started_at: datetime) -> None: ...

    def finish(self, run_id: str, finished_at: datetime) -> RunReport: ...

    def report(self, run_id: str) -> RunReport: ...

    def latest(self) -> RunReport | None: ...

    def hold_back(self, run_id: str, why: HeldBack) -> None:
        """Note that the run does not collect, or stopped collecting."""
        ...

    def note(self, run_id: str, **counts: int) -> None:
        """Add to the run's other figures: narratives_new, narratives_grown, cases_opened, messages_delivered."""
        ...


class Leases(Protocol):
    """Leases run on the wall clock of the machine, never on a passed-in "now"."""

    def acquire(self, name: str, holder: str, length: timedelta) -> Lease:
        """Raises LeaseTaken. A lease whose holder is a dead process of this machine is taken over at once."""
        ...

    def renew(self, lease: Lease, length: timedelta) -> Lease:
        """Raises LeaseTaken when it is not this holder's any more."""
        ...

    def holder(self, name: str) -> str | None:
        """Who holds it now; None when nobody does, or a dead process."""
        ...

    def release(self, lease: Lease) -> None: ...


class WorkParts(Protocol):
    """Parts of a job (a run that collects, a back-fill), each done by one process at a time. On the wall clock."""

    def plan(self, parts: Sequence[WorkPart]) -> None:
        """Note parts; those that are known stay as they are."""
        ...

    def claim(self, job: str, holder: str, length: timedelta, part_id: str | None = None) -> WorkPart | None:
        """The first unfinished part that nobody has, or the one named; None when there is none to be had.

        A dead process has none. A part that was taken three times and not finished is not given out again.
        """
        ...

    def renew(self, part: WorkPart, holder: str, length: timedelta) -> bool:
        """False when it is not `holder`'s any more."""
        ...

    def finish(self, part: WorkPart, holder: str, counts: dict[str, int]) -> bool:
        """False when it was not `holder`'s any more: another has it, or finished it."""
        ...

    def give_back(self, part: WorkPart, holder: str, problem: str) -> None: ...

    def try_again(self, job: str) -> None:
        """Give unfinished parts all their attempts anew."""
        ...

    def unfinished(self, job: str) -> tuple[str, ...]:
        """Ids of parts that are or will be given out, in their order."""
        ...

    def at_work(self, but: Iterable[str] = ()) -> tuple[str, ...]:
        """Who is collecting now, for any run, dead processes left out."""
        ...

    def progress(self, job: str) -> WorkProgress: ...


class Backfills(Protocol):
    def begin(self, wanted: Backfill) -> Backfill:
        """Note it, or the one of its id as it was begun."""
        ...

    def again(self, wanted: Backfill) -> None:
        """Begin one of the same id anew: its archive has grown."""
        ...

    def get(self, backfill_id: str) -> Backfill: ...

    def write(self, backfill: Backfill, archived: Sequence[ArchivedItem]) -> tuple[int, int]:
        """Put them into the store: how many were (new, known). They wait to be assessed; what is known stays as it is.

        Safe to repeat.
        """
        ...

    def assessed(self, backfill_id: str) -> int:
        """How many of its items were assessed by now."""
        ...

    def read(self, backfill_id: str) -> None:
        """All of it was read: its items may be narrated."""
        ...

    def finish(self, backfill_id: str) -> None: ...


class AssessmentQueue(Protocol):
    def waiting(self, limit: int) -> tuple[AssessableItem, ...]:
        """Items that are COMPLETE, by (first seen, id); repeated calls give the same until they are saved."""
        ...

    def claim(
        self, limit: int, holder: str, length: timedelta, backfill: str | None = None
    ) -> tuple[AssessableItem, ...]:
        """The first of `waiting` that nobody has, for `holder` alone until `length` is over; a dead process has none.

        Of the back-fill named, or of what was collected. Saving ends the claim, and so does a new wording.
        """
        ...

    def let_go(self, holder: str) -> None:
        """End the claims of `holder`."""
        ...

    def at_work(self, but: str, backfill: str | None = None) -> tuple[str, ...]:
        """Who else has claims now, dead processes left out."""
        ...

    def save(self, run_id: str, assessed: Sequence[AssessedItem], now: datetime) -> int:
        """Store assessments and vectors, count fates, keep the captures of health items and drop the text and capture
        of the others, and queue all for the index; how many were taken. An item that has a newer version by now is left
        for the next call.
        """
        ...

    def set_aside(self, run_id: str, failures: Sequence[AssessmentFailure], now: datetime) -> int:
        """Keep items out of `waiting` that an assessor cannot take, count them as failed; how many. A new wording of
        one waits again."""
        ...

    def failures(self, limit: int = 100) -> tuple[AssessmentFailure, ...]:
        """What is set aside now, in the order in which it was."""
        ...

    def try_again(self, but: str | None = None) -> int:
        """Let what was set aside wait again, save what the models of version `but` could not take; how many."""
        ...

    def judged_not_health(self, least_probability: float, limit: int) -> tuple[tuple[Item, float], ...]:
        """(item, its health probability) of those at or above it, the most probable first."""
        ...

    def undo_not_health(self, item_ids: Sequence[str], now: datetime) -> int:
        """Bring items back that a filter judged not health: their pages are queued to be fetched again."""
        ...


class NarrationStore(Protocol):
    def waiting(self, limit: int | None = None) -> tuple[NarratableItem, ...]:
        """Assessed health items without a narrative, by (published, id), unknown dates last; the first `limit`.

        Those of a back-fill that is still being read do not wait: others may come before them.
        """
        ...

    def window(self, since: datetime, until: datetime | None = None) -> tuple[PlacedItem, ...]:
        """Items of narratives, published (or else first seen) from `since` to `until`, by (published, id)."""
        ...

    def save(
        self, run_id: str, placements: Sequence[Placement], now: datetime, lease: Lease | None = None
    ) -> tuple[str, ...]:
        """Store them in order, with merges; the ids of the narratives that changed (after merges).

        Raises LeaseTaken, and stores nothing, when `lease` was lost meanwhile.
        """
        ...

    def describe(self, narrative_id: str, label: str, words: Sequence[str]) -> None: ...

    def merge(self, merge: Merge, actor: str, now: datetime) -> None:
        """A person's merge."""
        ...


class RiskStore(Protocol):
    def to_judge(self) -> tuple[str, ...]:
        """Ids of narratives that changed since their risk was last saved, or whose trend may have ended."""
        ...

    def evidence(self, narrative_id: str, now: datetime) -> NarrativeEvidence: ...


# --- store: casework --------------------------------------------------------------------------------------------------


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
        """Keep a training row and put the person's word into the item's assessment."""
        ...

    def item(self, item_id: str) -> Item: ...

    def assessment(self, item_id: str) -> Assessment | None: ...

    def merge_narratives(self, merge: Merge, actor: str, now: datetime) -> None: ...

    def split_narratives(self, narrative_id: str, actor: str, now: datetime) -> None:
        """Undo the merge of `narrative_id` into another."""
        ...

    def enqueue(self, message: Message) -> bool:
        """Put a message in the outbox; False when one with its key is there already."""
        ...

    def addresses(self, thread: str) -> tuple[Address, ...]:
        """Everywhere that a message of this thread was put to, in order of the first: where its next ones go too."""
        ...

    def retry_refused(self, now: datetime) -> int:
        """Put the refused messages back in the outbox; how many."""
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


# --- store: reading ---------------------------------------------------------------------------------------------------


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

    def narrative_vectors(self, narrative_id: str) -> NDArray[np.float32]:
        """(n, d), L2-normalised rows."""
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

    def claims(self) -> tuple[Claim, ...]: ...

    def corrections(self) -> tuple[tuple[Correction, Item], ...]: ...

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
        """Raises StoreError when the store does not answer, StoreOutOfDate when its schema is not this program's."""
        ...

    def workload(self, now: datetime) -> Workload: ...


# --- models -----------------------------------------------------------------------------------------------------------


class Encoder(Protocol):
    """`encode` gives (n, dimensions) float32, L2-normalised; the same text gives the same bits in any company."""

    version: str
    dimensions: int

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]: ...

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """(dimensions,)"""
        ...


class Assessor(Protocol):
    version: str

    def assess(self, items: Sequence[AssessableItem], *, cascade: bool) -> tuple[AssessedItem, ...]:
        """One answer for each item, in order. With `cascade`, what the filter judges not health goes no further."""
        ...


class Narrator(Protocol):
    """Pure: the same window and items give the same placements."""

    window: timedelta

    def place(self, window: Sequence[PlacedItem], items: Sequence[NarratableItem]) -> Iterator[Placement]: ...

    def describe(
        self, members: Sequence[NarratableItem], background: Sequence[str] = ()
    ) -> tuple[str, tuple[str, ...]]:
        """(label, words): the most central title, and the words that distinguish the narrative."""
        ...


# --- index ------------------------------------------------------------------------------------------------------------


class IndexQueue(Protocol):
    """In the store: what the index does not have yet."""

    def pending(self, limit: int) -> tuple[tuple[IndexDocument, ...], tuple[tuple[str, int], ...]]:
        """(documents to put, (id, version) pairs to delete)."""
        ...

    def done(self, versions: Sequence[tuple[str, int]]) -> None: ...

    def rejected(self, rejected: Sequence[Rejected], now: datetime) -> None: ...

    def requeue_all(self) -> int:
        """Queue every item."""
        ...

    def requeue(self, versions: Sequence[tuple[str, int]]) -> int:
        """Queue these items with revisions above the given ones, which the index has; how many there are."""
        ...

    def forget(self, versions: Sequence[tuple[str, int]]) -> None:
        """Queue the deletion of (id, version) pairs that the index has and the store has not."""
        ...

    def waiting(self) -> int: ...

    def aside(self, limit: int = 20) -> tuple[Rejected, ...]:
        """What the engine would not take, the latest first."""
        ...

    def stored(self, after: str, limit: int) -> tuple[StoredRevision, ...]:
        """The items that the index should have, by id, those after the id `after`; "" begins."""
        ...

    def known(self, item_ids: Sequence[str]) -> dict[str, StoredRevision]:
        """Of these ids, those that the index should have, and those whose deletion is waiting."""
        ...

    def documents(self, item_ids: Sequence[str]) -> tuple[IndexDocument, ...]:
        """As they are now; unknown ids left out."""
        ...


class IndexBuild(Protocol):
    """A new index, made beside the one that is searched, into which SearchIndex.put and delete write too.

    It outlives the process: the next `rebuild` goes on with it. Raises SearchUnavailable when the engine is away.
    """

    def put(self, documents: Sequence[IndexDocument]) -> tuple[Rejected, ...]: ...

    def versions_of(self, item_ids: Sequence[str]) -> dict[str, IndexedVersion]: ...

    def take_over(self) -> None:
        """From here on it is the one that is searched, in every process; the old one is deleted."""
        ...

    def discard(self) -> None: ...

    def close(self) -> None: ...


class SearchIndex(Protocol):
    """Raises SearchUnavailable when the engine is away and QueryError when `text` cannot be read.

    `put` and `delete` may be repeated: a version that is older than the index's own changes nothing. What one object
    wrote it finds at once; other processes find it within a second or so.
    """

    def put(self, documents: Sequence[IndexDocument]) -> tuple[Rejected, ...]:
        """Those that the engine would not take, with the reason. A thousand or more at a time go fastest."""
        ...

    def delete(self, versions: Sequence[tuple[str, int]]) -> None: ...

    def search(self, query: SearchQuery) -> SearchResults: ...

    def hybrid(self, query: SearchQuery, vector: NDArray[np.float32]) -> SearchResults:
        """What the words find and what `vector` (the words' own, by the encoder) finds, fused by rank.

        The best hundred of each. `total` counts all hits of the words and those that only the vector found.
        """
        ...

    def distinguishing(self, query: SearchQuery, limit: int = 20) -> tuple[tuple[str, int], ...]:
        """Words that set the newest hits apart from everything else, and in how many of them (at most 200) each is."""
        ...

    def timeline(self, query: SearchQuery, interval: Interval) -> tuple[TimeCount, ...]: ...

    def similar(self, vector: NDArray[np.float32], limit: int, filter: SearchFilter) -> tuple[tuple[str, float], ...]:
        """(item id, cosine), nearest first."""
        ...

    def suggest(self, facet: Facet, prefix: str, limit: int = 10) -> tuple[str, ...]: ...

    def count(self) -> int: ...

    def versions(self, after: str, limit: int) -> tuple[IndexedVersion, ...]:
        """What is not deleted, by id, those after the id `after`; "" begins."""
        ...

    def versions_of(self, item_ids: Sequence[str]) -> dict[str, IndexedVersion]: ...

    def rebuild(self) -> IndexBuild:
        """Begin a new index, or go on with the one that was begun."""
        ...

    def state(self) -> IndexState: ...

    def reachable(self) -> bool:
        """Whether the engine answers; takes a second at most, and never raises."""
        ...

    def clear(self) -> None: ...

    def close(self) -> None: ...


# --- alerts -----------------------------------------------------------------------------------------------------------


class Deliverer(Protocol):
    """One channel. Raises DeliveryDelayed or DeliveryRefused."""

    channel: Channel

    def deliver(self, message: Message, root: ThreadRoot | None) -> Delivery:
        """Send `message`; with `root`, into that thread, whose head is brought up to date."""
        ...

    def find(self, message: Message, root: ThreadRoot | None) -> Delivery | None:
        """After a crash: whether the server has it already. None also where the channel cannot tell."""
        ...


Clock = Callable[[], datetime]
