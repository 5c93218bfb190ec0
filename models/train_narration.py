"""Makes narration.npz: how common words are, and what all vectors of the built-in encoder have in common.

    python -m models.train_narration TEXTS.jsonl... --home FOLDER --output FILE

The texts (field `text`) are counted; the vectors are those of the project's own corpus. No text is kept. The shipped
file is of the six local-only sets claims, health_comments, health_news, health_questions, health_titles, reliability.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.wording import TABLE, features, words_of

_CORPUS = Path(__file__).parent / "corpus"
#: Features of fewer texts are left out of the table and count as unseen.
LEAST_TEXTS = 3
#: Shared directions that are taken out of the vectors.
COMMON_DIRECTIONS = 8


def counted(texts: Collection[str]) -> dict[str, NDArray[Any]]:
    """How many of `texts`, each different, hold each feature: `documents`, `features` (uint32), `frequencies`."""
    frequency: Counter[int] = Counter()
    for text in texts:
        singles, pairs = features(words_of(text))
        frequency.update(singles.keys() | pairs.keys())
    kept = sorted(feature for feature, count in frequency.items() if count >= LEAST_TEXTS)
    return {
        "documents": np.array(len(texts)),
        "features": np.array(kept, np.uint32),
        "frequencies": np.array([min(frequency[feature], 65_535) for feature in kept], np.uint16),
    }


def shared_directions(vectors: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """What all `vectors` (n, d) have in common: `mean` (d,) and `common` (COMMON_DIRECTIONS, d), orthonormal rows."""
    mean = vectors.mean(axis=0)
    common = np.linalg.svd(vectors - mean, full_matrices=False)[2][:COMMON_DIRECTIONS]
    return {"mean": mean.astype(np.float32), "common": common.astype(np.float32)}


def train(files: Sequence[Path], home: Path, output: Path) -> None:
    from models.encoder import load_encoder

    corpus = [json.loads(line) for file in sorted(_CORPUS.glob("part_*.jsonl")) for line in file.open(encoding="utf-8")]
    texts = dict.fromkeys(json.loads(line)["text"] for file in files for line in file.open(encoding="utf-8"))
    vectors = load_encoder("builtin", home).encode([f"{row['title']}\n{row['text']}".strip() for row in corpus])
    arrays: dict[str, Any] = counted(texts) | shared_directions(vectors)
    np.savez_compressed(output, **arrays)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--home", type=Path, required=True, help="where the built-in encoder lies or is built")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "data" / TABLE)
    given = parser.parse_args()
    train(given.files, given.home, given.output)


if __name__ == "__main__":
    main()
