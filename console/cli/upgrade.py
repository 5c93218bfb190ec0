"""`tin3c upgrade`: a new program's schema for the store, after a backup; what the search index then needs is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def upgrade(
    to: Annotated[Path | None, typer.Option("--to", help="Where the backup goes; `upgrades` in the home.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Bring the store to this program's schema: a backup first, then one transaction that holds or is rolled back."""
    from flows import upgrade as upgrades
    from flows.restore import way_back
    from flows.settings import load

    settings = load()
    state = upgrades.state(settings)
    made = None
    if not state.is_old:
        text = f"Nothing to do: the schema is {state.stored or 'not there yet'}, this program's is {state.wanted}."
    elif dry_run:
        text = f"Would back up the store and change its schema from {state.stored} to {state.wanted}."
    elif made := upgrades.upgrade(settings, to):
        back = way_back(settings, made.path)
        text = f"The schema is {state.wanted} now. To go back to the old program, install it and then: {back}"
    else:
        text = "Another process was quicker: nothing to do."
    index_is_old = upgrades.index_is_old(settings)
    if as_json:
        facts = {
            "stored": state.stored,
            "wanted": state.wanted,
            "dry_run": dry_run,
            "backup": str(made.path) if made else None,
            "index_rebuild": index_is_old,
        }
        typer.echo(json.dumps(facts, ensure_ascii=False))
        return
    typer.echo(text)
    if index_is_old:
        typer.echo("The search index was made by another program: search answers after `tin3c index rebuild`.")
