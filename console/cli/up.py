"""`tin3c up`: the schedule and the console, for every day."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import Annotated, NoReturn

import typer


def up(
    port: Annotated[int | None, typer.Option(help="The console's port; 0 takes a free one.")] = None,
    schedule: Annotated[bool, typer.Option("--schedule/--no-schedule", help="Also watch and send digests.")] = True,
) -> None:
    """Start Prefect's server, the schedule and the console; Ctrl-C or SIGTERM ends them all."""
    from contextlib import ExitStack

    from console.serve import serve_console
    from flows import lifeline, prefect_server
    from flows import parts as parts_
    from flows.settings import load

    settings = load()
    if port is not None:
        settings = settings.model_copy(update={"console": settings.console.model_copy(update={"port": port})})
    # A service manager's way to say "end": without this, what is below would be killed and not ended.
    signal.signal(signal.SIGTERM, _end)
    parts = parts_.use(settings)
    with ExitStack() as stack:
        stack.callback(parts.close)
        if schedule:
            typer.echo("Starting the schedule (Prefect takes some seconds) …", err=True)
            stack.enter_context(prefect_server.started(settings, permanent=True))
            child = lifeline.start(
                [sys.executable, "-m", "flows.schedule", str(settings.home)], env=dict(os.environ), stdout=sys.stderr
            )
            stack.callback(child.end, 20)
        serve_console(parts, lambda address: typer.echo(f"The console is at {address}  (Ctrl-C ends it)", err=True))


def _end(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
