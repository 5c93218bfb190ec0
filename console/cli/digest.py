"""`tin3c digest`: what a day or a week brought; shown, written to a file, or mailed to the leaders."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.cli.exits import FAILED
from console.cli.times import moment as typed
from records.digest import Digest, Period
from records.errors import DeliveryError, InputError

if TYPE_CHECKING:
    from flows.parts import Parts


def digest(
    period: Annotated[Period, typer.Argument(help="The last whole day or week, as Viet Nam counts them.")],
    send: Annotated[bool, typer.Option("--send", help="Mail it to mail.digest_recipients.")] = False,
    until: Annotated[str | None, typer.Option("--until", help="The period that ended by this ISO time.")] = None,
    output: Annotated[Path | None, typer.Option("--output", help="Write it here; HTML when the name ends so.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Its figures, as one JSON object.")] = False,
) -> None:
    """Compose the digest. Without --send nobody gets it: its text is printed."""
    from flows import digests
    from flows import parts as parts_
    from flows.settings import load

    moment = typed(until, "--until") or datetime.now(UTC)
    parts = parts_.use(load())
    try:
        found, content = digests.compose(parts, period, moment)
        if output is not None:
            _write(output, content.html if output.suffix.lower() in {".html", ".htm"} else content.text)
        failed = _send(parts, period, moment) if send else {}
        if as_json:
            typer.echo(json.dumps(_as_object(found, content.subject, failed), ensure_ascii=False))
        elif output is None and not send:
            typer.echo(content.text)
    finally:
        parts.close()
    if any(failed.values()):
        raise typer.Exit(FAILED)


def _send(parts: Parts, period: Period, until: datetime) -> dict[str, str]:
    """{recipient: why it did not work, "" when it did}; each is told on stderr."""
    from flows import digests

    failed = {}
    for recipient in digests.recipients(parts):
        try:
            digests.send(parts, period, until, recipient)
            failed[recipient] = ""
        except DeliveryError as error:
            failed[recipient] = str(error)
        typer.echo(f"{recipient}: {failed[recipient] or 'sent'}", err=True)
    return failed


def _as_object(digest: Digest, subject: str, failed: dict[str, str]) -> dict[str, object]:
    """The machine-readable form: see docs/command-line.md."""
    return {
        "period": digest.period.value,
        "since": digest.since.isoformat(),
        "until": digest.until.isoformat(),
        "subject": subject,
        "items": digest.items,
        "items_before": digest.items_before,
        "not_health": digest.not_health,
        "timeline": [{"start": slot.start.isoformat(), "count": slot.count} for slot in digest.timeline],
        "topics": dict(digest.topics),
        "narratives": [
            {
                "id": narrative.id,
                "title": narrative.label,
                "items": narrative.items,
                "level": narrative.risk.level.value if narrative.risk else None,
            }
            for narrative in digest.narratives
        ],
        "cases": [{"id": case.id, "stage": case.stage.value, "level": case.level.value} for case in digest.cases],
        "silent_sources": [
            {"id": health.source.id, "name": health.source.name, "state": health.state.value}
            for health in digest.silent_sources
        ],
        "sent": [recipient for recipient, problem in failed.items() if not problem],
        "failed": {recipient: problem for recipient, problem in failed.items() if problem},
    }


def _write(path: Path, content: str) -> None:
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from error
