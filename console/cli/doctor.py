"""`tin3c doctor`: what works, what does not, what to do."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from console.cli.exits import FAILED

_SIGNS = {"good": "ok  ", "note": "note", "bad": "BAD "}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON list.")] = False,
    retry_messages: Annotated[
        bool, typer.Option("--retry-messages", help="Put refused messages back in the outbox first.")
    ] = False,
) -> None:
    """What works, what does not, what to do. Ends with 1 when something is bad."""
    from flows import parts as parts_
    from flows.doctor import Health, examine
    from flows.settings import load

    parts = parts_.use(load())
    try:
        if retry_messages:
            count = parts.store.outbox.retry_refused(datetime.now(UTC))
            typer.echo(f"{count} messages will be tried again.", err=True)
        findings = []
        for finding in examine(parts):
            findings.append(finding)
            if not as_json:
                typer.echo(f"{_SIGNS[finding.health]}  {finding.about:<9} {finding.what}")
                if finding.advice:
                    typer.echo(f"{'':<16} → {finding.advice}")
        if as_json:
            typer.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    finally:
        parts.close()
    if any(finding.health is Health.BAD for finding in findings):
        raise typer.Exit(FAILED)
