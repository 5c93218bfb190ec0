"""One search index in SQLite, in a folder of its own.

One process writes, any number read (WAL). Each call is one transaction: a reader sees all of a `put` or nothing of it.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.accepting import unit_length
from index.columns import Columns, Keys, Mask
from index.distinguishing import SAMPLE, distinguishing
from index.fusion import CANDIDATES, fused, of_words
from index.query import ParsedQuery, folded, parse
from index.ranking import Matches, Ranked, Ranking, exact_among
from index.schema import connect
from index.showing import MOST_HITS, shown
from index.vectors import NearestVectors
from index.writing import Writer
from records.errors import SearchUnavailable
from records.search import (
    Facet,
    Hit,
    IndexDocument,
    IndexedVersion,
    Interval,
    Rejected,
    SearchFilter,
    SearchOrder,
    SearchQuery,
    SearchResults,
    TimeCount,
)
from records.text import fold

#: How common a word is, is counted in so many of the documents that came last: reading all matches takes too long.
_BACKGROUND = 10_000


class IndexFile:
    """Search over the items in `folder`. Safe for threads, which take turns; other processes may write meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._lock = threading.RLock()
        self._connection = connect(folder)
        self._columns = Columns()
        self._matches = Matches()
        self._vectors = NearestVectors(folder)

    # --- writing ------------------------------------------------------------------------------------------------------

    def put(self, documents: Sequence[IndexDocument]) -> tuple[Rejected, ...]:
        with self._locked() as connection:
            with _transaction(connection, "IMMEDIATE"):
                rejected = Writer(connection).put(documents)
            with _transaction(connection, "IMMEDIATE"):
                self._columns.catch_up(connection)
            if any(document.vector for document in documents):
                self._vectors.catch_up(connection)
            return rejected

    def delete(self, versions: Sequence[tuple[str, int]]) -> None:
        with self._locked() as connection, _transaction(connection, "IMMEDIATE"):
            Writer(connection).delete(versions)

    def clear(self) -> None:
        with self._locked() as connection, _transaction(connection, "IMMEDIATE"):
            Writer(connection).clear()

    # --- reading ------------------------------------------------------------------------------------------------------

    def search(self, query: SearchQuery) -> SearchResults:
        """The hits of one page. Exact matches come first, then those on the folded copy, each by BM25 of the newest.

        `score` falls along the ranking: 1 and more is exact, below 1 is folded; it compares hits of one query only.
        At most 1,000 hits a page. Raises QueryError for text that cannot be read.
        """
        parsed = parse(query.text)
        with self._reading() as connection:
            ranked, total, facets = self._ranked(connection, parsed, query)
            rows = [self._row(connection, key) for key, _, _ in ranked]
        hits = [shown(parsed, *row, score, exact) for row, (_, score, exact) in zip(rows, ranked, strict=True)]
        return SearchResults(tuple(hits), total, facets)

    def timeline(self, query: SearchQuery, interval: Interval) -> tuple[TimeCount, ...]:
        """Hours, days or weeks that have a hit, oldest first; those without one are left out."""
        parsed = parse(query.text)
        with self._reading() as connection:
            keys = self._matching(connection, parsed, self._columns.mask(query.filter))
            return tuple(TimeCount(start, count) for start, count in self._columns.timeline(keys, interval))

    def similar(self, vector: NDArray[np.float32], limit: int, filter: SearchFilter) -> tuple[tuple[str, float], ...]:
        with self._reading() as connection:
            return self._near(connection, vector, limit, self._columns.mask(filter))

    def hybrid(self, query: SearchQuery, vector: NDArray[np.float32]) -> SearchResults:
        parsed = parse(query.text)
        with self._reading() as connection:
            allowed = self._without(connection, parsed, np.flatnonzero(self._columns.mask(query.filter)))
            mask = np.zeros(self._columns.size, np.bool_)
            mask[allowed] = True
            near = self._near(connection, vector, CANDIDATES, mask)
            by_words = self._not_shown(connection, parsed, of_words(query))
            return fused(parsed, query, by_words, [id for id, _ in near], partial(self._texts, connection))

    def distinguishing(self, query: SearchQuery, limit: int = 20) -> tuple[tuple[str, int], ...]:
        parsed = parse(query.text)
        with self._reading() as connection:
            keys = self._matching(connection, parsed, self._columns.mask(query.filter))
            newest = self._columns.newest_first(keys, SAMPLE)
            texts = [self._row(connection, int(key))[2] for key in newest]
            return distinguishing(texts, parsed, lambda words: self._frequencies(connection, words), limit)

    def suggest(self, facet: Facet, prefix: str, limit: int = 10) -> tuple[str, ...]:
        """Values of `facet` among health documents that begin with `prefix`, marks or not, most frequent first."""
        start = fold(prefix.strip())
        with self._reading():
            counted = self._columns.counts(facet, np.flatnonzero(self._columns.mask(SearchFilter())))
            return tuple(value for value, _ in counted if fold(value).startswith(start))[: max(limit, 0)]

    def count(self) -> int:
        """Documents, those that are not health among them."""
        with self._reading():
            return len(self._columns)

    def versions(self, after: str, limit: int) -> tuple[IndexedVersion, ...]:
        sql = "SELECT id, version, 0 FROM documents WHERE id > ? AND health IS NOT NULL ORDER BY id LIMIT ?"
        return self._versions(sql, (after, limit))

    def versions_of(self, item_ids: Sequence[str]) -> dict[str, IndexedVersion]:
        sql = "SELECT id, version, health IS NULL FROM documents WHERE id IN (SELECT value FROM json_each(?))"
        return {one.id: one for one in self._versions(sql, (json.dumps(list(item_ids)),))}

    def close(self) -> None:
        with self._lock:
            self._vectors.close()
            self._connection.close()

    def _matching(self, connection: sqlite3.Connection, parsed: ParsedQuery, mask: Mask) -> Keys:
        """(n,) keys of all hits, exact and folded."""
        wanted = folded(parsed.wanted)
        keys = self._matches.of(connection, "folded", wanted) if wanted else self._columns.everything()
        return self._without(connection, parsed, keys[mask[keys]])

    def _without(self, connection: sqlite3.Connection, parsed: ParsedQuery, keys: Keys) -> Keys:
        """`keys` without the documents in which an unwanted phrase stands."""
        for phrase in parsed.unwanted:
            # Who types without marks means the word however it is marked.
            table, wanted = ("exact", (phrase,)) if parsed.marked else ("folded", folded((phrase,)))
            keys = np.setdiff1d(keys, self._matches.of(connection, table, wanted), assume_unique=True)
        return keys

    def _near(
        self, connection: sqlite3.Connection, vector: NDArray[np.float32], limit: int, mask: Mask
    ) -> tuple[tuple[str, float], ...]:
        wanted = unit_length(vector)
        if wanted is None:
            return ()
        keys, cosines = self._vectors.similar(connection, wanted, min(limit, MOST_HITS), mask)
        ids = self._ids(connection, keys.tolist())
        return tuple((ids[key], round(cosine, 6)) for key, cosine in zip(keys.tolist(), cosines.tolist(), strict=True))

    def _ranked(
        self, connection: sqlite3.Connection, parsed: ParsedQuery, query: SearchQuery
    ) -> tuple[list[Ranked], int, dict[Facet, tuple[tuple[str, int], ...]]]:
        """(the hits of the page, how many there are in all, facets)"""
        first, last = max(query.offset, 0), max(query.offset, 0) + min(max(query.limit, 0), MOST_HITS)
        keys = self._matching(connection, parsed, self._columns.mask(query.filter))
        facets = {facet: self._columns.counts(facet, keys) for facet in query.facets}
        if query.order is SearchOrder.RELEVANCE and parsed.wanted:
            return Ranking(connection, self._columns, self._matches, parsed, keys).page(first, last), len(keys), facets
        page = self._columns.newest_first(keys, last)[first:]
        exact = exact_among(connection, parsed.wanted, page).tolist()
        ranked = [(int(key), 1.0 if one else 0.0, one) for key, one in zip(page, exact, strict=True)]
        return ranked, len(keys), facets

    def _not_shown(self, connection: sqlite3.Connection, parsed: ParsedQuery, query: SearchQuery) -> SearchResults:
        ranked, total, facets = self._ranked(connection, parsed, query)
        ids = self._ids(connection, [key for key, _, _ in ranked])
        hits = [Hit(ids[key], score, exact, "", "") for key, score, exact in ranked]
        return SearchResults(tuple(hits), total, facets)

    def _ids(self, connection: sqlite3.Connection, keys: Sequence[int]) -> dict[int, str]:
        """Of many at once, without their texts."""
        sql = "SELECT key, id FROM documents WHERE key IN (SELECT value FROM json_each(?))"
        return dict(connection.execute(sql, (json.dumps(keys),)).fetchall())

    def _texts(self, connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        sql = "SELECT id, title, text FROM documents WHERE id IN (SELECT value FROM json_each(?))"
        return {id: (title, text) for id, title, text in connection.execute(sql, (json.dumps(ids),))}

    def _frequencies(self, connection: sqlite3.Connection, words: Sequence[str]) -> tuple[dict[str, int], int]:
        before = self._columns.last_key - _BACKGROUND
        with_text = "SELECT count(*) FROM documents WHERE key > ? AND text != ''"
        (total,) = connection.execute(with_text, (before,)).fetchone()
        counted = "SELECT count(*) FROM exact WHERE exact MATCH ? AND rowid > ?"
        found = {}
        for word in words:
            (found[word],) = connection.execute(counted, (f'text: "{word}"', before)).fetchone()
        return found, total

    def _versions(self, sql: str, values: tuple[object, ...]) -> tuple[IndexedVersion, ...]:
        with self._locked() as connection:
            rows = connection.execute(sql, values).fetchall()
        return tuple(IndexedVersion(id, version, bool(deleted)) for id, version, deleted in rows)

    def _row(self, connection: sqlite3.Connection, key: int) -> tuple[str, str, str]:
        row: tuple[str, str, str] = connection.execute(
            "SELECT id, title, text FROM documents WHERE key = ?", (key,)
        ).fetchone()
        return row

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """One snapshot for all that an answer is made of, the columns brought up to it."""
        with self._locked() as connection, _transaction(connection, "DEFERRED"):
            self._columns.refresh(connection)
            self._matches.follow(self._columns.change)
            yield connection

    @contextmanager
    def _locked(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._connection
            except sqlite3.Error as error:
                raise SearchUnavailable(f"the search index does not answer: {error}") from error


@contextmanager
def _transaction(connection: sqlite3.Connection, kind: str) -> Iterator[None]:
    connection.execute(f"BEGIN {kind}")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
