"""`tin3c watch`: collect, assess, narrate and alert for the configured sources."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from console.cli.times import moment as typed
from records.calendar import local
from records.errors import Tin3CError
from records.item import Fate
from records.run import RunReport

if TYPE_CHECKING:
    from flows.watching import Progress


def watch(
    once: Annotated[bool, typer.Option("--once", help="One run over all enabled sources, then end.")] = False,
    now: Annotated[str | None, typer.Option("--now", help="Take this ISO time as the present (with --once).")] = None,
    delay: Annotated[float | None, typer.Option("--delay", min=0, help="Seconds between requests to a host.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The last line is one JSON object.")] = False,
) -> None:
    """Collect, assess, narrate and alert. Without --once: again and again, each source at its own interval."""
    from flows import parts as parts_
    from flows.keep import keep
    from flows.settings import load
    from flows.watching import run_once

    moment = typed(now, "--now")
    if moment and not once:
        raise typer.BadParameter("--now wants --once: time cannot stand still for long")
    settings = load()
    if delay is not None:
        crawl = settings.crawl.model_copy(update={"delay_seconds": delay})
        settings = settings.model_copy(update={"crawl": crawl})
    parts = parts_.use(settings)
    try:
        while True:
            try:
                report = run_once(parts, moment or datetime.now(UTC), all_sources=once, progress=_progress())
            except Tin3CError as error:
                if once:
                    raise
                # One bad run must not end the watch of the night.
                again = settings.schedule.watch_minutes
                typer.echo(f"tin3c: this run failed, the next begins in {again} min: {error}", err=True)
                time.sleep(again * 60)
                continue
            if as_json:
                typer.echo(json.dumps(as_object(report), ensure_ascii=False))
            else:
                typer.echo(as_text(report))
            if once:
                return
            keep(parts, datetime.now(UTC))
            time.sleep(settings.schedule.watch_minutes * 60)
    finally:
        parts.close()


def _progress() -> Progress | None:
    """A line on the terminal that is written over; nothing when stderr is a file."""
    if not sys.stderr.isatty():
        return None

    def show(counts: dict[str, int]) -> None:
        waiting = f"{counts['awaiting_page']} pages, {counts['to_assess']} to assess, {counts['to_narrate']} to narrate"
        typer.echo(f"\r\x1b[K{counts['items']} items known; waiting: {waiting}", nl=False, err=True)

    return show


def as_object(report: RunReport) -> dict[str, object]:
    """The machine-readable form: see docs/command-line.md."""
    return {
        "run": report.run_id,
        "now": report.now.isoformat(),
        "seconds": _seconds(report),
        "fates": {fate.value: report.fates.get(fate, 0) for fate in Fate},
        "sources": {
            source.source_id: {
                "name": source.name,
                "state": source.state.value,
                "detail": source.detail,
                **{fate.value: source.fates.get(fate, 0) for fate in Fate},
            }
            for source in report.sources
        },
        "narratives": {"new": report.narratives_new, "grown": report.narratives_grown},
        "cases_opened": report.cases_opened,
        "messages": {"delivered": report.messages_delivered, "waiting": report.messages_waiting},
        "index_behind": report.index_behind,
        "held_back": report.held_back.value if report.held_back else None,
    }


def _seconds(report: RunReport) -> float | None:
    return round((report.finished_at - report.started_at).total_seconds(), 1) if report.finished_at else None


def as_text(report: RunReport) -> str:
    lines = [f"Run {report.run_id}, {local(report.now):%H:%M %d/%m/%Y}, {_seconds(report)} s"]
    lines += [f"  {source.name}: {source.state.value} ({source.detail}); {_counts(source.fates)}"
              for source in report.sources]  # fmt: skip
    lines.append(f"All: {_counts(report.fates)}")
    lines.append(
        f"Narratives: {report.narratives_new} new, {report.narratives_grown} grown. "
        f"Cases opened: {report.cases_opened}. "
        f"Messages: {report.messages_delivered} delivered, {report.messages_waiting} waiting."
    )
    if report.held_back:
        lines.append("Nothing more was collected: the disk has too little room (keep.least_free_bytes).")
    if report.index_behind:
        lines.append(f"Search is behind by {report.index_behind} items.")
    return "\n".join(lines)


def _counts(fates: dict[Fate, int]) -> str:
    return ", ".join(f"{count} {fate.value}" for fate in Fate if (count := fates.get(fate, 0))) or "nothing"
