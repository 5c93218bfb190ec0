"""`tin3c up`: the schedule and the console, for every day."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Annotated, NoReturn

import typer


def up(
    port: Annotated[int | None, typer.Option(help="The console's port; 0 takes a free one.")] = None,
    schedule: Annotated[bool, typer.Option("--schedule/--no-schedule", help="Also watch and send digests.")] = True,
) -> None:
    """Start Prefect's server, the schedule and the console; Ctrl-C or SIGTERM ends them all."""
    from contextlib import ExitStack
    from functools import partial

    from console.serve import listening, serve_at
    from flows import parts as parts_
    from flows.indexing import keeping_up
    from flows.settings import load
    from flows.supervising import Supervisor
    from flows.supervising import schedule as scheduling
    from records.errors import Tin3CError

    settings = load()
    wanted = settings.console if port is None else settings.console.model_copy(update={"port": port})
    # A service manager's way to say "end": without this, what is below would be killed and not ended.
    signal.signal(signal.SIGTERM, _end)
    with ExitStack() as stack:
        listener = stack.enter_context(listening(wanted))
        # The port that was given, in every link, whoever sends it.
        console = wanted.model_copy(update={"port": listener.getsockname()[1]})
        settings = settings.model_copy(update={"console": console})
        parts = parts_.use(settings)
        stack.callback(parts.close)
        supervisor = None
        if schedule:
            typer.echo("Starting the schedule (Prefect takes some seconds) …", err=True)
            supervisor = Supervisor(partial(scheduling, settings), partial(typer.echo, err=True))
            stack.enter_context(supervisor)
            supervisor.started.wait()
        # Also beside the workers of a pool: they have none that is always there.
        stack.enter_context(keeping_up(parts))
        serve_at(
            listener,
            parts,
            lambda address: typer.echo(f"The console is at {address}  (Ctrl-C ends it)", err=True),
            supervisor.given_up if supervisor else None,
        )
        if supervisor and supervisor.given_up.is_set():
            raise Tin3CError(supervisor.problem)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
