"""A pool of two places after a power cut, at the Prefect server of the environment: what becomes of its runs, as JSON.

Run as a process of its own, `python -m tests.support.lost_runs HOME`: Prefect reads its environment once.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate
from prefect.client.schemas.objects import ConcurrencyLimitStrategy, ConcurrencyOptions
from prefect.states import Pending, Running

from flows import orphans, pool
from flows.settings import load

WATCH = "shared-watch/watch"


async def created() -> str:
    """A run of `watch` that waits for a worker."""
    async with get_client() as client:
        deployment = await client.read_deployment_by_name(WATCH)
        return str((await client.create_flow_run_from_deployment(deployment.id)).id)


async def taken(name: str, worker: str) -> str:
    """A run that `worker` has taken."""
    id = await created()
    async with get_client() as client:
        await client.send_worker_heartbeat(name, worker)
        await client.update_flow_run_labels(UUID(id), {"prefect.worker.name": worker})
        for state in (Pending(), Running()):
            await client.set_flow_run_state(id, state)
    return id


async def with_a_limit(name: str) -> None:
    """As an earlier program registered it, and a server that died with a run left it: nobody gives the slot back."""
    async with get_client() as client:
        deployment = await client.read_deployment_by_name(WATCH)
        await client.create_deployment(
            flow_id=deployment.flow_id,
            name="watch",
            work_pool_name=name,
            concurrency_limit=1,
            concurrency_options=ConcurrencyOptions(collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW),
        )
        limited = (await client.read_deployment_by_name(WATCH)).global_concurrency_limit
        assert limited is not None
        await client.update_global_concurrency_limit(limited.name, GlobalConcurrencyLimitUpdate(active_slots=1))


async def hear(name: str) -> None:
    async with get_client() as client:
        await client.send_worker_heartbeat(name, "alive")


async def look(name: str, ids: list[str]) -> dict[str, Any]:
    """The states of the runs, and whether the pool gives the last one to a worker, who may then begin it."""
    async with get_client() as client:
        found: dict[str, Any] = {"states": [await _state(client, id) for id in ids]}
        handed = await client.get_scheduled_flow_runs_for_work_pool(name, scheduled_before=datetime.now(UTC))
        found["handed"] = ids[-1] in [str(one.flow_run.id) for one in handed]
        if found["handed"]:
            await client.set_flow_run_state(ids[-1], Pending())
            found["states"][-1] = await _state(client, ids[-1])
        return found


async def _state(client: PrefectClient, id: str) -> str:
    state = (await client.read_flow_run(UUID(id))).state
    return state.type.value if state else ""


def main() -> None:
    settings = load(Path(sys.argv[1]))
    name = settings.workers.pool
    orphans.LOST_AFTER = timedelta(seconds=3)
    pool.register(settings)
    asyncio.run(with_a_limit(name))
    pool.register(settings)
    ids = [asyncio.run(taken(name, "gone")), asyncio.run(taken(name, "alive")), asyncio.run(created())]
    watching = orphans.watching(name)
    watching()  # as when the server has just come back
    before = asyncio.run(look(name, ids))
    time.sleep(3.5)
    asyncio.run(hear(name))
    watching()
    print(json.dumps({"before": before, "after": asyncio.run(look(name, ids))}))


if __name__ == "__main__":
    main()
