"""What the steps share: their texts, the clock, and the line that the parent reads."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(ways: dict[str, tuple[str, Callable[[bool], tuple[int, Callable[[], object]]]]], unit: str) -> None:
    """Run the way named on the command line: it prepares, gives (count, work), and only the work is timed."""
    about, prepare = ways[sys.argv[1]]
    count, work = prepare("--quick" in sys.argv)
    started = time.perf_counter()
    work()
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024)
    print(json.dumps({"rate": count / seconds, "peak_mb": peak, "unit": unit, "about": about}))


def corpus() -> list[dict[str, object]]:
    """The project's labelled items."""
    rows = []
    for path in sorted((ROOT / "models" / "corpus").glob("part_*.jsonl")):
        rows += [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return rows


def newspaper_mix(count: int) -> list[tuple[str, str]]:
    """(title, text) of `count` newspaper pieces, about a tenth of them health: the newsroom's, each time renumbered."""
    from demo.newsroom import pieces

    articles = [piece for piece in pieces() if piece.wordings[0].title]
    rows = [row for row in corpus() if row["channel"] == "newspaper"]
    health = [(str(r["title"]), str(r["text"])) for r in rows if r["health"]]
    other = [(str(r["title"]), str(r["text"])) for r in rows if not r["health"]]
    other += [(p.wordings[0].title, "\n".join(p.wordings[0].paragraphs)) for p in articles if p.number % 3 == 0]
    mixed = []
    for number in range(count):
        pool = health if number % 10 == 0 else other
        title, text = pool[number // 10 % len(pool)] if number % 10 == 0 else pool[number % len(pool)]
        mixed.append((title, f"{text} Bản tin số {number}."))
    return mixed
