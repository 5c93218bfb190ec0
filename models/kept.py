"""What training found out of fold, kept beside the vectors, so that measuring need not learn everything again.

Nothing of a text is in it: of each head the answers, row by row, under the sha256 of its weights.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from models.evaluation import Answers
from models.examples import Row

_FOLDER = "out_of_fold"


def keep(cache: Path, weights: Path, code: str, rows: Sequence[Row], answers: Answers) -> None:
    """`weights`: the head's npz; `code`: sha256 of what decides its figures."""
    folder = cache / _FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{weights.stem}-*.npz"):
        old.unlink()
    part = folder / f".{weights.stem}.part"
    with part.open("wb") as file:
        np.savez_compressed(file, chances=answers.chances, said=answers.said, of=np.array(_of(code, rows)))
    part.replace(_file(cache, weights))


def kept(cache: Path, weights: Path, code: str, rows: Sequence[Row]) -> Answers | None:
    """None where these weights, this code and these rows were not those of a training with this cache."""
    try:
        with np.load(_file(cache, weights), allow_pickle=False) as arrays:
            same = str(arrays["of"]) == _of(code, rows)
            return Answers(arrays["chances"], arrays["said"]) if same else None
    except (OSError, KeyError, ValueError, BadZipFile):
        return None


def _file(cache: Path, weights: Path) -> Path:
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()[:16] if weights.is_file() else "none"
    return cache / _FOLDER / f"{weights.stem}-{digest}.npz"


def _of(code: str, rows: Sequence[Row]) -> str:
    digest = hashlib.sha256(code.encode())
    for row in rows:
        item = row.item
        said = [row.origin, item.id, item.title, item.text, item.context, row.copy, row.group, row.weight, row.labels]
        digest.update(json.dumps(said, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace"))
    return digest.hexdigest()
