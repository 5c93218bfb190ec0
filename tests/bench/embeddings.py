"""Health texts → vectors."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tests.bench.measuring import corpus, run


def home() -> Path:
    from flows.settings import home_folder

    return Path(os.environ["TIN3C_HOME"]) if "TIN3C_HOME" in os.environ else home_folder()


def _texts(quick: bool) -> list[str]:
    rows = [row for row in corpus() if row["health"]][: 128 if quick else 1_000]
    return [f"{row['title']}. {row['text']}" for row in rows]


def _ours(quick: bool) -> tuple[int, Callable[[], object]]:
    from models.encoder import load_encoder

    encoder, texts = load_encoder("builtin", home()), _texts(quick)
    encoder.encode(texts[:8])
    return len(texts), lambda: encoder.encode(texts)


def _plain(quick: bool) -> tuple[int, Callable[[], object]]:
    from models.encoder import load_encoder, quiet_libraries

    load_encoder("builtin", home())
    quiet_libraries()
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(home() / "models" / "e5-small"), device="cpu")
    texts = [f"query: {text}" for text in _texts(quick)]
    model.encode(texts[:8])
    return len(texts), lambda: [model.encode(text, normalize_embeddings=True) for text in texts]


if __name__ == "__main__":
    run({"ours": ("", _ours), "plain": ("sentence-transformers in fp32, one text at a time", _plain)}, "texts/s")
