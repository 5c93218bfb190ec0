"""What crawlers and a run's steps write as they collect: sources, runs, leases, parts of work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from records.crawl import CrawlOrder, FetchState, PageFailure, PageReading, PageTask, SourceReading
from records.run import HeldBack, Lease, RunReport
from records.source import Source, SourceHealth
from records.work import ArchivedItem, Backfill, WorkPart, WorkProgress


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
        """Readable, and not read for `every_minutes`."""
        ...

    def readable(self, now: datetime) -> tuple[Source, ...]:
        """Enabled, and not left alone because of `crawler_died`."""
        ...

    def crawler_died(self, source_ids: Iterable[str], now: datetime) -> datetime | None:
        """The crawling process ended before its work did, with these to read, which are one host's. Until when they are
        left alone: None before the third time in a row; then the longer the more often it happens."""
        ...

    def crawled(self, source_ids: Iterable[str]) -> None:
        """A crawl of these came to its end: what was said of them by `crawler_died` is forgotten."""
        ...

    def suspects(self) -> frozenset[str]:
        """Ids of those that `crawler_died` was said of, and `crawled` not since."""
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

    def rest(self, lease: Lease, length: timedelta) -> None:
        """Nobody's for so long, and free then, whether its holder lives or not. Raises LeaseTaken as `renew` does."""
        ...

    def holder(self, name: str) -> str | None:
        """Who holds it now; None when nobody does, or a dead process."""
        ...

    def release(self, lease: Lease) -> None: ...


class WorkParts(Protocol):
    """Parts of a job (a run that collects, a back-fill), each done by one process at a time. On the wall clock."""

    def plan(self, parts: Sequence[WorkPart]) -> None:
        """Note parts of jobs; those that are known stay as they are.

        Unfinished ones of the same jobs that are not among them go: what they were to read is not there any more.
        """
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

        Of several records of one piece in one archive the newest by its own date stands, else the one of the smallest
        hash, in whatever order they come. Safe to repeat.
        """
        ...

    def assessed(self, backfill_id: str) -> int:
        """How many of its items were assessed by now."""
        ...

    def read(self, backfill_id: str) -> None:
        """All of it was read and assessed: its items may be narrated."""
        ...

    def finish(self, backfill_id: str) -> None: ...
