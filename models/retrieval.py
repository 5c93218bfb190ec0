"""How texts are held together, on the local-only data: one story told, and evidence found for a claim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.examples import read_jsonl, sha256_of
from models.likeness import WHOLE, Likeness, features_of
from models.narration import StreamNarrator, narrated
from records.narrative import NarratableItem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.vectors import VectorCache

STORY, EVIDENCE = "same_story", "claims"
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_AMONG = 5
#: Similarities at which the best clustering of all at once is looked for, 0 to 1.
_LIMITS = tuple(round(0.1 + 0.01 * step, 2) for step in range(70))


def figures(shared: Path, vectors: VectorCache) -> dict[str, dict[str, object]]:
    """Name → its figures with the hash of its data."""
    return {
        STORY: same_story(shared, vectors) | {"sha256": sha256_of([shared / f"{STORY}.jsonl"])},
        EVIDENCE: {"recall_at_5": evidence(shared, vectors), "sha256": sha256_of([shared / f"{EVIDENCE}.jsonl"])},
    }


def same_story(shared: Path, vectors: VectorCache) -> dict[str, object]:
    """`b3_f1` of the narrator as it runs, one after another by file name, and how far it is `behind_best_batch`.

    `best_batch_b3_f1`: the best that clusters of all texts at once have by the same scores, with the limit that is best
    on these very texts; a stream cannot choose so.
    """
    rows = sorted(read_jsonl(shared / f"{STORY}.jsonl"), key=lambda row: str(row["file"]))
    texts = [row["text"] for row in rows]
    items, gold = items_of(texts, vectors.encode(texts)), [row["cluster"] for row in rows]
    told = narrated(StreamNarrator(), items)
    stream = b_cubed(gold, [told[item.id] for item in items])
    batch, limit = best_batch(gold, items, vectors.dimensions)
    return {
        "texts": len(rows),
        "stories": len(set(gold)),
        "b3_f1": round(stream, 4),
        "best_batch_b3_f1": round(batch, 4),
        "best_batch_similarity": limit,
        "behind_best_batch": round(batch - stream, 4),
    }


def best_batch(gold: Sequence[str], items: Sequence[NarratableItem], dimensions: int) -> tuple[float, float]:
    """(B³ F1, similarity) of average linkage over all items, at the best of many limits."""
    from sklearn.cluster import AgglomerativeClustering

    table = Likeness(dimensions)
    table.add(features_of(items, dimensions))
    scores = table.scores(0, len(items)) / WHOLE
    apart = np.maximum(scores.max() - (scores + scores.T) / 2, 0)
    np.fill_diagonal(apart, 0)
    found = []
    for limit in _LIMITS:
        model = AgglomerativeClustering(
            n_clusters=None, metric="precomputed", linkage="average", distance_threshold=scores.max() - limit
        )
        found.append((b_cubed(gold, [str(label) for label in model.fit_predict(apart)]), limit))
    return max(found)


def evidence(shared: Path, vectors: VectorCache) -> float:
    """Recall@5 of a claim's context among all contexts, scored as the narrator scores: words joined with vectors."""
    rows = read_jsonl(shared / f"{EVIDENCE}.jsonl")
    contexts = list(dict.fromkeys(row["context"] for row in rows))
    place = {context: at for at, context in enumerate(contexts)}
    texts = [*contexts, *(row["text"] for row in rows)]
    items = items_of(texts, vectors.encode(texts))
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


def items_of(texts: Sequence[str], vectors: NDArray[np.float32]) -> list[NarratableItem]:
    """Untitled, one second after another. `vectors`: (n, d)."""
    return [
        NarratableItem(f"{at:05d}", "", text, when := _NOW + timedelta(seconds=at), when, vector.tobytes())
        for at, (text, vector) in enumerate(zip(texts, vectors.astype("<f2"), strict=True))
    ]
