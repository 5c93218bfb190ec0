"""Known claims near a narrative. Vectors of claims are made where an encoder is loaded, and read where none is."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from flows.parts import Parts
from records.claim import SimilarClaim
from records.ports import Reader

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Cosine to the narrative's mean vector. e5's cosines lie high: unrelated texts reach 0.80.
LEAST_SIMILARITY = 0.86
SHOWN = 3


def vectors_file(home: Path) -> Path:
    return home / "models" / "claims.npz"


def embed(parts: Parts) -> int:
    """Make the vectors of claims that have none yet, or whose text changed; the number made."""
    path = vectors_file(parts.settings.home)
    known = _read(path)
    wanted = {_key(parts.encoder.version, claim.text): claim.text for claim in parts.store.reader.claims()}
    missing = [key for key in wanted if key not in known]
    if missing:
        made = parts.encoder.encode([wanted[key] for key in missing])
        known |= dict(zip(missing, made, strict=True))
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}")
        with draft.open("wb") as file:
            np.savez(file, allow_pickle=False, **{key: known[key] for key in wanted})
        draft.replace(path)
    return len(missing)


def similar(reader: Reader, path: Path, encoder_version: str, narrative_id: str) -> tuple[SimilarClaim, ...]:
    """Claims at or above LEAST_SIMILARITY, nearest first; none while their vectors are not made yet."""
    vectors = reader.narrative_vectors(narrative_id)
    known = _read(path)
    if not len(vectors) or not known:
        return ()
    centre = vectors.mean(axis=0)
    centre /= np.linalg.norm(centre) or 1.0
    found = [
        SimilarClaim(claim, float(known[key] @ centre))
        for claim in reader.claims()
        if (key := _key(encoder_version, claim.text)) in known
    ]
    near = [one for one in found if one.similarity >= LEAST_SIMILARITY]
    return tuple(sorted(near, key=lambda one: (-one.similarity, one.claim.id))[:SHOWN])


def _key(encoder_version: str, text: str) -> str:
    return hashlib.sha256(f"{encoder_version}\n{text}".encode()).hexdigest()


def _read(path: Path) -> dict[str, NDArray[np.float32]]:
    try:
        with np.load(path, allow_pickle=False) as file:
            return dict(file)
    except (OSError, ValueError):
        return {}
