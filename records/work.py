"""Work that several processes share: parts that are taken with a lease, and the back-fill of an archive."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class WorkPart:
    """One part of a job. `order` says what is to be done, as JSON; `size` is its share of the whole, in the job's unit.

    `attempts`: how often it was taken, this time included.
    """

    id: str
    job: str
    number: int
    order: dict[str, Any]
    size: int = 1
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class WorkProgress:
    """How far a job has come. `counts`: the sums of what the finished parts counted. `problems`: (part id, problem)."""

    parts: int
    finished: int
    size: int
    finished_size: int
    counts: dict[str, int] = field(default_factory=dict)
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def is_finished(self) -> bool:
        return self.finished == self.parts


@dataclass(frozen=True, slots=True)
class Backfill:
    """An archive that is read into the store as one source's. `now`: what all of it takes as the present.

    `alert`: its items count for alerts as if they had been collected. `read_at`: all its parts were read.
    """

    id: str
    location: str
    source_id: str
    run_id: str
    now: datetime
    alert: bool = False
    read_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ArchivedItem:
    """A piece as an archive has it. `key`: what tells it from the others, its canonical address where it has one."""

    id: str
    key: str
    address: str  # "" where the archive has none
    title: str
    text: str
    published: datetime | None = None
    author: str | None = None
    context: str = ""  # of a comment, the title of what it stands under
