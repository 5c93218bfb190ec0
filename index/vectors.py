"""Nearest vectors: exact in numpy while they are few, by usearch beyond that, exactly rescored.

The table `vectors` (float16) is the truth. The usearch file (int8, memory-mapped) is named after the change up to which
it holds the table, written beside and then named in the database: a lost or damaged file only makes answers slower
until it is written again. What changed since is compared exactly.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.columns import Keys, Mask

#: Up to here all vectors are held in memory as float32: 150 MB at 384 numbers each.
EXACT_UP_TO = 100_000
#: So many vectors that are not in the usearch file yet are held in memory; then the file is brought up to date.
LARGEST_TAIL = 20_000
#: Neighbors asked of usearch: so many, so many for each result, and so many that a filter is thought to leave.
LEAST_CANDIDATES = 300
_CANDIDATES_PER_RESULT = 3
_PASSING_PER_RESULT, _PASSING_AND = 1.5, 15
_BATCH = 10_000

Vectors = NDArray[np.float32]


def _rows(connection: sqlite3.Connection, condition: str, values: tuple[Any, ...]) -> tuple[Keys, Vectors]:
    """(n,) keys and (n, d) float32 vectors, by key."""
    sql = f"SELECT key, vector FROM vectors WHERE {condition} ORDER BY key"  # noqa: S608
    rows = connection.execute(sql, values).fetchall()
    keys = np.array([row[0] for row in rows], np.int64)
    joined = np.frombuffer(b"".join(row[1] for row in rows), "<f2").astype(np.float32)
    return keys, joined.reshape(len(rows), -1) if rows else np.zeros((0, 1), np.float32)


def _read(connection: sqlite3.Connection, keys: Keys) -> tuple[Keys, Vectors]:
    listed = "[" + ",".join(map(str, keys.tolist())) + "]"
    return _rows(connection, "key IN (SELECT value FROM json_each(?))", (listed,))


def _best(keys: Keys, cosines: Vectors, limit: int) -> tuple[Keys, Vectors]:
    """The `limit` nearest: keys and cosines, nearest first, ties by key."""
    if not len(keys):
        return np.zeros(0, np.int64), np.zeros(0, np.float32)
    if limit < len(keys):
        kept = np.argpartition(-cosines, limit - 1)[:limit]
        kept = np.flatnonzero(cosines >= cosines[kept].min())
        keys, cosines = keys[kept], cosines[kept]
    order = np.lexsort((keys, -cosines))[:limit]
    return keys[order], cosines[order]


class NearestVectors:
    """Not safe for two threads at once: the index holds its lock around every call."""

    def __init__(self, folder: Path, exact_up_to: int = EXACT_UP_TO, largest_tail: int = LARGEST_TAIL) -> None:
        self._folder = folder
        self._exact_up_to = exact_up_to
        self._largest_tail = largest_tail
        self._forget()

    def _forget(self) -> None:
        self._generation = -1
        self._counted_at, self._count = -1, 0
        self._approximate: Any = None
        self._approximate_change = -1
        self._hold(since=0)

    def _hold(self, since: int) -> None:
        """Begin a matrix in memory, of what changed after `since`."""
        self._since = self._change = since
        self._place = np.full(1, -1, np.int64)  # key → row of _matrix
        self._keys = np.zeros(0, np.int64)
        self._matrix = np.zeros((0, 1), np.float32)
        self._filled = 0

    def close(self) -> None:
        self._forget()

    def similar(self, connection: sqlite3.Connection, query: Vectors, limit: int, mask: Mask) -> tuple[Keys, Vectors]:
        """Keys and cosines of the `limit` nearest among the keys that `mask` lets through, nearest first.

        Call inside the transaction in which `mask` was made.
        """
        change, generation, dimensions, approximate = connection.execute(
            "SELECT change, generation, dimensions, approximate_change FROM state"
        ).fetchone()
        if dimensions != len(query) or limit < 1:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        if generation != self._generation:
            self._forget()
            self._generation = generation
        if change != self._counted_at:
            (self._count,) = connection.execute("SELECT count(*) FROM vectors").fetchone()
            self._counted_at = change
        index = self._opened(approximate, dimensions) if self._count > self._exact_up_to else None
        if index is not None:
            return self._approximately(connection, index, change, query, limit, mask)
        if self._count > self._exact_up_to:
            return self._exactly(connection, np.flatnonzero(mask), query, limit)
        self._follow(connection, 0, change, dimensions)
        return self._best_held(query, limit, mask)

    def _best_held(self, query: Vectors, limit: int, mask: Mask) -> tuple[Keys, Vectors]:
        """The `limit` nearest of those in memory."""
        if not self._filled:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        rows = np.flatnonzero(mask[self._keys[: self._filled]])
        # Copying a large part takes longer than comparing all of them.
        few = len(rows) < self._filled // 8
        cosines = self._matrix[rows] @ query if few else (self._matrix[: self._filled] @ query)[rows]
        return _best(self._keys[rows], cosines, limit)

    def _is_held(self, keys: Keys) -> Mask:
        """(n,) whether the vector of each key is in memory."""
        held = np.zeros(len(keys), np.bool_)
        known = keys < len(self._place)
        held[known] = self._place[keys[known]] >= 0
        return held

    def _follow(self, connection: sqlite3.Connection, since: int, change: int, dimensions: int) -> None:
        """Bring the matrix in memory up to `change`: all vectors that changed after `since`.

        Deleted documents' rows stay: no mask lets them through.
        """
        if since != self._since:
            self._hold(since)
        if change == self._change:
            return
        keys, vectors = _rows(connection, "change > ?", (self._change,))
        self._change = change
        if not len(keys):
            return
        if self._matrix.shape[1] != dimensions:
            self._matrix = np.zeros((0, dimensions), np.float32)
        if keys[-1] >= len(self._place):
            room = np.full(int(keys[-1]) * 5 // 4 + 1 - len(self._place), -1, np.int64)
            self._place = np.concatenate([self._place, room])
        new = keys[self._place[keys] < 0]
        wanted = self._filled + len(new)
        if wanted > len(self._matrix):
            room_rows = wanted * 5 // 4 - len(self._matrix) if self._filled else wanted
            self._matrix = np.concatenate([self._matrix, np.zeros((room_rows, dimensions), np.float32)])
            self._keys = np.concatenate([self._keys, np.zeros(room_rows, np.int64)])
        self._place[new] = np.arange(self._filled, wanted)
        self._keys[self._filled : wanted] = new
        self._filled = wanted
        self._matrix[self._place[keys]] = vectors

    def _exactly(
        self, connection: sqlite3.Connection, allowed: Keys, query: Vectors, limit: int
    ) -> tuple[Keys, Vectors]:
        best_keys, best_cosines = np.zeros(0, np.int64), np.zeros(0, np.float32)
        for start in range(0, len(allowed), _BATCH):
            keys, vectors = _read(connection, allowed[start : start + _BATCH])
            if len(keys):
                best_keys = np.concatenate([best_keys, keys])
                best_cosines = np.concatenate([best_cosines, vectors @ query])
        return _best(best_keys, best_cosines, limit)

    def _approximately(
        self, connection: sqlite3.Connection, index: Any, change: int, query: Vectors, limit: int, mask: Mask
    ) -> tuple[Keys, Vectors]:
        allowed = int(np.count_nonzero(mask))
        passing = int((_PASSING_PER_RESULT * limit + _PASSING_AND) * len(index)) // max(allowed, 1)
        asked = max(LEAST_CANDIDATES, _CANDIDATES_PER_RESULT * limit, passing)
        # What changed since the file was written is compared exactly.
        self._follow(connection, self._approximate_change, change, len(query))
        held = self._best_held(query, limit, mask)
        while asked < allowed:
            found = np.unique(index.search(query, min(asked, len(index))).keys.astype(np.int64))
            found = found[found < len(mask)]
            found = found[mask[found] & ~self._is_held(found)]
            if len(found) >= limit or asked >= len(index):
                keys, vectors = _read(connection, found)
                cosines = vectors @ query if len(keys) else np.zeros(0, np.float32)
                return _best(np.concatenate([keys, held[0]]), np.concatenate([cosines, held[1]]), limit)
            asked *= 8
        # The filter leaves fewer than would have to be asked for.
        return self._exactly(connection, np.flatnonzero(mask), query, limit)

    def _file(self, change: int) -> Path:
        return self._folder / f"vectors-{change}.usearch"

    def _opened(self, change: int, dimensions: int) -> Any:
        """The usearch file of `change`, memory-mapped; None when there is none that can be used."""
        if change <= 0:
            return None
        if change != self._approximate_change:
            self._approximate = None
            with contextlib.suppress(Exception):  # usearch raises RuntimeError, OSError and others for a damaged file
                index = _empty(dimensions)
                index.view(str(self._file(change)))
                if index.ndim == dimensions and len(index):
                    self._approximate = index
            self._approximate_change = change
        return self._approximate

    def catch_up(self, connection: sqlite3.Connection) -> bool:
        """Write the usearch file anew when too many vectors are not in it; whether it was written. For the writer only.

        Killed anywhere, the database still names the file before.
        """
        connection.execute("BEGIN")
        try:
            change, generation, dimensions, old = connection.execute(
                "SELECT change, generation, dimensions, approximate_change FROM state"
            ).fetchone()
            (count,) = connection.execute("SELECT count(*) FROM vectors").fetchone()
            (tail,) = connection.execute("SELECT count(*) FROM vectors WHERE change > ?", (old,)).fetchone()
            usable = self._opened(old, dimensions) is not None
            if count <= self._exact_up_to or (usable and tail <= self._largest_tail):
                return False
            self._write(connection, change, old if usable else 0, dimensions)
        finally:
            connection.execute("COMMIT")
        connection.execute("UPDATE state SET approximate_change = ? WHERE generation = ?", (change, generation))
        for path in self._folder.glob("vectors-*.usearch"):
            if path != self._file(change):
                path.unlink(missing_ok=True)  # a reader that has it mapped keeps it until it looks again
        return True

    def _write(self, connection: sqlite3.Connection, change: int, old: int, dimensions: int) -> None:
        index = _empty(dimensions)
        if old:
            index.load(str(self._file(old)))
        cursor = connection.execute("SELECT key, vector FROM vectors WHERE change > ? ORDER BY key", (old,))
        while batch := cursor.fetchmany(_BATCH):
            keys = np.array([row[0] for row in batch], np.int64)
            vectors = np.frombuffer(b"".join(row[1] for row in batch), "<f2").astype(np.float32).reshape(len(batch), -1)
            again = keys[np.asarray(index.contains(keys))] if len(index) else keys[:0]
            if len(again):
                index.remove(again)
            index.add(keys, vectors)
        beside = self._file(change).with_suffix(".part")
        index.save(str(beside))
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        beside.replace(self._file(change))


def _empty(dimensions: int) -> Any:
    from usearch.index import Index  # 0.3 s, and most deployments never need it

    return Index(ndim=dimensions, metric="cos", dtype="i8")
