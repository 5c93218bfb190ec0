"""The index against a list and plain Python: filters, facets, time lines, versions, vectors."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from index.sqlite import SqliteIndex
from index.vectors import NearestVectors
from records.assessment import Harm, Kind, Stance
from records.calendar import day_start, week_start
from records.search import Facet, Interval, SearchFilter, SearchQuery
from records.source import Owner
from records.text import fold

WORDS = (
    *("sởi", "soi", "sốt", "sot", "tiêm", "tiem", "vắc", "xin", "lao", "lào", "động", "dong"),
    *("dại", "đại", "co", "có", "trẻ", "tre"),
)
START = datetime(2026, 7, 1, tzinfo=UTC)


def document(make, generator, number, version):
    return make(
        f"i{number}",
        " ".join(generator.choices(WORDS, k=3)),
        " ".join(generator.choices(WORDS, k=6)),
        version=version,
        published=generator.choice([None, START + timedelta(minutes=generator.randrange(60_000))]),
        first_seen=START + timedelta(days=generator.randrange(20)),
        health=generator.random() < 0.8,
        source_id=generator.choice(["a", "b", "c"]),
        owner=generator.choice(list(Owner)),
        topic=generator.choice([None, "vaccine", "epidemic"]),
        kind=generator.choice([None, *Kind]),
        stance=generator.choice([None, *Stance]),
        harm=generator.choice([None, *Harm]),
        places=tuple(generator.sample(["Huế", "Đà Nẵng", "Hà Nội"], generator.randrange(3))),
        narrative_id=generator.choice([None, "n1", "n2"]),
    )


def value(document, facet):
    if facet is Facet.PLACE:
        return set(document.places)
    found = getattr(document, facet.value)
    return set() if found is None else {str(found)}


def passes(document, filter):
    when = document.published or document.first_seen
    return (
        (document.health or filter.include_not_health)
        and (filter.since is None or when >= filter.since)
        and (filter.until is None or when < filter.until)
        and (filter.narrative_id is None or document.narrative_id == filter.narrative_id)
        and all(value(document, facet) & set(wanted) for facet, wanted in filter.values.items())
    )


@pytest.mark.parametrize("seed", range(4))
def test_same_answers_as_a_list(tmp_path, make, seed):
    generator = random.Random(seed)
    index = SqliteIndex(tmp_path)
    reader = SqliteIndex(tmp_path)  # another process's view
    held: dict[str, tuple[int, object]] = {}
    for _ in range(6):
        batch = [document(make, generator, generator.randrange(80), generator.randrange(1, 6)) for _ in range(40)]
        assert index.put(batch) == ()
        gone = [(f"i{generator.randrange(90)}", generator.randrange(1, 6)) for _ in range(8)]
        for one in batch:
            if held.get(one.id, (0, None))[0] <= one.version:
                held[one.id] = (one.version, one)
        index.delete(gone)
        for id, version in gone:
            if held.get(id, (0, None))[0] <= version:
                held[id] = (version, None)
        documents = [one for _, one in held.values() if one is not None]
        assert reader.count() == len(documents)
        for _ in range(12):
            filter = SearchFilter(
                values={
                    facet: tuple({v for one in generator.sample(documents, 2) for v in value(one, facet)} or {"none"})
                    for facet in generator.sample(list(Facet), generator.randrange(3))
                },
                narrative_id=generator.choice([None, None, "n1"]),
                since=generator.choice([None, START + timedelta(days=5)]),
                until=generator.choice([None, START + timedelta(days=25)]),
                include_not_health=generator.random() < 0.3,
            )
            words = generator.sample(WORDS, generator.randrange(3))
            expected = [
                one
                for one in documents
                if passes(one, filter) and set(map(fold, words)) <= set(fold(f"{one.title} {one.text}").split())
            ]
            query = SearchQuery(" ".join(words), filter, limit=500, facets=tuple(Facet))
            results = reader.search(query)
            assert {hit.id for hit in results.hits} == {one.id for one in expected}
            assert results.total == len(expected)
            exact = {one.id for one in expected if set(words) <= set(f"{one.title} {one.text}".split())}
            assert {hit.id for hit in results.hits if hit.exact} == exact
            for facet in Facet:
                tally = Counter(v for one in expected for v in value(one, facet))
                assert dict(results.facets[facet]) == dict(tally)
            for interval, start_of in ((Interval.DAY, day_start), (Interval.WEEK, week_start)):
                tally = Counter(start_of(one.published or one.first_seen) for one in expected)
                assert [(c.start, c.count) for c in reader.timeline(query, interval)] == sorted(tally.items())
    index.clear()
    assert reader.count() == 0 and reader.search(SearchQuery()).total == 0
    index.close()
    reader.close()


def test_late_older_writes_never_win(index, make):
    index.put([make("a", "mới", version=5)])
    index.put([make("a", "cũ", version=4)])
    assert index.search(SearchQuery("cũ")).total == 0
    index.delete([("a", 4)])
    assert index.count() == 1
    index.delete([("a", 6), ("never-seen", 3)])
    index.put([make("a", "cũ", version=5), make("never-seen", "cũ", version=2)])
    assert index.count() == 0
    index.put([make("a", "cũ", version=6)])
    assert index.search(SearchQuery("cũ")).total == 1


def test_what_cannot_be_stored_is_rejected_and_the_rest_is_stored(index, make):
    bad = [
        make("", "không tên"),
        make("odd", vector=b"\x01"),
        make("nan", vector=np.full(4, np.nan, "<f2").tobytes()),
        make("zone", published=datetime(2026, 8, 1)),  # noqa: DTZ001
        make("surrogate", source_id="\ud800"),
        make("huge", version=2**70),
    ]
    rejected = index.put([make("good", "tốt"), *bad, make("strange", "\ud800\x00\x02 lạ", "x" * 100_000)])
    assert [one.id for one in rejected] == ["", "odd", "nan", "zone", "surrogate", "huge"]
    assert index.count() == 2
    assert "\x02" not in index.search(SearchQuery("")).hits[0].title


def test_suggest(index, make):
    index.put([make(str(n), source_id=source) for n, source in enumerate(["Đài tỉnh", "Đài tỉnh", "Đà Nẵng", "Báo"])])
    assert index.suggest(Facet.SOURCE, "đa") == ("Đài tỉnh", "Đà Nẵng")
    assert index.suggest(Facet.SOURCE, "dai") == ("Đài tỉnh",)


@pytest.mark.parametrize("exact_up_to", [10_000, 50])
def test_nearest_vectors(tmp_path, make, vectors, exact_up_to, monkeypatch):
    monkeypatch.setattr("index.vectors.EXACT_AFTER_FILTER", 20)
    index = SqliteIndex(tmp_path)
    index._vectors = NearestVectors(tmp_path, exact_up_to, largest_tail=100)
    held = vectors(600, 1)
    for start in range(0, 600, 150):
        index.put(
            [
                make(f"v{n}", source_id="ab"[n % 2], vector=held[n].tobytes(), minutes=n)
                for n in range(start, start + 150)
            ]
        )
    index.delete([("v7", 9)])
    index.put([make("v8", source_id="a", version=2, vector=vectors(1, 9)[0].tobytes())])
    held[8] = vectors(1, 9)[0]
    assert bool(list(tmp_path.glob("*.usearch"))) == (exact_up_to == 50)
    reader = SqliteIndex(tmp_path)
    reader._vectors = NearestVectors(tmp_path, exact_up_to, largest_tail=100)
    overlaps: list[float] = []
    for query in vectors(10, 2).astype(np.float32):
        cosines = held.astype(np.float32) @ query
        for keep in (lambda n: n != 7, lambda n: n != 7 and n % 2 == 0):
            expected = sorted((n for n in range(600) if keep(n)), key=lambda n: -cosines[n])[:10]
            filter = SearchFilter() if keep(1) else SearchFilter({Facet.SOURCE: ("a",)})
            found = reader.similar(query, 10, filter)
            wanted = [f"v{n}" for n in expected]
            if exact_up_to > 600:
                assert [id for id, _ in found] == wanted
            else:
                # A graph built by several threads is another one each time, and may miss a neighbor of random vectors.
                overlaps.append(len({id for id, _ in found}.intersection(wanted)) / 10)
            assert [cosine for _, cosine in found] == sorted((cosine for _, cosine in found), reverse=True)
            assert all(cosine == pytest.approx(cosines[int(id[1:])], abs=2e-3) for id, cosine in found)
    assert not overlaps or sum(overlaps) / len(overlaps) >= 0.95
    for path in tmp_path.glob("*.usearch"):
        path.unlink()  # not written over: the reader has it mapped
        path.write_bytes(b"broken")
    again = SqliteIndex(tmp_path)
    again._vectors = NearestVectors(tmp_path, exact_up_to, largest_tail=100)
    assert again.similar(vectors(1, 2)[0], 1, SearchFilter()) == reader.similar(vectors(1, 2)[0], 1, SearchFilter())
    for opened in (index, reader, again):
        opened.close()
