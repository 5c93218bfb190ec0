"""`tin3c assess FILE`: JSON lines or CSV in, one JSON object a line out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.cli.answers import answers
from console.cli.exits import FAILED, INTERRUPTED
from console.cli.progress import Progress
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
    output: Annotated[
        Path | None,
        typer.Option(help="Write here instead of to standard output; interrupted, the same command goes on."),
    ] = None,
    resume: Annotated[
        bool, typer.Option(help="Go on after what --output holds, also when it was finished and FILE has grown since.")
    ] = False,
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

    Raises InputError when `file` cannot be read or `output` cannot be written, Tin3CError when the disk is full.
    """
    total = _counted(file, output)
    sink = answers(output, assessor.version, cascade=cascade, resume=resume)
    progress = Progress(total, sink.earlier)
    if sink.earlier:
        progress.say(f"{sink.earlier:,} rows are answered in {output} already: going on after them.")
    broken = 0
    try:
        for batch in _batches(read_rows(file)):
            good: list[Row] = []
            for row in batch:
                if isinstance(row, BrokenRow):
                    broken += 1
                    progress.say(str(row))
                elif not sink.has(row):
                    good.append(row)
            if not good:
                continue
            assessed = assessor.assess([row.item for row in good], cascade=cascade)
            sink.write(good, [line(answer(row.id, one.assessment)) for row, one in zip(good, assessed, strict=True)])
            progress.show(sink.answered)
        sink.finish()
    except KeyboardInterrupt:
        progress.say(f"tin3c: interrupted. {sink.to_go_on}")
        raise typer.Exit(INTERRUPTED) from None
    finally:
        progress.end()
        sink.close()
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


def _counted(file: str, output: Path | None) -> int | None:
    """Rows that can be read, for the progress; None of standard input.

    Raises InputError when `file` cannot be read: before an output of an earlier run is touched."""
    if file == "-":
        return None
    if not Path(file).is_file():
        raise InputError(f"{file} is not a file")
    if output and output.exists() and output.samefile(file):
        raise InputError(f"{output} is the input itself, and its rows would be lost")
    return sum(isinstance(row, Row) for row in read_rows(file))
