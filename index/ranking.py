"""Which documents match, and in which order, without scoring every match of a common word.

FTS5's own bm25() reads every match of every word before it scores the first row: 228 ms for a word that stands in most
of 200,000 documents. So the newest hits are scored, here and from their texts; the older ones follow, newest first.
"""

from __future__ import annotations

import json
import sqlite3

import numpy as np
from numpy.typing import NDArray

from index.columns import Columns, Keys
from index.common import matching
from index.query import ParsedQuery, Phrase, folded, match_expression
from index.scoring import bm25, pattern

#: So many of the newest hits are scored, exact and folded ones each.
RANKED = 500
#: With fewer exact ones among the newest hits, the exact ones are looked for among all.
_ENOUGH_EXACT = RANKED // 4
_TITLE_WEIGHT, _TEXT_WEIGHT = 4.0, 1.0
#: Of a text, in which words are counted for its score. Whether it matches is known from the whole of it.
_SCORED_CHARACTERS = 5_000
#: How common a phrase is, is counted in so many of the documents that came last.
_BACKGROUND = 10_000
_QUESTIONS_KEPT = 8

Ranked = tuple[int, float, bool]  # key, score, exact


class Matches:
    """Which documents hold phrases. Keeps its last few answers: a page asks for hits and time line one after the other.

    Not safe for two threads at once: the index holds its lock around every call.
    """

    def __init__(self) -> None:
        self._change = -1
        self._kept: dict[tuple[str, tuple[Phrase, ...]], Keys] = {}

    def follow(self, change: int) -> None:
        """Forget what was true before `change`."""
        if change != self._change:
            self._kept.clear()
            self._change = change

    def of(self, connection: sqlite3.Connection, copy: str, phrases: tuple[Phrase, ...]) -> Keys:
        """(n,) keys of all documents in which every phrase stands, ascending. `copy`: exact or folded."""
        if (copy, phrases) not in self._kept:
            while len(self._kept) >= _QUESTIONS_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[copy, phrases] = matching(connection, copy, phrases)
        return self._kept[copy, phrases]


def exact_among(connection: sqlite3.Connection, phrases: tuple[Phrase, ...], keys: Keys) -> NDArray[np.bool_]:
    """(n,) whether every phrase stands in each of the documents with its marks. No phrases: True."""
    if not phrases or not len(keys):
        return np.ones(len(keys), np.bool_)
    return np.isin(keys, matching(connection, "exact", phrases, int(keys.min()), int(keys.max())))


class Ranking:
    """The order of one query's hits. `keys`: all hits, exact and folded."""

    def __init__(
        self, connection: sqlite3.Connection, columns: Columns, matches: Matches, parsed: ParsedQuery, keys: Keys
    ) -> None:
        self._connection = connection
        self._columns = columns
        self._matches = matches
        self._parsed = parsed
        self._keys = keys

    def page(self, first: int, last: int) -> list[Ranked]:
        """Hits number `first` to `last` (from 0, `last` left out): exact ones before folded ones."""
        newest = self._columns.newest_first(self._keys, RANKED)
        newest = newest[exact_among(self._connection, self._parsed.wanted, newest)]
        if len(newest) >= max(_ENOUGH_EXACT, last):
            return self._scored("exact", newest)[first:last]
        is_exact = self._marked(self._matches.of(self._connection, "exact", self._parsed.wanted))
        exact = self._keys[is_exact[self._keys]]
        if len(newest) >= _ENOUGH_EXACT:
            ranked = self._scored("exact", newest)
            ranked += self._behind("exact", exact[~self._marked(newest)[exact]], last)
        else:
            ranked = self._order("exact", exact, last)
        if len(ranked) < last:
            ranked += self._order("folded", self._keys[~is_exact[self._keys]], last)
        return ranked[first:last]

    def _marked(self, keys: Keys) -> NDArray[np.bool_]:
        """(size,) whether a key is one of `keys`: a third of the time of comparing sorted keys."""
        marked = np.zeros(self._columns.size, np.bool_)
        marked[keys] = True
        return marked

    def _order(self, table: str, keys: Keys, last: int) -> list[Ranked]:
        """The first `last` of `keys` and perhaps more: the newest by score, the others newest first behind them."""
        keys = self._columns.newest_first(keys, RANKED + last)
        return self._scored(table, keys[:RANKED]) + self._behind(table, keys[RANKED:], last)

    def _behind(self, table: str, keys: Keys, last: int) -> list[Ranked]:
        exact = table == "exact"
        return [(int(key), 1.0 if exact else 0.0, exact) for key in self._columns.newest_first(keys, last)]

    def _scored(self, table: str, newest: Keys) -> list[Ranked]:
        """`newest` by BM25, then newest first. Scores lie in (1, 2) for exact matches, in (0, 1) for folded ones."""
        if not len(newest):
            return []
        exact = table == "exact"
        phrases = self._parsed.wanted if exact else folded(self._parsed.wanted)
        patterns = [pattern(phrase, exact=exact) for phrase in phrases]
        found = self._texts(newest)
        texts = [found[key] for key in newest.tolist()]
        counts = np.array(
            [
                [_TITLE_WEIGHT * len(one.findall(title)) + _TEXT_WEIGHT * len(one.findall(text)) for one in patterns]
                for title, text in texts
            ]
        )
        lengths = np.array([len(title) + len(text) for title, text in texts], np.float64)
        scores = bm25(counts, lengths, self._shares(table, phrases))
        scores = scores / (1 + scores) + (1.0 if exact else 0.0)
        return [(int(newest[at]), float(scores[at]), exact) for at in np.argsort(-scores, kind="stable")]

    def _texts(self, keys: Keys) -> dict[int, tuple[str, str]]:
        sql = (
            f"SELECT key, title, substr(text, 1, {_SCORED_CHARACTERS}) FROM documents "  # noqa: S608
            "WHERE key IN (SELECT value FROM json_each(?))"
        )
        return {key: (title, text) for key, title, text in self._connection.execute(sql, (json.dumps(keys.tolist()),))}

    def _shares(self, table: str, phrases: tuple[Phrase, ...]) -> NDArray[np.float64]:
        """(phrases,) the share of documents in which each stands, for their weights against each other."""
        if len(phrases) == 1:
            return np.zeros(1)
        documents = min(_BACKGROUND, self._columns.last_key)
        sql = f"SELECT count(*) FROM {table} WHERE {table} MATCH ? AND rowid > ?"  # noqa: S608
        before = self._columns.last_key - documents
        found = [self._connection.execute(sql, (match_expression((p,)), before)).fetchone()[0] for p in phrases]
        return np.array(found, np.float64) / documents
