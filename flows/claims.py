"""Known claims near a narrative. Vectors of claims are made where an encoder is loaded, and read where none is.

Until the vectors of a new wording are made, by the next run, words alone decide on its claim.
"""

from __future__ import annotations

import hashlib
import logging
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from casework.claims import open_suggestions
from flows.parts import Parts
from records.claim import Claim, SimilarClaim
from records.errors import ModelError
from records.narrative import NarratableItem
from records.ports import Reader
from records.text import normalize

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.matching import ClaimMatcher, MatchingModel

log = logging.getLogger(__name__)

#: Items that speak for a narrative: its most central ones among its first.
READ_ITEMS = 60
CENTRAL_ITEMS = 5
#: Of an item, characters of title and text: the claim stands at the beginning. Long texts hold a claim's words by
#: chance: at 400 a new ward of a hospital resembled a claim about that hospital.
LONGEST_READ = 200


def vectors_file(home: Path) -> Path:
    return home / "models" / "claims.npz"


def model_file(home: Path) -> Path:
    """Where the model that was learnt from the desk lies."""
    return home / "models" / "heads" / "claims.json"


def model_in_use(home: Path) -> MatchingModel:
    """What was learnt from the desk; the shipped one where nothing was, or where that cannot be used: alerts and
    pages do not stop for it."""
    from models.matching import load_model

    learnt = model_file(home)
    if learnt.is_file():
        try:
            return load_model(learnt)
        except ModelError as error:
            log.warning("known claims are matched by the shipped model: %s", error)
    return load_model()


def unfit_model(home: Path) -> str:
    """Why what was learnt from the desk cannot be used; "" where it can, or nothing was learnt."""
    from models.matching import load_model

    learnt = model_file(home)
    try:
        if learnt.is_file():
            load_model(learnt)
    except ModelError as error:
        return str(error)
    return ""


def embed(parts: Parts) -> int:
    """Make the vectors of wordings that have none yet; the number made. Loads no encoder where all are there."""
    from models.matching import foils
    from models.reading import for_encoder

    library = parts.store.reader.claims()
    if not library:
        return 0
    path, encoder = vectors_file(parts.settings.home), parts.encoder.version
    known = _read(path)
    texts = [*(wording for claim in library for wording in claim.all_wordings), *foils()]
    wanted = {_key(encoder, text): text for text in texts}
    missing = [key for key in wanted if key not in known]
    if missing:
        made = parts.encoder.encode([for_encoder(normalize(wanted[key])) for key in missing])
        known |= dict(zip(missing, made, strict=True))
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}")
        with draft.open("wb") as file:
            np.savez(file, allow_pickle=False, **{key: known[key] for key in wanted})
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    return len(missing)


@dataclass(frozen=True, slots=True)
class _Library:
    """A matcher and what it was made of: it is made anew when the library, its vectors or the model changed."""

    state: tuple[object, ...]
    matcher: ClaimMatcher


class Resemblance:
    """What the library says of narratives. One for a process.

    `encoder` gives the version of the settings' encoder; it is asked only once there is a library. Where it cannot be
    had, words alone decide.
    """

    def __init__(self, reader: Reader, home: Path, encoder: Callable[[], str]) -> None:
        self._reader = reader
        self._home = home
        self._version = encoder
        self._library: _Library | None = None
        self._model: tuple[tuple[int, int], MatchingModel] | None = None

    def suggested(self, narrative_id: str, now: datetime) -> tuple[SimilarClaim, ...]:
        """Claims that hold and on which nobody has spoken, likeliest first; empty where the library is.

        What a person has denied or confirmed takes no place: the next likely one comes up for it.
        """
        from models.matching import MOST_SUGGESTED

        claims = tuple(claim for claim in self._reader.claims() if claim.holds(now))
        if not claims:
            return ()
        items = central(self._reader.narratable(narrative_id, self._encoder, READ_ITEMS))
        if not items:
            return ()
        matches = self._reader.matches(narrative_id)
        texts, most = [_text(item) for item in items], MOST_SUGGESTED + len(matches)
        found = self._matcher(claims).suggest(texts, _vectors(items), most)
        return open_suggestions(found, matches, now)[:MOST_SUGGESTED]

    @cached_property
    def _encoder(self) -> str:
        try:
            return self._version()
        except ModelError:
            return ""

    def strongest(self, narrative_id: str, now: datetime) -> Claim | None:
        """What a message may name before a person has confirmed it: only where the machine is nearly always right."""
        return next((one.claim for one in self.suggested(narrative_id, now) if one.strong), None)

    def _matcher(self, claims: tuple[Claim, ...]) -> ClaimMatcher:
        from models.matching import ClaimMatcher, foils

        vectors_path, learnt = vectors_file(self._home), _stamp(model_file(self._home))
        state = (*((claim.id, claim.version) for claim in claims), _stamp(vectors_path), learnt)
        if self._library is None or self._library.state != state:
            if self._model is None or self._model[0] != learnt:
                self._model = learnt, model_in_use(self._home)
            model = self._model[1]
            vectors = {}
            if self._encoder and self._encoder.startswith(model.family):
                stored = _read(vectors_path)
                texts = [*(wording for claim in claims for wording in claim.all_wordings), *foils()]
                keys = {text: _key(self._encoder, text) for text in texts}
                vectors = {text: stored[key] for text, key in keys.items() if key in stored}
            self._library = _Library(state, ClaimMatcher(claims, vectors, model))
        return self._library.matcher


def central(items: tuple[NarratableItem, ...]) -> list[NarratableItem]:
    """The CENTRAL_ITEMS that are nearest to the middle of them all, in their order; the first where none has a
    vector."""
    vectors = _vectors(items)
    if vectors is None:
        return list(items[:CENTRAL_ITEMS])
    nearest = np.argsort(-(vectors @ vectors.mean(axis=0)), kind="stable")[:CENTRAL_ITEMS]
    return [items[at] for at in sorted(nearest.tolist())]


def _text(item: NarratableItem) -> str:
    return f"{item.title}\n{item.text}"[:LONGEST_READ] if item.title else item.text[:LONGEST_READ]


def _vectors(items: list[NarratableItem] | tuple[NarratableItem, ...]) -> NDArray[np.float32] | None:
    """(n, d), zeros for an item without one; None when none has."""
    dimensions = max((len(item.vector) for item in items), default=0) // 2
    if not dimensions:
        return None
    none = bytes(2 * dimensions)
    return np.stack([np.frombuffer(item.vector or none, "<f2") for item in items]).astype(np.float32)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _key(encoder_version: str, text: str) -> str:
    from models.reading import for_encoder

    return hashlib.sha256(f"{encoder_version}\n{for_encoder(normalize(text))}".encode()).hexdigest()


def _read(path: Path) -> dict[str, NDArray[np.float32]]:
    try:
        # Opened here: numpy leaves the file of a broken archive open.
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            return dict(file)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return {}
