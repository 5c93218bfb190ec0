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
    print(json.dumps({"rate": count / seconds, "peak_mb": peak_mb(), "unit": unit, "about": about}))


def peak_mb() -> float:
    """Of this process' memory, so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024)


def corpus() -> list[dict[str, object]]:
    """The project's labelled items."""
    rows = []
    for path in sorted((ROOT / "models" / "corpus").glob("part_*.jsonl")):
        rows += [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return rows


#: Of the newsroom's pieces, by number: those about health.
_HEALTH_PIECES = frozenset({3, 9, 10, 42, 47, 51, 72, 74, 75, 82, 92, 107, 109, 119, 130, 131, 140, 145, 150, 153, 156})
_SHARED_NEWS = ROOT.parent / "shared" / "data" / "health_news.jsonl"


def newspaper_mix(count: int) -> list[tuple[str, str]]:
    """(title, text) of `count` newspaper pieces, about a tenth of them health, each time renumbered.

    Real ones where ../shared is; else the corpus' own on health among the newsroom's on anything else.
    """
    if _SHARED_NEWS.exists():
        with _SHARED_NEWS.open(encoding="utf-8") as lines:
            texts = [str(json.loads(line)["text"]) for line in lines]
        return [("", f"{texts[number % len(texts)]} Bản tin số {number}.") for number in range(count)]
    from demo.newsroom import pieces

    health = [(str(r["title"]), str(r["text"])) for r in corpus() if r["channel"] == "newspaper" and r["health"]]
    other = [
        (piece.wordings[0].title, "\n".join(piece.wordings[0].paragraphs))
        for piece in pieces()
        if piece.wordings[0].title and piece.number not in _HEALTH_PIECES
    ]
    mixed = []
    for number in range(count):
        title, text = health[number // 10 % len(health)] if number % 10 == 0 else other[number % len(other)]
        mixed.append((title, f"{text} Bản tin số {number}."))
    return mixed
