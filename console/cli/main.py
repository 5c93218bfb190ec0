"""`tin3c`: the commands gathered, and the errors turned into sentences and exit codes."""

from __future__ import annotations

import sys

import typer

from console.cli import (
    assess,
    demo,
    digest,
    doctor,
    extract,
    init,
    models,
    narratives,
    reconsider,
    search,
    sources,
    up,
    watch,
)
from records.errors import LeaseTaken, SettingsError, Tin3CError

FAILED = 1
WRONG_USAGE = 2
ALREADY_RUNNING = 3
INTERRUPTED = 130

app = typer.Typer(
    name="tin3c",
    help="Hears health rumors early, and carries each through the three C's.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    add_completion=False,
)
app.command("init")(init.init)
app.command("demo")(demo.demo)
app.command("up")(up.up)
app.command("doctor")(doctor.doctor)
app.command("watch")(watch.watch)
app.add_typer(sources.app, name="sources")
app.command("reconsider")(reconsider.reconsider)
app.command("search")(search.search)
app.command("extract")(extract.extract)
app.command("digest")(digest.digest)
app.add_typer(models.app, name="models")
app.command("assess")(assess.assess)
app.command("narratives")(narratives.narratives)


def main() -> None:
    """Run the command line. A Tin3CError becomes one sentence on stderr; anything else is a bug and shows its trace."""
    try:
        app()
    except LeaseTaken as error:
        typer.echo(f"tin3c: another run is at work ({error.holder}). Wait for it, or end it first.", err=True)
        sys.exit(ALREADY_RUNNING)
    except SettingsError as error:
        typer.echo(f"tin3c: settings: {error}. See docs/settings.md.", err=True)
        sys.exit(WRONG_USAGE)
    except Tin3CError as error:
        typer.echo(f"tin3c: {error}", err=True)
        sys.exit(FAILED)
    except KeyboardInterrupt:
        typer.echo("tin3c: interrupted. Nothing is lost: the next run goes on from here.", err=True)
        sys.exit(INTERRUPTED)
