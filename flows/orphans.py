"""Flow runs at the Prefect server whose worker is gone: their places in the pool are given back.

A worker's flow runs end with it (flows/pool.py), but after a power cut nobody is left to tell Prefect, which counts
them within the pool's limit for good. What they had of the work itself is the store's to know, by its leases; a run
that was taken for lost and lives all the same goes on, and loses nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prefect.client.schemas.objects import FlowRun

#: Ten of a worker's heartbeats.
LOST_AFTER = timedelta(minutes=5)
#: However alive its worker is: longer than any run takes. Its end may have been missed while the server was away.
LONGEST_RUN = timedelta(days=1)
LOOK_SECONDS = 120.0
#: Prefect's own label of a run that a worker took.
_WORKER = "prefect.worker.name"

log = logging.getLogger(__name__)


def release(pool: str) -> int:
    """Mark the lost runs of the pool as crashed; how many. Prefect's environment must have been prepared."""
    return asyncio.run(_release(pool, acts=True))


def watching(pool: str) -> Callable[[], None]:
    """A function to be called every LOOK_SECONDS, which does that.

    Not in the first call after the server was away: workers that live may have had no time to say so.
    """
    answered = False

    def look() -> None:
        nonlocal answered
        try:
            asyncio.run(_release(pool, acts=answered))
        except Exception as error:  # whatever it is: the server is asked again, and the worker goes on
            log.warning("lost runs of the pool %s cannot be looked for: %s", pool, type(error).__name__)
            answered = False
        else:
            answered = True

    return look


async def _release(pool: str, *, acts: bool) -> int:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import (
        FlowRunFilter,
        FlowRunFilterState,
        FlowRunFilterStateType,
        WorkPoolFilter,
        WorkPoolFilterName,
    )
    from prefect.client.schemas.objects import StateType
    from prefect.client.schemas.sorting import FlowRunSort
    from prefect.exceptions import PrefectHTTPStatusError
    from prefect.states import Crashed

    counted = FlowRunFilterStateType(any_=[StateType.PENDING, StateType.RUNNING])
    async with get_client() as client:
        workers = await client.read_workers_for_work_pool(pool)
        runs = await client.read_flow_runs(
            work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[pool])),
            flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=counted)),
            sort=FlowRunSort.EXPECTED_START_TIME_ASC,
        )
        heard = {worker.name: worker.last_heartbeat_time for worker in workers}
        lost = [run for run in runs if is_lost(run, heard, datetime.now(UTC))] if acts else []
        released = 0
        for run in lost:
            try:
                await client.set_flow_run_state(run.id, Crashed(message="nothing is heard of its worker any more"))
                released += 1
            except PrefectHTTPStatusError as error:  # it is this one's turn again next time
                log.warning("the lost run %s is still counted: %s", run.id, error.response.status_code)
    if released:
        log.warning("%d runs of the pool %s were lost with their workers", released, pool)
    return released


def is_lost(run: FlowRun, heard: Mapping[str, datetime | None], now: datetime) -> bool:
    """Of a run that is pending or running. `heard`: when workers were last heard of, by name."""
    age = now - run.state.timestamp if run.state else timedelta(0)
    if age < LOST_AFTER:
        return False
    worker = run.labels.get(_WORKER)
    if worker is None:
        # Between a worker's taking it and naming itself is a moment; others start runs without any.
        return age > LONGEST_RUN or (run.state is not None and run.state.is_pending())
    last = heard.get(str(worker))
    return age > LONGEST_RUN or last is None or now - last > LOST_AFTER
