"""`tin3c claims`: the library of known claims."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.cli.exits import FAILED
from records.claim import Claim, Verdict
from records.errors import InputError

if TYPE_CHECKING:
    from flows.settings import Settings
    from store import Store

app = typer.Typer(help="The library of known claims.", rich_markup_mode=None, no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="For machines: one JSON object a line.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who does it: it is recorded under this name.")]


class FileFormat(StrEnum):
    CSV = "csv"
    JSON_LD = "jsonld"


@contextmanager
def _store() -> Iterator[tuple[Settings, Store]]:
    from flows import wiring
    from flows.settings import load

    settings = load()
    with wiring.open_store(settings) as store:
        yield settings, store


@app.command("list")
def list_(
    text: Annotated[str, typer.Argument(help="Only those with these words, with or without marks.")] = "",
    topic: Annotated[str | None, typer.Option(help="A key of the plans' topics.")] = None,
    verdict: Annotated[Verdict | None, typer.Option()] = None,
    withdrawn: Annotated[bool, typer.Option("--withdrawn", help="The withdrawn ones, too.")] = False,
    as_json: Json = False,
) -> None:
    """The claims, by their text."""
    from casework.claim_search import found

    with _store() as (_, store):
        claims = found(store.reader.claims(withdrawn=withdrawn), text, topic, verdict)
    now = datetime.now(UTC)
    for claim in claims:
        if as_json:
            _say_json(claim)
        else:
            state = "" if claim.holds(now) else "  (withdrawn)" if claim.withdrawn_at else "  (no more valid)"
            typer.echo(f"{claim.verdict.value:<13} {claim.id:<14} {claim.text}{state}")
    if not claims and not as_json:
        typer.echo("No claim. Add one with `tin3c claims add` or `tin3c claims import`.")


@app.command()
def show(
    claim_id: Annotated[str, typer.Argument(metavar="ID", help="As `tin3c claims list` shows it.")],
    as_json: Json = False,
) -> None:
    """One claim, its versions, and the narratives that were confirmed for it."""
    with _store() as (_, store):
        claim = store.reader.claim(claim_id)
        versions = store.reader.claim_versions(claim_id)
        narratives = store.reader.narratives_of_claim(claim_id)
    if as_json:
        _say_json(claim, versions=len(versions), narratives=[narrative.id for narrative in narratives])
        return
    typer.echo(f"{claim.id}: {claim.text}")
    lines = [
        ("verdict", claim.verdict.value),
        ("explanation", claim.explanation),
        ("topic", claim.topic or ""),
        ("decided", f"{_day(claim.decided_at)}, {claim.decided_by}"),
        ("valid until", _day(claim.valid_until) if claim.valid_until else ""),
        ("withdrawn", _day(claim.withdrawn_at) if claim.withdrawn_at else ""),
        ("response", claim.response),
    ]
    lines += [("wording", wording) for wording in claim.wordings] + [("source", source) for source in claim.sources]
    lines += [("version", f"{one.claim.version}, {_day(one.at)}, {one.actor}") for one in versions]
    lines += [("narrative", f"{narrative.id}  {narrative.label}") for narrative in narratives]
    for name, value in lines:
        if value:
            typer.echo(f"  {name:<12} " + value.replace("\n", "\n" + " " * 15))


@app.command()
def add(
    text: Annotated[str, typer.Argument(help="What is claimed, in one sentence.")],
    verdict: Annotated[Verdict, typer.Option()],
    by: By,
    source: Annotated[list[str] | None, typer.Option(help="An official address; may stand several times.")] = None,
    explanation: Annotated[str, typer.Option(help="Why.")] = "",
    wording: Annotated[list[str] | None, typer.Option(help="Another way to say it; may stand several times.")] = None,
    topic: Annotated[str | None, typer.Option(help="A key of the plans' topics.")] = None,
    valid_until: Annotated[str | None, typer.Option(metavar="DAY", help="31/12/2027 or 2027-12-31.")] = None,
    response: Annotated[str, typer.Option(help="What a spokesperson approved to be said about it.")] = "",
    as_json: Json = False,
) -> None:
    """Put one claim into the library."""
    import casework
    from casework.claim_words import end_of
    from records.claim import claim_id

    now = datetime.now(UTC)
    claim = Claim(
        id=claim_id(text),
        text=text,
        verdict=verdict,
        explanation=explanation,
        sources=tuple(source or ()),
        topic=topic,
        decided_at=now,
        wordings=tuple(wording or ()),
        decided_by=by,
        valid_until=end_of(valid_until) if valid_until else None,
        response=response,
    )
    with _store() as (_, store):
        added = casework.save_claim(store.casebook, claim, by, now, new=True)
    if as_json:
        _say_json(added)
    else:
        typer.echo(f"Added: {added.id}")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV (UTF-8), or ClaimReview as JSON-LD.")],
    by: By,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
    bring_back: Annotated[
        bool, typer.Option("--bring-back", help="Bring claims back that are withdrawn here.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Add and change claims by a file; none is withdrawn. Exit code 1 when a line could not be taken.

    Lines are counted as a spreadsheet counts its rows. `tin3c claims undo` takes it back.
    """
    from casework.claim_files import LARGEST_FILE, Change, FileForm, apply, plan
    from records.text import excerpt, mask_personal

    try:
        with file.open("rb") as opened:
            data = opened.read(LARGEST_FILE + 1)
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}") from error
    now = datetime.now(UTC)
    with _store() as (_, store):
        planned = plan(data, store.reader.claims(withdrawn=True), by, now, bring_back)
        done, faults = (planned.counts, planned.faults) if dry_run else apply(store.casebook, planned, by, now)
    place = "line" if planned.form is FileForm.CSV else "entry"
    for fault in faults:
        text = f"  ({excerpt(mask_personal(fault.text), 80)})" if fault.text else ""
        typer.echo(f"{place} {fault.line}: {fault.problem}{text}", err=True)
    counts = {change.value: done.get(change, 0) for change in Change}
    if as_json:
        typer.echo(json.dumps(counts | {"faulty": len(faults), "dry_run": dry_run}))
    else:
        if dry_run:
            for row in planned.rows:
                if row.change is not Change.UNCHANGED:
                    typer.echo(f"{row.change.value:<12} {row.claim.id:<14} {row.claim.text}")
        said = ", ".join(f"{count} {name}" for name, count in counts.items())
        typer.echo(f"{'Would be' if dry_run else 'Done'}: {said}; {len(faults)} faulty.")
    if faults:
        raise typer.Exit(FAILED)


