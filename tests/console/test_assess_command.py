"""`assess`: a line out for every row that can be read, in order; broken lines named; an interrupted run resumed."""

from __future__ import annotations

import fcntl
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
import typer

from console.cli import exits, progress
from console.cli.assess import BATCH, run
from records.assessment import AssessableItem, AssessedItem, Assessment, Harm, Kind, Stance
from records.errors import InputError, LeaseTaken, Tin3CError


class Echo:
    """Fills the port: the item's text comes back as a place, so that the order shows. Ctrl-C comes at call `ends`."""

    def __init__(self, version: str = "echo", ends: int = 0) -> None:
        self.version, self.ends = version, ends
        self.largest = self.seen = self.calls = 0

    def assess(self, items: Sequence[AssessableItem], *, cascade: bool) -> tuple[AssessedItem, ...]:
        self.calls += 1
        if self.calls == self.ends:
            raise KeyboardInterrupt
        self.largest, self.seen = max(self.largest, len(items)), self.seen + len(items)
        return tuple(AssessedItem(item.id, 1, self._said(item.text)) for item in items)

    def _said(self, text: str) -> Assessment:
        chances = {"health": 1.0}
        return Assessment(True, False, None, Kind.NEWS, Stance.NEUTRAL, Harm.NONE, chances, (text,), (), self.version)


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


ROWS = 3 * BATCH + 7


def _rows(folder: Path, count: int = ROWS, word: str = "tin", first: int = 0) -> str:
    """A file without ids."""
    file = folder / "in.jsonl"
    file.write_text("".join(f'{{"text": "{word} {n}"}}\n' for n in range(first, count)))
    return str(file)


def _interrupted(folder: Path) -> tuple[str, Path, bytes]:
    """(input, output, what is in it) of a run that was ended in its third batch."""
    out = folder / "out.jsonl"
    with pytest.raises(typer.Exit) as ended:
        run(Echo(ends=3), _rows(folder), cascade=False, output=out, resume=False)
    assert ended.value.exit_code == exits.INTERRUPTED
    return str(folder / "in.jsonl"), out, out.read_bytes()


def _places(file: Path) -> list[str]:
    return [row["places"][0] for row in _written(file)]  # type: ignore[index]


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("left", [b"", b'{"id": 513, "hea', b'{"id": 513}\n{"id"'], ids=["", "half a line", "more"])
def test_interrupted_the_same_command_goes_on(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], resume: bool, left: bytes
) -> None:
    source, out, _ = _interrupted(tmp_path)
    done = f"{2 * BATCH} rows are answered in {out}"
    assert capfd.readouterr().err == f"tin3c: interrupted. {done}: the same command goes on from there.\n"
    with out.open("ab") as file:
        file.write(left)  # what a kill leaves of a batch
    rest = Echo()
    assert run(rest, source, cascade=False, output=out, resume=resume) == 0
    assert capfd.readouterr().err == f"{done} already: going on after them.\n"
    assert (rest.seen, _places(out)) == (ROWS - 2 * BATCH, [f"tin {n}" for n in range(ROWS)])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]


def test_interrupted_before_the_first_answer_nothing_was_changed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("of an earlier run\n")
    with pytest.raises(typer.Exit):
        run(Echo(ends=1), _rows(tmp_path), cascade=False, output=out, resume=False)
    assert capfd.readouterr().err == f"tin3c: interrupted. Nothing was changed in {out}.\n"
    assert out.read_text() == "of an earlier run\n"


@pytest.mark.parametrize(
    ("change", "options"),
    [
        ({"word": "bài"}, {}),
        ({"count": BATCH}, {}),
        ({"first": 1}, {}),
        ({}, {"version": "another"}),
        ({}, {"cascade": True}),
    ],
    ids=["other texts", "fewer rows", "one row less", "other models", "other options"],
)
def test_answers_to_something_else_are_never_added_to(
    tmp_path: Path, change: dict[str, object], options: dict[str, object]
) -> None:
    _, out, before = _interrupted(tmp_path)
    source, cascade = _rows(tmp_path, **change), bool(options.pop("cascade", False))  # type: ignore[arg-type]
    for resume in (False, True):
        with pytest.raises(InputError, match="delete it to begin anew"):
            run(Echo(**options), source, cascade=cascade, output=out, resume=resume)  # type: ignore[arg-type]
    assert out.read_bytes() == before
    out.unlink()
    run(Echo(), source, cascade=False, output=out, resume=False)
    assert len(_written(out)) == len(Path(source).read_text().splitlines())


