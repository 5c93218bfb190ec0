"""Explicit signs in a text that a person can check: denials, questions, hearsay, offers, sources, dangers.

Looked for in the folded text, so that unmarked writing counts as much; shown as they stand in the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.reading import Reading
from models.spelling import plain
from models.topical import TOPICAL, topic_matrix
from records.ports import DEEP
from records.source import Owner
from records.text import fold

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TABLE = json.loads((Path(__file__).parent / "data" / "cues.json").read_text("utf-8"))
#: A reason's code → what says it.
_PATTERNS = {code: re.compile(rf"\b(?:{'|'.join(phrases)})") for code, phrases in _TABLE["phrases"].items()}
#: What people are told to do or to fear: features, never shown.
_DANGERS = [re.compile(rf"\b(?:{'|'.join(phrases)})") for phrases in _TABLE["dangers"].values()]
_SOURCES = {Owner(owner): re.compile("|".join(signs)) for owner, signs in _TABLE["owners"].items()}
_OWNERS = tuple(Owner)
_FORMS = 8
_LETTER = re.compile(r"[^\W\d_]")
#: Of the vectors of `Encoder.encode_deep`, so many are of the whole text.
WHOLE = 2
#: Numbers in a row of `cue_matrix`.
CUES = len(_PATTERNS) * 2 + len(_DANGERS) + len(_OWNERS) + _FORMS + TOPICAL
#: Columns that say who speaks and in what form, and nothing of the subject.
MANNER = slice(CUES - TOPICAL - _FORMS - len(_OWNERS), CUES - TOPICAL)


def owner_of(reading: Reading) -> Owner | None:
    """The owner as given, else as the source's name or address tells; None when it tells nothing."""
    if reading.owner or not reading.source:
        return reading.owner
    name = fold(reading.source)
    if name in {owner.value for owner in Owner}:
        return Owner(name)
    return next((owner for owner, pattern in _SOURCES.items() if pattern.search(name)), None)


def found(text: str, most: int = 3) -> dict[str, tuple[str, ...]]:
    """Code → at most `most` different phrases of `text` (normalized), as written there, in their order."""
    # Character by character the folded text of composed Vietnamese is as long as the text: places agree.
    folded = fold(text)
    aligned = len(folded) == len(text)
    hits: dict[str, tuple[str, ...]] = {}
    for code, pattern in _PATTERNS.items():
        phrases: dict[str, str] = {}
        for match in pattern.finditer(folded):
            end = match.end()
            while end < len(folded) and folded[end].isalnum():
                end += 1
            written = (text if aligned else folded)[match.start() : end].strip()
            phrases.setdefault(written.casefold(), written)
            if len(phrases) == most:
                break
        if phrases:
            hits[code] = tuple(phrases.values())
    if "question" not in hits and "?" in text:
        hits["question"] = ("?",)
    return hits


def beside_cues(deep: NDArray[np.float32], matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, d): [embedding ‖ inner ‖ cues ‖ parts] of what `Encoder.encode_deep` gives and a `cue_matrix`.

    What is of the whole text stands first: a head that learns nothing of the parts is shorter.
    """
    whole = WHOLE * (deep.shape[1] // DEEP)
    return np.hstack([deep[:, :whole], matrix, deep[:, whole:]])


def cue_matrix(readings: Sequence[Reading], owners: Sequence[Owner | None]) -> NDArray[np.float32]:
    """(n, CUES) float32, each number about 0 to 1."""
    matrix = np.zeros((len(readings), CUES), np.float32)
    for row, reading, owner in zip(matrix, readings, owners, strict=True):
        text = reading.own
        folded = fold(plain(text))
        length = max(1, len(folded))
        values: list[float] = []
        for pattern in _PATTERNS.values():
            matches = [match.start() for match in pattern.finditer(folded)]
            values += [min(3, len(matches)) / 3, 1 - matches[0] / length if matches else 0.0]
        values += [min(2, sum(1 for _ in pattern.finditer(folded))) / 2 for pattern in _DANGERS]
        values += [float(owner is each) for each in _OWNERS]
        letters = len(_LETTER.findall(text))
        values += [
            min(3, text.count("?")) / 3,
            float(text.rstrip().endswith("?")),
            min(3, text.count("!")) / 3,
            min(1.0, np.log1p(len(text)) / 8),
            sum(letter.isupper() for letter in text) / max(1, letters),
            float(len(text) > 20 and text.isascii()),
            min(1.0, sum(sign in "\"“”'‘’" for sign in text) / 6),
            min(1.0, sum(digit.isdigit() for digit in text) / 20),
        ]
        row[: CUES - TOPICAL] = values
    matrix[:, CUES - TOPICAL :] = topic_matrix([reading.own for reading in readings])
    return matrix
