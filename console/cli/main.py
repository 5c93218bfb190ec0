"""`tin3c`: the commands gathered."""

from __future__ import annotations

import typer

from console.cli import (
    assess,
    backfill,
    backup,
    claims,
    demo,
    digest,
    doctor,
    extract,
    index,
    init,
    keep,
    models,
    narratives,
    reconsider,
    restore,
    search,
    sources,
    store,
    up,
    upgrade,
    watch,
    workers,
)
from console.cli.exits import Commands

app = typer.Typer(
    name="tin3c",
    cls=Commands,
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
app.add_typer(claims.app, name="claims")
app.command("deploy")(workers.deploy)
app.command("worker")(workers.worker)
app.command("backfill")(backfill.backfill)
app.command("reconsider")(reconsider.reconsider)
app.command("search")(search.search)
app.add_typer(index.app, name="index")
app.command("extract")(extract.extract)
app.command("digest")(digest.digest)
app.add_typer(models.app, name="models")
app.add_typer(backup.app, name="backup")
app.command("keep")(keep.keep)
app.command("restore")(restore.restore)
app.add_typer(store.app, name="store")
app.command("upgrade")(upgrade.upgrade)
app.command("assess")(assess.assess)
app.command("narratives")(narratives.narratives)


def main() -> None:
    """Run the command line. See console.cli.exits for how it ends."""
    app()
