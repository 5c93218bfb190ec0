"""Matching texts with known claims: the floors on texts of our own, and what the suggestions do."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import train_claims
from models.encoder import load_encoder
from models.examples import read_jsonl
from models.matching import SHIPPED, ClaimMatcher, load_model
from models.vectors import VectorCache
from records.claim import Claim, ClaimPair, Verdict
from records.errors import ModelMismatch, ModelMissing

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _claim(id: str, text: str, *wordings: str) -> Claim:
    return Claim(id, text, Verdict.FALSE, "", ("https://a.example",), None, NOW, wordings)


LIBRARY = [
    _claim("5g", "Sóng của trạm 5G gây ung thư cho người ở gần"),
    _claim("gan", "Viêm gan B lây qua ăn uống chung mâm"),
    _claim("vape", "Thuốc lá điện tử chỉ là hơi nước, không hại", "Vape không độc vì toàn khói thơm"),
]


def test_the_set_is_what_it_says() -> None:
    rows = read_jsonl(train_claims.PAIRS)
    claims = {row["id"] for row in read_jsonl(train_claims.CLAIMS)}
    assert len(rows) >= 300 and len({row["text"] for row in rows}) == len(rows)
    about = [row for row in rows if row["claim"]]
    assert len(about) <= len(rows) - len(about)
    assert min(Counter(row["claim"] for row in about).values()) >= 5
    assert {row["claim"] for row in about} == claims
    assert all((row["near"] in claims) == (row["form"] == "near") for row in rows)


def _holds(figures: dict[str, Any]) -> None:
    assert figures["recall_at_3"] >= 0.90
    assert figures["precision"] >= 0.95 and figures["recall"] >= 0.70
    assert figures["strong_in_vain"] <= 0.05 and figures["suggested_in_vain"] <= 0.5


def test_words_alone_reach_the_floors() -> None:
    _holds(train_claims.evaluate(load_model(), None)["words"])


def test_the_shipped_model_is_that_of_this_set() -> None:
    note = json.loads(SHIPPED.read_text("utf-8"))["note"]
    assert note["corpora"] == train_claims.hashes(), "run python -m models.train_claims again"
    _holds(note["joint"])


@pytest.mark.encoder
def test_words_and_vectors_reach_the_floors(builtin_encoder_home: Path, tmp_path: Path) -> None:
    cache = VectorCache(load_encoder("builtin", builtin_encoder_home), tmp_path)
    _holds(train_claims.evaluate(load_model(), cache)["joint"])


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("song cua tram 5g gay ung thu cho nguoi song gan", "5g"),
        ("mn ơi ăn chung vs ng bị viêm gan B là lây hết đó", "gan"),
        ("Thuốc lá điện tử chỉ là hơi nước, có đúng là không hại không ạ?", "vape"),
        ("vape toan khoi thom thoi, khong doc dau", "vape"),
    ],
)
def test_a_claim_is_known_in_any_spelling(text: str, id: str) -> None:
    first = ClaimMatcher(LIBRARY, {}).suggest([text])[0]
    assert first.claim.id == id and first.strong
    assert first.wording in first.claim.all_wordings


@pytest.mark.parametrize(
    "text",
    [
        "Giá xăng giảm từ 15 giờ chiều nay",
        "bv đông quá mn ạ, chờ từ sáng",
        "Sốt xuất huyết tăng ở năm phường",
        "",
        "?!",
    ],
)
def test_what_is_no_known_claim_is_no_strong_suggestion(text: str) -> None:
    for library in (LIBRARY[:1], LIBRARY):
        assert not any(one.strong for one in ClaimMatcher(library, {}).suggest([text]))


def test_a_claim_stands_out_alike_in_a_small_library_and_in_a_large_one() -> None:
    text = "Từ ngày có cột 5G gần nhà, sóng gây ung thư cho cả xóm"
    alone = ClaimMatcher(LIBRARY[:1], {}).suggest([text])[0].similarity
    among = ClaimMatcher(LIBRARY, {}).suggest([text])[0].similarity
    assert abs(alone - among) < 0.1


def test_several_texts_speak_together_and_an_empty_library_is_silent() -> None:
    matcher = ClaimMatcher(LIBRARY, {})
    one, other = "Trạm 5G phát sóng gây ung thư cho người ở gần", "Chợ phiên đông vui, hàng hóa đủ loại"
    assert matcher.suggest([one])[0].similarity > matcher.suggest([one, other])[0].similarity
    assert matcher.suggest([]) == () and ClaimMatcher([], {}).suggest([one]) == ()


def test_vectors_count_only_where_claim_and_text_have_one() -> None:
    vectors = {text: np.eye(384, dtype=np.float32)[0] for claim in LIBRARY[:2] for text in claim.all_wordings}
    texts, own = ["ăn chung mâm lây viêm gan B"], np.eye(384, dtype=np.float32)[:1]
    bare, seen = ClaimMatcher(LIBRARY, {}).suggest(texts), ClaimMatcher(LIBRARY, vectors).suggest(texts, own)
    assert bare[0].claim.id == seen[0].claim.id == "gan" and bare[0].similarity != seen[0].similarity
    assert ClaimMatcher(LIBRARY, vectors).suggest(texts, np.zeros((1, 384), np.float32)) == bare


def test_a_model_that_cannot_be_used_says_so(tmp_path: Path) -> None:
    path = tmp_path / "claims.json"
    with pytest.raises(ModelMissing):
        load_model(path)
    path.write_text("{}")
    with pytest.raises(ModelMismatch):
        load_model(path)
    content = json.loads(SHIPPED.read_text("utf-8"))
    content["joint"]["features"][0] = "another"
    path.write_text(json.dumps(content))
    with pytest.raises(ModelMismatch, match="other features"):
        load_model(path)


def test_the_desk_s_words_are_learnt_unless_they_make_it_worse(
    tmp_path: Path, stub_encoder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = VectorCache(stub_encoder, tmp_path)
    pairs = [ClaimPair("Cột 5G trên đồi", LIBRARY[0], False), ClaimPair("5G gây u não", LIBRARY[0], True)]
    path = tmp_path / "heads" / "claims.json"
    in_use, _ = train_claims.train(cache)
    figures = train_claims.learn(path, cache, pairs, in_use)
    assert figures is not None and load_model(path) != in_use
    path.unlink()
    perfect = {"recall_at_3": 1.1, "precision": 1.1, "recall": 1.1}
    monkeypatch.setattr(train_claims, "evaluate", lambda *_: {"joint": perfect})
    monkeypatch.setattr(train_claims, "train", lambda *_: (replace(in_use), {"joint": {"recall_at_3": 1.0}}))
    assert train_claims.learn(path, cache, pairs, in_use) is None and not path.exists()
