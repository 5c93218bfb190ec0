"""What workers of the pool run, on one machine or several: a run that they share, and the work of helping with it.

`tin3c deploy` registers these flows (flows/pool.py). Importing this imports Prefect.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from httpx import HTTPError
from prefect import flow
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound, PrefectException

from flows import cycle, lifeline, room
from flows.orchestration import deliver_task, index_task, judge_task, narrate_task
from flows.parts import Parts, parts_of
from flows.watching import held, keep
from records.errors import LeaseTaken, Tin3CError
from records.run import RUN_LEASE
from store import this_process

log = logging.getLogger(__name__)

#: How helpers are called: flow/deployment.
HELP = "help/{kind}"


@flow(name="shared-watch", retries=0)
def watch(home: str, all_sources: bool = False, now: datetime | None = None) -> str:
    """One run, with all workers that come; skipped while another run is at work."""
    lifeline.follow_parent()
    parts, now = parts_of(home), now or datetime.now(UTC)
    room.make_way(parts.settings)
    try:
        with held(parts.store.leases, RUN_LEASE):
            run_id = cycle.begin(parts, now, all_sources=all_sources)
            _call_helpers(parts, run_id, now)
            _story(parts, home, run_id, now)
            parts.store.count_days(now)
            parts.store.runs.finish(run_id, datetime.now(UTC))
    except LeaseTaken as error:
        return str(error)
    return run_id


def _story(parts: Parts, home: str, run_id: str, now: datetime) -> None:
    """Work until all is collected and assessed; then narrate, judge, deliver and index, alone."""
    leases, holder = parts.store.leases, this_process()
    cycle.work(parts, run_id, now, holder)
    cycle.settle(parts, lambda: keep(leases, RUN_LEASE, holder))
    cycle.work(parts, run_id, now, holder)  # what a worker that died at last had left
    keep(leases, RUN_LEASE, holder)
    try:
        cycle.collected(parts, run_id)
    except Tin3CError:
        # A story from half a collection would be another one. What was decided before goes out all the same.
        deliver_task(home, run_id, now)
        index_task(home, now)
        raise
    narrate_task(home, run_id, now, holder)
    keep(leases, RUN_LEASE, holder)
    judge_task(home, run_id, now)
    keep(leases, RUN_LEASE, holder)
    deliver_task(home, run_id, now)
    index_task(home, now)


def _call_helpers(parts: Parts, run_id: str, now: datetime) -> None:
    """Ask the pool for workers. Nobody need come: the run does alone what nobody takes from it."""
    workers = parts.settings.workers
    wanted = [("collect", number) for number in range(1, workers.collect)]
    wanted += [("assess", number) for number in range(workers.assess)]
    for kind, number in wanted:
        parameters = {
            "home": str(parts.settings.home),
            "run_id": run_id,
            "now": now.isoformat(),
            "run_holder": this_process(),
            "kind": kind,
        }
        try:
            run_deployment(
                HELP.format(kind=kind),
                parameters=parameters,
                timeout=0,
                as_subflow=False,
                idempotency_key=f"{run_id}-{kind}-{number}",
            )
        except ObjectNotFound:
            return
        except (PrefectException, HTTPError) as error:
            log.warning("run %s goes on without more workers: %s", run_id, type(error).__name__)
            return


@flow(name="help", flow_run_name="{kind}-{run_id}", retries=0)
def help_run(home: str, run_id: str, now: datetime, run_holder: str, kind: str) -> int:
    """Take what there is to collect, or to assess, until the run wants no more; how much was taken."""
    lifeline.follow_parent()
    return cycle.work(parts_of(home), run_id, now, run_holder, collects=kind == "collect", assesses=kind == "assess")
