"""How texts are held together, on the local-only data: one story told, and evidence found for a claim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.examples import read_jsonl, sha256_of
from models.likeness import Likeness, features_of
from models.narration import StreamNarrator, narrated
from records.narrative import NarratableItem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.vectors import VectorCache

STORY, EVIDENCE = "same_story", "claims"
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_AMONG = 5


def figures(shared: Path, vectors: VectorCache) -> dict[str, dict[str, object]]:
    """Name → its figure with the hash of its data."""
    return {
        STORY: {"b3_f1": same_story(shared, vectors), "sha256": sha256_of([shared / f"{STORY}.jsonl"])},
        EVIDENCE: {"recall_at_5": evidence(shared, vectors), "sha256": sha256_of([shared / f"{EVIDENCE}.jsonl"])},
    }


def same_story(shared: Path, vectors: VectorCache) -> float:
    """B³ F1 of the narrator as it runs, one after another by file name."""
    rows = sorted(read_jsonl(shared / f"{STORY}.jsonl"), key=lambda row: str(row["file"]))
    items = _items([row["text"] for row in rows], vectors)
    told = narrated(StreamNarrator(), items)
    return round(b_cubed([row["cluster"] for row in rows], [told[item.id] for item in items]), 4)


def evidence(shared: Path, vectors: VectorCache) -> float:
    """Recall@5 of a claim's context among all contexts, scored as the narrator scores: words joined with vectors."""
    rows = read_jsonl(shared / f"{EVIDENCE}.jsonl")
    contexts = list(dict.fromkeys(row["context"] for row in rows))
    place = {context: at for at, context in enumerate(contexts)}
    items = _items([*contexts, *(row["text"] for row in rows)], vectors)
    table = Likeness(vectors.dimensions)
    table.add(features_of(items, vectors.dimensions))
    found = 0
    known = np.arange(len(contexts))
    for start in range(0, len(rows), 100):
        those = np.arange(start, min(start + 100, len(rows)))
        scores = table.between(len(contexts) + those, known)
        best = np.argsort(-scores, axis=1, kind="stable")[:, :_AMONG]
        right = np.array([place[rows[at]["context"]] for at in those])
        found += int((best == right[:, None]).any(axis=1).sum())
    return round(found / len(rows), 4)


def b_cubed(gold: Sequence[str], told: Sequence[str]) -> float:
    """F1 of B³ precision and recall."""
    both, of_gold, of_told = Counter(zip(gold, told, strict=True)), Counter(gold), Counter(told)
    precision = sum(n * n / of_told[t] for (_, t), n in both.items()) / len(gold)
    recall = sum(n * n / of_gold[g] for (g, _), n in both.items()) / len(gold)
    return 2 * precision * recall / (precision + recall)


def _items(texts: Sequence[str], vectors: VectorCache) -> list[NarratableItem]:
    encoded: NDArray[np.float16] = vectors.encode(texts).astype("<f2")
    return [
        NarratableItem(f"{at:05d}", "", text, when := _NOW + timedelta(seconds=at), when, vector.tobytes())
        for at, (text, vector) in enumerate(zip(texts, encoded, strict=True))
    ]
