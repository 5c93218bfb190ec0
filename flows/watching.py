"""One run of the main job, under its lease: what `tin3c watch`, `tin3c up` and the demo all call."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from flows import prefect_server, room
from flows.background import every, renewed
from flows.parts import Parts
from records.errors import LeaseTaken
from records.ports import Leases
from records.run import RUN_LEASE, Lease, RunReport
from store import this_process

_LEASE_LENGTH = timedelta(minutes=2)
_TAKE_OVER_SECONDS = 10.0
_PROGRESS_SECONDS = 2.0

log = logging.getLogger(__name__)

Progress = Callable[[dict[str, int]], None]


def run_once(parts: Parts, now: datetime, *, all_sources: bool = True, progress: Progress | None = None) -> RunReport:
    """Collect, assess, narrate, alert and index once. Raises LeaseTaken while another run of this home is alive.

    `now` is what the whole run takes as the present; leases, retries and time-outs go by the wall clock.
    """
    room.make_way(parts.settings)
    with held(parts.store.leases, RUN_LEASE), _reported(parts, progress), prefect_server.server(parts.settings):
        # Imported only now: Prefect reads its environment when it is imported.
        from flows.orchestration import watch_flow

        run_id = f"{now:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"
        parts.store.runs.start(run_id, now, datetime.now(UTC))
        watch_flow(str(parts.settings.home), run_id, now, this_process(), all_sources)
        parts.store.count_days(now)
        report = parts.store.runs.finish(run_id, datetime.now(UTC))
        met = sum(report.fates.values())
        log.info("run %s ended with %d items met, %d cases opened", run_id, met, report.cases_opened)
        return report


@contextmanager
def held(leases: Leases, name: str) -> Iterator[Lease]:
    """Hold the lease `name`, renewed in the background. A dead holder's lease is taken over at once."""
    lease = _acquire(leases, name)
    try:
        with renewed(name, lambda: leases.renew(lease, _LEASE_LENGTH)):
            yield lease
    finally:
        leases.release(lease)


def keep(leases: Leases, name: str, holder: str) -> None:
    """Between two steps: go on holding the lease. Raises LeaseTaken when it was lost: the run must not write on."""
    leases.renew(Lease(name, holder, datetime.now(UTC)), _LEASE_LENGTH)


def _acquire(leases: Leases, name: str) -> Lease:
    deadline = time.monotonic() + _TAKE_OVER_SECONDS
    while True:
        try:
            return leases.acquire(name, this_process(), _LEASE_LENGTH)
        except LeaseTaken:
            # A run that was just killed may not have left the process table yet.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


@contextmanager
def _reported(parts: Parts, progress: Progress | None) -> Iterator[None]:
    """Call `progress` with the store's counts every two seconds while the block runs."""
    if progress is None:
        yield
        return
    with every(_PROGRESS_SECONDS, lambda: progress(parts.store.reader.counts()), "progress"):
        yield
