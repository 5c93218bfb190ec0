"""A run: one pass of collect → assess → narrate → alert."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from records.item import Fate
from records.source import SourceState


class HeldBack(StrEnum):
    """Why a run did not collect, or stopped collecting."""

    DISK_FULL = "disk_full"


#: The name of the lease that a run holds: there is one run at a time.
RUN_LEASE = "run"
#: The names of the leases on hosts begin so: one asks a host at a time.
HOST_LEASE = "host "


@dataclass(frozen=True, slots=True)
class SourceCount:
    """What one source gave in a run. The sum of `fates` is the number of distinct items met through it."""

    source_id: str
    name: str
    state: SourceState
    detail: str
    fates: dict[Fate, int]


@dataclass(frozen=True, slots=True)
class RunReport:
    """`fates` is the sum of the sources' fates: an item met through two sources counts at the first that knew it."""

    run_id: str
    now: datetime
    started_at: datetime
    finished_at: datetime | None
    fates: dict[Fate, int]
    sources: tuple[SourceCount, ...]
    narratives_new: int = 0
    narratives_grown: int = 0
    cases_opened: int = 0
    messages_delivered: int = 0
    messages_waiting: int = 0
    index_behind: int = 0
    held_back: HeldBack | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    name: str
    holder: str
    expires_at: datetime
