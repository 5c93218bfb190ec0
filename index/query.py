"""What was typed into the search box, read into words. Pure; whatever is typed is hostile."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from records.errors import QueryError
from records.text import fold, normalize

LONGEST_QUERY_CHARACTERS = 1_000
MOST_PHRASES = 32

#: Words as the index counts them, in its documents and in queries alike.
WORD = re.compile(r"\w+")
_LONGEST_KEPT_WORD = 32
_PART = re.compile(r'(?P<sign>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """Phrases of one or more words, casefolded with their marks. `marked`: at least one word has marks."""

    wanted: tuple[Phrase, ...]
    unwanted: tuple[Phrase, ...]

    @property
    def marked(self) -> bool:
        return any(fold(word) != word for phrase in self.wanted + self.unwanted for word in phrase)


def words_of(text: str) -> str:
    """The words of `text` with their marks, casefolded, one space apart: what the exact copy is made of."""
    return " ".join(WORD.findall(text)).casefold()


def folded_words_of(words: str) -> str:
    """What the folded copy is made of, from the exact one. Most words were met before: faster than folding the text."""
    return " ".join(_folded_word(word) if len(word) <= _LONGEST_KEPT_WORD else fold(word) for word in words.split(" "))


@lru_cache(maxsize=1 << 16)
def _folded_word(word: str) -> str:
    return fold(word)


def folded(phrases: tuple[Phrase, ...]) -> tuple[Phrase, ...]:
    return tuple(tuple(fold(word) for word in phrase) for phrase in phrases)


def parse(text: str) -> ParsedQuery:
    """Read `text`: words, all wanted; "quoted" is a phrase; -word is unwanted.

    A word that holds signs (COVID-19, 39,5) is the phrase of its parts. Blank text gives no phrases and asks for
    everything. Raises QueryError for text that is too long or has no word in it.
    """
    if len(text) > LONGEST_QUERY_CHARACTERS:
        raise QueryError(f"longer than {LONGEST_QUERY_CHARACTERS} characters")
    typed = normalize(text).translate(_QUOTES).replace("\n", " ")
    wanted: dict[Phrase, None] = {}
    unwanted: dict[Phrase, None] = {}
    for part in _PART.finditer(typed):
        phrase = tuple(words_of(part["phrase"] if part["phrase"] is not None else part["word"]).split())
        if phrase:
            (unwanted if part["sign"] else wanted)[phrase] = None
    if typed and not wanted and not unwanted:
        raise QueryError("there is no word in it")
    if len(wanted) + len(unwanted) > MOST_PHRASES:
        raise QueryError(f"more than {MOST_PHRASES} words")
    return ParsedQuery(tuple(wanted), tuple(unwanted))


def match_expression(phrases: tuple[Phrase, ...]) -> str:
    """FTS5's own language: every phrase quoted, so that no word of it is an operator. Words hold no quotes."""
    return " ".join(f'"{" ".join(phrase)}"' for phrase in phrases)
