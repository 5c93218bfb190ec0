"""What a person types, and what comes back first."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.query import parse
from records.errors import QueryError
from records.search import Facet, SearchFilter, SearchOrder, SearchQuery

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
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_hostile_text_is_harmless(filled, text):
    try:
        results = filled.search(SearchQuery(text, facets=tuple(Facet)))
    except QueryError:
        return
    assert results.total >= len(results.hits)


def test_pages_follow_each_other_when_a_word_is_very_common(index, make, monkeypatch):
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


def test_newest_first(index, make):
    index.put([make(f"d{n}", "sởi", minutes=(n * 37) % 50) for n in range(50)])
    hits = index.search(SearchQuery("soi", order=SearchOrder.NEWEST, limit=50)).hits
    assert [hit.id for hit in hits] == sorted((f"d{n}" for n in range(50)), key=lambda id: -((int(id[1:]) * 37) % 50))
