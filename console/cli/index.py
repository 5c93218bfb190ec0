"""`tin3c index`: the search index compared with the store, and made anew from it."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import Annotated

import typer

app = typer.Typer(help="The search index: compare it with the store, make it anew.", no_args_is_help=True)


@app.command()
def rebuild(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Make a new index from the store; the old one is searched until it is whole. Killed, run it again: it goes on."""
    from flows import parts as parts_
    from flows.rebuilding import rebuild as rebuild_
    from flows.settings import load

    parts = parts_.use(load())
    try:
        done = rebuild_(parts, datetime.now(UTC), _progress)
    finally:
        parts.close()
    if sys.stderr.isatty():
        typer.echo("", err=True)
    if as_json:
        counts = {"written": done.written, "kept": done.kept, "rejected": done.rejected}
        typer.echo(json.dumps(counts))
    else:
        kept = f", {done.kept} kept of the rebuild that was cut off" if done.kept else ""
        aside = f", {done.rejected} put aside (see `tin3c doctor`)" if done.rejected else ""
        typer.echo(f"The new index is in use: {done.written} documents written{kept}{aside}.")


@app.command()
def check(
    repair: Annotated[bool, typer.Option("--repair", help="Put right what differs.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Compare store and index by id and version. Ends with 1 when they differ and were not put right."""
    from flows import index_check
    from flows import parts as parts_
    from flows.settings import load

    parts = parts_.use(load())
    try:
        found = index_check.compare(parts.store.index_queue, parts.index)
        repaired = index_check.repair(parts, found, datetime.now(UTC)) if repair and found.differences else 0
    finally:
        parts.close()
    counts = {
        "compared": found.compared,
        "waiting": found.waiting,
        "rejected": found.rejected,
        "missing": len(found.missing),
        "stale": len(found.stale),
        "surplus": len(found.surplus),
        "repaired": repaired,
    }
    if as_json:
        typer.echo(json.dumps(counts))
    else:
        typer.echo(", ".join(f"{count} {name}" for name, count in counts.items()))
        if found.differences:
            typer.echo(f"  such as {', '.join(found.examples())}")
        if found.differences and not repair:
            typer.echo("  → `tin3c index check --repair` puts this right")
    if found.differences and not repair:
        raise typer.Exit(1)


def _progress(looked_at: int, written: int) -> None:
    """A line on the terminal that is written over; nothing when stderr is a file."""
    if sys.stderr.isatty():
        typer.echo(f"\r\x1b[K{looked_at} items looked at, {written} documents written", nl=False, err=True)
