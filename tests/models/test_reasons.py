"""Words that are shown as reasons stand in the text, however the models read them."""

from __future__ import annotations

import numpy as np
import pytest

from models.features import BUCKETS, word_buckets
from models.reasons import TextReasons
from records.assessment import AssessableItem
from records.ports import Assessor

IDF = np.ones(BUCKETS, np.float32)


def _reasons(text: str, heavy: str) -> tuple[str, ...]:
    """The words of `text` that are shown when those of `heavy`, plain, weigh."""
    weights = np.zeros(BUCKETS, np.float32)
    weights[word_buckets(heavy)[1]["marked"]] = 1.0
    return TextReasons(text, IDF).words(weights)


@pytest.mark.parametrize(
    ("text", "heavy", "shown"),
    [
        ("tiêm ở đây ko sao đâu", "không", "ko"),
        ("ra bv tỉnh mà hỏi", "bệnh viện", "bv"),
        ("hết vx rồi nhé", "vắc xin", "vx"),
        ("trạm hết VX, bv hết vx", "vắc xin", "vx"),
        ("uống vitamin c đi", "vitamin", "vitamin"),
    ],
)
def test_what_is_shown_is_what_was_written(text: str, heavy: str, shown: str) -> None:
    words = _reasons(text, heavy)
    assert all(word in text for word in words)
    assert any(shown in word for word in words)


def test_one_chat_word_is_shown_once() -> None:
    assert _reasons("bv", "bệnh viện") == ("bv",)
    words = _reasons("ra bv ko có vx", "bệnh viện không có vắc xin")
    assert sum("bv" in word.split() for word in words) == 1
    assert " ".join(words).split().count("vx") == 1


def test_words_of_two_sentences_are_no_phrase() -> None:
    assert not any(
        "\n" in word or "." in word for word in _reasons("Ba ca tử vong. Bệnh viện nói\nkhông", "tử vong không")
    )


def test_every_word_of_an_assessment_stands_in_its_item(foreign_assessor: Assessor) -> None:
    text = "mn ơi bv huyện hết vx r, bs bảo ko cần tiêm, e sợ quá. Uống vitamin c đc k ạ?"
    said = foreign_assessor.assess([AssessableItem("1", text)], cascade=False)[0].assessment
    shown = [word for reason in said.reasons for word in reason.words]
    assert shown
    assert [word for word in shown if word not in text] == []
