"""N-grams hashed by numpy: the same row in any company, words where they stand."""

from __future__ import annotations

import numpy as np
import pytest

from models.features import BUCKETS, ngrams, word_buckets
from models.spelling import plain

TEXTS = [
    "Bệnh viện tỉnh báo cáo",
    "",
    "🙂🙂",
    "bv ko co vx",
    "một",
    "x" * 5_000,
    "日本語 và العربية",
    "Hòa\u0301 e\u0323",
]


def test_a_row_does_not_depend_on_the_others() -> None:
    together = ngrams(TEXTS)
    assert together.shape == (len(TEXTS), BUCKETS)
    for place, text in enumerate(TEXTS):
        assert (together[place] != ngrams([text])).nnz == 0
    backwards = ngrams(TEXTS[::-1])
    assert (together != backwards[::-1]).nnz == 0


def test_empty_texts_are_empty_rows() -> None:
    assert ngrams(["", "🙂", "?!"]).nnz == 0
    assert ngrams([]).shape == (0, BUCKETS)


def test_marks_matter_less_than_words_but_they_do_matter() -> None:
    full, unmarked, other = ngrams(["chó dại cắn người", "cho dai can nguoi", "giá vàng hôm nay tăng"])
    near, far = (full @ unmarked.T).sum(), (full @ other.T).sum()
    assert 0.3 < near < 1.2
    assert far < 0.1


def test_chat_spelling_reads_as_plain() -> None:
    assert plain("bv ko có vx") == "bệnh viện không có vắc xin"
    assert plain("K gan, 5k, BS") == "K gan, 5k, BS"
    assert np.allclose((ngrams(["bv ko có vx"]) - ngrams(["bệnh viện không có vắc xin"])).data, 0)


@pytest.mark.parametrize("text", ["Bệnh viện, 🙂 ok", "a", "", "mn oi, bv 🙂 het vx r"])
def test_words_are_where_they_stand(text: str) -> None:
    words, buckets = word_buckets(text)
    found = [text[start:end] for start, end in zip(words.start, words.end, strict=True)]
    assert len(found) == len(plain(text).replace(",", " ").replace("🙂", " ").split())
    assert list(dict.fromkeys(found)) == text.replace(",", " ").replace("🙂", " ").split()
    assert len(buckets["marked"]) == len(found)
    assert len(buckets["marked_pair"]) == max(0, len(found) - 1)


def test_a_word_that_is_read_as_two_stands_once() -> None:
    words, buckets = word_buckets("ra bv tỉnh")
    assert list(zip(words.start, words.end, strict=True)) == [(0, 2), (3, 5), (3, 5), (6, 10)]
    written_out = word_buckets("ra bệnh viện tỉnh")[1]
    assert all((buckets[view] == written_out[view]).all() for view in buckets)
