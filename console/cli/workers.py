"""`tin3c deploy` and `tin3c worker`: several processes, on one machine or more, at the work of one home."""

from __future__ import annotations

from typing import Annotated

import typer


def deploy() -> None:
    """Register the work pool and its deployments at the Prefect server. To be repeated when settings change."""
    from flows import orphans, pool
    from flows.settings import load

    settings = load()
    address = pool.prepare(settings)
    for one in pool.register(settings):
        when = f"every {one.every_seconds // 60} min" if one.every_seconds else one.cron or "when a run asks for it"
        typer.echo(f"{one.name}: {when}")
    if lost := orphans.release(settings.workers.pool):
        typer.echo(f"{lost} runs whose worker is gone are counted no more.")
    typer.echo(f"Registered at {address} for the pool {settings.workers.pool!r}. Now start workers: tin3c worker")


def worker(
    limit: Annotated[int, typer.Option(min=1, help="Flow runs at the same time in this worker.")] = 3,
    with_healthcheck: Annotated[
        bool, typer.Option("--with-healthcheck", help="Answer at /health, on PREFECT_WORKER_WEBSERVER_PORT.")
    ] = False,
) -> None:
    """Take runs from the work pool until Ctrl-C; what it started ends with it."""
    from flows import pool
    from flows.settings import load

    settings = load()
    address = pool.prepare(settings)
    typer.echo(f"Working for the pool {settings.workers.pool!r} at {address}  (Ctrl-C ends it)", err=True)
    pool.work(settings, limit, with_healthcheck=with_healthcheck)
