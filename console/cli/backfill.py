"""`tin3c backfill`: an archive of WARC files or JSON lines becomes items of one source."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from records.errors import Tin3CError

if TYPE_CHECKING:
    from flows.parts import Parts
    from records.run import RunReport
    from records.work import WorkProgress

_SHOWN_SECONDS = 2.0
_LOGGED_SECONDS = 30.0


def backfill(
    location: Annotated[
        str, typer.Argument(help="A folder, a file or s3://bucket/folder of .warc and .jsonl, also .gz")
    ],
    source: Annotated[str, typer.Option(help="Id or name of the source on the list that the items belong to.")],
    workers: Annotated[int, typer.Option(min=1, help="Processes of Dask on this machine.")] = 2,
    address: Annotated[str | None, typer.Option(help="A running Dask cluster in place of them (tls://…).")] = None,
    alert: Annotated[bool, typer.Option("--alert", help="Its items may open cases and alert like new ones.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what lies there.")] = False,
) -> None:
    """Read an archive. Interrupted or killed, the same command goes on; what is known already stays as it is."""
    from flows import backfill as steps
    from flows import parts as parts_
    from flows import prefect_server
    from flows.settings import load
    from flows.watching import held

    if "://" not in location:
        location = str(Path(location).resolve())
    parts = parts_.use(load())
    try:
        found = steps.source_named(parts, source)
        if dry_run:
            typer.echo("\n".join(steps.preview(location)))
            return
        begun, progress = steps.begin(parts, location, found, datetime.now(UTC), alert=alert)
        with held(parts.store.leases, begun.id), prefect_server.server(parts.settings):
            if not progress.is_finished:
                with _shown(parts, begun.id):
                    from flows import backfilling

                    backfilling.run(str(parts.settings.home), begun.id, workers, address)
            progress = parts.store.work_parts.progress(begun.id)
            if not progress.is_finished:
                raise Tin3CError(_problems(progress))
            typer.echo("All is read. Narrating …", err=True)
            typer.echo(as_text(steps.finish(parts, begun), progress))
    finally:
        parts.close()


def _problems(progress: WorkProgress) -> str:
    left = progress.parts - progress.finished
    said = "; ".join(dict.fromkeys(problem for _, problem in progress.problems)) or "its workers ended"
    return f"{left} of {progress.parts} parts could not be read: {said}. The same command tries them again"


@contextmanager
def _shown(parts: Parts, job: str) -> Iterator[None]:
    """A line of progress on stderr, written over on a terminal."""
    terminal = sys.stderr.isatty()
    ended = threading.Event()
    began, before = time.monotonic(), parts.store.work_parts.progress(job)
    items_before = parts.store.backfills.assessed(job)

    def show() -> None:
        while not ended.wait(_SHOWN_SECONDS if terminal else _LOGGED_SECONDS):
            progress, seconds = parts.store.work_parts.progress(job), time.monotonic() - began
            rate = (parts.store.backfills.assessed(job) - items_before) / seconds
            line = f"{progress.finished} of {progress.parts} parts, {rate:.0f} items/s"
            if done := progress.finished_size - before.finished_size:
                minutes = seconds / done * (progress.size - progress.finished_size) / 60
                line += f", about {minutes:.0f} min to go"
            typer.echo(f"\r\x1b[K{line}" if terminal else line, nl=not terminal, err=True)

    thread = threading.Thread(target=show, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        if terminal:
            typer.echo("", err=True)


def as_text(report: RunReport, progress: WorkProgress) -> str:
    counts = progress.counts
    fates = ", ".join(f"{count} {fate.value}" for fate, count in report.fates.items() if count) or "nothing"
    return (
        f"Back-fill {report.run_id}: {counts.get('items', 0)} read, {counts.get('broken', 0)} could not be read.\n"
        f"Items: {fates}. Narratives: {report.narratives_new} new, {report.narratives_grown} grown. "
        f"Cases opened: {report.cases_opened}."
    )
