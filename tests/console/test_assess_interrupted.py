"""`tin3c assess` itself, ended in the middle of a file by Ctrl-C and by kill -9: the same command goes on.

`ASSESS_ITEMS=10000` has it done with so many texts of the corpus, all of which are embedded (minutes), and by SIGTERM
too; with `-s` it says how long they take when nobody disturbs it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from console.cli.assess import run
from flows import wiring
from flows.settings import build
from models.examples import own_corpus
from tests.support.command_line import CommandLine, Finished, finished, home_with_encoder

pytestmark = [pytest.mark.encoder, pytest.mark.timeout(3_600 if "ASSESS_ITEMS" in os.environ else 300)]

BY_HAND = int(os.environ.get("ASSESS_ITEMS") or 0)
#: Without the variable: ordinary texts, at which the filter stops, so that no encoder is loaded and it takes seconds.
ITEMS = BY_HAND or 2_560
SIGNALS = (signal.SIGINT, signal.SIGKILL, signal.SIGTERM)[: 3 if BY_HAND else 2]


def texts() -> list[dict[str, str]]:
    if not BY_HAND:
        match = "Đội bóng của huyện thắng trận chung kết với tỷ số hai không, và khán đài không còn một chỗ trống. " * 8
        return [{"id": f"tin-{n}", "title": f"Vòng đấu thứ {n}", "text": match} for n in range(ITEMS)]
    rows = [row.item for row in own_corpus()]
    return [
        {"id": f"tin-{n}", "title": rows[n % len(rows)].title, "text": f"{rows[n % len(rows)].text} ({n})"}
        for n in range(ITEMS)
    ]


def answered(output: Path) -> int:
    """Rows that the run says are answered; 0 before it says anything."""
    mark = output.with_name(f"{output.name}.unfinished")
    return int(json.loads(mark.read_text())["rows"]) if mark.exists() else 0


def ended(process: subprocess.Popen[str], output: Path, number: signal.Signals) -> Finished:
    """Sent the signal once it has answered more than was answered when it began."""
    before, deadline = answered(output), time.monotonic() + 60
    while answered(output) == before:
        assert process.poll() is None and time.monotonic() < deadline, finished(process, 1).complaints
        time.sleep(0.005)
    process.send_signal(number)
    return finished(process)


def test_ended_in_the_middle_of_a_file_and_begun_again(builtin_encoder_home: Path, tmp_path: Path) -> None:
    tin3c = CommandLine(home_with_encoder(tmp_path / "home", builtin_encoder_home), {})
    source, output, whole = (tmp_path / name for name in ("in.jsonl", "out.jsonl", "whole.jsonl"))
    source.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in texts()), "utf-8")
    cascade = [] if BY_HAND else ["--cascade"]
    command = ["assess", str(source), "--output", str(output), *cascade]
    counts = [0]
    for number in SIGNALS:
        done = ended(tin3c.start(*command), output, number)
        counts.append(answered(output))
        assert counts[-2] < counts[-1] < ITEMS, "it was ended in the middle"
        if counts[-2]:
            assert done.complaints.startswith(f"{counts[-2]:,} rows are answered in {output} already")
        if number is signal.SIGINT:
            assert done.status == 130
            assert "tin3c: interrupted. " in done.complaints
            assert done.complaints.endswith(f" rows are answered in {output}: the same command goes on from there.\n")
        else:
            assert done.status == -number
    last = tin3c.run(*command, limit_seconds=3_000)
    assert last.status == 0, last.complaints
    began = time.monotonic()
    assessor = wiring.assessor(build({"home": tin3c.home}))
    assert run(assessor, str(source), cascade=not BY_HAND, output=whole, resume=False) == 0
    print(f"{ITEMS} items: {time.monotonic() - began:.1f} s undisturbed; ended after {counts[1:]}")  # with -s
    assert [json.loads(line)["id"] for line in output.read_bytes().splitlines()] == [f"tin-{n}" for n in range(ITEMS)]
    assert output.read_bytes() == whole.read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"home", "in.jsonl", "out.jsonl", "whole.jsonl"}
