"""Text → assessment and narrative (fetching and extraction apart), on a newspaper mix with a tenth of health items."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np

from records.assessment import AssessableItem
from records.narrative import NarratableItem
from records.source import Owner
from tests.bench.embeddings import home
from tests.bench.measuring import corpus, newspaper_mix, run

START = datetime(2026, 3, 2, tzinfo=UTC)


def _items(quick: bool) -> list[AssessableItem]:
    return [
        AssessableItem(
            f"{number:06d}", text, title=title, owner=Owner.PRESS, published=START + timedelta(minutes=number)
        )
        for number, (title, text) in enumerate(newspaper_mix(300 if quick else 3_000))
    ]


def _ours(quick: bool) -> tuple[int, Callable[[], object]]:
    from models.assessor import load_assessor
    from models.encoder import load_encoder
    from models.narration import StreamNarrator

    assessor, narrator, items = load_assessor(load_encoder("builtin", home())), StreamNarrator(), _items(quick)
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
    run({"ours": ("", _ours), "plain": ("fp32 of every item, one by one, scikit-learn", _plain)}, "items/s")
