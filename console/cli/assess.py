"""`tin3c assess FILE`: JSON lines or CSV in, one JSON object a line out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.cli.exits import FAILED
from console.cli.rows import BrokenRow, Row, read_rows
from records.errors import InputError

if TYPE_CHECKING:
    from records.assessment import Assessment
    from records.ports import Assessor

#: Rows that are held at once.
BATCH = 256


def assess(
    file: Annotated[str, typer.Argument(help='JSON lines or CSV with `text`, and optionally `id`; "-" is stdin.')],
    cascade: Annotated[bool, typer.Option(help="What the filter judges not health goes no further.")] = False,
    output: Annotated[Path | None, typer.Option(help="Write here instead of to standard output.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on where an interrupted --output ended.")] = False,
) -> None:
    """Say what the models say of every row. Exit code 1 when a line was broken: its number is on standard error."""
    if resume and output is None:
        raise typer.BadParameter("--resume needs --output")
    from flows import wiring
    from flows.settings import load

    assessor = wiring.assessor(load())
    broken = run(assessor, file, cascade=cascade, output=output, resume=resume)
    if broken:
        raise typer.Exit(FAILED)


def run(assessor: Assessor, file: str, *, cascade: bool, output: Path | None, resume: bool) -> int:
    """Assess `file`; the number of broken lines. Bounded memory: BATCH rows are held at once.

    Raises InputError when `file` cannot be read or `output` cannot be opened.
    """
    if file != "-" and not Path(file).is_file():
        raise InputError(f"{file} is not a file")  # said before an output of an earlier run is emptied
    try:
        done = _whole_lines(output) if resume and output else 0
        sink = output.open("ab" if resume else "wb") if output else sys.stdout.buffer
    except OSError as error:
        raise InputError(f"{output}: cannot be written: {error.strerror}") from error
    rows = read_rows(file)
    broken = written = 0
    try:
        for batch in _batches(rows):
            good: list[Row] = []
            for row in batch:
                if isinstance(row, BrokenRow):
                    broken += 1
                    typer.echo(str(row), err=True)
                elif done:
                    done -= 1
                else:
                    good.append(row)
            for row, assessed in zip(good, assessor.assess([row.item for row in good], cascade=cascade), strict=True):
                sink.write(line(answer(row.id, assessed.assessment)))
            sink.flush()
            written += len(good)
            if sys.stderr.isatty():
                typer.echo(f"\r{written:,} assessed", nl=False, err=True)
    finally:
        if output:
            sink.close()
    if sys.stderr.isatty():
        typer.echo("", err=True)
    return broken


def answer(identifier: str | int, assessment: Assessment) -> dict[str, Any]:
    """The object of one row, in the order in which it is written."""
    return {
        "id": identifier,
        "health": assessment.health,
        "attention": assessment.attention,
        "topic": assessment.topic,
        "kind": assessment.kind.value,
        "stance": assessment.stance.value,
        "harm": assessment.harm.value,
        "probabilities": assessment.probabilities,
        "places": list(assessment.places),
        "reasons": [
            {"about": reason.about, "code": reason.code, "words": list(reason.words), "detail": reason.detail}
            for reason in assessment.reasons
        ],
        "full": assessment.full,
        "model_version": assessment.model_version,
    }


def line(value: dict[str, Any]) -> bytes:
    """`value` as one line of UTF-8; a lone surrogate, which UTF-8 cannot hold, makes the line plain ASCII."""
    try:
        return (json.dumps(value, ensure_ascii=False) + "\n").encode("utf-8")
    except UnicodeEncodeError:
        return (json.dumps(value) + "\n").encode("ascii")


def _batches(rows: Iterator[Row | BrokenRow]) -> Iterator[list[Row | BrokenRow]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _whole_lines(output: Path) -> int:
    """Lines that `output` holds; half a line, left by a kill, is cut off."""
    if not output.exists():
        return 0
    whole = end = 0
    with output.open("rb+") as file:
        for written in file:
            if not written.endswith(b"\n"):
                break
            whole += 1
            end += len(written)
        file.truncate(end)
    return whole
