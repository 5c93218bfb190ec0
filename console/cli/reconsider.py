"""`tin3c reconsider`: a filter's mistake can be undone, as long as the item's address is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from records.ports import AssessmentQueue


def reconsider(
    above: Annotated[
        float | None, typer.Option(min=0, max=1, help="Items whose health probability was at least this.")
    ] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Items that could not be assessed.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the most probable first.")] = 1_000,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list them.")] = False,
) -> None:
    """Bring back items that were judged not health, or could not be assessed: the next run assesses them again.

    The pages of those that were judged not health are read again first, because nothing of their text is kept. Comments
    come back when their feed shows them again.
    """
    from contextlib import closing

    from flows import wiring
    from flows.settings import load
    from records.retention import COMMENT_COMES_BACK_WITHIN

    if (above is None) == (not failed):
        raise typer.BadParameter("give either --above or --failed")
    with closing(wiring.open_store(load())) as store:
        if above is None:
            _bring_back_failed(store.assessment_queue, limit, dry_run)
            return
        found = store.assessment_queue.judged_not_health(above, limit)
        for item, probability in found:
            typer.echo(f"{probability:.3f}  {item.title}  {item.address}")
        if dry_run:
            typer.echo(f"{len(found)} items would come back.", err=True)
            return
        comments = [item.id for item, _ in found if item.is_comment]
        pieces = [item.id for item, _ in found if not item.is_comment]
        back = store.assessment_queue.undo_not_health(pieces, datetime.now(UTC))
        typer.echo(f"{back} items come back with the next `tin3c watch`.", err=True)
        if comments:
            waiting = store.assessment_queue.undo_not_health(comments, datetime.now(UTC))
            typer.echo(
                f"{waiting} comments come back when a feed shows them again, within {COMMENT_COMES_BACK_WITHIN.days} "
                "days; else they are let go again.",
                err=True,
            )


def _bring_back_failed(queue: AssessmentQueue, limit: int, dry_run: bool) -> None:
    for failure in queue.failures(limit):
        typer.echo(f"{failure.item_id}  {failure.problem}")
    if not dry_run:
        typer.echo(f"{queue.try_again()} items are assessed again by the next `tin3c watch`.", err=True)
