"""How the work stands, for those who run Tin3C: what waits and since when, how the last run went, what is overdue.

Counts and times only: nothing here names a person, a text or an address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from records.case import CaseStage
from records.item import Fate
from records.source import SourceState


class Queue(StrEnum):
    """What waits in the store for a step of a run."""

    PAGES = "pages"  # pages due to be fetched; the oldest of a source that is switched on
    ASSESSMENT = "assessment"  # items with their text, not assessed yet
    NARRATION = "narration"  # health items without a narrative
    INDEX = "index"  # changes that search does not have yet
    OUTBOX = "outbox"  # messages not delivered yet


class MessageStatus(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    REFUSED = "refused"  # a person must act
    DISCARDED = "discarded"  # a person did: it is not to be sent


class Overdue(StrEnum):
    """A date that a person set and that has passed."""

    LOOK_AGAIN = "look_again"  # of a case set aside to be watched


@dataclass(frozen=True, slots=True)
class Waiting:
    """`oldest`: since when the first one waits; None when nothing waits, or where the queue keeps no time."""

    count: int
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """`fates`: distinct items by what became of them, every fate named."""

    started_at: datetime
    finished_at: datetime
    fates: dict[Fate, int]

    @property
    def duration(self) -> timedelta:
        return self.finished_at - self.started_at


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What the store is kept in. `engine`: with its version; `place`: without user and password; `bytes`: of the
    database, its indexes included; `schema`: the number of its last migration."""

    engine: str
    place: str
    bytes: int
    schema: str


@dataclass(frozen=True, slots=True)
class Workload:
    """Every key of every dict is there, with 0 where there is none.

    `not_assessable`: items that an assessor could not take; they wait in no queue. `index_rejected`: documents that the
    search engine would not take. `sources`: those switched on, by how they were last read. `cases`: `oldest` is when
    the first of its stage was opened.
    """

    queues: dict[Queue, Waiting]
    not_assessable: int
    index_rejected: int
    messages: dict[MessageStatus, int]
    last_run: FinishedRun | None
    sources: dict[SourceState, int]
    cases: dict[CaseStage, Waiting]
    overdue: dict[Overdue, int]