@app.command()
def imports(as_json: Json = False) -> None:
    """The last files that were taken in, latest first, with the numbers that `undo` wants."""
    from casework.claim_files import imports as listed

    with _store() as (_, store):
        found = listed(store.reader)
    for one in found:
        if as_json:
            typer.echo(
                json.dumps({"number": one.number, "by": one.actor, "at": one.at.isoformat(), "undone": one.undone})
            )
        else:
            typer.echo(f"{one.number:>6}  {_day(one.at)}  {one.actor}{'  (undone)' if one.undone else ''}")
    if not found and not as_json:
        typer.echo("No file has been taken in.")


@app.command("undo")
def undo(
    number: Annotated[int, typer.Argument(help="As `tin3c claims imports` shows it.")], by: By, as_json: Json = False
) -> None:
    """Withdraw what that file added, and bring back what it changed; exit code 1 when any are left as they are, each
    with its reason: somebody changed it since, or it cannot be put back, and then the same again may do it."""
    from casework import claim_files

    with _store() as (_, store):
        reason = "The import of the file was undone."
        undoing = claim_files.undo_import(store.casebook, store.reader, number, reason, by, datetime.now(UTC))
    left = undoing.left
    if as_json:
        reasons = {one.claim.id: one.reason for one in left}
        typer.echo(
            json.dumps({"undone": undoing.count, "left": [*reasons], "reasons": reasons, "whole": undoing.whole})
        )
    else:
        for one in left:
            typer.echo(f"{one.claim.id:<14} left as it is: {one.reason}  {one.claim.text}", err=True)
        again = "" if undoing.whole else " Remove what hinders these and undo it again."
        typer.echo(f"Undone: {undoing.count}; {len(left)} left as they are.{again}")
    if left:
        raise typer.Exit(FAILED)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where to write it; - is standard output.")],
    form: Annotated[FileFormat | None, typer.Option("--format", help="By the file's name when not given.")] = None,
    semicolons: Annotated[
        bool, typer.Option("--semicolons", help="For an Excel whose country writes numbers with a comma.")
    ] = False,
) -> None:
    """Write the library, without withdrawn claims, as CSV or as ClaimReview (JSON-LD)."""
    from casework.claim_csv import write_csv
    from casework.claim_review import write_claim_reviews

    wanted = form or (FileFormat.JSON_LD if file.suffix in {".json", ".jsonld"} else FileFormat.CSV)
    with _store() as (settings, store):
        claims = store.reader.claims()
    if wanted is FileFormat.CSV:
        data = write_csv(claims, ";" if semicolons else ",")
    else:
        data = write_claim_reviews(claims, settings.department.name)
    if str(file) == "-":
        typer.get_binary_stream("stdout").write(data)
        return
    try:
        file.write_bytes(data)
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror}") from error
    typer.echo(f"{len(claims)} claims written to {file}.", err=True)


@app.command()
def check(as_json: Json = False) -> None:
    """What in the library a person should look at: no explanation, no source, no more valid, a wording twice.

    Exit code 1 when there is anything.
    """
    from casework.claim_files import problems

    with _store() as (_, store):
        found = problems(store.reader.claims(), datetime.now(UTC))
    for claim, problem in found:
        if as_json:
            typer.echo(json.dumps({"id": claim.id, "problem": problem}, ensure_ascii=False))
        else:
            typer.echo(f"{claim.id:<14} {problem}  {claim.text}")
    if found:
        raise typer.Exit(FAILED)
    if not as_json:
        typer.echo("Nothing to look at.")


def _day(when: datetime) -> str:
    from records.calendar import local

    return local(when).strftime("%Y-%m-%d")


def _say_json(claim: Claim, **more: Any) -> None:
    from dataclasses import asdict

    typer.echo(json.dumps(asdict(claim) | more, ensure_ascii=False, default=lambda when: when.isoformat()))
