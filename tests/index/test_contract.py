"""The contract of every engine: what a person types, and what comes back first."""

from __future__ import annotations

import time
import unicodedata
from datetime import datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.query import parse
from records.errors import QueryError
from records.search import Facet, IndexedVersion, SearchFilter, SearchOrder, SearchQuery

OPERATORS = ('"', "*", "(", ")", ":", "^", "+", "-", "NEAR", "AND", "OR", "NOT", "exact", "{a}", "\x00", "lao", '";--')


@pytest.fixture
def filled(index, make):
    index.put(
        [
            make("co-dai", "Mẹo chữa co dại ở trẻ", "Trẻ co dại thì làm gì"),
            make("cho-dai", "Chó dại cắn người", "Chó dại, có đại ca nào dám lại gần"),
            make("unmarked", "tre co dai", "co dai o tre"),
            make("work", "Người lao động nghỉ lễ", "Bộ Lao động cho biết"),
            make("lung", "Bệnh lao phổi", "Khám sàng lọc lao"),
            make("laos", "Nước Lào", "Sang Lào đóng hàng"),
            make("peace", "Xã Hoà Bình", "Người dân hoà thuận"),
            make("hidden", "Lao vào sân bóng", health=False),
        ]
    )
    return index


def found(index, text, **filter):
    return [(hit.id, hit.exact) for hit in index.search(SearchQuery(text, SearchFilter(**filter))).hits]


def test_words_with_marks_come_before_those_that_only_agree_without(filled):
    hits = found(filled, "co dại")
    assert hits[0] == ("co-dai", True)
    assert set(hits[1:]) == {("cho-dai", False), ("unmarked", False)}


def test_words_typed_without_marks_find_the_text_with_them_below_the_exact(filled):
    assert found(filled, "co dai")[0] == ("unmarked", True)
    assert {id for id, _ in found(filled, "co dai")} == {"unmarked", "co-dai", "cho-dai"}
    assert found(filled, "benh lao phoi") == [("lung", False)]


def test_lao_dong_is_not_lao_dong_without_its_marks(filled):
    assert found(filled, "lao động") == [("work", True), ("laos", False)]
    assert ("laos", True) not in found(filled, "lao")


@pytest.mark.parametrize("typed", ["hòa bình", "hoà bình", unicodedata.normalize("NFD", "hoà bình"), "HÒA BÌNH"])
def test_one_tone_placement_and_composition(filled, typed):
    assert found(filled, typed) == [("peace", True)]


def test_phrases_and_unwanted_words(filled):
    assert found(filled, '"dại cắn"') == [("cho-dai", True)]
    assert found(filled, '"cắn dại"') == []
    assert found(filled, "lao -phổi", values={Facet.SOURCE: ("bao",)})[0] == ("work", True)
    assert "lung" not in {id for id, _ in found(filled, "lao -phoi")}
    assert {id for id, _ in found(filled, "-lao")} == {"co-dai", "cho-dai", "unmarked", "peace"}


def test_not_health_only_on_request(filled):
    assert "hidden" not in {id for id, _ in found(filled, "lao")}
    assert "hidden" in {id for id, _ in found(filled, "lao", include_not_health=True)}


def test_title_weighs_more_than_text(index, make):
    index.put(
        [make("text", "Tin trong ngày", "vắc xin về tới tỉnh"), make("title", "Vắc xin về tỉnh", "tin trong ngày")]
    )
    assert found(index, "vắc xin")[0][0] == "title"


def test_highlights_stand_on_the_original_text(filled):
    (hit,) = filled.search(SearchQuery("benh lao phoi")).hits
    assert hit.title == "\x02Bệnh\x03 \x02lao\x03 \x02phổi\x03"
    assert hit.excerpt == "Khám sàng lọc \x02lao\x03"


def test_excerpt_is_cut_around_the_match(index, make):
    index.put([make("long", "Dài", "trước " * 400 + "ngộ độc rượu " + "sau " * 400)])
    (hit,) = index.search(SearchQuery("ngo doc")).hits
    assert "\x02ngộ\x03 \x02độc\x03 rượu" in hit.excerpt
    assert hit.excerpt.startswith("…trước") and hit.excerpt.endswith("…")
    assert 150 < len(hit.excerpt) < 230


