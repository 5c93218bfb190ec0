"""Models, and what waits for them in the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from records.assessment import AssessableItem, AssessedItem, AssessmentFailure
from records.item import Item
from records.narrative import (
    NO_WORDS,
    Merge,
    NarratableItem,
    NarrativeEvidence,
    NarrativePair,
    PersonsWords,
    PlacedItem,
    Placement,
)
from records.run import Lease

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class AssessmentQueue(Protocol):
    def waiting(self, limit: int) -> tuple[AssessableItem, ...]:
        """Items that are COMPLETE, by (first seen, id); repeated calls give the same until they are saved."""
        ...

    def claim(
        self, limit: int, holder: str, length: timedelta, backfill: str | None = None
    ) -> tuple[AssessableItem, ...]:
        """The first of `waiting` that nobody has, for `holder` alone until `length` is over; a dead process has none.

        Of the back-fill named, or of what was collected. Saving ends the claim, and so does a new wording. What a
        process had when it ended, or for longer than it might, comes after all the rest, and one by one.
        """
        ...

    def suspects(self) -> bool:
        """Whether something waits that a process had when it ended."""
        ...

    def let_go(self, holder: str) -> None:
        """End the claims of `holder`."""
        ...

    def at_work(self, but: str, backfill: str | None = None) -> tuple[str, ...]:
        """Who else has claims now, dead processes left out."""
        ...

    def save(self, run_id: str, assessed: Sequence[AssessedItem], now: datetime) -> int:
        """Store assessments and vectors, count fates, keep the captures of health items and drop the text and capture
        of the others, and queue all for the index; how many were taken. An item that has a newer version by now is left
        for the next call.
        """
        ...

    def give_up(self, run_id: str, failures: Sequence[AssessmentFailure], now: datetime) -> int:
        """Keep items out of `waiting` that an assessor cannot take, count them as failed; how many. A new wording of
        one waits again."""
        ...

    def failures(self, limit: int = 100) -> tuple[AssessmentFailure, ...]:
        """What cannot be assessed now, in the order in which it was given up."""
        ...

    def try_again(self, but: str | None = None) -> int:
        """Let what was given up wait again, save what the models of version `but` could not take; how many."""
        ...

    def judged_not_health(self, least_probability: float, limit: int) -> tuple[tuple[Item, float], ...]:
        """(item, its health probability) of those at or above it, the most probable first."""
        ...

    def undo_not_health(self, item_ids: Sequence[str], now: datetime) -> int:
        """Bring items back that a filter judged not health: their pages are queued to be fetched again.

        Comments come back when a feed shows them again, within COMMENT_COMES_BACK_WITHIN, or are let go again. How many
        are on their way back.
        """
        ...


class NarrationStore(Protocol):
    def waiting(self, limit: int | None = None) -> tuple[NarratableItem, ...]:
        """Assessed health items without a narrative, by (published, id), unknown dates last; the first `limit`.

        Those of a back-fill that is still being read do not wait: others may come before them.
        """
        ...

    def window(self, since: datetime, until: datetime | None = None) -> tuple[PlacedItem, ...]:
        """Items of narratives, published (or else first seen) from `since` to `until`, by (published, id)."""
        ...

    def save(
        self, run_id: str, placements: Sequence[Placement], now: datetime, lease: Lease | None = None
    ) -> tuple[str, ...]:
        """Store them in order, with merges; the ids of the narratives that changed (after merges).

        Raises LeaseTaken, and stores nothing, when `lease` was lost meanwhile.
        """
        ...

    def persons_words(self) -> PersonsWords:
        """What people said of which items are of one narrative, as it holds now."""
        ...

    def pairs(self) -> tuple[NarrativePair, ...]:
        """Every pair of items that a person spoke of: what narration can be trained and measured on."""
        ...

    def describe(self, narrative_id: str, label: str, distinguishing: Sequence[str]) -> None:
        """A label that a person gave stays; the words change."""
        ...

    def merge(self, merge: Merge, actor: str, now: datetime) -> None:
        """A person's merge."""
        ...


class RiskStore(Protocol):
    def to_judge(self) -> tuple[str, ...]:
        """Ids of narratives that changed since their risk was last saved, or whose trend may have ended."""
        ...

    def evidence(self, narrative_id: str, now: datetime) -> NarrativeEvidence: ...


#: Vectors that `Encoder.encode_deep` gives of a text.
DEEP = 6


class Encoder(Protocol):
    """`encode` gives (n, dimensions) float32, L2-normalised; the same text gives the same bits in any company."""

    version: str
    dimensions: int

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]: ...

    def encode_deep(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, DEEP · dimensions): what `encode` gives; beside it what the encoder's inner layers make of the text; and
        by how much its beginning, its end, what it says itself and what it quotes differ from that."""
        ...

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """(dimensions,)"""
        ...


class Assessor(Protocol):
    version: str

    def assess(self, items: Sequence[AssessableItem], *, cascade: bool) -> tuple[AssessedItem, ...]:
        """One answer for each item, in order. With `cascade`, what the filter judges not health goes no further."""
        ...


class Narrator(Protocol):
    """Pure: the same window, items and words give the same placements."""

    window: timedelta

    def place(
        self, window: Sequence[PlacedItem], items: Sequence[NarratableItem], words: PersonsWords = NO_WORDS
    ) -> Iterator[Placement]: ...

    def describe(
        self, members: Sequence[NarratableItem], background: Sequence[str] = (), label: str = ""
    ) -> tuple[str, tuple[str, ...]]:
        """(label, words): the most central title, or `label` while it is nearly as central, and the words that
        distinguish the narrative."""
        ...
