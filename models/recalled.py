"""An encoder that embeds no text twice: vectors come from the cache that training filled."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from models.vectors import VectorCache

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from records.ports import Encoder


class RecalledEncoder:
    """The port `Encoder`, with the vectors of `cache` where they are there."""

    def __init__(self, encoder: Encoder, cache: Path) -> None:
        self._encoder, self._cache = encoder, VectorCache(encoder, cache, deep=True)
        self.version, self.dimensions = encoder.version, encoder.dimensions
        self.family = getattr(encoder, "family", encoder.version)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.encode_deep(texts)[:, : self.dimensions]

    def encode_deep(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._cache.encode(texts)

    def encode_query(self, text: str) -> NDArray[np.float32]:
        return self._encoder.encode_query(text)
