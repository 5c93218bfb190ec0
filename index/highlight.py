"""Where a query's words stand in a text, and the piece of text around them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from index.query import WORD, Phrase
from records.text import fold

START, END = "\x02", "\x03"
EXCERPT_CHARACTERS = 200
#: Characters of a text in which matches are looked for: bounds the time of one hit.
_LOOKED_THROUGH = 60_000

Span = tuple[int, int]


def matches(text: str, phrases: Sequence[Phrase], *, exact: bool) -> list[Span]:
    """Spans (start, end) in `text` at which a phrase stands, joined where they meet, in order.

    `phrases` are casefolded; for `exact` False they are folded too, and so is the text.
    """
    if not phrases:
        return []
    found = list(WORD.finditer(text, 0, _LOOKED_THROUGH))
    words = " ".join(match[0] for match in found).casefold()
    tokens = (words if exact else fold(words)).split(" ")
    by_first: dict[str, list[Phrase]] = {}
    for phrase in phrases:
        by_first.setdefault(phrase[0], []).append(phrase)
    spans: list[Span] = []
    for place, token in enumerate(tokens):
        for phrase in by_first.get(token, ()):
            if tuple(tokens[place : place + len(phrase)]) == phrase:
                span = found[place].start(), found[place + len(phrase) - 1].end()
                if spans and span[0] <= spans[-1][1]:
                    before = spans.pop()
                    span = before[0], max(before[1], span[1])
                spans.append(span)
    return spans


def marked(text: str, spans: Sequence[Span]) -> str:
    """`text` with START and END around each span."""
    pieces, at = [], 0
    for start, end in spans:
        pieces += [text[at:start], START, text[start:end], END]
        at = end
    return "".join([*pieces, text[at:]])


def excerpt(text: str, spans: Sequence[Span], characters: int = EXCERPT_CHARACTERS) -> str:
    """About `characters` of `text` on one line, around the first span, cut at words, with … where something was cut."""
    first = spans[0][0] if spans else 0
    start = 0 if first < characters // 2 else first - characters // 3
    end = min(len(text), start + characters)
    start = max(0, min(start, end - characters))
    if start:
        space = text.find(" ", start, first)
        start = space + 1 if space >= 0 else start
    if end < len(text):
        space = text.rfind(" ", max(start, end - 30), end)
        end = space if space > start else end
    inside = [(max(s, start) - start, min(e, end) - start) for s, e in spans if s < end and e > start]
    piece = marked(text[start:end], inside).replace("\n", " ")
    return ("…" if start else "") + piece + ("…" if end < len(text) else "")
