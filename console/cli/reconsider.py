"""`tin3c reconsider`: a filter's mistake can be undone, as long as the item's address is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer


def reconsider(
    above: Annotated[float, typer.Option(min=0, max=1, help="Items whose health probability was at least this.")],
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the most probable first.")] = 1_000,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list them.")] = False,
) -> None:
    """Bring back items that were judged not health: the next run reads their pages and assesses them again."""
    from contextlib import closing

    from flows import wiring
    from flows.settings import load

    with closing(wiring.open_store(load())) as store:
        found = store.assessment_queue.judged_not_health(above, limit)
        for item, probability in found:
            typer.echo(f"{probability:.3f}  {item.title}  {item.address}")
        if dry_run:
            typer.echo(f"{len(found)} items would come back.", err=True)
            return
        back = store.assessment_queue.undo_not_health([item.id for item, _ in found], datetime.now(UTC))
        typer.echo(f"{back} items come back with the next `tin3c watch`.", err=True)
