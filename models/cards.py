"""Model cards: people write what a head is for and where it fails; its figures are written here, from its measurement.

What is written stands between two marks in docs/models/<head>.md, and nothing else of the card is touched.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from records.errors import InputError

BEGIN = "<!-- from here: written by `tin3c models evaluate --cards` -->"
END = "<!-- to here -->"
_PARTS = (("set", "by_set"), ("channel", "by_channel"), ("spelling", "by_spelling"), ("topic", "by_topic"))
_READ = {"of_health": "Judged health, by what was read", "of_rumors": "Wanted by an officer"}
_SHOWN_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Measured:
    """A head and what was measured of it: `figures` as models.evaluation gives them, `corpora` name → sha256."""

    name: str
    family: str
    threshold: float
    weights_sha256: str
    rows: int
    corpora: Mapping[str, str]
    figures: Mapping[str, Any]


def noted(folder: Path, name: str) -> Measured:
    """What the head `name` in `folder` carries of its own training: the same figures, by the same code."""
    head = json.loads((folder / f"{name}.json").read_text("utf-8"))
    note = head["note"]
    return Measured(
        name, head["family"], head["threshold"], head["sha256"], note["rows"], note["corpora"], note["figures"]
    )


def write(folder: Path, measured: Iterable[Measured]) -> tuple[Path, ...]:
    """Write the figures into the cards of `folder`; the cards that changed. Raises InputError for one without marks."""
    changed = []
    for one in measured:
        path = folder / f"{one.name}.md"
        try:
            before = path.read_text("utf-8")
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}") from error
        after = with_figures(before, one)
        if after is None:
            raise InputError(f"{path} has no line {BEGIN!r} with {END!r} below it")
        if after != before:
            path.write_text(after, "utf-8")
            changed.append(path)
    return tuple(changed)


def with_figures(card: str, measured: Measured) -> str | None:
    """`card` with these figures between its marks; None when it has none."""
    above, mark, rest = card.partition(BEGIN)
    _, end, below = rest.partition(END)
    return f"{above}{BEGIN}\n{part(measured)}{END}{below}" if mark and end else None


def part(measured: Measured) -> str:
    """The figures as Markdown."""
    figures = measured.figures
    lines = [
        "## Figures, out of fold (five folds that never split a group)",
        "",
        f"{measured.rows:,} rows, unmarked copies included; the copies are not measured. Encoder family"
        f" `{measured.family}`; threshold {measured.threshold}; sha256 of the weights"
        f" `{measured.weights_sha256[:_SHOWN_DIGITS]}…`, of the corpora:",
        "",
        *(f"- {name}: `{sha256[:_SHOWN_DIGITS]}…`" for name, sha256 in measured.corpora.items()),
        "",
    ]
    rows = {"all": figures["headline"]}
    rows |= {"n-grams alone": figures["ngrams_alone"]} if figures["ngrams_alone"] != figures["headline"] else {}
    rows |= {"crossed": figures["crossed"]} if "crossed" in figures else {}
    rows |= {f"{name}: {key}": part for name, by in _PARTS for key, part in figures.get(by, {}).items()}
    columns = [key for key, value in figures["headline"].items() if not isinstance(value, dict)]
    lines += [*_table(columns, columns, rows), ""]
    for key, heading in _READ.items():
        if key in figures:
            read = ("rows", "yes", "recall", "precision", "false_alarms")
            shown = ("rows", "labelled so", "recall", "precision", "false alarms")
            lines += [f"### {heading}", "", *_table(read, shown, figures[key]), ""]
    if "steps_off" in figures:
        steps = ", ".join(f"{step}: {100 * share:.1f} %" for step, share in figures["steps_off"].items())
        lines += [f"Steps between the answer and the label: {steps}.", ""]
    if news := figures.get("by_set", {}).get("health_news"):
        shares = ", ".join(f"{recall} → {share}" for recall, share in news["passed_at_recall"].items())
        lines += [f"Of health_news, the share of all items that passes at a recall of: {shares}.", ""]
    return "\n".join(lines)


def _table(columns: Sequence[str], shown: Sequence[str], rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    lines = [f"| part | {' | '.join(shown)} |", f"|---|{'---|' * len(shown)}"]
    for name, row in rows.items():
        lines.append(f"| {name} | {' | '.join(str(row.get(column, '')) for column in columns)} |")
    return lines
