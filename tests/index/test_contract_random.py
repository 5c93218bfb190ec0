"""The contract of every engine on random queries: against a list and plain Python, and against each other."""

from __future__ import annotations

import random
import unicodedata
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from records.assessment import Harm, Kind, Stance
from records.calendar import day_start, week_start
from records.search import Facet, Interval, SearchFilter, SearchOrder, SearchQuery
from records.source import Owner
from records.text import fold
from tests.index.conftest import elasticsearch_at, sqlite_at

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


def a_filter(generator, documents):
    facets = generator.sample(list(Facet), generator.randrange(3))
    return SearchFilter(
        values={
            facet: tuple({v for one in generator.sample(documents, 2) for v in value(one, facet)} or {"none"})
            for facet in facets
        },
        narrative_id=generator.choice([None, None, "n1"]),
        since=generator.choice([None, START + timedelta(days=5)]),
        until=generator.choice([None, START + timedelta(days=25)]),
        include_not_health=generator.random() < 0.3,
    )


def test_same_answers_as_a_list(open_index, make):
    generator = random.Random(1)
    index = open_index()
    held: dict[str, tuple[int, object]] = {}
    for _ in range(3):
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
        assert index.count() == len(documents)
        for _ in range(10):
            filter = a_filter(generator, documents)
            words = generator.sample(WORDS, generator.randrange(3))
            expected = [
                one
                for one in documents
                if passes(one, filter) and set(map(fold, words)) <= set(fold(f"{one.title} {one.text}").split())
            ]
            query = SearchQuery(" ".join(words), filter, limit=500, facets=tuple(Facet))
            results = index.search(query)
            assert {hit.id for hit in results.hits} == {one.id for one in expected}
            assert results.total == len(expected)
            exact = {one.id for one in expected if set(words) <= set(f"{one.title} {one.text}".split())}
            assert {hit.id for hit in results.hits if hit.exact} == exact
            for facet in Facet:
                tally = Counter(v for one in expected for v in value(one, facet))
                assert dict(results.facets[facet]) == dict(tally)
            for interval, start_of in ((Interval.DAY, day_start), (Interval.WEEK, week_start)):
                tally = Counter(start_of(one.published or one.first_seen) for one in expected)
                assert [(c.start, c.count) for c in index.timeline(query, interval)] == sorted(tally.items())
    index.clear()
    assert index.count() == 0 and index.search(SearchQuery()).total == 0
    index.close()
    index.close()


@pytest.mark.elasticsearch
@pytest.mark.timeout(400)
def test_the_engines_answer_each_other(elasticsearch, tmp_path, make, record_property):
    """The same hits, facets and time lines; how far the ranked ones agree is reported."""
    generator = random.Random(11)
    documents = [document(make, generator, number, 1) for number in range(400)]
    overlaps: list[float] = []
    with ExitStack() as stack:
        ours, theirs = sqlite_at(tmp_path, stack)(), elasticsearch_at(elasticsearch, stack)()
        for index in (ours, theirs):
            assert index.put(documents) == ()
        for _ in range(40):
            words = generator.sample(WORDS, generator.randrange(3))
            if len(words) == 2 and generator.random() < 0.4:
                words = [f'"{words[0]} {words[1]}"'] if generator.random() < 0.5 else [words[0], f"-{words[1]}"]
            if generator.random() < 0.3:
                words = [generator.choice([fold, str.upper, nfd])(word) for word in words]
            query = SearchQuery(" ".join(words), a_filter(generator, documents), limit=500, facets=tuple(Facet))
            one, other = ours.search(query), theirs.search(query)
            assert (one.total, one.facets) == (other.total, other.facets), query
            assert {(hit.id, hit.exact) for hit in one.hits} == {(hit.id, hit.exact) for hit in other.hits}, query
            shown = {hit.id: (hit.title, hit.excerpt) for hit in one.hits}
            assert shown == {hit.id: (hit.title, hit.excerpt) for hit in other.hits}
            interval = generator.choice(list(Interval))
            assert ours.timeline(query, interval) == theirs.timeline(query, interval)
            newest = replace(query, order=SearchOrder.NEWEST)
            times = [times_of(index, newest, documents) for index in (ours, theirs)]
            assert times[0] == times[1] == sorted(times[0], reverse=True)
            if any(not word.startswith("-") for word in words) and len(one.hits) > 10:
                first = [{hit.id for hit in results.hits[:10]} for results in (one, other)]
                overlaps.append(len(first[0] & first[1]) / 10)
    overlap = sum(overlaps) / len(overlaps)
    record_property("ranked_overlap_at_10", round(overlap, 3))
    print(f"overlap of the ten best hits of {len(overlaps)} queries: {overlap:.2f}")
    assert overlap >= 0.5  # BM25 of both, with lengths and statistics of their own


def times_of(index, query, documents):
    when = {one.id: one.published or one.first_seen for one in documents}
    return [when[hit.id] for hit in index.search(query).hits]


def nfd(text):
    return unicodedata.normalize("NFD", text)