def test_an_input_that_grew_is_gone_on_with(tmp_path: Path) -> None:
    _, out, _ = _interrupted(tmp_path)
    grown, last = Echo(), Echo()
    run(grown, _rows(tmp_path, ROWS + 3), cascade=False, output=out, resume=False)
    assert grown.seen == ROWS + 3 - 2 * BATCH
    run(last, _rows(tmp_path, ROWS + 5), cascade=False, output=out, resume=True)
    assert (last.seen, _places(out)) == (2, [f"tin {n}" for n in range(ROWS + 5)])


def test_a_finished_output_is_written_anew_unless_it_is_to_be_gone_on_with(tmp_path: Path) -> None:
    source, out = _rows(tmp_path, 5), tmp_path / "out.jsonl"
    run(Echo(), source, cascade=False, output=out, resume=False)
    again = Echo("newer")
    run(again, _rows(tmp_path, 4, "bài"), cascade=False, output=out, resume=False)
    assert (again.seen, _places(out)) == (4, [f"bài {n}" for n in range(4)])
    with pytest.raises(InputError, match="of other models"):
        run(Echo(), source, cascade=False, output=out, resume=True)


def test_the_input_is_never_the_output_and_no_two_runs_write_one(tmp_path: Path) -> None:
    source, out = _rows(tmp_path, 5), tmp_path / "out.jsonl"
    with pytest.raises(InputError, match="is the input itself"):
        run(Echo(), source, cascade=False, output=Path(source), resume=False)
    assert len(Path(source).read_text().splitlines()) == 5
    out.write_text("of the other run")
    with out.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(LeaseTaken):
            run(Echo(), source, cascade=False, output=out, resume=False)
    assert out.read_text() == "of the other run"


FULL = """
import resource, sys
from pathlib import Path
from records.errors import Tin3CError
from tests.console.test_assess_command import BATCH, Echo, run
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    run(Echo(), sys.argv[1], cascade=False, output=Path(sys.argv[2]), resume=False)
except Tin3CError as error:
    print(error)
"""


def test_a_file_that_has_no_room_left_is_gone_on_with_later(tmp_path: Path) -> None:
    source, out = _rows(tmp_path), tmp_path / "out.jsonl"
    run(Echo(), source, cascade=False, output=out, resume=False)
    expected = out.read_bytes()
    room = str(len(expected) // 2)
    said = subprocess.run([sys.executable, "-c", FULL, source, str(out), room], capture_output=True, timeout=60)
    assert said.returncode == 0, said.stderr.decode()
    going_on = f"{BATCH} rows are answered in {out}: the same command goes on from there.\n"
    assert said.stdout.decode() == f"{out}: File too large. {going_on}"
    rest = Echo()
    run(rest, source, cascade=False, output=out, resume=False)
    assert (rest.seen, out.read_bytes()) == (ROWS - BATCH, expected)


def test_a_device_without_room_is_named(tmp_path: Path) -> None:
    with pytest.raises(Tin3CError, match=r"^/dev/full: No space left on device\. 0 rows are answered\."):
        run(Echo(), _rows(tmp_path), cascade=False, output=Path("/dev/full"), resume=False)
    assert not Path("/dev/full.unfinished").exists()


def test_a_named_pipe_is_written_as_it_is(tmp_path: Path) -> None:
    pipe, came = tmp_path / "pipe", list[bytes]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: came.append(pipe.read_bytes()))
    reader.start()
    run(Echo(), _rows(tmp_path, 3), cascade=False, output=pipe, resume=False)
    reader.join(10)
    assert len(came[0].splitlines()) == 3


def test_progress_is_told_with_rate_and_time_left(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_LOGGED_SECONDS", 0.0)
    run(Echo(), _rows(tmp_path), cascade=False, output=tmp_path / "out.jsonl", resume=False)
    first, second, *_, last = capfd.readouterr().err.splitlines()
    assert first == f"0 of {ROWS} items"
    assert re.fullmatch(rf"{BATCH} of {ROWS} items, [\d,]+ a second, about \d+ s to go", second)
    assert re.fullmatch(rf"{ROWS} of {ROWS} items, [\d,]+ a second, \d+ s", last)


@pytest.mark.parametrize(("seconds", "said"), [(0.4, "0 s"), (99, "99 s"), (117, "2 min"), (9_000, "2.5 h")])
def test_time_left_is_said_in_a_unit_that_fits(seconds: float, said: str) -> None:
    assert progress.duration(seconds) == said
