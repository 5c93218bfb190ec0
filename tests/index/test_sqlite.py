"""What only the SQLite engine has: bounded ranking of common words, their bitmaps, the columns' snapshot, the usearch
file."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing

import numpy as np
import pytest

from index.common import matching
from index.schema import FILE_NAME
from index.sqlite_file import IndexFile
from index.vectors import NearestVectors
from records.search import Facet, SearchFilter, SearchQuery


def test_pages_follow_each_other_when_a_word_is_very_common(tmp_path, make, monkeypatch):
    index = IndexFile(tmp_path)
    monkeypatch.setattr("index.ranking.RANKED", 10)
    index.put([make(f"e{n:03d}", "dịch tả" if n % 3 else "dich ta", minutes=n) for n in range(120)])
    whole = index.search(SearchQuery("dịch tả", limit=200))
    pages = [hit for at in range(0, 120, 7) for hit in index.search(SearchQuery("dịch tả", offset=at, limit=7)).hits]
    assert [hit.id for hit in pages] == [hit.id for hit in whole.hits]
    assert len({hit.id for hit in pages}) == 120 == whole.total
    exact = [hit.exact for hit in pages]
    assert exact == sorted(exact, reverse=True) and sum(exact) == 80
    scores = [hit.score for hit in pages]
    assert scores == sorted(scores, reverse=True)
    index.close()


def test_bitmaps_say_what_the_text_index_says(tmp_path, make):
    generator = random.Random(3)
    index = IndexFile(tmp_path)
    words = ("sởi", "soi", "sốt", "dịch", "tả", "hiếm", "lạ")
    for version in range(1, 30):
        put = [
            make(
                f"d{generator.randrange(200)}",
                " ".join(generator.choices(words, weights=(9, 2, 9, 9, 3, 1, 0 if version < 15 else 9), k=3)),
                version=version,
            )
            for _ in range(12)
        ]
        index.put(put)
        index.delete([(f"d{generator.randrange(220)}", version)])
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        copies = dict(connection.execute("SELECT copy, count(*) FROM common GROUP BY copy"))
        assert copies["exact"] >= 5 and copies["folded"] >= 4
        assert connection.execute("SELECT blocks FROM state").fetchone()[0] >= 8
        asked = [((word,),) for word in words] + [
            (("sởi",), ("sốt",)),
            (("sởi",), ("hiếm",)),
            (("dịch", "tả"), ("sởi",)),
            (("không",),),
        ]
        for phrases in asked:
            expression = " ".join(f'"{" ".join(phrase)}"' for phrase in phrases)
            for first, last in ((0, 2**63 - 1), (20, 50), (150, 10**6), (70, 60)):
                sql = "SELECT rowid FROM exact WHERE exact MATCH ? AND rowid BETWEEN ? AND ?"
                said = [key for (key,) in connection.execute(sql, (expression, first, last))]
                assert matching(connection, "exact", phrases, first, last).tolist() == said
    index.close()


def test_a_province_finds_its_communes_and_a_commune_itself(tmp_path, make):
    index = IndexFile(tmp_path)
    label = "phường Thủ Đức, TP. Hồ Chí Minh"
    index.put([make("d1", "sởi", places=("Hồ Chí Minh", label)), make("d2", "sởi", places=("Hồ Chí Minh",))])
    index.put([make("d3", "sởi", places=("Huế",))])
    asked = {
        place: SearchQuery("", SearchFilter({Facet.PLACE: (place,)})) for place in ("Hồ Chí Minh", label, "Đà Nẵng")
    }
    assert {place: index.search(query).total for place, query in asked.items()} == {
        "Hồ Chí Minh": 2,
        label: 1,
        "Đà Nẵng": 0,
    }
    both = SearchFilter({Facet.PLACE: (label, "Huế")})
    assert index.search(SearchQuery("", both)).total == 2
    counted = index.search(SearchQuery("soi", facets=(Facet.PLACE,))).facets[Facet.PLACE]
    assert dict(counted) == {"Hồ Chí Minh": 2, label: 1, "Huế": 1}
    index.close()


def test_a_new_process_reads_the_snapshot_and_what_came_after_it(tmp_path, make):
    index = IndexFile(tmp_path)
    index.put([make(f"d{n}", "sởi", places=("Huế",) * (n % 2), narrative_id=f"n{n % 3}") for n in range(30)])
    index.put([make(f"d{n}", "sởi", version=2, places=("Huế", "Đà Nẵng")) for n in range(25, 35)])
    index.delete([("d0", 2)])
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        kept, change = connection.execute("SELECT snapshot_change, change FROM state").fetchone()
        assert 0 < kept < change
    reader = IndexFile(tmp_path)
    query = SearchQuery("soi", limit=100, facets=tuple(Facet))
    narrative = SearchQuery("", SearchFilter({Facet.PLACE: ("Huế",)}, narrative_id="n1"))
    for asked in (query, narrative):
        assert reader.search(asked) == index.search(asked)
    assert reader.search(query).total == 34 and reader.search(narrative).total == 4
    index.clear()
    index.put([make("after", "sởi")])
    late = IndexFile(tmp_path)
    assert [one.search(query).total for one in (index, reader, late)] == [1, 1, 1]
    for opened in (index, reader, late):
        opened.close()


@pytest.mark.parametrize("exact_up_to", [10_000, 50])
def test_nearest_vectors(tmp_path, make, vectors, exact_up_to, monkeypatch):
    monkeypatch.setattr("index.vectors.LEAST_CANDIDATES", 20)
    index = IndexFile(tmp_path)
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
    reader = IndexFile(tmp_path)
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
    again = IndexFile(tmp_path)
    again._vectors = NearestVectors(tmp_path, exact_up_to, largest_tail=100)
    assert again.similar(vectors(1, 2)[0], 1, SearchFilter()) == reader.similar(vectors(1, 2)[0], 1, SearchFilter())
    for opened in (index, reader, again):
        opened.close()
