"""How near a text is to texts that stand as landmarks: a radial kernel over [embedding ‖ inner ‖ cues].

A model over these numbers can say "like that one, unless …", which a linear one over the vectors cannot: who speaks
against a claim uses the claim's own words. The landmarks are every other text of the corpus, without its labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.cues import CUES
from records.errors import ModelMismatch, ModelMissing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

LANDMARKS_FILE = "landmarks.npz"
#: Of the squared distance: the cues against the embedding.
_CUES_SHARE = 0.5
_FARTHEST = 4.0  # standard deviations of a cue
_LEAST_SCALE = 0.05  # of a cue that hardly occurs


@dataclass(frozen=True)
class Landmarks:
    """`points` (m, d), spread as `_spread` gives them; `mean`, `scale` (d,) of [embedding ‖ inner ‖ cues]; `groups`
    (m,): what each was drawn from, so that folds can leave it out."""

    points: Floats
    mean: Floats
    scale: Floats
    groups: tuple[str, ...]
    family: str  # of the encoder that gave the embeddings

    def nearness(self, dense: Floats) -> Floats:
        """(n, m): 1 at the landmark, 0 far away. `dense`: (n, d) [embedding ‖ inner ‖ cues], with more behind or not:
        texts are near each other as wholes, whatever their parts say.

        Each row is multiplied by itself: its bits do not depend on the rows beside it.
        """
        spread = self._spread(dense)
        squares = (self.points**2).sum(axis=1)
        near = np.stack([squares - 2 * (self.points @ row) + (row**2).sum() for row in spread])
        return np.asarray(np.exp(-np.maximum(near, 0)), np.float32)

    def among(self) -> Floats:
        """(m, m): of the landmarks themselves."""
        squares = (self.points**2).sum(axis=1)
        apart = squares[:, None] + squares[None, :] - 2 * (self.points @ self.points.T)
        return np.asarray(np.exp(-np.maximum(apart, 0)), np.float32)

    def _spread(self, dense: Floats) -> Floats:
        """Vectors centred, both together of length 1; cues in standard deviations, as long as `_CUES_SHARE` has it."""
        apart = (dense[:, : len(self.mean)] - self.mean) / self.scale
        vectors, cues = apart[:, :-CUES], np.clip(apart[:, -CUES:], -_FARTHEST, _FARTHEST)
        length = np.maximum(np.sqrt((vectors**2).sum(axis=1, keepdims=True)), 1e-6)
        return np.hstack([vectors / length, cues * np.sqrt(np.float32(_CUES_SHARE / CUES))])

    def save(self, folder: Path) -> None:
        with (folder / LANDMARKS_FILE).open("wb") as file:
            np.savez_compressed(
                file,
                points=self.points.astype(np.float16),
                mean=self.mean.astype(np.float32),
                scale=self.scale.astype(np.float32),
                groups=np.array(self.groups),
                family=np.array(self.family),
            )


def draw(dense: Floats, groups: list[str], family: str) -> Landmarks:
    """Every other of these rows, (n, d) [embedding ‖ inner ‖ cues], as they would be loaded."""
    scale = np.ones(dense.shape[1], np.float32)
    scale[-CUES:] = np.maximum(dense[:, -CUES:].std(axis=0), _LEAST_SCALE)
    drawn = Landmarks(dense[:0], dense.mean(axis=0), scale, tuple(groups[::2]), family)
    points = drawn._spread(dense[::2]).astype(np.float16).astype(np.float32)
    return Landmarks(points, drawn.mean, drawn.scale, drawn.groups, family)


def load_landmarks(folder: Path) -> Landmarks:
    """Shipped once, as the n-grams' rarity is. Raises ModelMissing or ModelMismatch."""
    try:
        with np.load(folder / LANDMARKS_FILE, allow_pickle=False) as arrays:
            return Landmarks(
                arrays["points"].astype(np.float32),
                arrays["mean"].astype(np.float32),
                arrays["scale"].astype(np.float32),
                tuple(arrays["groups"].tolist()),
                str(arrays["family"]),
            )
    except FileNotFoundError as error:
        raise ModelMissing(f"{LANDMARKS_FILE} is not in {folder}") from error
    except (KeyError, ValueError, OSError) as error:
        raise ModelMismatch(f"{LANDMARKS_FILE} cannot be read: {type(error).__name__}") from error
