"""`tin3c store`: the database itself. What copying does is in flows/moving.py."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from console.cli.exits import FAILED

app = typer.Typer(help="The database: move it to another one, check it.", rich_markup_mode=None, no_args_is_help=True)


@app.command("copy")
def copy(
    to: Annotated[str | None, typer.Option("--to", help="The new, empty database, as store.url has it.")] = None,
    to_file: Annotated[Path | None, typer.Option("--to-file", help="A file that holds that address.")] = None,
    password_file: Annotated[
        Path | None, typer.Option("--password-file", help="A file with the password that the address leaves out.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be copied.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object: rows and checksum of each table.")] = False,
) -> None:
    """Copy the store into another database, SQLite or PostgreSQL, and compare: counts, checksums, the trail.

    Nothing is in the new one before everything is, and nothing is written to the old one after that: whatever still
    names it is refused. Captures are files of the home and stay there.
    """
    from flows import moving, wiring
    from flows.settings import Store, load

    if (to is None) == (to_file is None):
        raise typer.BadParameter("give either --to URL or --to-file FILE")
    given = Store.model_validate({"url": to, "url_file": to_file, "password_file": password_file})
    settings = load()
    address = wiring.store_url(settings.model_copy(update={"store": given})) or ""
    if dry_run:
        rows = moving.would_copy(settings, address)
        typer.echo(json.dumps(rows) if as_json else "\n".join(f"{n:>12}  {name}" for name, n in rows.items()))
        typer.echo(f"{sum(rows.values())} rows would be copied; the captures stay in the home.", err=True)
        return
    copied = moving.copy_store(settings, address, _progress, _waiting)
    if as_json:
        typer.echo(json.dumps({name: asdict(one) for name, one in copied.tables.items()}))
    else:
        for name, one in copied.tables.items():
            typer.echo(f"{one.rows:>12}  {one.digest[:16]}  {name}")
    number = sum(one.rows for one in copied.tables.values())
    typer.echo(
        f"Copied {number} rows; every count and checksum is the same in both, and the {copied.trail_entries} entries of"
        " the trail verify in the new database.",
        err=True,
    )
    _say_what_to_change(address, password_file, settings.home)


def _progress(table: str, rows: int) -> None:
    typer.echo(f"{table}: {rows}", err=True)


def _waiting(holder: str) -> None:
    typer.echo(f"Waiting for {holder} to end: it is writing to the store. Ctrl-C gives up.", err=True)


def _say_what_to_change(address: str, password_file: Path | None, home: Path) -> None:
    from store.address import database_address, shown

    typer.echo("Before anything is started again, put this into tin3c.toml in place of its [store]:", err=True)
    typer.echo(f'\n[store]\nurl = "{shown(address)}"', err=True)
    if database_address(address).password is not None:
        file = password_file.resolve() if password_file else "FILE WITH THE PASSWORD"
        typer.echo(f'password_file = "{file}"', err=True)
    typer.echo(
        f"\nThe captures stay in {home / 'captures'}. Keep the old database until the new one was seen at", err=True
    )
    typer.echo(
        "work (`tin3c doctor`, `tin3c store check`); then delete it: it holds the same texts. Until then it", err=True
    )
    typer.echo("refuses all work; `tin3c store reopen`, under its old [store], would take it up again.", err=True)


@app.command("reopen")
def reopen(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take up a store again that was moved elsewhere. What was written to the other one since is not in it."""
    from flows import moving
    from flows.settings import load

    if not yes:
        question = "What was written to the new store since is not in this one. Work with this one again?"
        typer.confirm(question, abort=True, err=True)
    place = moving.reopen(load())
    said = (
        f"Open again; it had been moved to {place}. Let nothing work on that one any more." if place else "It was open."
    )
    typer.echo(said, err=True)


@app.command("check")
def check() -> None:
    """Whether the store holds together: references, counts, trail, and the files of the captures it names."""
    from contextlib import closing

    from flows import wiring
    from flows.settings import load

    with closing(wiring.open_store(load())) as store:
        facts = store.facts()
        found = list(store.problems())
    for problem in found:
        typer.echo(problem)
    if found:
        raise typer.Exit(FAILED)
    typer.echo(f"{facts.engine}, {facts.place}: references, counts, trail and capture files hold together.", err=True)
