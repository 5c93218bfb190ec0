"""`tin3c keep`: what has had its time goes. What it does is in flows/keep.py."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated

import typer


def keep(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many of each class would go.")] = False,
) -> None:
    """Let go what has had its time, by the terms in [keep]: this cannot be undone. `tin3c up` does it every night."""
    from flows import keep as keeping
    from flows import parts as parts_
    from flows.settings import load

    with closing(parts_.use(load())) as parts:
        now = datetime.now(UTC)
        for retention, count in parts.store.expired(now).items():
            typer.echo(f"{retention.value:<14} {count:>8} have had their time")
        if dry_run:
            return
        kept = keeping.keep(parts, now)
    typer.echo(f"Gone: {sum(kept.gone.values())}. Each batch stands in the trail.")
    if kept.tidied is None:
        typer.echo("Files of captures are left to the next time: another process has them in hand.", err=True)
    else:
        tidied = kept.tidied
        typer.echo(f"Files of captures: {tidied.deleted} deleted, {tidied.rewritten} rewritten, "
                   f"{tidied.bytes_freed / 1e6:.1f} MB freed.")  # fmt: skip
