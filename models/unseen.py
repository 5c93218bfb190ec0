"""How many words of texts are in none of the project's own texts to learn from: a sign that people speak of new things.

Words without their marks, so that a way of typing is no new word. What was learnt from the local-only data is not known
here, and counts as unseen: the share is to be compared with an earlier one, and means little by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from models.examples import own_corpus
from records.text import fold

_WORD = re.compile(r"[^\W\d_]{2,}")


def unseen_words(texts: Iterable[str]) -> tuple[int, int]:
    """(words that are in no text of the corpus, all words). `texts` are normalized, as the store has them."""
    known, unseen, every = _known_words(), 0, 0
    for text in texts:
        words = _words(text)
        every += len(words)
        unseen += sum(word not in known for word in words)
    return unseen, every


@cache
def _known_words() -> frozenset[str]:
    return frozenset(word for row in own_corpus() for word in _words(f"{row.item.title} {row.item.text}"))


def _words(text: str) -> list[str]:
    return [_folded(word) for word in _WORD.findall(text)]


#: Syllables are few, and each comes again and again.
_folded = lru_cache(maxsize=2**16)(fold)
