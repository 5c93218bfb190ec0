"""The work pool at a Prefect server: what is registered there, and the worker that takes runs from it.

The server is the one that PREFECT_API_URL names (with PREFECT_API_AUTH_STRING where it wants a key), else the one that
`tin3c up` keeps for this home.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flows import lifeline, orphans, prefect_server
from flows.background import every
from flows.schedule import ZONE, crons
from flows.settings import Settings
from records.errors import SettingsError, Tin3CError

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.orchestration import PrefectClient

#: The flow runs of a worker that is told to end have so long to end.
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Deployment:
    """`entrypoint`: of a flow, as a module's name. At most one of `cron` (Vietnam time) and `every_seconds`."""

    name: str
    entrypoint: str
    cron: str | None = None
    every_seconds: int | None = None
    parameters: dict[str, Any] = field(default_factory=dict)


def deployments(settings: Settings) -> tuple[Deployment, ...]:
    """What the pool runs. prefect.yaml says the same of the default settings.

    None of them has a limit at Prefect, whose server keeps in memory who holds one and in its database how many do: one
    that dies with a run counts it for ever. The store's own lease has a second run skipped.
    """
    times = crons(settings.schedule)
    day, week = {"period": "day"}, {"period": "week"}
    return (
        Deployment("watch", "flows.production.watch", every_seconds=settings.schedule.watch_minutes * 60),
        Deployment("collect", "flows.production.help_run"),
        Deployment("assess", "flows.production.help_run"),
        Deployment("digest-day", "flows.scheduled.digest", cron=times["digest-day"], parameters=day),
        Deployment("digest-week", "flows.scheduled.digest", cron=times["digest-week"], parameters=week),
        Deployment("keep", "flows.scheduled.keep", cron=times["keep"]),
        Deployment("learn", "flows.scheduled.learn", cron=times["learn"]),
    )


def prepare(settings: Settings) -> str:
    """Put Prefect's settings into the environment; the address of its API. Raises SettingsError when there is none."""
    address = os.environ.get("PREFECT_API_URL", "")
    if address:
        os.environ.update(prefect_server.environment(settings.home))
        return address
    if api := prefect_server.permanent(settings):
        prefect_server.prepare(settings, api)
        return api.address
    raise SettingsError("PREFECT_API_URL", "is not set, and no `tin3c up` of this home answers: which Prefect server?")


def register(settings: Settings) -> tuple[Deployment, ...]:
    """Create the pool and its deployments, or bring them up to date. Call `prepare` first."""
    return asyncio.run(_register(settings))


async def _register(settings: Settings) -> tuple[Deployment, ...]:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
    from prefect.exceptions import ObjectAlreadyExists
    from prefect.workers.process import ProcessWorker

    pool, wanted = settings.workers, deployments(settings)
    async with get_client() as client:
        try:
            template = ProcessWorker.get_default_base_job_template()
            create = WorkPoolCreate(
                name=pool.pool, type="process", base_job_template=template, concurrency_limit=pool.limit
            )
            await client.create_work_pool(create)
        except ObjectAlreadyExists:
            await client.update_work_pool(pool.pool, WorkPoolUpdate(concurrency_limit=pool.limit))
        for deployment in wanted:
            await _deploy(client, settings, deployment)
    return wanted


async def _deploy(client: PrefectClient, settings: Settings, wanted: Deployment) -> None:
    from prefect.client.schemas.actions import DeploymentScheduleCreate
    from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
    from prefect.flows import load_flow_from_entrypoint
    from prefect.utilities.callables import parameter_schema

    flow: Flow[..., Any] = load_flow_from_entrypoint(wanted.entrypoint)
    schedules = []
    if wanted.every_seconds is not None:
        schedules = [
            DeploymentScheduleCreate(
                schedule=IntervalSchedule(interval=timedelta(seconds=wanted.every_seconds)), active=True
            )
        ]
    elif wanted.cron is not None:
        schedules = [DeploymentScheduleCreate(schedule=CronSchedule(cron=wanted.cron, timezone=ZONE), active=True)]
    await client.create_deployment(
        flow_id=await client.create_flow(flow),
        name=wanted.name,
        entrypoint=wanted.entrypoint,
        work_pool_name=settings.workers.pool,
        schedules=schedules,
        concurrency_limit=None,  # also where an earlier program had set one
        parameters={"home": str(settings.home), **wanted.parameters},
        parameter_openapi_schema=parameter_schema(flow).model_dump_for_openapi(),
        enforce_parameter_schema=False,
    )


def work(settings: Settings, limit: int, *, with_healthcheck: bool = False) -> int:
    """Run a worker of the pool until this process is told to end; its exit status. Call `prepare` first.

    The worker, its flow runs and their crawls end with this process, however it ends. `with_healthcheck`: it answers at
    /health on PREFECT_WORKER_WEBSERVER_PORT whether it has asked its server of late; on loopback unless told otherwise.
    """
    program = [sys.executable, "-m", "prefect", "worker", "start", "--type", "process", "--pool", settings.workers.pool]
    program += ["--limit", str(limit), "--install-policy", "never"]
    program += ["--with-healthcheck"] if with_healthcheck else []
    environment = {"PREFECT_WORKER_WEBSERVER_HOST": "127.0.0.1"} | os.environ | {"TIN3C_HOME": str(settings.home)}
    child = lifeline.start([sys.executable, "-m", "flows.lifeline", *program], env=environment)

    def end(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    with every(orphans.LOOK_SECONDS, orphans.watching(settings.workers.pool), "orphans"):
        try:
            status = child.wait()
        except KeyboardInterrupt:
            status = 0
        finally:
            signal.signal(signal.SIGTERM, before)
            child.end(PATIENCE_SECONDS)
    if status:
        raise Tin3CError(f"Prefect's worker ended with {status}: see its output above")
    return status
