"""How far two readers of the corpus agree: Cohen's kappa a field, and the items on which they differ. No text is shown.

What is written stands between two marks of docs/models/agreement.md; what people make of it stands around them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from records.assessment import Harm, Kind, Stance
from records.errors import InputError
from records.topics import TOPICS

Values = Mapping[str, Any]
Floats = NDArray[np.float64]

BEGIN = "<!-- from here: written by `python -m models.second_reading agreement` -->"
END = "<!-- to here -->"
#: Field → its labels, in their order.
SCALES: dict[str, tuple[str, ...]] = {
    "health": ("no", "yes"),
    "topic": ("none", *TOPICS),
    "kind": tuple(Kind),
    "stance": tuple(Stance),
    "harm": tuple(Harm),
    "attention": ("no", "yes"),
    "spelling": ("full", "unmarked", "chat"),
}
#: Fields whose labels are steps: a step off counts as a part of a difference.
ORDERED = ("harm",)
PLACES = "places"
_RESAMPLES = 1_000
_LEAST_ITEMS = 10
_MOST_CHANGES = 8
_UNKNOWN = "–"  # both readers give every item one label


@dataclass(frozen=True, slots=True)
class Pair:
    """One item under two readers: field → label of each, and `now` in the corpus. `places` are one label, sorted."""

    id: str
    narrative: str
    channel: str
    first: Mapping[str, str]
    second: Mapping[str, str]
    now: Mapping[str, str]

    def differs(self) -> list[str]:
        return [field for field in self.first if self.first[field] != self.second[field]]


def first_reading(items: Iterable[Values], decided: Iterable[Values]) -> dict[str, Values]:
    """Id → item as its first reader labelled it: with what was decided later, the two would not be independent.

    A decision is an `id`, a `field`, what it `was` and `is`. Raises InputError for one that the corpus does not carry.
    """
    known = {row["id"]: dict(row) for row in items}
    for each in decided:
        item, field = known.get(each["id"]), each["field"]
        if item is None or field not in item or item[field] != each["is"]:
            raise InputError(f"{each['id']}: {field} is not {each['is']!r} in the corpus, as it was decided")
        item[field] = each["was"]
    return dict(known)


def paired(items: Iterable[Values], second: Iterable[Values], decided: Iterable[Values] = ()) -> list[Pair]:
    """The items that the second reader read, by id, under both readers as they labelled it without each other.

    Raises InputError for an unknown item, label or decision.
    """
    now = {row["id"]: row for row in items}
    known = first_reading(now.values(), decided)
    pairs = {}
    for row in second:
        row_id = row["id"]
        if row_id not in known or row_id in pairs:
            raise InputError(f"{row_id}: {'read twice' if row_id in pairs else 'not an item of the corpus'}")
        item = known[row_id]
        labels = _labels(item), _labels(row), _labels(now[row_id])
        pairs[row_id] = Pair(row_id, item["narrative"], item["channel"], *labels)
    return [pairs[row_id] for row_id in sorted(pairs)]


def _labels(row: Values) -> dict[str, str]:
    labels: dict[str, str] = {}
    for field, scale in SCALES.items():
        value = row.get(field)
        label = {True: "yes", False: "no", None: "none"}.get(value, value)
        if label not in scale:
            raise InputError(f"{row['id']}: {field} is {value!r}")
        labels[field] = str(label)
    labels[PLACES] = ", ".join(sorted(row[PLACES])) or "none"
    return labels


def kappa(tables: Floats, ordered: bool = False) -> Floats:
    """Cohen's kappa of counts (…, labels of the first, labels of the second); nan where chance explains all.

    With `ordered`, a difference weighs as many parts as there are steps between its labels.
    """
    steps = np.arange(tables.shape[-1])
    apart = np.abs(steps[:, None] - steps)
    weights = (apart if ordered else apart > 0).astype(float)
    by_chance = tables.sum(axis=-1)[..., :, None] * tables.sum(axis=-2)[..., None, :]
    seen = (weights * tables).sum(axis=(-2, -1))
    expected = (weights * by_chance).sum(axis=(-2, -1)) / tables.sum(axis=(-2, -1))
    unlike: Floats = np.divide(seen, expected, out=np.full_like(expected, np.nan), where=expected > 0)
    return 1 - unlike


def counts(pairs: Sequence[Pair], field: str) -> Floats:
    """How often each label of the first reader meets each of the second, a table for each narrative."""
    places = {name: place for place, name in enumerate(dict.fromkeys(pair.narrative for pair in pairs))}
    scale = {label: place for place, label in enumerate(SCALES[field])}
    tables = np.zeros((len(places), len(scale), len(scale)))
    for pair in pairs:
        tables[places[pair.narrative], scale[pair.first[field]], scale[pair.second[field]]] += 1
    return tables


def interval(tables: Floats, ordered: bool = False) -> tuple[float, float]:
    """Where 95 % of the kappas lie when whole narratives are drawn anew: items of one are judged alike."""
    number = len(tables)
    drawn = np.random.default_rng(0).multinomial(number, [1 / number] * number, _RESAMPLES)
    kappas = kappa(np.tensordot(drawn.astype(float), tables, axes=1), ordered)
    known = kappas[~np.isnan(kappas)]
    low, high = np.percentile(known, (2.5, 97.5)) if known.size else (np.nan, np.nan)
    return float(low), float(high)


def same(pairs: Sequence[Pair], field: str) -> float:
    return sum(pair.first[field] == pair.second[field] for pair in pairs) / len(pairs)


#: What a row of the first table is of → field, and the items that it counts.
_MEASURED: dict[str, tuple[str, Callable[[Pair], bool]]] = {
    **{field: (field, lambda _: True) for field in SCALES},
    "topic, both say health": ("topic", lambda pair: pair.first["health"] == pair.second["health"] == "yes"),
    "harm, both see a claim": ("harm", lambda pair: "neutral" not in (pair.first["stance"], pair.second["stance"])),
    PLACES: (PLACES, lambda _: True),
    "places, either names one": (PLACES, lambda pair: pair.first[PLACES] != "none" or pair.second[PLACES] != "none"),
}


def part(pairs: Sequence[Pair]) -> str:
    """The figures and the differences as Markdown."""
    return "\n".join([*_overall(pairs), *_by_channel(pairs), *_changes(pairs), *_decided(pairs), *_items(pairs), ""])


def _overall(pairs: Sequence[Pair]) -> list[str]:
    narratives = len({pair.narrative for pair in pairs})
    lines = [
        "## Figures",
        "",
        f"{len(pairs):,} items of {narratives:,} narratives were read twice. Kappa is Cohen's, for harm with linear"
        f" weights; its interval is of {_RESAMPLES:,} draws of whole narratives.",
        "",
        "| field | items | same | kappa | 95 % |",
        "|---|---|---|---|---|",
    ]
    for name, (field, counted) in _MEASURED.items():
        read = [pair for pair in pairs if counted(pair)]
        if not read:
            continue
        value, low_to_high = "", ""
        if field in SCALES:
            value = _kappa(read, field)
            low, high = interval(counts(read, field), field in ORDERED)
            low_to_high = "" if value == _UNKNOWN else f"{low:.2f} to {high:.2f}"
        lines.append(f"| {name} | {len(read)} | {same(read, field):.3f} | {value} | {low_to_high} |")
    return lines


def _kappa(pairs: Sequence[Pair], field: str) -> str:
    value = float(kappa(counts(pairs, field).sum(axis=0), field in ORDERED))
    return _UNKNOWN if np.isnan(value) else f"{value:.2f}"


def _by_channel(pairs: Sequence[Pair]) -> list[str]:
    lines = [
        "",
        "### Kappa by channel",
        "",
        f"| channel | items | {' | '.join(SCALES)} | places, same |",
        f"|---|---|{'---|' * len(SCALES)}---|",
    ]
    for channel in sorted({pair.channel for pair in pairs}):
        read = [pair for pair in pairs if pair.channel == channel]
        if len(read) >= _LEAST_ITEMS:
            shown = " | ".join(_kappa(read, field) for field in SCALES)
            lines.append(f"| {channel} | {len(read)} | {shown} | {same(read, PLACES):.3f} |")
    return lines


def _changes(pairs: Sequence[Pair]) -> list[str]:
    lines = ["", "### Commonest differences, first reader → second", ""]
    for field in SCALES:
        found = Counter((pair.first[field], pair.second[field]) for pair in pairs if field in pair.differs())
        shown = [f"{one} → {other} {number}" for (one, other), number in found.most_common(_MOST_CHANGES)]
        lines.append(f"- {field} ({found.total()}): {', '.join(shown) or 'none'}")
    return lines


def _decided(pairs: Sequence[Pair]) -> list[str]:
    lines = [
        "",
        "### Whose label stands in the corpus",
        "",
        "| field | differ | the first | the second | neither | changed where they agree |",
        "|---|---|---|---|---|---|",
    ]
    for field in (*SCALES, PLACES):
        differing = [pair for pair in pairs if field in pair.differs()]
        first = sum(pair.now[field] == pair.first[field] for pair in differing)
        second = sum(pair.now[field] == pair.second[field] for pair in differing)
        neither = len(differing) - first - second
        changed = sum(pair.first[field] == pair.second[field] != pair.now[field] for pair in pairs)
        lines.append(f"| {field} | {len(differing)} | {first} | {second} | {neither} | {changed} |")
    return lines


def _items(pairs: Sequence[Pair]) -> list[str]:
    differing = [pair for pair in pairs if pair.differs()]
    lines = [
        "",
        f"### The {len(differing)} items on which they differ, first → second",
        "",
        "| id | labels |",
        "|---|---|",
    ]
    for pair in differing:
        shown = [f"{field} {pair.first[field]} → {pair.second[field]}" for field in pair.differs()]
        lines.append(f"| {pair.id} | {'; '.join(shown)} |")
    return lines


def write(path: Path, pairs: Sequence[Pair]) -> bool:
    """Put the figures between the marks of the file; whether it changed. Raises InputError for a file without them."""
    try:
        before = path.read_text("utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    above, mark, rest = before.partition(BEGIN)
    _, end, below = rest.partition(END)
    if not mark or not end:
        raise InputError(f"{path} has no line {BEGIN!r} with {END!r} below it")
    after = f"{above}{BEGIN}\n{part(pairs)}{END}{below}"
    path.write_text(after, "utf-8")
    return after != before
