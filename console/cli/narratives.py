"""`tin3c narratives`: the rows of a file, grouped by the claim that they make, deny or ask about."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.cli.exits import FAILED

if TYPE_CHECKING:
    from console.cli.rows import Row
    from records.ports import Encoder, Narrator

#: A row without a time comes after those with one, in the order of the file.
_UNKNOWN = datetime(9999, 1, 1, tzinfo=UTC)


def narratives(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="JSON lines or CSV, as for assess; - is standard input.")
    ],
) -> None:
    """Put every row of FILE, health or not, into a narrative: one JSON object a line, `id` and `narrative`.

    Exit code 1 when a row could not be read; the others are answered.
    """
    from console.cli.rows import BrokenRow, read_rows
    from flows import wiring
    from flows.settings import load

    rows: list[Row] = []
    broken = False
    for row in read_rows(file):
        if isinstance(row, BrokenRow):
            typer.echo(str(row), err=True)
            broken = True
        else:
            rows.append(row)
    if rows:
        settings = load()
        for row, name in zip(rows, cluster(rows, wiring.encoder(settings), wiring.narrator(settings)), strict=True):
            typer.echo(json.dumps({"id": row.id, "narrative": name}, ensure_ascii=False))
    if broken:
        raise typer.Exit(FAILED)


def cluster(rows: Sequence[Row], encoder: Encoder, narrator: Narrator) -> list[str]:
    """The narrative of each row, in the order of `rows`: the id of the row that began it, merges followed.

    Narration goes by time where a row has one, as in a run; rows without a time come last and share one moment.
    """
    from models.reading import read
    from records.narrative import NarratableItem

    vectors = encoder.encode([read(row.item).embedded for row in rows]).astype("<f2")
    order = sorted(range(len(rows)), key=lambda at: (rows[at].item.published or _UNKNOWN, at))
    moment = max((row.item.published for row in rows if row.item.published), default=datetime(2000, 1, 1, tzinfo=UTC))
    # Ids of our own: those of the file may come twice.
    items = [
        NarratableItem(
            id=f"{place:09d}",
            title=rows[at].item.title,
            text=rows[at].item.text,
            published=rows[at].item.published,
            first_seen=moment,
            vector=vectors[at].tobytes(),
        )
        for place, at in enumerate(order)
    ]
    placements = list(narrator.place((), items))
    merged = {merge.narrative_id: merge.into for placement in placements for merge in placement.merges}
    names: list[str] = [""] * len(rows)
    taken: dict[str, str] = {}  # name → our id of the narrative that has it
    for at, placement in zip(order, placements, strict=True):
        narrative_id = placement.narrative_id
        while narrative_id in merged:
            narrative_id = merged[narrative_id]
        first = rows[order[int(narrative_id)]]
        name = str(first.id)
        if taken.setdefault(name, narrative_id) != narrative_id:
            name = f"{name}#{first.line}"
        names[at] = name
    return names
