"""Keep: what has had its time goes, by retention class; safe to kill and repeat."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from flows.backup import CAPTURES_LEASE
from flows.parts import Parts
from flows.watching import held
from records.errors import LeaseTaken
from records.retention import Tidied

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """`gone`: how many of each class went. `tidied`: None when a backup was under way, or this process stood still for
    too long, and files are left to the next time."""

    gone: dict[str, int]
    tidied: Tidied | None


def keep(parts: Parts, now: datetime) -> Kept:
    store = parts.store
    gone = store.keep(now)
    log.info("kept: %s", ", ".join(f"{count} {name}" for name, count in gone.items() if count) or "nothing had to go")
    try:
        with held(store.leases, CAPTURES_LEASE) as lease:
            return Kept(gone, store.tidy_captures(lease))
    except LeaseTaken as error:
        log.warning("files of captures are left to the next time: %s", error)
        return Kept(gone, None)
