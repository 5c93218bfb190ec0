"""Text → assessment and narrative (fetching and extraction apart), on a newspaper mix with a tenth of health items."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from records.assessment import AssessableItem
from records.narrative import NarratableItem
from records.source import Owner
from tests.bench.embeddings import home
from tests.bench.measuring import corpus, newspaper_mix, run

if TYPE_CHECKING:
    from models.encoder import Precision

START = datetime(2026, 3, 2, tzinfo=UTC)


def _items(quick: bool) -> list[AssessableItem]:
    return [
        AssessableItem(
            f"{number:06d}", text, title=title, owner=Owner.PRESS, published=START + timedelta(minutes=number)
        )
        for number, (title, text) in enumerate(newspaper_mix(300 if quick else 3_000))
    ]


def threshold_of(texts: list[str]) -> float:
    """Of the filter: so many of `texts` pass as pass of news that it has not learnt from."""
    from models.features import ngrams
    from models.heads import SHIPPED, HeadSet, load_idf
    from models.training import load_heads

    (head,) = load_heads(None, ["filter"])
    figures = json.loads((SHIPPED.parent / "figures.json").read_text("utf-8"))["figures"]["filter"]
    passed = figures["by_set"]["health_news"]["passed"]
    chances = HeadSet([head], "").probabilities({"whole": ngrams(texts, load_idf())}, None)["filter"][:, 0]
    return min(head.threshold, float(np.quantile(chances, 1 - passed)))


def _ours(quick: bool, precision: Precision = "auto") -> tuple[int, Callable[[], object]]:
    from models.assessor import load_assessor
    from models.encoder import load_encoder
    from models.narration import StreamNarrator

    items = _items(quick)
    encoder = load_encoder("builtin", home(), precision)
    threshold = threshold_of([f"{item.title} {item.text}" for item in items])
    assessor, narrator = load_assessor(encoder, filter_threshold=threshold), StreamNarrator()
    assessor.assess(items[:20], cascade=True)

    def work() -> None:
        placed = []
        for start in range(0, len(items), 256):
            batch = items[start : start + 256]
            for item, one in zip(batch, assessor.assess(batch, cascade=True), strict=True):
                if one.assessment.health:
                    when = item.published or START
                    placed.append(NarratableItem(item.id, item.title, item.text, item.published, when, one.vector))
        list(narrator.place((), placed))

    return len(items), work


def _plain(quick: bool) -> tuple[int, Callable[[], object]]:
    from models.encoder import load_encoder, quiet_libraries

    load_encoder("builtin", home())
    quiet_libraries()
    from sentence_transformers import SentenceTransformer
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.linear_model import LogisticRegression

    model = SentenceTransformer(str(home() / "models" / "e5-small"), device="cpu")
    rows = corpus()[::5]
    known = model.encode([f"query: {row['title']}. {row['text']}" for row in rows])
    heads = {
        field: LogisticRegression(max_iter=200).fit(known, [str(row[field]) for row in rows])
        for field in ("health", "kind", "stance", "topic", "harm", "attention")
    }
    items = _items(quick)[: 60 if quick else 600]

    def work() -> None:
        health = []
        for item in items:
            vector = model.encode(f"query: {item.title}. {item.text}", normalize_embeddings=True)
            answers = {field: head.predict(vector[None])[0] for field, head in heads.items()}
            if answers["health"] == "True":
                health.append(vector)
        if len(health) > 1:
            AgglomerativeClustering(
                n_clusters=None, distance_threshold=0.12, metric="cosine", linkage="average"
            ).fit_predict(np.array(health))

    return len(items), work


if __name__ == "__main__":
    ways = {
        "ours": ("", _ours),
        "float32": ("", partial(_ours, precision="float32")),
        "plain": ("fp32 of every item, one by one, scikit-learn", _plain),
    }
    run(ways, "items/s")
