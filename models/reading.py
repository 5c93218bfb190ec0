"""What the models read of an item: normalized, bounded, the same for training and for use."""

from __future__ import annotations

from dataclasses import dataclass

from models.diacritics import lacks_marks
from models.spelling import plain, spelled
from records.assessment import AssessableItem
from records.source import Owner
from records.text import PART, normalize

#: Characters of the text that the n-grams see; what stands further down is not read.
TEXT_CHARACTERS = 3_000
#: Characters of the text that are embedded: about what the encoder's longest batch holds.
EMBEDDED_CHARACTERS = 1_000
#: Of a title, and of a context.
TITLE_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Reading:
    """`own`: title and text, as written. `embedded`: what the encoder gets, with marks. `context`: the title of what it
    stands under, "" when there is none; in `whole` and in `embedded` it stands before PART."""

    own: str
    embedded: str
    context: str
    source: str
    owner: Owner | None

    @property
    def whole(self) -> str:
        return f"{self.context}. {PART}{self.own}" if self.context else self.own


def read(item: AssessableItem) -> Reading:
    title = _head(item.title, TITLE_CHARACTERS)
    context = _head(item.context, TITLE_CHARACTERS)
    text = _head(item.text, TEXT_CHARACTERS)
    if title and text.startswith(title):
        title = ""
    above = for_encoder(context)
    embedded = ". ".join(map(for_encoder, filter(None, (title, text[:EMBEDDED_CHARACTERS]))))
    return Reading(
        own=". ".join(part for part in (title, text) if part),
        embedded=f"{above}. {PART}{embedded}" if above and embedded else above or embedded,
        context=context,
        source=_head(item.source, TITLE_CHARACTERS),
        owner=item.owner,
    )


def for_encoder(text: str) -> str:
    """`text` with marks, chat words written out, where it has none: without marks the encoder hardly knows a word."""
    return spelled(text) if lacks_marks(text, plain(text)) else text


def _head(text: str, characters: int) -> str:
    # Decomposed text has up to three code points for a letter: cut wide, compose, cut.
    return normalize(text[: 4 * characters])[:characters].strip()
