"""The words of topics: each can be found, and what only looks like one is not."""

from __future__ import annotations

import pytest

from models.features import split_words
from models.topical import topic_phrases, topic_words


def topics_of(text: str) -> set[str]:
    return {topic for _, topics in topic_phrases(text) for topic in topics}


def test_every_phrase_is_found_by_itself() -> None:
    """In a text with marks: "lao" without any is no illness."""
    every = [(key, each) for key, phrases in topic_words().items() for each in phrases]
    assert not [(key, each) for key, each in every if key not in topics_of(f"Dạ: {each}")]


def test_no_phrase_is_but_a_number() -> None:
    """ "5%" would be every 5."""
    assert not [each for phrases in topic_words().values() for each in phrases if "".join(split_words(each)).isdigit()]


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("Bệnh viện dùng AI đọc phim phổi", {"digital_health", "treatment"}),
        ("Không biết ai nói vậy", set()),
        ("CÓ AI BỊ GÌ KHÔNG", set()),
        ("Bệnh viện hết thuốc chữa bệnh, khỏi cần mổ xẻ", {"treatment", "pharma"}),
        ("Người lao động của công ty lao vào cứu", set()),
        ("Ông ấy mắc lao đã hai năm", {"epidemic"}),
        ("Trung tâm dịch vụ nhà đất", set()),
        ("o dau ban the nay, can tu van", set()),
        ("ban lon chet o cho", set()),
        ("xã vừa có người bị sốt xuất huyết", {"epidemic"}),
        ("xa vua co nguoi bi sot xuat huyet", {"epidemic"}),
        ("co hoi kham suc khoe dinh ky", {"health_check"}),
        ("tiêm vắc xin thuỷ đậu", topics_of("tiêm vắc xin thủy đậu")),
    ],
)
def test_what_a_word_stands_for(text: str, topics: set[str]) -> None:
    assert topics_of(text) == topics
