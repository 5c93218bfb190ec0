"""BM25 of a bounded number of texts: finding words as the index cuts them, and weighing them."""

from __future__ import annotations

import numpy as np
import pytest

from index.query import folded_words_of, words_of
from index.scoring import bm25, pattern
from records.text import fold


@pytest.mark.parametrize(
    ("text", "exact", "counts"),
    [
        ("Sốt, SỐT và sốt\ncao; sot không dấu.", True, [3, 1]),
        ("Sốt, SỐT và sốt-cao; sot không dấu.", False, [4, 1]),
        ("sốt sốt sốt", True, [3, 0]),
        ("sốtcao tụt gsốt _sốt", True, [0, 0]),
        ("", True, [0, 0]),
    ],
)
def test_phrases_are_found_at_words(text: str, exact: bool, counts: list[int]) -> None:
    phrases = [("sốt",), ("sốt", "cao")] if exact else [("sot",), ("sot", "cao")]
    assert [len(pattern(phrase, exact=exact).findall(text)) for phrase in phrases] == counts


@pytest.mark.parametrize("word", ["đường", "39", "한국", "ﬁ", "i\u0307", "_a", "ẩ" * 50])
def test_any_word_is_found_in_its_own_text(word: str) -> None:
    text = f"Xin {word} nhé"
    exact, loose = words_of(word).split(), folded_words_of(words_of(word)).split()
    assert len(pattern(tuple(exact), exact=True).findall(text.casefold())) == 1
    assert len(pattern(tuple(loose), exact=False).findall(fold(text))) == 1


def test_more_often_in_a_shorter_text_and_the_rarer_phrase_weigh_more() -> None:
    shares = np.array([0.4, 0.001])
    counts = np.array([[1, 1], [3, 1], [1, 1], [1, 2], [0, 0]], np.float64)
    lengths = np.array([100, 100, 300, 100, 100], np.float64)
    plain, often, long, rare, none = bm25(counts, lengths, shares).tolist()
    assert often > plain > long > none == 0
    assert rare > often


def test_folding_words_is_folding_the_text() -> None:
    words = words_of("Đường Hòa: vắc-xin SỞI \u0301 I\u0307stanbul ﬁ 한국 " + "ắ" * 100)
    assert folded_words_of(words) == fold(words)
