"""`make bench`: what each step costs on this machine, and what the plain way of doing it costs in the same run.

    python -m tests.bench [--quick] [STEP ...]

Each step runs in a process of its own, so that its peak memory is its own. Texts come from the project's newsroom and
corpus, repeated with small changes where a step wants more of them.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
STEPS = ("feeds", "pages", "near_duplicates", "filter", "embeddings", "end_to_end")
#: Steps that are timed a second time, in another way of ours: where the processor has no bfloat16.
ALSO = {"end_to_end": "float32"}
HEAD = ("step", "unit", "Tin3C", "plain way", "ratio", "peak MB", "plain MB", "what the plain way is")


def machine() -> str:
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}"


def measure(step: str, way: str, quick: bool) -> dict[str, float | str]:
    """Run one way of one step in a child; {rate, peak_mb, unit, about}."""
    ran = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{step}", way, *(["--quick"] if quick else [])],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    figures: dict[str, float | str] = json.loads(ran.stdout.splitlines()[-1])
    return figures


def main() -> None:
    quick = "--quick" in sys.argv
    wanted = [step for step in STEPS if step in sys.argv[1:]] or STEPS
    print(f"On {machine()}\n")
    print("| " + " | ".join(HEAD) + " |")
    print("|" + "---|" * len(HEAD))
    for step in wanted:
        plain = measure(step, "plain", quick)
        show(step, measure(step, "ours", quick), plain)
        if step in ALSO:
            show(f"{step}, {ALSO[step]}", measure(step, ALSO[step], quick), plain)


def show(step: str, ours: dict[str, float | str], plain: dict[str, float | str]) -> None:
    cells = [
        step.replace("_", " "),
        ours["unit"],
        f"{ours['rate']:,.0f}",
        f"{plain['rate']:,.0f}",
        f"{float(ours['rate']) / float(plain['rate']):.1f}",
        f"{ours['peak_mb']:,.0f}",
        f"{plain['peak_mb']:,.0f}",
        plain["about"],
    ]
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


if __name__ == "__main__":
    main()
