"""The words that set what was found apart from everything else, by the JLH score of Elasticsearch. Pure.

Absolute times relative change of a word's share: words that are everywhere and words that are rare both stay low.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from index.query import ParsedQuery, folded, words_of
from records.text import fold

#: So many of the newest hits are read.
SAMPLE = 200
#: So many of the sample's words, the most frequent first, are looked up in the whole index.
CANDIDATES = 500
_LEAST_DOCUMENTS = 2
_LEAST_LETTERS = 2

#: (words) → ({word: number of documents whose text has it}, number of documents that have a text)
Frequencies = Callable[[Sequence[str]], tuple[dict[str, int], int]]


def distinguishing(
    texts: Sequence[str], parsed: ParsedQuery, frequencies: Frequencies, limit: int
) -> tuple[tuple[str, int], ...]:
    """(word, number of `texts` that have it), the most distinguishing first. The query's own words are left out."""
    asked = {word for phrase in folded(parsed.wanted) for word in phrase}
    among = Counter(word for text in texts for word in {*words_of(text).split()})
    candidates = [
        word
        for word, count in sorted(among.items(), key=lambda pair: (-pair[1], pair[0]))
        if count >= _LEAST_DOCUMENTS and sum(map(str.isalpha, word)) >= _LEAST_LETTERS and fold(word) not in asked
    ][:CANDIDATES]
    if not candidates:
        return ()
    everywhere, total = frequencies(candidates)
    scored = []
    for word in candidates:
        here = among[word] / len(texts)
        # A word of the sample stands in at least as many documents: a shard that has fewer must not raise it.
        there = max(everywhere.get(word, 0), among[word], 1) / max(total, len(texts))
        if here > there:
            scored.append(((here - there) * here / there, word))
    scored.sort(key=lambda pair: (-pair[0], pair[1]))
    return tuple((word, among[word]) for _, word in scored[: max(limit, 0)])
