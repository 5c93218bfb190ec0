"""`assess`: a line out for every row that can be read, in order; broken lines named; an interrupted run resumed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from console.cli.assess import BATCH, run
from records.assessment import AssessableItem, AssessedItem, Assessment, Harm, Kind, Stance


class Echo:
    """Fills the port: the item's text comes back as a place, so that the order shows."""

    version = "echo"

    def __init__(self) -> None:
        self.largest = self.seen = 0

    def assess(self, items: Sequence[AssessableItem], *, cascade: bool) -> tuple[AssessedItem, ...]:
        self.largest, self.seen = max(self.largest, len(items)), self.seen + len(items)
        return tuple(
            AssessedItem(
                item.id,
                1,
                Assessment(
                    True, False, None, Kind.NEWS, Stance.NEUTRAL, Harm.NONE, {"health": 1.0}, (item.text,), (), "echo"
                ),
            )
            for item in items
        )


def _written(file: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_order_count_ids_and_broken_lines(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"id": 1, "text": "a"}\n{"id": 1, "text": "b\\ud800"}\n{broken\n{"id": "x", "text": "c"}\n')
    assert run(Echo(), str(source), cascade=False, output=out, resume=False) == 1
    assert [(row["id"], row["places"]) for row in _written(out)] == [(1, ["a"]), (1, ["b\ud800"]), ("x", ["c"])]
    assert capfd.readouterr().err == "line 3: not JSON\n"


def test_bounded_and_resumed(tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    count = 3 * BATCH + 7
    source.write_text("".join(f'{{"id": {n}, "text": "{n}"}}\n' for n in range(count)))
    whole = Echo()
    run(whole, str(source), cascade=True, output=out, resume=False)
    assert (whole.largest, whole.seen) == (BATCH, count)
    expected = out.read_bytes()
    out.write_bytes(expected[: len(expected) // 2])  # killed in the middle of a line
    rest = Echo()
    run(rest, str(source), cascade=True, output=out, resume=True)
    assert out.read_bytes() == expected
    assert rest.seen < count
