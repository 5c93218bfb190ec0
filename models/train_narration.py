"""Makes narration.npz: how common words are, and what all vectors of the built-in encoder have in common.

    python -m models.train_narration TEXTS.jsonl... --home FOLDER

The texts (field `text`) are counted; the vectors are those of the project's own corpus. No text is kept.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np

from models.wording import TABLE, features, words_of

#: Features of fewer texts are left out of the table and count as unseen.
LEAST_TEXTS = 3
#: Shared directions that are taken out of the vectors.
COMMON_DIRECTIONS = 8


def train(files: list[Path], home: Path) -> None:
    from models.encoder import load_encoder

    folder = Path(__file__).parent
    corpus = [json.loads(line) for file in sorted((folder / "corpus").glob("*.jsonl")) for line in file.open()]
    texts = dict.fromkeys(json.loads(line)["text"] for file in files for line in file.open(encoding="utf-8"))
    frequency: Counter[int] = Counter()
    for text in texts:
        singles, pairs = features(words_of(text))
        frequency.update(singles.keys() | pairs.keys())
    kept = sorted(feature for feature, count in frequency.items() if count >= LEAST_TEXTS)
    vectors = load_encoder("builtin", home).encode([f"{row['title']}\n{row['text']}".strip() for row in corpus])
    mean = vectors.mean(axis=0)
    common = np.linalg.svd(vectors - mean, full_matrices=False)[2][:COMMON_DIRECTIONS]
    np.savez_compressed(
        folder / "data" / TABLE,
        documents=np.array(len(texts)),
        features=np.array(kept, np.uint32),
        frequencies=np.array([min(frequency[feature], 65_535) for feature in kept], np.uint16),
        mean=mean.astype(np.float32),
        common=common.astype(np.float32),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--home", type=Path, required=True, help="where the built-in encoder lies or is built")
    given = parser.parse_args()
    train(given.files, given.home)


if __name__ == "__main__":
    main()
