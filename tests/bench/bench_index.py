"""The index at a size: writing, searching, and each against the plain way in the same run.

python -m tests.bench.bench_index [DOCUMENTS [WORDS_EACH [VECTORS]]]      20000 100 20000 when not given
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

import index.vectors as nearest
from index.query import match_expression, parse
from index.sqlite_file import IndexFile
from index.vectors import NearestVectors
from records.search import Facet, IndexDocument, SearchFilter, SearchOrder, SearchQuery
from records.source import Owner

START = datetime(2026, 1, 1, tzinfo=UTC)
VOCABULARY = 8_000
DIMENSIONS = 384
REPEATS = 15


def documents(count: int, words_each: int, vectors: int) -> list[IndexDocument]:
    generator = np.random.default_rng(1)
    letters = "aăâeêioôơuưáàạắằấầéèếềíìóòốồớờúùứừ"
    words = np.array(
        [f"{'bcdghklmnt'[n % 10]}{letters[n // 10 % len(letters)]}{n // 350 or ''}" for n in range(VOCABULARY)]
    )
    chance = 1 / np.arange(1, VOCABULARY + 1)
    chance /= chance.sum()
    made = []
    for number in range(count):
        drawn = words[generator.choice(VOCABULARY, words_each, p=chance)]
        vector = b""
        if number < vectors:
            values = generator.normal(size=DIMENSIONS)
            vector = (values / np.linalg.norm(values)).astype("<f2").tobytes()
        when = START + timedelta(minutes=number)
        made.append(
            IndexDocument(
                id=f"{number:020d}",
                version=1,
                title=" ".join(drawn[:10]),
                text=" ".join(drawn[10:]),
                source_id=f"s{number % 40}",
                owner=Owner.PRESS,
                published=when,
                first_seen=when,
                health=True,
                topic="vaccine" if number % 5 == 0 else "epidemic",
                vector=vector,
            )
        )
    return made


def milliseconds(work: Callable[[], object]) -> tuple[float, float]:
    """(p50, p95) of REPEATS, after one that is not counted."""
    work()
    taken = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        work()
        taken.append((time.perf_counter() - started) * 1000)
    return float(np.quantile(taken, 0.5)), float(np.quantile(taken, 0.95))


def main() -> None:
    count, words_each, vectors = [int(word) for word in sys.argv[1:]] or [20_000, 100, 20_000]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        index = IndexFile(folder)
        first: list[IndexDocument] = []
        writing = 0.0
        for start in range(0, count, 1_000):
            batch = documents(min(1_000, count - start), words_each, max(min(1_000, vectors - start), 0))
            batch = [_moved(document, start) for document in batch]
            first = first or batch
            started = time.perf_counter()
            index.put(batch)
            writing += time.perf_counter() - started
        size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
        print(f"put: {count / writing:,.0f} documents/s; {size:,.0f} MB on disk", flush=True)
        started = time.perf_counter()
        index.search(SearchQuery("ba"))
        print(f"first search of a process (reads the columns): {(time.perf_counter() - started) * 1000:,.0f} ms")
        everything = " ".join(document.text for document in first).split()
        common = sorted(set(everything), key=lambda word: -everything.count(word))[:300:60]
        for word in [*common, f"{common[1]} {common[3]}", f'"{common[0]} {common[1]}"']:
            total = index.search(SearchQuery(word)).total
            ours = milliseconds(lambda word=word: index.search(SearchQuery(word, facets=tuple(Facet))))
            newest = milliseconds(lambda word=word: index.search(SearchQuery(word, order=SearchOrder.NEWEST)))
            sql = "SELECT rowid FROM exact WHERE exact MATCH ? ORDER BY bm25(exact, 4.0, 1.0) LIMIT 20"
            expression = match_expression(parse(word).wanted)
            plain = milliseconds(lambda e=expression, sql=sql: index._connection.execute(sql, (e,)).fetchall())
            print(
                f"{total:,} found: with all facets p50 {ours[0]:.1f} p95 {ours[1]:.1f} ms; newest first p50 "
                f"{newest[0]:.1f} ms; plain bm25 over all, without total or facets, p50 {plain[0]:.1f} ms",
                flush=True,
            )
        if vectors:
            query = np.frombuffer(first[0].vector, "<f2").astype(np.float32)
            exact = milliseconds(lambda: index.similar(query, 10, SearchFilter()))
            one = {Facet.TOPIC: ("vaccine",)}
            filtered = milliseconds(lambda: index.similar(query, 10, SearchFilter(one)))
            print(f"similar, numpy: p50 {exact[0]:.1f} ms; with a filter {filtered[0]:.1f} ms", flush=True)
            index._vectors = NearestVectors(folder, exact_up_to=1)
            nearest.EXACT_AFTER_FILTER = 0
            started = time.perf_counter()
            index._vectors.catch_up(index._connection)
            built = time.perf_counter() - started
            near = milliseconds(lambda: index.similar(query, 10, SearchFilter()))
            print(f"similar, usearch: p50 {near[0]:.1f} ms, {vectors / built:,.0f} vectors/s into its file")
        index.close()


def _moved(document: IndexDocument, by: int) -> IndexDocument:
    from dataclasses import replace

    when = document.first_seen + timedelta(minutes=by)
    return replace(document, id=f"{int(document.id) + by:020d}", published=when, first_seen=when)


if __name__ == "__main__":
    main()
