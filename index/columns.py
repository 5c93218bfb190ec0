"""What is filtered and counted by, held in memory as columns: one row per document, at its `key`.

Joining half a million matches of a common word to their rows costs SQLite a second; numpy counts them in milliseconds.
The columns follow the table by its change counter, so that what another process wrote is read before each answer.
"""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.schema import NOT_HEALTH_BELOW, NUMBER_BITS
from index.times import INTERVAL_SECONDS, microseconds, moment, shift_seconds
from records.search import Facet, Interval, SearchFilter

_SINGLE = (Facet.SOURCE, Facet.OWNER, Facet.TOPIC, Facet.KIND, Facet.STANCE, Facet.HARM)
_NARRATIVE = "narrative_id"
_COLUMNS = (*(facet.value for facet in _SINGLE), _NARRATIVE)

Keys = NDArray[np.int64]
Mask = NDArray[np.bool_]


def number_range(minute: int, health: bool) -> tuple[int, int]:
    """The numbers [first, last] that documents of `minute` (since 1970) may have."""
    first = (max(minute, 0) << NUMBER_BITS) + 1 - (0 if health else NOT_HEALTH_BELOW)
    return first, first + (1 << NUMBER_BITS) - 2


class Columns:
    """Not safe for two threads at once: the index holds its lock around every call."""

    def __init__(self) -> None:
        self._generation = -1
        self.change = -1
        self._reset()

    def _reset(self) -> None:
        self.change = -1
        self._number = np.zeros(1, np.int64)  # 0: no such document, or deleted
        self._time = np.zeros(1, np.int64)
        self._codes = {name: np.zeros(1, np.int32) for name in _COLUMNS}
        self._code_of: dict[str, dict[str | None, int]] = {name: {None: 0} for name in _COLUMNS}
        self._keys_of_place: dict[str, set[int]] = {}
        self._places_of_key: dict[int, tuple[str, ...]] = {}
        self._place_arrays: dict[str, Keys] = {}
        self._numbers_sorted = np.zeros(0, np.int64)
        self._keys_sorted = np.zeros(0, np.int64)

    def refresh(self, connection: sqlite3.Connection) -> None:
        """Read what changed. Call inside the transaction whose answer is wanted."""
        change, generation = connection.execute("SELECT change, generation FROM state").fetchone()
        if generation != self._generation:
            self._reset()
            self._generation = generation
        if change == self.change:
            return
        sql = f"SELECT key, number, time, places, {', '.join(_COLUMNS)} FROM documents WHERE change > ?"  # noqa: S608
        rows = connection.execute(sql, (self.change,))
        while batch := rows.fetchmany(20_000):
            self._take(batch)
        self.change = change
        keys = np.flatnonzero(self._number)
        order = np.argsort(self._number[keys], kind="stable")
        self._keys_sorted = keys[order]
        self._numbers_sorted = self._number[self._keys_sorted]
        self._place_arrays.clear()

    def _take(self, batch: list[tuple[Any, ...]]) -> None:
        keys, numbers, times, places, *columns = zip(*batch, strict=True)
        self._grow(max(keys) + 1)
        at = np.array(keys, np.int64)
        self._number[at] = np.array([number or 0 for number in numbers], np.int64)
        self._time[at] = np.array([time or 0 for time in times], np.int64)
        for name, values in zip(_COLUMNS, columns, strict=True):
            code_of = self._code_of[name]
            self._codes[name][at] = np.array([code_of.setdefault(value, len(code_of)) for value in values], np.int32)
        for key, number, listed in zip(keys, numbers, places, strict=True):
            for place in self._places_of_key.pop(key, ()):
                self._keys_of_place[place].discard(key)
            if number and listed:
                self._places_of_key[key] = tuple(dict.fromkeys(json.loads(listed)))
                for place in self._places_of_key[key]:
                    self._keys_of_place.setdefault(place, set()).add(key)

    def _grow(self, size: int) -> None:
        if size <= len(self._number):
            return
        size = max(size, len(self._number) * 3 // 2)
        self._number = np.concatenate([self._number, np.zeros(size - len(self._number), np.int64)])
        self._time = np.concatenate([self._time, np.zeros(size - len(self._time), np.int64)])
        for name, codes in self._codes.items():
            self._codes[name] = np.concatenate([codes, np.zeros(size - len(codes), np.int32)])

    def __len__(self) -> int:
        return len(self._keys_sorted)

    @property
    def size(self) -> int:
        """All keys are below it."""
        return len(self._number)

    def everything(self) -> Keys:
        """(n,) keys of all documents."""
        return self._keys_sorted

    def keys(self, numbers: NDArray[np.int64]) -> Keys:
        """(n,) keys of the documents with these numbers."""
        return self._keys_sorted[np.searchsorted(self._numbers_sorted, numbers)]

    def numbers(self, keys: Keys) -> NDArray[np.int64]:
        return self._number[keys]

    def oldest_number(self, first: int) -> int:
        """The number of the oldest of the `first` newest health documents."""
        return max(int(self._numbers_sorted[-min(first, len(self))]), 1) if len(self) else 1

    def newest_first(self, keys: Keys, first: int | None = None) -> Keys:
        """`keys` by time, latest first; only the `first` of them."""
        if first is not None and first < len(keys) // 4:
            limit = np.partition(self._time[keys], len(keys) - first)[len(keys) - first]
            keys = keys[self._time[keys] >= limit]
        order = np.lexsort((keys, -self._time[keys]))
        return keys[order[:first]]

    def mask(self, filter: SearchFilter) -> Mask:
        """(size,) bool: which keys pass `filter`."""
        mask = self._number != 0 if filter.include_not_health else self._number > 0
        if filter.since is not None:
            mask &= self._time >= microseconds(filter.since)
        if filter.until is not None:
            mask &= self._time < microseconds(filter.until)
        for facet, values in filter.values.items():
            if not values:
                continue
            if facet is Facet.PLACE:
                at_place = np.zeros(self.size, np.bool_)
                for value in values:
                    at_place[self._at_place(value)] = True
                mask &= at_place
            else:
                mask &= self._equal(facet.value, values)
        if filter.narrative_id is not None:
            mask &= self._equal(_NARRATIVE, (filter.narrative_id,))
        return mask

    def _equal(self, name: str, values: tuple[str, ...]) -> Mask:
        codes = [self._code_of[name][value] for value in map(str, values) if value in self._code_of[name]]
        return np.isin(self._codes[name], codes)

    def _at_place(self, place: str) -> Keys:
        if place not in self._place_arrays:
            held = self._keys_of_place.get(place, ())
            self._place_arrays[place] = np.fromiter(held, np.int64, len(held))
        return self._place_arrays[place]

    def counts(self, facet: Facet, keys: Keys) -> tuple[tuple[str, int], ...]:
        """(value, count) over `keys`, most first, then by value."""
        if facet is Facet.PLACE:
            among = np.zeros(self.size, np.bool_)
            among[keys] = True
            found = [(place, int(among[self._at_place(place)].sum())) for place in self._keys_of_place]
        else:
            name_of = {code: value for value, code in self._code_of[facet.value].items() if value is not None}
            tally = np.bincount(self._codes[facet.value][keys], minlength=1)
            found = [(name_of[code], int(tally[code])) for code in np.flatnonzero(tally).tolist() if code in name_of]
        return tuple(sorted(((v, n) for v, n in found if n), key=lambda pair: (-pair[1], pair[0])))

    def timeline(self, keys: Keys, interval: Interval) -> list[tuple[datetime, int]]:
        """(start in UTC, count) of every hour, day or week as Viet Nam counts that has a document, oldest first."""
        length, shift = INTERVAL_SECONDS[interval], shift_seconds(interval)
        bins, tally = np.unique((self._time[keys] // 1_000_000 + shift) // length, return_counts=True)
        return [
            (moment((int(number) * length - shift) * 1_000_000), int(count))
            for number, count in zip(bins, tally, strict=True)
        ]
