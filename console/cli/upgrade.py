"""`tin3c upgrade`: a new program's schema for the store, after a backup."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def upgrade(
    to: Annotated[Path | None, typer.Option("--to", help="Where the backup goes; `upgrades` in the home.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
) -> None:
    """Bring the store to this program's schema: a backup first, then one transaction that holds or is rolled back."""
    from flows import upgrade as upgrades
    from flows.settings import load

    settings = load()
    state = upgrades.state(settings)
    if not state.is_old:
        typer.echo(f"Nothing to do: the schema is {state.stored or 'not there yet'}, this program's is {state.wanted}.")
        return
    if dry_run:
        typer.echo(f"Would back up the store and change its schema from {state.stored} to {state.wanted}.")
        return
    made = upgrades.upgrade(settings, to)
    typer.echo(f"The schema is {state.wanted} now. To go back to the old program: `tin3c restore {made.path} --replace`"
               if made else "Another process was quicker: nothing to do.")  # fmt: skip
