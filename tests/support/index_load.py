"""Writes and searches without a pause, each acknowledgment on record: what an index under load is judged by."""

from __future__ import annotations

import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from types import TracebackType

import numpy as np

from records.errors import SearchUnavailable
from records.ports import SearchIndex
from records.search import IndexDocument, SearchQuery

#: Written before the load begins: every answer must have all of them, or a shard was left out without a word.
ALWAYS_THERE = 60
_NEW, _CHANGED, _DELETED = 160, 30, 10
_PAUSE_SECONDS = 0.5
_GIVES_UP_SECONDS = 120.0

Make = Callable[..., IndexDocument]


@dataclass
class Side:
    """What one thread met. Times are of time.monotonic()."""

    answered: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)

    @property
    def longest_gap_seconds(self) -> float:
        """Between two answers."""
        return max((after - before for before, after in zip(self.answered, self.answered[1:], strict=False)), default=0)

    def since(self, moment: float) -> int:
        return sum(at > moment for at in self.answered)


class Load:
    """From `with` to its end one thread writes and one searches, each on an index of its own.

    A batch that is refused is repeated until it is taken, as the store's queue has it. `known` is what was
    acknowledged: {id: (version, whether it was deleted)}.
    """

    def __init__(self, open_index: Callable[[], SearchIndex], make: Make, vectors: np.ndarray) -> None:
        self._open = open_index
        self._make = make
        self._vectors = vectors
        self._ended = threading.Event()
        self._failed: list[BaseException] = []
        self.writing, self.searching = Side(), Side()
        self.known: dict[str, tuple[int, bool]] = {}

    def __enter__(self) -> Load:
        with closing(self._open()) as index:
            self._put(index, [self._document(f"always-{n:03d}", 1, "luôn có") for n in range(ALWAYS_THERE)])
            assert index.count() == ALWAYS_THERE
        self._threads = [threading.Thread(target=self._run, args=(work,)) for work in (self._write, self._search)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()
        if self._failed and error is None:
            raise self._failed[0]

    def goes_on(self, answers: int, seconds: float) -> None:
        """Wait for so many more acknowledged batches and answered searches."""
        began = time.monotonic()
        while min(self.writing.since(began), self.searching.since(began)) < answers:
            if self._failed:
                raise self._failed[0]
            missing = f"{self.writing.since(began)} batches, {self.searching.since(began)} searches"
            assert time.monotonic() < began + seconds, f"in {seconds:g} seconds only {missing}"
            time.sleep(0.1)

    def _run(self, work: Callable[[SearchIndex], None]) -> None:
        try:
            with closing(self._open()) as index:
                work(index)
        except BaseException as error:  # the thread that waits for this one raises it
            self._failed.append(error)

    def _write(self, index: SearchIndex) -> None:
        number = 0
        while not self._ended.is_set():
            # New ones; of the batch before, some changed and some deleted; an older version of these, come late.
            batch = [self._document(f"d{number:05d}-{n:03d}", 1, f"sởi đợt {number}") for n in range(_NEW)]
            late, gone = [], []
            if number > 0:
                batch += [self._document(f"d{number - 1:05d}-{n:03d}", 2, "đã sửa") for n in range(_CHANGED)]
                gone = [(f"d{number - 1:05d}-{n:03d}", 2) for n in range(_CHANGED, _CHANGED + _DELETED)]
            if number > 1:
                late = [self._document(f"d{number - 2:05d}-{n:03d}", 1, "cũ") for n in range(_CHANGED + _DELETED)]
            self._until_taken(lambda batch=batch, late=late: self._put(index, batch, late))
            self._until_taken(lambda gone=gone: index.delete(gone))
            self.known |= {id: (version, True) for id, version in gone}
            number += 1

    def _put(self, index: SearchIndex, batch: Sequence[IndexDocument], late: Sequence[IndexDocument] = ()) -> None:
        assert index.put([*batch, *late]) == ()
        self.known |= {one.id: (one.version, False) for one in batch}

    def _until_taken(self, act: Callable[[], None]) -> None:
        last = time.monotonic() + _GIVES_UP_SECONDS
        while True:
            try:
                act()
            except SearchUnavailable as error:
                self.writing.errors[str(error)] += 1
                if time.monotonic() > last:
                    raise
                time.sleep(_PAUSE_SECONDS)
            else:
                self.writing.answered.append(time.monotonic())
                return

    def _search(self, index: SearchIndex) -> None:
        query, number = SearchQuery('"luôn có"', limit=ALWAYS_THERE), 0
        while not self._ended.is_set():
            number += 1
            try:
                if number % 2:
                    assert index.search(query).total == ALWAYS_THERE
                else:
                    assert index.hybrid(query, self._vectors[0].astype(np.float32)).total >= ALWAYS_THERE
            except SearchUnavailable as error:
                self.searching.errors[str(error)] += 1
                time.sleep(_PAUSE_SECONDS)
            else:
                self.searching.answered.append(time.monotonic())

    def _document(self, id: str, version: int, title: str) -> IndexDocument:
        vector = self._vectors[zlib.crc32(id.encode()) % len(self._vectors)]
        return self._make(id, title, "Sở Y tế nói về bệnh sởi. " * 5, version=version, vector=vector.tobytes())
