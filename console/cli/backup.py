"""`tin3c backup`: make one, list them, check one. What it does is in flows/backup.py."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(invoke_without_command=True, no_args_is_help=True, help="Back up the whole home, while it works.")


@app.callback()
def backup(
    context: typer.Context,
    to: Annotated[
        Path | None, typer.Option("--to", help="A folder, best on another disk; each backup is one in it.")
    ] = None,
    keep: Annotated[int | None, typer.Option(min=1, help="Say which older ones the newest so many leave over.")] = None,
    delete: Annotated[
        bool, typer.Option("--delete", help="With --keep: delete them. They cannot be had back.")
    ] = False,
) -> None:
    """Back up store, captures, keys, settings and heads of this home, while it works. Keep it as secret as the home."""
    if context.invoked_subcommand is not None:
        return
    if to is None:
        raise typer.BadParameter("--to FOLDER is missing")
    if delete and keep is None:
        raise typer.BadParameter("--delete wants --keep")
    from flows import backup as backups
    from flows.settings import load

    settings = load()
    made = backups.make(settings, to)
    rows = sum(figures.rows for figures in made.manifest.snapshot.tables.values())
    typer.echo(f"{made.path}  {rows} rows, {len(made.manifest.snapshot.files)} files of the store, "
               f"{made.manifest.bytes / 1e6:.1f} MB")  # fmt: skip
    if keep is None:
        return
    what = backups.pruning(settings, to, keep)
    for path in (*what.old, *what.unfinished):
        typer.echo(
            f"{'deleted' if delete else 'would go'}  {path}{'  (unfinished)' if path in what.unfinished else ''}"
        )
    if delete:
        backups.prune(what)
    elif what.old or what.unfinished:
        typer.echo("Nothing was deleted. --delete deletes these.", err=True)


@app.command("list")
def list_(folder: Annotated[Path, typer.Argument(help="The folder that the backups are in.")]) -> None:
    """The backups in a folder, oldest first, and what was cut off."""
    from flows import manifest
    from records.calendar import local

    for path, made in manifest.complete(folder):
        rows = sum(figures.rows for figures in made.snapshot.tables.values())
        typer.echo(f"{path.name}  complete  {local(made.taken_at):%H:%M %d/%m/%Y}  {made.contents.value}  "
                   f"schema {made.snapshot.schema}  {rows} rows  {made.bytes / 1e6:.1f} MB")  # fmt: skip
    for path, begun, alive in manifest.unfinished(folder):
        state = "being made" if alive else "unfinished"
        typer.echo(f"{path.name}  {state}  {local(begun.started_at):%H:%M %d/%m/%Y}")


@app.command()
def check(folder: Annotated[Path, typer.Argument(metavar="BACKUP", help="One backup's own folder.")]) -> None:
    """Read all of a backup: every file against its sha256, rows against their counts and digests, and the trail."""
    from flows import backup as backups

    made = backups.verify(folder)
    typer.echo(f"{made.name}: {len(list(made.every_file()))} files, {len(made.snapshot.tables)} tables and "
               f"{made.snapshot.trail_entries} entries of the trail are as they were backed up.")  # fmt: skip