@pytest.mark.parametrize("text", ["!!!", '"', "😀", "a" * 10_000, "-", "x " * 40])
def test_what_cannot_be_read_is_a_query_error(filled, text):
    if text == "x " * 40:
        assert parse(text).wanted == (("x",),)  # said twice is wanted once
        return
    with pytest.raises(QueryError):
        filled.search(SearchQuery(text))


@given(st.text(max_size=60) | st.lists(st.sampled_from(OPERATORS)).map(" ".join))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_hostile_text_is_harmless(filled, text):
    try:
        results = filled.search(SearchQuery(text, facets=tuple(Facet)))
    except QueryError:
        return
    assert results.total >= len(results.hits)


def test_pages_follow_each_other(index, make):
    index.put([make(f"e{n:03d}", "dịch tả" if n % 3 else "dich ta", minutes=n) for n in range(120)])
    whole = index.search(SearchQuery("dịch tả", limit=200))
    pages = [hit for at in range(0, 120, 7) for hit in index.search(SearchQuery("dịch tả", offset=at, limit=7)).hits]
    assert [hit.id for hit in pages] == [hit.id for hit in whole.hits]
    assert len({hit.id for hit in pages}) == 120 == whole.total
    exact = [hit.exact for hit in pages]
    assert exact == sorted(exact, reverse=True) and sum(exact) == 80
    scores = [hit.score for hit in pages]
    assert scores == sorted(scores, reverse=True)


def test_newest_first(index, make):
    index.put([make(f"d{n}", "sởi", minutes=(n * 37) % 50) for n in range(50)])
    hits = index.search(SearchQuery("soi", order=SearchOrder.NEWEST, limit=50)).hits
    assert [hit.id for hit in hits] == sorted((f"d{n}" for n in range(50)), key=lambda id: -((int(id[1:]) * 37) % 50))


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


def test_a_vector_of_another_length_is_rejected(index, make, vectors):
    short = (np.ones(4) / 2).astype("<f2").tobytes()
    index.put([make("first", vector=vectors(1, 1)[0].tobytes())])
    (rejected,) = index.put([make("short", vector=short), make("second", vector=vectors(1, 2)[0].tobytes())])
    assert (rejected.id, rejected.version) == ("short", 1)
    assert rejected.reason == "its vector has 4 numbers where the index has 32: rebuild the index"
    assert index.count() == 2
    assert index.similar(np.ones(4, np.float32), 3, SearchFilter()) == ()


def test_versions_say_what_is_there(index, make):
    assert (index.versions("", 10), index.versions_of(["a"]), index.count()) == ((), {}, 0)
    index.put([make(id, version=number) for number, id in enumerate(["b", "a", "d", "c"], 1)])
    index.delete([("d", 9), ("e", 2)])
    assert index.versions("", 2) == (IndexedVersion("a", 2), IndexedVersion("b", 1))
    assert index.versions("b", 10) == (IndexedVersion("c", 4),)
    found = index.versions_of(["a", "d", "e", "f"])
    assert found == {
        "a": IndexedVersion("a", 2),
        "d": IndexedVersion("d", 9, deleted=True),
        "e": IndexedVersion("e", 2, deleted=True),
    }


def test_versions_are_those_that_another_process_wrote_just_now(open_index, make):
    writing, comparing = open_index(), open_index()
    writing.put([make("a", version=1), make("b", version=1)])
    assert len(comparing.versions("", 10)) == 2
    for version in range(2, 6):
        writing.put([make("a", version=version)])
        assert comparing.versions_of(["a"]) == {"a": IndexedVersion("a", version)}
    writing.delete([("b", 2)])
    assert comparing.versions("", 10) == (IndexedVersion("a", 5),)


