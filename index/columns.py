"""What is filtered and counted by, held in memory as columns: one row per document, at its `key`.

Joining half a million matches of a common word to their rows costs SQLite a second; numpy counts them in milliseconds.
The columns follow the table by its change counter, so that what another process wrote is read before each answer. The
writer keeps a snapshot of them beside the table, so that a new process reads the rows since then, not half a million.
"""

from __future__ import annotations

import io
import json
import sqlite3
from collections import Counter
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.times import INTERVAL_SECONDS, microseconds, moment, shift_seconds
from records.search import Facet, Interval, SearchFilter

_SINGLE = (Facet.SOURCE, Facet.OWNER, Facet.TOPIC, Facet.KIND, Facet.STANCE, Facet.HARM)
_NARRATIVE = "narrative_id"
_PLACES = "places"
_COLUMNS = (*(facet.value for facet in _SINGLE), _NARRATIVE, _PLACES)
_ABSENT, _HEALTH, _NOT_HEALTH = 0, 1, 2
#: So many rows that are not in the snapshot yet; then it is made anew.
LARGEST_TAIL = 20_000

Keys = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Columns:
    """Not safe for two threads at once: the index holds its lock around every call."""

    def __init__(self) -> None:
        self._generation = -1
        self.change = -1
        self._reset()

    def _reset(self) -> None:
        self.change = -1
        self._state = np.zeros(1, np.int8)
        self._time = np.zeros(1, np.int64)
        self._codes = {name: np.zeros(1, np.int32) for name in _COLUMNS}
        self._code_of: dict[str, dict[str | None, int]] = {name: {None: 0} for name in _COLUMNS}
        #: What each code of `_PLACES` (a document's list of places) stands for.
        self._places: list[tuple[str, ...]] = [()]
        #: Place → the codes of the lists that hold it: with communes there are many thousands of lists.
        self._lists_of: dict[str, list[int]] = {}
        self._everything = np.zeros(0, np.int64)

    def refresh(self, connection: sqlite3.Connection) -> None:
        """Read what changed. Call inside the transaction whose answer is wanted."""
        change, generation, kept = connection.execute(
            "SELECT change, generation, snapshot_change FROM state"
        ).fetchone()
        if generation != self._generation:
            self._reset()
            self._generation = generation
        if change == self.change:
            return
        if self.change < 0 < kept:
            self._load(connection.execute("SELECT held FROM snapshot").fetchone()[0])
            self.change = kept
        sql = f"SELECT key, health, time, {', '.join(_COLUMNS)} FROM documents WHERE change > ?"  # noqa: S608
        rows = connection.execute(sql, (self.change,))
        while batch := rows.fetchmany(20_000):
            self._take(batch)
        self.change = change
        self._everything = np.flatnonzero(self._state)

    def _take(self, batch: list[tuple[Any, ...]]) -> None:
        keys, health, times, *columns = zip(*batch, strict=True)
        self._grow(max(keys) + 1)
        at = np.array(keys, np.int64)
        states = {None: _ABSENT, 1: _HEALTH, 0: _NOT_HEALTH}
        self._state[at] = np.array([states[value] for value in health], np.int8)
        self._time[at] = np.array([time or 0 for time in times], np.int64)
        for name, values in zip(_COLUMNS, columns, strict=True):
            code_of = self._code_of[name]
            self._codes[name][at] = np.array([code_of.setdefault(value, len(code_of)) for value in values], np.int32)
        self._read_places()

    def _read_places(self) -> None:
        for listed in list(self._code_of[_PLACES])[len(self._places) :]:
            held = tuple(dict.fromkeys(json.loads(listed or "[]")))
            for place in held:
                self._lists_of.setdefault(place, []).append(len(self._places))
            self._places.append(held)

    def catch_up(self, connection: sqlite3.Connection) -> None:
        """Make the snapshot anew when many rows are not in it. For the writer only, in a transaction of its own:
        what is not committed yet must not be held in memory.
        """
        (kept,) = connection.execute("SELECT snapshot_change FROM state").fetchone()
        (tail,) = connection.execute("SELECT count(*) FROM documents WHERE change > ?", (kept,)).fetchone()
        if tail < LARGEST_TAIL:
            return
        self.refresh(connection)
        connection.execute("DELETE FROM snapshot")
        connection.execute("INSERT INTO snapshot VALUES (?)", (self._saved(),))
        connection.execute("UPDATE state SET snapshot_change = ?", (self.change,))

    def _saved(self) -> bytes:
        values = json.dumps({name: list(code_of) for name, code_of in self._code_of.items()}).encode()
        end = self.last_key + 1
        written = io.BytesIO()
        np.savez(
            written,
            state=self._state[:end],
            time=self._time[:end],
            codes=np.stack([self._codes[name][:end] for name in _COLUMNS]),
            values=np.frombuffer(values, np.uint8),
        )
        return written.getvalue()

    def _load(self, saved: bytes) -> None:
        with np.load(io.BytesIO(saved)) as arrays:
            self._state, self._time = arrays["state"], arrays["time"]
            self._codes = dict(zip(_COLUMNS, arrays["codes"], strict=True))
            values = json.loads(arrays["values"].tobytes())
        self._code_of = {name: {value: code for code, value in enumerate(values[name])} for name in _COLUMNS}
        self._read_places()

    def _grow(self, size: int) -> None:
        if size <= self.size:
            return
        more = max(size, self.size * 3 // 2) - self.size
        self._state = np.concatenate([self._state, np.zeros(more, np.int8)])
        self._time = np.concatenate([self._time, np.zeros(more, np.int64)])
        for name, codes in self._codes.items():
            self._codes[name] = np.concatenate([codes, np.zeros(more, np.int32)])

    def __len__(self) -> int:
        return len(self._everything)

    @property
    def size(self) -> int:
        """All keys are below it."""
        return len(self._state)

    @property
    def last_key(self) -> int:
        """Of the document that came last; 0 where there is none."""
        return int(self._everything[-1]) if len(self) else 0

    def everything(self) -> Keys:
        """(n,) keys of all documents, ascending."""
        return self._everything

    def newest_first(self, keys: Keys, first: int | None = None) -> Keys:
        """`keys` by time, latest first; only the `first` of them."""
        if first is not None and first < len(keys) // 4:
            limit = np.partition(self._time[keys], len(keys) - first)[len(keys) - first]
            keys = keys[self._time[keys] >= limit]
        order = np.lexsort((keys, -self._time[keys]))
        return keys[order[:first]]

    def mask(self, filter: SearchFilter) -> Mask:
        """(size,) bool: which keys pass `filter`."""
        mask: Mask = self._state != _ABSENT if filter.include_not_health else self._state == _HEALTH
        if filter.since is not None:
            mask &= self._time >= microseconds(filter.since)
        if filter.until is not None:
            mask &= self._time < microseconds(filter.until)
        for facet, values in filter.values.items():
            if not values:
                continue
            if facet is Facet.PLACE:
                lists = [code for value in values for code in self._lists_of.get(value, ())]
                mask &= np.isin(self._codes[_PLACES], lists)
            else:
                mask &= self._equal(facet.value, values)
        if filter.narrative_id is not None:
            mask &= self._equal(_NARRATIVE, (filter.narrative_id,))
        return mask

    def _equal(self, name: str, values: tuple[str, ...]) -> Mask:
        codes = [self._code_of[name][value] for value in map(str, values) if value in self._code_of[name]]
        return np.isin(self._codes[name], codes)

    def counts(self, facet: Facet, keys: Keys) -> tuple[tuple[str, int], ...]:
        """(value, count) over `keys`, most first, then by value."""
        name = _PLACES if facet is Facet.PLACE else facet.value
        tally = np.bincount(self._codes[name][keys], minlength=1).tolist()
        found: Counter[str] = Counter()
        if facet is Facet.PLACE:
            for held, count in zip(self._places, tally, strict=False):
                if count:
                    found.update(dict.fromkeys(held, count))
        else:
            found.update({value: n for value, n in zip(self._code_of[name], tally, strict=False) if value is not None})
        return tuple(sorted(((v, n) for v, n in found.items() if n), key=lambda pair: (-pair[1], pair[0])))

    def timeline(self, keys: Keys, interval: Interval) -> list[tuple[datetime, int]]:
        """(start in UTC, count) of every hour, day or week as Viet Nam counts that has a document, oldest first."""
        length, shift = INTERVAL_SECONDS[interval], shift_seconds(interval)
        bins, tally = np.unique((self._time[keys] // 1_000_000 + shift) // length, return_counts=True)
        return [
            (moment((int(number) * length - shift) * 1_000_000), int(count))
            for number, count in zip(bins, tally, strict=True)
        ]
