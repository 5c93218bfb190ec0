"""Marks are put back where a text has none, and nothing else of it changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.diacritics import EDGE, TABLE, lacks_marks, load_table, with_marks
from models.features import ngrams, word_buckets
from models.reading import read
from models.spelling import plain, spelled
from models.train_diacritics import LEAST_TEXTS, counted
from records.assessment import AssessableItem
from records.errors import ModelMismatch, ModelMissing
from records.text import fold

MARKED = "Bệnh viện tỉnh hết thuốc, bà con mang thẻ bảo hiểm y tế đi đâu cũng được."


@pytest.mark.parametrize(
    "text",
    [
        "Benh vien tinh HET THUOC roi!!! Ba con oi…",
        "tiem vac xin xong bi sot: co sao khong?",
        "  sot xuat huyet\n\n30 ca, o xa  ",
        "🙂 uong nuoc la du du",
        "",
    ],
)
def test_only_marks_are_put_back(text: str) -> None:
    found = with_marks(text)
    assert fold(found) == fold(text) and len(found) == len(text)
    assert [letter.isupper() for letter in found] == [letter.isupper() for letter in text]


def test_a_bare_comment_is_read_with_marks_below_a_title_with_marks() -> None:
    comment = AssessableItem("1", "benh vien tinh het thuoc", context=MARKED)
    assert spelled(read(comment).whole) == f"{MARKED}. \x1fbệnh viện tỉnh hết thuốc"
    assert (ngrams([read(comment).whole]) != ngrams([f"{MARKED}. bệnh viện tỉnh hết thuốc"])).nnz == 0


def test_a_missing_or_broken_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        load_table(tmp_path / "none.npz")
    for content in (b"", b"PK\x03\x04 damaged", TABLE.read_bytes()[:5_000]):
        (tmp_path / "broken.npz").write_bytes(content)
        load_table.cache_clear()
        with pytest.raises(ModelMismatch):
            load_table(tmp_path / "broken.npz")
    load_table.cache_clear()


def test_marks_are_the_likeliest() -> None:
    assert with_marks("Benh vien tinh het thuoc") == "Bệnh viện tỉnh hết thuốc"
    assert with_marks("bi sot xuat huyet, dau bung") == "bị sốt xuất huyết, đau bụng"


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("Benh vien het thuoc", True),
        ("bv k con thuoc", True),
        (MARKED, False),
        ("Bệnh vien het thuốc", False),
        ("", False),
        ("12/3 – 14/3: 350.000", False),
        ("Zentrale Kommission schreibt Vorschriften", False),
        ("I can do it for you, me too", False),
        ("The WHO says this is a test of the system", False),
        ("het thuoc 😭😭😭 ba con oi", True),
        ("👉👉 “benh vien het thuoc” 👉👉", True),
        ("anh em ta", False),
        ("中央医院没有药", False),
    ],
)
def test_a_text_lacks_marks_only_if_it_should_have_them(text: str, lacks: bool) -> None:
    assert lacks_marks(text, plain(text)) is lacks


def test_a_text_with_marks_is_read_as_it_is() -> None:
    assert spelled(MARKED) == MARKED
    assert read(AssessableItem("1", MARKED)).embedded == MARKED


def test_a_text_without_marks_is_read_as_with_them() -> None:
    bare = AssessableItem("1", "benh vien tinh het thuoc")
    assert read(bare).embedded == "bệnh viện tỉnh hết thuốc" and read(bare).own == "benh vien tinh het thuoc"
    assert (ngrams([read(bare).own]) != ngrams(["bệnh viện tỉnh hết thuốc"])).nnz == 0


def test_words_stand_where_they_were_written() -> None:
    text = "bv tinh k con thuoc"
    words, _ = word_buckets(text)
    shown = [text[start:end] for start, end in zip(words.start, words.end, strict=True)]
    assert shown == ["bv", "bv", "tinh", "k", "con", "thuoc"]


def test_what_stands_in_few_texts_is_not_kept() -> None:
    often = ["bệnh viện hết thuốc"] * LEAST_TEXTS
    table = counted([*often, "bệnh án của bà Tư", "chua co dau nao het", ""])
    words = table["words"].tolist()
    assert set(words) == {EDGE, "bệnh", "viện", "hết", "thuốc"}
    pairs = {(words[a], words[b]) for a, b in zip(table["first"], table["second"], strict=True)}
    assert pairs == {(EDGE, "bệnh"), ("bệnh", "viện"), ("viện", "hết"), ("hết", "thuốc"), ("thuốc", EDGE)}
    assert (table["follows"] < 0).all()


def test_the_shipped_table_is_of_numbers_and_syllables() -> None:
    with np.load(TABLE, allow_pickle=False) as arrays:
        assert len(arrays["words"]) < 2**16
        assert all(word == word.casefold() and " " not in word for word in arrays["words"].tolist())
