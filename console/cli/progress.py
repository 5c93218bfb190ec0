"""How far a command has come: a line that is written over on a terminal, and one every ten seconds elsewhere."""

from __future__ import annotations

import sys
import time

import typer

_LOGGED_SECONDS = 10.0


class Progress:
    """Of `total` items, None where nobody knows how many come; `already`: done before. The clock starts with it."""

    def __init__(self, total: int | None, already: int = 0) -> None:
        self._total, self._already, self._done = total, already, already
        self._terminal = sys.stderr.isatty()
        self._began = self._logged = time.monotonic()
        self._since: tuple[int, float] | None = None
        self._line = False
        self.show(already)

    def show(self, done: int) -> None:
        """`done` items of all, those that were done before included."""
        self._done, now = done, time.monotonic()
        if self._since is None and done > self._already:
            self._since = done, now
        if self._terminal:
            typer.echo(f"\r\x1b[K{self._told(now)}", nl=False, err=True)
            self._line = True
        elif now - self._logged >= _LOGGED_SECONDS or (done == self._total and self._logged > self._began):
            self._logged = now
            typer.echo(self._told(now), err=True)

    def say(self, text: str) -> None:
        """A line of its own, which stays."""
        typer.echo(f"\r\x1b[K{text}" if self._line else text, err=True)
        self._line = False

    def end(self) -> None:
        """What is shown on a terminal stays, and what comes next has a line of its own."""
        if self._line:
            typer.echo("", err=True)
        self._line = False

    def _told(self, now: float) -> str:
        done, seconds = self._done, now - self._began
        told = f"{done:,} items" if self._total is None else f"{done:,} of {max(done, self._total):,} items"
        if done == self._already:
            return told
        if self._total is None or done >= self._total:
            return f"{told}, {(done - self._already) / seconds:,.0f} a second, {duration(seconds)}"
        rate = self._rate(now)
        return f"{told}, {rate:,.0f} a second, about {duration((self._total - done) / rate)} to go"

    def _rate(self, now: float) -> float:
        """Without the first step, where there are more: models are loaded in it."""
        done, at = self._since or (self._already, self._began)
        if done == self._done:
            done, at = self._already, self._began
        return (self._done - done) / (now - at)


def duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6_000 else f"{seconds / 3_600:.1f} h"
