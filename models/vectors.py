"""Vectors kept on disk by the hash of their text, so that training twice embeds once."""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models import remains
from records.ports import DEEP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from records.ports import Encoder

_CHUNK = 512


class VectorCache:
    """One file for an encoder's version: sha256 of the text → float16 vector, as the store would keep it.

    `deep`: with what stands beside it, which heads are learnt from and nothing keeps; that file is also of one way to
    cut texts into parts, and those of other ways go.
    """

    def __init__(self, encoder: Encoder, folder: Path, *, deep: bool = False) -> None:
        self._encode = encoder.encode_deep if deep else encoder.encode
        self.dimensions = encoder.dimensions * (DEEP if deep else 1)
        self._file = folder / f"{encoder.version}{f'-deep-{_cut_sha256()}' if deep else ''}.npz"
        self._older = f"{glob.escape(encoder.version)}-deep*.npz" if deep else ""
        self._known: dict[bytes, NDArray[np.float16]] = {}
        if self._file.is_file():
            with np.load(self._file, allow_pickle=False) as stored:
                keys = stored["keys"]
                self._known = {keys[i].tobytes(): row for i, row in enumerate(stored["vectors"])}

    def encode(self, texts: Sequence[str], progress: Callable[[int, int], None] | None = None) -> NDArray[np.float32]:
        """(n, dimensions) float32, rounded to float16 as everywhere. `progress`: (done, wanted) texts to embed."""
        keys = [hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        wanted = sorted(missing.items(), key=lambda pair: (len(pair[1]), pair[0]))  # alike lengths fill batches
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            vectors = self._encode([text for _, text in chunk]).astype(np.float16)
            self._known.update((key, vector) for (key, _), vector in zip(chunk, vectors, strict=True))
            if progress:
                progress(start + len(chunk), len(wanted))
            if start // _CHUNK % 2 == 1:
                self._save()
        if wanted:
            self._save()
        return np.stack([self._known[key] for key in keys]).astype(np.float32)

    def _save(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        remains.clear(self._file.parent, f"{glob.escape(self._file.stem)}.*.part")
        part = self._file.with_suffix(f".{os.getpid()}.part")
        keys = np.frombuffer(b"".join(self._known), np.uint8).reshape(-1, 32)
        with part.open("wb") as file:
            np.savez(file, keys=keys, vectors=np.stack(list(self._known.values())))
        part.replace(self._file)
        if self._older:
            remains.clear(self._file.parent, self._older)


@cache
def _cut_sha256() -> str:
    """8 hex digits that change with the code that cuts a text into parts: other parts are other vectors."""
    here = Path(__file__).parent
    return hashlib.sha256(
        b"".join((here / f"{name}.py").read_bytes() for name in ("encoder", "quotations"))
    ).hexdigest()[:8]
