"""`tin3c restore`: a backup back into this home. What it does is in flows/restore.py."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer


def restore(
    folder: Annotated[Path, typer.Argument(metavar="FROM", help="One backup's own folder.")],
    to_store: Annotated[
        str | None,
        typer.Option(help="An empty database's URL, or `sqlite`; without it, as the settings in the backup say."),
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Move what is in the home aside first.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the backup, say what would be done.")] = False,
) -> None:
    """Restore a backup: checked before and after, in one transaction; nothing is deleted and nothing is sent."""
    from flows.restore import Restoring
    from flows.settings import home_folder
    from records.calendar import local

    home = home_folder()
    restoring = Restoring(home, folder, to_store=to_store, replace=replace)
    plan = restoring.plan()
    snapshot = plan.made.snapshot
    rows = sum(figures.rows for figures in snapshot.tables.values())
    typer.echo(f"{plan.made.name}: as of {local(plan.made.taken_at):%H:%M %d/%m/%Y}, {rows} rows, whole.")
    typer.echo(f"{'Would restore' if dry_run else 'Restoring'} into {home}, database {plan.place}.")
    if plan.aside:
        typer.echo(f"{'Would move' if dry_run else 'Moving'} aside: {', '.join(plan.aside)}.")
    if dry_run:
        return
    done = restoring.carry_out(datetime.now(UTC))
    typer.echo(f"Restored. {done.restored.queued_for_index} items wait for the index: `tin3c watch` builds it again.")
    if done.restored.held:
        typer.echo(f"{done.restored.held} mails are held, because they may have been sent since the backup: "
                   "`tin3c doctor --retry-messages` sends them.")  # fmt: skip
    if done.restored.asked:
        typer.echo(f"{done.restored.asked} messages wait; their channel is asked first whether it has them.")
    if done.replaced:
        typer.echo(f"What was there before is at {done.replaced}; delete it, or move it back to undo, "
                   "and run `tin3c store reopen`.")  # fmt: skip
