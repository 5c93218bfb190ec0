"""Items placed a second into windows of several sizes, and the plain way: comparing with each narrative in Python.

python -m tests.bench.bench_narration [WINDOW ...]      1000 10000 50000 when not given
"""

from __future__ import annotations

import random
import sys
import time
from datetime import UTC, datetime, timedelta

import numpy as np

from models.narration import StreamNarrator
from models.wording import words_of
from records.narrative import NarratableItem, PlacedItem

START = datetime(2026, 8, 1, tzinfo=UTC)
NEW_ITEMS = 200
WORDS_EACH = 80


def items(count: int) -> list[tuple[NarratableItem, str]]:
    """Stories of ten items each on average; half of an item's words are its story's own."""
    generator, numbers = random.Random(1), np.random.default_rng(1)
    words = [f"từ{n}" for n in range(30_000)]
    stories = max(count // 10, 1)
    made = []
    for number in range(count):
        story = generator.randrange(stories)
        own = random.Random(story).sample(words, 60)
        text = " ".join(generator.sample(own, WORDS_EACH // 2) + generator.choices(words, k=WORDS_EACH // 2))
        vector = np.random.default_rng(story).normal(size=384) + numbers.normal(size=384)
        vector = (vector / np.linalg.norm(vector)).astype("<f2").tobytes()
        when = START + timedelta(seconds=number)
        made.append((NarratableItem(f"{number:07d}", "", text, when, when, vector), f"story{story}"))
    return made


def plain(window: list[tuple[NarratableItem, str]], new: list[NarratableItem]) -> None:
    """Cosines of word counts, one pair at a time."""
    held = [(set(words_of(item.text)), narrative) for item, narrative in window]
    for item in new:
        mine = set(words_of(item.text))
        sums: dict[str, list[float]] = {}
        for other, narrative in held:
            sums.setdefault(narrative, []).append(len(mine & other) / (len(mine) * len(other)) ** 0.5)
        max(sums, key=lambda narrative: sum(sums[narrative]) / len(sums[narrative]))


def main() -> None:
    for size in [int(word) for word in sys.argv[1:]] or [1_000, 10_000, 50_000]:
        made = items(size + NEW_ITEMS)
        window = [PlacedItem(item, narrative) for item, narrative in made[:size]]
        new = [item for item, _ in made[size:]]
        narrator = StreamNarrator()
        seconds = []
        for portion in (new[: NEW_ITEMS // 2], new[NEW_ITEMS // 2 :]):
            started = time.perf_counter()
            sum(1 for _ in narrator.place(window, portion))
            seconds.append(time.perf_counter() - started)
        started = time.perf_counter()
        plain(made[:size], new[:5])
        by_hand = time.perf_counter() - started
        print(
            f"window {size:,}: first call {seconds[0]:.1f} s for {NEW_ITEMS // 2} items (reads the window), "
            f"next call {NEW_ITEMS / 2 / seconds[1]:,.0f} items/s; plain way {5 / by_hand:,.1f} items/s",
            flush=True,
        )


if __name__ == "__main__":
    main()
