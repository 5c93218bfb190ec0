"""Back-fill on Dask, as Prefect's task runner: one task a part. Tasks carry a home and ids, and never a text.

Importing this imports Prefect, whose environment must have been prepared (flows.prefect_server).
"""

from __future__ import annotations

import logging
import time
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect_dask.task_runners import DaskTaskRunner

from flows import backfill
from flows.parts import parts_of
from records.errors import ModelError, SettingsError, StoreFull, Tin3CError

#: Parts handed to Dask before the next ones: each is a row at Prefect's server.
PARTS_AT_ONCE = 500
WAIT_SECONDS = 2.0
#: A cluster without any worker is waited for so long: they may be starting.
LONGEST_ALONE_SECONDS = 120.0


@task(name="part", cache_policy=NO_CACHE)
def part_task(home: str, job: str, part_id: str) -> bool:
    return backfill.do_part(parts_of(home), job, part_id)


@flow(name="backfill", flow_run_name="{job}", log_prints=False, retries=0)
def backfill_flow(home: str, job: str) -> None:
    """Do all parts. One that fails is tried again with the next ones, until it was given up (WorkParts.claim).

    Raises SettingsError, ModelError and StoreFull: no part would fare better.
    """
    work_parts = parts_of(home).store.work_parts
    while unfinished := work_parts.unfinished(job):
        done_before = work_parts.progress(job).finished
        futures = [part_task.submit(home, job, part_id) for part_id in unfinished[:PARTS_AT_ONCE]]
        for future in futures:
            error = _outcome(future)
            if isinstance(error, SettingsError | ModelError | StoreFull):
                raise error
        if work_parts.progress(job).finished == done_before:
            time.sleep(WAIT_SECONDS)  # another machine's worker may have what is left


def _outcome(future: Any) -> Any:
    """What a part gave, or what it raised. Raises Tin3CError when nobody is there to do it."""
    alone_since = time.monotonic()
    while not future.wrapped_future.done():
        future.wait(timeout=WAIT_SECONDS)
        if future.wrapped_future.client.nthreads():
            alone_since = time.monotonic()
        elif time.monotonic() - alone_since > LONGEST_ALONE_SECONDS:
            raise Tin3CError("Dask has no worker left: see above what ended them")
    try:
        return future.result(raise_on_failure=False)
    except Exception as error:  # Dask's own: workers died of it again and again
        return error


def run(home: str, job: str, workers: int, address: str | None) -> None:
    """Run the flow on a cluster of this machine, with `workers` processes of one thread, or on the one at `address`."""
    for name in ("distributed", "bokeh", "tornado"):
        logging.getLogger(name).setLevel(logging.ERROR)
    runner: Any = DaskTaskRunner(address=address) if address else DaskTaskRunner(cluster_kwargs=_local_cluster(workers))
    backfill_flow.with_options(task_runner=runner)(home, job)


def _local_cluster(workers: int) -> dict[str, Any]:
    return {
        "n_workers": workers,
        "threads_per_worker": 1,
        "processes": True,
        "host": "127.0.0.1",
        # Nobody but this process has any business with it.
        "dashboard_address": None,
        "silence_logs": logging.ERROR,
    }
