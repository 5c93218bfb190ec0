"""Texts → which of them are near-duplicates of an earlier one."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.bench.measuring import newspaper_mix, run


def _texts(count: int) -> list[str]:
    """A fifth are copies with a word left out."""
    generator = random.Random(3)
    words = [word for _, text in newspaper_mix(500) for word in text.split()]
    texts = [" ".join(generator.choices(words, k=300)) for _ in range(count * 4 // 5)]
    copies = [" ".join(w for w in text.split() if generator.random() > 0.01) for text in texts[: count - len(texts)]]
    return texts + copies


def _ours(quick: bool) -> tuple[int, Callable[[], object]]:
    from models.minhash import NearDuplicates, hash_shingles

    texts = _texts(500 if quick else 5_000)

    def work() -> None:
        seen = NearDuplicates()
        shingles = hash_shingles(texts)
        seen.add(range(len(texts)), shingles)
        for one in shingles:
            seen.find(one)

    return len(texts), work


def _plain(quick: bool) -> tuple[int, Callable[[], object]]:
    import numpy as np

    texts = _texts(100 if quick else 1_000)
    generator = np.random.default_rng(3)
    prime = (1 << 31) - 1
    a, b = generator.integers(1, prime, 128, dtype=np.uint64), generator.integers(0, prime, 128, dtype=np.uint64)

    def work() -> None:
        bands: dict[tuple[int, bytes], int] = {}
        for key, text in enumerate(texts):
            words = text.split()
            shingles = {" ".join(words[i : i + 3]) for i in range(len(words) - 2)}
            hashes = np.array([hash(s) & 0x7FFFFFFF for s in shingles], np.uint64)
            signature = ((hashes[:, None] * a + b) % prime).min(axis=0)
            for band in range(32):
                bands.setdefault((band, signature[band * 4 : band * 4 + 4].tobytes()), key)

    return len(texts), work


if __name__ == "__main__":
    run({"ours": ("", _ours), "plain": ("MinHash of 128 permutations written in numpy", _plain)}, "documents/s")
