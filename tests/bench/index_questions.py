"""What the index is asked by its benchmark, and how long each answer takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import cycle
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from console.labels import FACETS
from records.ports import SearchIndex
from records.search import Facet, SearchFilter, SearchQuery
from records.source import Owner
from records.text import fold
from records.topics import TOPICS
from tests.bench.index_data import APART, ASKED_FROM, BLOCK, START, vectors, words

RESULTS = 10
_NO_FILTER = SearchFilter()

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Question:
    """`kind` names the row of the table."""

    kind: str
    ask: Callable[[SearchIndex], object]


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds. `processor`: of this process alone, whatever else the machine was doing meanwhile."""

    p50: float
    p95: float
    processor_p50: float
    processor_p95: float


class Watch:
    """Takes the time of one piece of work after another."""

    def __init__(self) -> None:
        self._taken: list[tuple[float, float]] = []

    def time(self, work: Callable[[], Answer]) -> Answer:
        started, used = time.perf_counter(), time.process_time()
        answer = work()
        self._taken.append((time.perf_counter() - started, time.process_time() - used))
        return answer

    def times(self) -> Times:
        (p50, used50), (p95, used95) = np.quantile(np.array(self._taken) * 1_000, [0.5, 0.95], axis=0).tolist()
        return Times(p50, p95, used50, used95)


def questions(size: int, each: int) -> list[Question]:
    """`each` of every kind, in an order that mixes them. No two are the same: most are cold."""
    classes = words(each)
    near = vectors(ASKED_FROM, each)[1].astype(np.float32)
    made: list[Question] = []
    for class_name, chosen in (
        ("rare", classes.rare),
        ("common", classes.common),
        ("very common", classes.very_common),
    ):
        for filtered in (False, True):
            for word, vector, filter in zip(chosen, near, _filters(size, filtered), strict=False):
                suffix = f"{class_name} word{', filtered' if filtered else ''}"
                made.append(Question(f"exact, {suffix}", _search(word, filter)))
                made.append(Question(f"no marks, {suffix}", _search(fold(word), filter)))
                made.append(Question(f"hybrid, {suffix}", _hybrid(word, vector, filter)))
    for filtered in (False, True):
        for vector, filter in zip(near, _filters(size, filtered), strict=False):
            made.append(Question(f"similar items{', filtered' if filtered else ''}", _similar(vector, filter)))
    np.random.default_rng(3).shuffle(made)  # type: ignore[arg-type]
    return made


def _filters(size: int, filtered: bool) -> Iterator[SearchFilter]:
    now = START + APART * size
    week = SearchFilter(since=now - timedelta(days=7))
    year = SearchFilter({Facet.OWNER: (Owner.PRESS.value,)}, since=now - timedelta(days=365))
    topic = SearchFilter({Facet.TOPIC: tuple(TOPICS)[:2]})
    place = SearchFilter({Facet.PLACE: ("An Hòa",), Facet.SOURCE: tuple(f"nguon-{n}" for n in range(60))})
    return cycle((week, year, topic, place) if filtered else (_NO_FILTER,))


def _search(text: str, filter: SearchFilter) -> Callable[[SearchIndex], object]:
    return lambda index: index.search(SearchQuery(text, filter, facets=tuple(FACETS)))


def _hybrid(text: str, vector: NDArray[np.float32], filter: SearchFilter) -> Callable[[SearchIndex], object]:
    return lambda index: index.hybrid(SearchQuery(text, filter, facets=tuple(FACETS)), vector)


def _similar(vector: NDArray[np.float32], filter: SearchFilter) -> Callable[[SearchIndex], object]:
    return lambda index: index.similar(vector, RESULTS, filter)


def asked(index: SearchIndex, wanted: list[Question]) -> dict[str, Times]:
    """Each asked once."""
    watches: dict[str, Watch] = {}
    for question in wanted:
        watches.setdefault(question.kind, Watch()).time(partial(question.ask, index))
    return {kind: watch.times() for kind, watch in sorted(watches.items())}


def recall(index: SearchIndex, size: int, queries: int) -> float:
    """Of the ten nearest by exact float32, the share that the index finds, for `queries` vectors not in the index."""
    wanted = vectors(ASKED_FROM + BLOCK, queries)[1].astype(np.float32)
    best = np.full((queries, RESULTS), -2.0, np.float32)
    numbers = np.full((queries, RESULTS), -1, np.int64)
    for start in range(0, size, BLOCK):
        cosines = wanted @ vectors(start, BLOCK)[1].astype(np.float32).T
        both = np.concatenate([best, cosines], axis=1)
        whose = np.concatenate([numbers, np.tile(np.arange(start, start + BLOCK), (queries, 1))], axis=1)
        kept = np.argpartition(-both, RESULTS - 1, axis=1)[:, :RESULTS]
        best, numbers = np.take_along_axis(both, kept, axis=1), np.take_along_axis(whose, kept, axis=1)
    found = 0
    for vector, nearest in zip(wanted, numbers, strict=True):
        ids = {id for id, _ in index.similar(vector, RESULTS, _NO_FILTER)}
        found += len(ids & {f"{number:024x}" for number in nearest.tolist()})
    return found / (queries * RESULTS)
