"""`tin3c store copy` and `reopen`: the store into another database, while no run is at work on it; and back to work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta

from flows import prefect_server, wiring
from flows.background import RENEW_SECONDS, renewed
from flows.settings import Settings
from records.errors import InputError, LeaseTaken
from records.run import RUN_LEASE, Lease
from store import moving, this_process
from store.database import Database
from store.leases import SqlLeases
from store.moving import Copied
from store.table_copy import Progress
from store.work import SqlWorkParts

#: How long a copy that lost its machine keeps runs from beginning.
_LEASE_LENGTH = timedelta(minutes=2)
_RENEW_SECONDS = RENEW_SECONDS
_LOOK_SECONDS = 1.0

#: Called with whoever is waited for.
Waiting = Callable[[str], None]


def would_copy(settings: Settings, to: str) -> dict[str, int]:
    """Rows by table. Raises what would keep `copy_store` from beginning; changes nothing."""
    with closing(wiring.database(settings)) as source, closing(_other(source, to)) as target:
        return moving.counted(source, target)


def copy_store(settings: Settings, to: str, progress: Progress, waiting: Waiting) -> Copied:
    """Move the store of `settings` into the empty database at `to`. Waits for a run that is at work to end. The old one
    is then not worked on any more (StoreMoved).

    Raises InputError while `tin3c up` runs: it would go on writing to the old one.
    """
    if prefect_server.permanent_address(settings):
        raise InputError("`tin3c up` is running: end it first")
    with closing(wiring.database(settings)) as source, closing(_other(source, to)) as target:
        moving.counted(source, target)
        with _nobody_at_work(source, waiting):
            return moving.copy(source, target, progress, datetime.now(UTC))


def reopen(settings: Settings) -> str | None:
    """Let the store of `settings`, which was moved, be worked on again; where it had been moved to, or None."""
    with closing(wiring.database(settings)) as database:
        return moving.reopen(database)


def _other(source: Database, to: str) -> Database:
    target = Database(to)
    if target.place == source.place:
        raise InputError(f"{target.place} is the store itself")
    return target


@contextmanager
def _nobody_at_work(source: Database, waiting: Waiting) -> Iterator[None]:
    leases, parts, said = SqlLeases(source), SqlWorkParts(source), ""
    while True:
        try:
            lease = leases.acquire(RUN_LEASE, this_process(), _LEASE_LENGTH)
        except LeaseTaken as taken:
            holder = taken.holder
        else:
            if not (workers := parts.at_work()):
                break
            leases.release(lease)
            holder = ", ".join(workers)
        if holder != said:
            waiting(holder)
            said = holder
        time.sleep(_LOOK_SECONDS)
    try:
        with _kept(source, leases, lease):
            yield
    finally:
        leases.release(lease)


def _kept(source: Database, leases: SqlLeases, lease: Lease) -> AbstractContextManager[None]:
    """Keeps the lease while the block runs. Not on SQLite: there the copy itself keeps it from being written, by this
    process as by any that would take it."""
    if not source.is_postgresql:
        return nullcontext()
    return renewed(lease.name, lambda: leases.renew(lease, _LEASE_LENGTH), _RENEW_SECONDS)
