"""A second reader labels a fifth of the corpus from title and text alone: here it is drawn, and held beside the first.

    python -m models.second_reading draw --output FOLDER [--parts 'part_c_*.jsonl' …] [--share 0.2] [--seed 20261122]
    python -m models.second_reading agreement [--output docs/models/agreement.md]

`draw` writes blind_01.jsonl, … with `id`, `title` and `text` of whole narratives, mixed. The reader writes one line an
item to models/corpus/second_reading.jsonl: `id`, and the fields of docs/models/labelling-guide.md. Nothing learns from
that file: rows to learn from are read from part_*.jsonl alone. A label of the corpus that was changed after both had
read it stands in models/corpus/decided.jsonl (`id`, `field`, `was`, `is`, `why`): the readers are compared without it.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from models.agreement import paired, write
from models.examples import OWN_CORPUS, read_jsonl

READ = OWN_CORPUS / "second_reading.jsonl"
DECIDED = OWN_CORPUS / "decided.jsonl"
REPORT = Path(__file__).parents[1] / "docs" / "models" / "agreement.md"
SHOWN = ("id", "title", "text")
#: As many items as are read in one go.
PORTION = 50

Values = Mapping[str, Any]


def draw(rows: Iterable[Values], share: float, seed: int) -> list[Values]:
    """Whole narratives at random until they hold at least `share` of `rows`; their items are mixed and unlabelled."""
    narratives: dict[str, list[Values]] = {}
    for row in rows:
        narratives.setdefault(row["narrative"], []).append(row)
    wanted = share * sum(map(len, narratives.values()))
    chance = random.Random(seed)
    drawn: list[Values] = []
    for name in chance.sample(sorted(narratives), len(narratives)):
        if len(drawn) >= wanted:
            break
        drawn += narratives[name]
    chance.shuffle(drawn)
    return [{name: row[name] for name in SHOWN} for row in drawn]


def portions(rows: Sequence[Values]) -> Iterator[Sequence[Values]]:
    for start in range(0, len(rows), PORTION):
        yield rows[start : start + PORTION]


def corpus(parts: Iterable[str] = ("part_*.jsonl",), folder: Path = OWN_CORPUS) -> list[Values]:
    """The rows of the part files that match, by file name and line."""
    paths = {path for pattern in parts for path in folder.glob(pattern)}
    return [row for path in sorted(paths) for row in read_jsonl(path)]


def write_blind(rows: Sequence[Values], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, portion in enumerate(portions(rows), 1):
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in portion)
        (folder / f"blind_{number:02}.jsonl").write_text(lines, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    tasks = parser.add_subparsers(dest="task", required=True)
    drawing = tasks.add_parser("draw", help="write blind files for a reader")
    drawing.add_argument("--output", type=Path, required=True, help="folder for the blind files")
    drawing.add_argument("--parts", nargs="+", default=["part_*.jsonl"], help="which part files to draw from")
    drawing.add_argument("--share", type=float, default=0.2)
    drawing.add_argument("--seed", type=int, default=20261122)
    comparing = tasks.add_parser("agreement", help="write how far the two readers agree")
    comparing.add_argument("--output", type=Path, default=REPORT)
    given = parser.parse_args(arguments)
    if given.task == "draw":
        write_blind(draw(corpus(given.parts), given.share, given.seed), given.output)
    else:
        write(given.output, paired(corpus(), read_jsonl(READ), read_jsonl(DECIDED)))


if __name__ == "__main__":
    main()