def test_similar_items(index, make, vectors):
    held = vectors(200, 1)
    index.put([make(f"v{n}", source_id="ab"[n % 2], health=n > 3, vector=held[n].tobytes()) for n in range(200)])
    index.delete([("v7", 9)])
    recalled = []
    for query in vectors(10, 2).astype(np.float32):
        cosines = held.astype(np.float32) @ query
        for filter in (SearchFilter(), SearchFilter({Facet.SOURCE: ("a",)}), SearchFilter(include_not_health=True)):
            kept = [
                n
                for n in range(200)
                if n != 7 and (n > 3 or filter.include_not_health) and (not filter.values or n % 2 == 0)
            ]
            wanted = sorted(kept, key=lambda n: -cosines[n])[:10]
            found = index.similar(query, 10, filter)
            assert {int(id[1:]) for id, _ in found} <= set(kept)
            assert [cosine for _, cosine in found] == sorted((cosine for _, cosine in found), reverse=True)
            assert all(cosine == pytest.approx(cosines[int(id[1:])], abs=5e-3) for id, cosine in found)
            recalled.append(len({int(id[1:]) for id, _ in found} & set(wanted)) / 10)
    assert sum(recalled) / len(recalled) >= 0.95
    assert index.similar(np.zeros(32, np.float32), 10, SearchFilter()) == ()


def test_hybrid_joins_what_the_words_find_and_what_the_vector_finds(index, make, vectors):
    one, other, far = vectors(3, 4)
    index.put(
        [
            make("both", "Chó dại cắn người", vector=one.tobytes()),
            make("words", "Tiêm phòng chó dại", vector=far.tobytes()),
            make("near", "Mèo cào", vector=(one + other * 0.01).astype("<f2").tobytes(), minutes=5),
            make("unwanted", "Mèo cắn", vector=one.tobytes()),
            make("hidden", "Chó dại", health=False),
        ]
    )
    found = index.hybrid(SearchQuery("chó dại -mèo", facets=(Facet.SOURCE,)), one.astype(np.float32))
    assert found.hits[0].id == "both"
    assert {hit.id for hit in found.hits} == {"both", "words"}
    found = index.hybrid(SearchQuery("chó dại", facets=(Facet.SOURCE,), limit=10), one.astype(np.float32))
    assert found.hits[0].id == "both" and found.hits[0].title.startswith("\x02Chó\x03 \x02dại\x03")
    assert {hit.id for hit in found.hits} == {"both", "words", "near", "unwanted"}
    assert (found.total, found.facets[Facet.SOURCE]) == (4, (("bao", 2),))
    near = next(hit for hit in found.hits if hit.id == "near")
    assert (near.exact, near.title) == (False, "Mèo cào")
    later = index.hybrid(SearchQuery("chó dại", offset=2, limit=2), one.astype(np.float32))
    assert [hit.id for hit in later.hits] == [hit.id for hit in found.hits[2:4]]
    assert {hit.id for hit in index.hybrid(SearchQuery(""), one.astype(np.float32)).hits[:2]} == {"both", "unwanted"}


def test_distinguishing_words(index, make):
    index.put([make(f"a{n}", "Tin", "Người dân cho biết sởi lan nhanh ở trường mầm non") for n in range(5)])
    index.put([make(f"b{n}", "Tin", "Người dân cho biết giá xăng tăng") for n in range(20)])
    words = dict(index.distinguishing(SearchQuery("sởi"), 4))
    assert set(words) <= {"lan", "nhanh", "ở", "trường", "mầm", "non"} and set(words.values()) == {5}
    assert index.distinguishing(SearchQuery("không có gì")) == ()


def test_what_one_wrote_the_other_finds(open_index, make):
    first, second = open_index(), open_index()
    assert second.search(SearchQuery("sởi")).total == 0
    first.put([make("a", "sởi")])
    assert first.search(SearchQuery("sởi")).total == 1
    for _ in range(30):
        if second.search(SearchQuery("sởi")).total:
            return
        time.sleep(0.1)
    raise AssertionError("not found within three seconds")


def test_suggest(index, make):
    index.put([make(str(n), source_id=source) for n, source in enumerate(["Đài tỉnh", "Đài tỉnh", "Đà Nẵng", "Báo"])])
    assert index.suggest(Facet.SOURCE, "đa") == ("Đài tỉnh", "Đà Nẵng")
    assert index.suggest(Facet.SOURCE, "dai") == ("Đài tỉnh",)
