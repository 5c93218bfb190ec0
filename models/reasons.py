"""Why an assessment says what it says: the words that weighed most, as they stand in the text, and explicit cues.

The models read chat spelling written out ("bv" as "bệnh viện", models/spelling.py); a person is shown what was written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from models.features import word_buckets
from records.assessment import Reason
from records.source import Owner

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_WORDS = 4
#: Field → (answer or "", codes of the cues that speak for it).
_CUES: dict[str, dict[str, tuple[str, ...]]] = {
    "kind": {
        "rumor": ("hearsay", "urging", "danger"),
        "correction": ("denial", "cited_source"),
        "news": ("cited_source", "incident"),
        "question": ("question",),
        "advert": ("selling",),
        "chatter": (),
    },
    "stance": {"asserts": ("urging", "hearsay"), "refutes": ("denial",), "asks": ("question",), "neutral": ()},
    "harm": {"none": (), "low": (), "medium": ("danger", "incident"), "high": ("danger", "incident")},
}


class TextReasons:
    """The words of one text and what each weighs for any head; read once, asked for each field."""

    def __init__(self, text: str, idf: NDArray[np.float32]) -> None:
        words, self._buckets = word_buckets(text)
        self._text = text
        self._places = list(zip(words.start.tolist(), words.end.tolist(), strict=True))
        self._idf = idf

    def words(
        self, weights: NDArray[np.float32], against: NDArray[np.float32] | None = None, sign: float = 1.0
    ) -> tuple[str, ...]:
        """At most MOST_WORDS words or pairs of words that speak for the answer, heaviest first, each once.

        `weights`: (BUCKETS,), what an n-gram adds to the answer, or with `sign` -1 takes from it; `against`: what it
        adds to another one, which it is to speak for less. There are a quarter of a million, so that only those of this
        text are touched; characters' n-grams name no word and are left out.
        """
        tables = (weights,) if against is None else (weights, against)
        single, pair = (
            sign * (self._weight(tables, f"marked{of}") + self._weight(tables, f"folded{of}")) for of in ("", "_pair")
        )
        candidates = [(float(w), i, i) for i, w in enumerate(single)]
        candidates += [
            (float(w + single[i] + single[i + 1]), i, i + 1) for i, w in enumerate(pair) if not self._parted(i)
        ]
        taken: set[int] = set()
        chosen: dict[str, str] = {}
        for weight, first, last in sorted(candidates, key=lambda each: (-each[0], each[1], each[2])):
            if weight <= 0 or len(chosen) == MOST_WORDS:
                break
            start, end = self._places[first][0], self._places[last][1]
            written = self._text[start:end]
            # By places in the text: of a chat word that was read as two words each stands where the other stands.
            if not taken.isdisjoint(range(start, end)) or written.casefold() in chosen:
                continue
            if not any(character.isalpha() for character in written):
                continue
            taken.update(range(start, end))
            chosen[written.casefold()] = written
        return tuple(chosen.values())

    def _parted(self, first: int) -> bool:
        """Whether a sentence or a line ends between a word and the next: together they are no phrase of the text."""
        return any(sign in ".!?…\n" for sign in self._text[self._places[first][1] : self._places[first + 1][0]])

    def _weight(self, tables: Sequence[NDArray[np.float32]], view: str) -> NDArray[np.float32]:
        buckets = self._buckets[view]
        weights = tables[0][buckets]
        for against in tables[1:]:
            weights = weights - against[buckets]
        return np.asarray(weights * self._idf[buckets])


def field_reasons(about: str, answer: str, words: Sequence[str], cues: Mapping[str, tuple[str, ...]]) -> list[Reason]:
    """At least one reason for the field `about`: cues that speak for `answer`, then words."""
    reasons = [Reason(about, code, cues[code]) for code in _CUES.get(about, {}).get(answer, ()) if code in cues]
    if words:
        reasons.append(Reason(about, "words", tuple(words)))
    return reasons or [Reason(about, "no_words")]


def owner_reason(owner: Owner | None, source: str) -> list[Reason]:
    return [Reason("reliability", f"owner_{owner.value}", detail=source or owner.value)] if owner else []
