"""`tin3c digest`: what a day or a week brought; shown, written to a file, or mailed to the leaders."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.cli.exits import FAILED
from console.cli.times import moment as typed
from records.calendar import local
from records.digest import Digest, Period
from records.errors import InputError
from records.message import Progress

if TYPE_CHECKING:
    from flows.digests import Sent


def digest(
    period: Annotated[Period, typer.Argument(help="The last whole day or week, as Viet Nam counts them.")],
    send: Annotated[bool, typer.Option("--send", help="Mail it to mail.digest_recipients.")] = False,
    again: Annotated[bool, typer.Option("--again", help="With --send: also to those who have it already.")] = False,
    until: Annotated[str | None, typer.Option("--until", help="The period that ended by this ISO time.")] = None,
    output: Annotated[Path | None, typer.Option("--output", help="Write it here; HTML when the name ends so.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Its figures, as one JSON object.")] = False,
) -> None:
    """Compose the digest. Without --send nobody gets it: its text is printed."""
    from flows import digests
    from flows import parts as parts_
    from flows.settings import load

    if again and not send:
        raise typer.BadParameter("--again wants --send")
    moment = typed(until, "--until") or datetime.now(UTC)
    parts = parts_.use(load())
    try:
        found, content = digests.compose(parts, period, moment)
        if output is not None:
            _write(output, content.html if output.suffix.lower() in {".html", ".htm"} else content.text)
        sent = digests.send(parts, period, moment, again=again) if send else ()
        for one in sent:
            typer.echo(f"{one.recipient}: {_told(one)}", err=True)
        if as_json:
            typer.echo(json.dumps(_as_object(found, content.subject, sent), ensure_ascii=False))
        elif output is None and not send:
            typer.echo(content.text)
    finally:
        parts.close()
    if any(one.state.progress is not Progress.DELIVERED for one in sent):
        raise typer.Exit(FAILED)


def _told(one: Sent) -> str:
    """What became of it, for the person who asked."""
    state = one.state
    at = f"{local(state.at):%H:%M %d/%m/%Y}" if state.at else ""
    match state.progress:
        case Progress.DELIVERED:
            return f"was sent already, {at}; --again sends it once more" if one.before else "sent"
        case Progress.REFUSED:
            return f"{state.problem}; mend it, then `tin3c doctor --retry-messages`"
        case Progress.DISCARDED:
            return "somebody discarded it; --again sends it all the same"
        case Progress.WAITING if state.problem:
            return f"{state.problem}; a run after {at} tries again"
        case Progress.WAITING:
            return "not sent yet: another run is delivering, or the next one does"


def _as_object(digest: Digest, subject: str, sent: tuple[Sent, ...]) -> dict[str, object]:
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
        "sent": [one.recipient for one in sent if one.state.progress is Progress.DELIVERED and not one.before],
        "sent_before": [one.recipient for one in sent if one.state.progress is Progress.DELIVERED and one.before],
        "failed": {one.recipient: _told(one) for one in sent if one.state.progress is not Progress.DELIVERED},
    }


def _write(path: Path, content: str) -> None:
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror}") from error
