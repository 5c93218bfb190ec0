"""How a command ends: one code for one thing, in every command. docs/command-line.md has the table."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from records.errors import InputError, LeaseTaken, NotFound, QueryError, SettingsError, Tin3CError

DONE = 0
#: What was asked for failed, or some of it did; or nothing was done because of what stands there already.
FAILED = 1
#: An option, an argument, a file that it names, or a setting is wrong: nothing was done.
WRONG_USAGE = 2
ALREADY_RUNNING = 3
INTERRUPTED = 130

_WRONG = (SettingsError, InputError, NotFound, QueryError)


def code_of(error: Tin3CError) -> int:
    if isinstance(error, LeaseTaken):
        return ALREADY_RUNNING
    return WRONG_USAGE if isinstance(error, _WRONG) else FAILED


def sentence(error: Tin3CError) -> str:
    """What a person is told, and where to look next."""
    if isinstance(error, LeaseTaken):
        return f"another run is at work ({error.holder}). Wait for it, or end it first."
    if isinstance(error, SettingsError):
        return f"settings: {error}. See docs/settings.md."
    return str(error)


class Commands(TyperGroup):
    """Ends a command with one sentence on stderr and its code. What is no Tin3CError is a bug and shows its trace."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Tin3CError as error:
            typer.echo(f"tin3c: {sentence(error)}", err=True)
            raise typer.Exit(code_of(error)) from error
        except KeyboardInterrupt:
            typer.echo("tin3c: interrupted. Nothing is lost: the next run goes on from here.", err=True)
            raise typer.Exit(INTERRUPTED) from None
