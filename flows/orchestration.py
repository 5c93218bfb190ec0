"""The steps as Prefect sees them: a flow wraps plain functions, tasks carry a home and a run id and never a text.

Importing this imports Prefect, whose environment must have been prepared (flows.prefect_server).
"""

from __future__ import annotations

from datetime import datetime

from prefect import State, Task, flow, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas import TaskRun

from flows import alert, assess, collect, cycle, indexing, logs, narrate
from flows.parts import parts_of
from flows.watching import keep
from records.errors import LeaseTaken, ModelError, SearchUnavailable, SettingsError
from records.run import RUN_LEASE

# A crawl commits page by page and every other step batch by batch, so repeating one costs only what is left of it.
_CRAWL_RETRY_SECONDS = [10.0]
_STEP_RETRY_SECONDS = [2.0, 10.0]


def may_pass(task: Task[..., object], task_run: TaskRun, state: State[object]) -> bool:
    """Whether trying again can help: not when a setting or a model is wrong, or another process has the lease."""
    error = state.result(raise_on_failure=False)
    return not isinstance(error, SettingsError | ModelError | LeaseTaken)


@task(
    name="collect",
    retries=1,
    retry_delay_seconds=_CRAWL_RETRY_SECONDS,
    cache_policy=NO_CACHE,
    retry_condition_fn=may_pass,
)
def collect_task(home: str, run_id: str, now: datetime, all_sources: bool) -> int:
    logs.bind(run=run_id, step="collect")
    return collect.collect(parts_of(home), run_id, now, all_sources=all_sources)


@task(
    name="assess",
    retries=2,
    retry_delay_seconds=_STEP_RETRY_SECONDS,
    cache_policy=NO_CACHE,
    retry_condition_fn=may_pass,
)
def assess_task(home: str, run_id: str, now: datetime) -> int:
    logs.bind(run=run_id, step="assess")
    return assess.assess_batch(parts_of(home), run_id, now)


@task(
    name="narrate",
    retries=2,
    retry_delay_seconds=_STEP_RETRY_SECONDS,
    cache_policy=NO_CACHE,
    retry_condition_fn=may_pass,
)
def narrate_task(home: str, run_id: str, now: datetime, holder: str) -> int:
    logs.bind(run=run_id, step="narrate")
    return narrate.narrate(parts_of(home), run_id, now, holder)


@task(
    name="judge", retries=2, retry_delay_seconds=_STEP_RETRY_SECONDS, cache_policy=NO_CACHE, retry_condition_fn=may_pass
)
def judge_task(home: str, run_id: str, now: datetime) -> int:
    logs.bind(run=run_id, step="judge")
    parts = parts_of(home)
    outcome = alert.judge(parts, now)
    parts.store.runs.note(run_id, cases_opened=outcome.opened)
    return outcome.opened


@task(name="deliver", cache_policy=NO_CACHE)
def deliver_task(home: str, run_id: str, now: datetime) -> int:
    logs.bind(run=run_id, step="deliver")
    parts = parts_of(home)
    outcome = alert.deliver(parts)
    parts.store.runs.note(run_id, messages_delivered=outcome.delivered)
    return outcome.delivered


@task(
    name="index", retries=2, retry_delay_seconds=_STEP_RETRY_SECONDS, cache_policy=NO_CACHE, retry_condition_fn=may_pass
)
def index_task(home: str, now: datetime) -> int:
    parts = parts_of(home)
    try:
        return indexing.catch_up(parts.store.index_queue, parts.index, now)
    except SearchUnavailable:
        return 0  # its queue waits in the store; alerts go out all the same


@flow(name="watch", flow_run_name="watch-{run_id}", log_prints=False, retries=0)
def watch_flow(home: str, run_id: str, now: datetime, holder: str, all_sources: bool = False) -> None:
    """Collect → assess → narrate → alert → index. The store is the truth: nothing is returned or persisted.

    Raises LeaseTaken before the next step when another run took over meanwhile: this one writes no further.
    """
    leases = parts_of(home).store.leases
    # Workers of a run that ended, if there are any left, end first.
    cycle.settle(parts_of(home), lambda: keep(leases, RUN_LEASE, holder))
    collected = collect_task(home, run_id, now, all_sources, return_state=True)
    if not collected.is_completed():
        # A story from half a collection would be another one. What was decided before goes out all the same.
        keep(leases, RUN_LEASE, holder)
        deliver_task(home, run_id, now)
        index_task(home, now)
        collected.result()
    keep(leases, RUN_LEASE, holder)
    while assess_task(home, run_id, now):
        keep(leases, RUN_LEASE, holder)
    narrate_task(home, run_id, now, holder)
    keep(leases, RUN_LEASE, holder)
    judge_task(home, run_id, now)
    keep(leases, RUN_LEASE, holder)
    deliver_task(home, run_id, now)
    index_task(home, now)
