"""Which documents an index can take, judged alike by every engine before its own word. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from records.search import IndexDocument

_LARGEST_INTEGER = 2**63 - 1
#: A longer text is no article; its words beyond are not searched.
LONGEST_TEXT_CHARACTERS = 1_000_000


def problem_of(document: IndexDocument) -> str:
    """Why no index can hold `document`; "" when one can."""
    if not document.id:
        return "it has no id"
    if not 0 <= document.version <= _LARGEST_INTEGER:
        return "its version is no number that can be stored"
    labels = [document.source_id, document.narrative_id or "", document.topic or "", *document.places]
    if any("\x00" in label or not _encodable(label) for label in (document.id, *labels)):
        return "its id, or what it is filed under, holds characters that cannot be stored"
    if (document.published or document.first_seen).tzinfo is None:
        return "its time has no zone"
    if len(document.vector) % 2:
        return "its vector is not float16"
    if document.vector and not 0.9 < float(np.linalg.norm(numbers_of(document.vector))) < 1.1:  # NaN too
        return "its vector is not of length 1"
    return ""


def other_dimensions(given: int, known: int) -> str:
    """The problem of a vector of `given` numbers in an index whose vectors have `known`."""
    return f"its vector has {given} numbers where the index has {known}: rebuild the index"


def numbers_of(vector: bytes) -> NDArray[np.float32]:
    """(d,) float32 from little-endian float16."""
    return np.frombuffer(vector, "<f2").astype(np.float32)


def unit_length(vector: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """`vector` as (d,) float32 of length 1; None for one that has no direction."""
    wanted = np.asarray(vector, np.float32).ravel()
    length = float(np.linalg.norm(wanted))
    return wanted / length if np.isfinite(length) and length > 0 else None


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
