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
from models.claim_features import texts_of
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


def test_a_rejected_claim_unlearns_no_confirmed_one(tmp_path: Path, stub_encoder: Any) -> None:
    cache, text = VectorCache(stub_encoder, tmp_path), "Cột phát sóng mới dựng gần trường mầm non"
    confirmed, rejected = ClaimPair(text, LIBRARY[0], True), [ClaimPair(text, one, False) for one in LIBRARY[1:]]
    taught = train_claims.Lessons.of(train_claims.read_queries(), [*rejected, confirmed])
    assert taught.texts[-1] == text and taught.texts.count(text) == 1, "one narrative, one text"
    said = {claim: bool(taught.about[-1, taught.claims.index(claim.text)]) for claim in LIBRARY}
    assert said == {LIBRARY[0]: True, LIBRARY[1]: False, LIBRARY[2]: False}

    def chance(pairs: list[ClaimPair]) -> float:
        return ClaimMatcher(LIBRARY, {}, train_claims.train(cache, pairs).model).chances(texts_of([text]))[0][0, 0]

    untaught = chance([])
    assert chance([confirmed]) > untaught, "what was confirmed is likelier"
    assert chance([*rejected, confirmed]) > untaught, "and stays so, whatever else was rejected"


def test_a_rejection_speaks_of_that_claim_alone() -> None:
    queries = train_claims.read_queries()
    taught = train_claims.Lessons.of(queries, [ClaimPair("Một luồng tin", LIBRARY[1], False)])
    assert taught.spoken.sum() == 1 and not taught.about[-1].any()
    assert (~taught.open[-1]).sum() == 1, "nobody has said that it is about none"
    assert len(train_claims.Lessons.of(queries, []).texts) == len(queries.part(True))


def test_what_has_a_narrative_or_a_claim_in_common_is_held_out_together() -> None:
    pairs = [
        ClaimPair("một", LIBRARY[0], True),
        ClaimPair("hai", LIBRARY[0], False),
        ClaimPair("hai", LIBRARY[1], True),
        ClaimPair("ba", LIBRARY[1], False),
        ClaimPair("bốn", LIBRARY[2], True),
    ]
    one, two, three, four = train_claims.Lessons.of(train_claims.read_queries(), pairs).fold[-4:]
    assert one == two == three != four


def test_the_desk_s_words_are_learnt_where_that_is_better(
    tmp_path: Path, stub_encoder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, path = VectorCache(stub_encoder, tmp_path), tmp_path / "heads" / "claims.json"
    trained = train_claims.train(cache)
    monkeypatch.setattr(train_claims, "load_model", lambda: trained.model)  # the shipped one knows other vectors
    shy = replace(trained.model, joint=replace(trained.model.joint, suggested=1.0, strong=1.0))
    agreed = [ClaimPair(f"Nghe nói {claim.text.lower()} ({n})", claim, True) for n, claim in enumerate(LIBRARY * 4)]
    assert train_claims.learn(path, cache, agreed[:7], shy).why == "too_few"
    assert train_claims.learn(path, cache, agreed, trained.model).why == "not_better" and not path.exists()
    assert train_claims.learn(path, cache, agreed, shy).taken and load_model(path) != shy
    path.unlink()
    # Whatever it is better than, it is never worse than what is in use, or than what is shipped.
    real = train_claims.evaluate
    best = {label: dict.fromkeys(("recall_at_3", "precision", "recall"), 1.1) for label in ("joint", "words")}
    for unbeaten, why in ((shy, "worse_on_fixed"), (trained.model, "worse_than_shipped")):
        monkeypatch.setattr(
            train_claims,
            "evaluate",
            lambda model, cache, best_of=unbeaten: best if model == best_of else real(model, cache),
        )
        assert train_claims.learn(path, cache, agreed, shy).why == why and not path.exists()


def _in_words_of_their_own(claim: Claim, count: int) -> list[ClaimPair]:
    """Narratives with nothing of the claim's words, confirmed: only who has seen such ones finds them."""
    said = ("Chợ phiên đông vui", "Giá xăng giảm chiều nay", "Đội bóng thắng trận", "Mưa lớn ở miền Trung")
    return [ClaimPair(f"{said[at % len(said)]}, tin {claim.id} {at}", claim, True) for at in range(count)]


def test_a_model_that_has_learnt_from_the_desk_has_no_advantage_on_what_it_knows(
    tmp_path: Path, stub_encoder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [
        _claim("tinh", "Uống nước chanh muối mỗi sáng làm tan sỏi thận"),
        _claim("sua", "Sữa mẹ sau sáu tháng chẳng còn chất gì"),
    ]
    first = _in_words_of_their_own(_claim("mau", "Hiến máu nhiều lần khiến người hiến béo phì"), 24)
    further = [pair for claim in (*LIBRARY, *others) for pair in _in_words_of_their_own(claim, 5)]
    cache, path = VectorCache(stub_encoder, tmp_path), tmp_path / "claims.json"
    learnt = train_claims.train(cache, first).model
    learnt.write(path, {"desk": len(first)})
    in_use = load_model(path)
    assert in_use == learnt and len(in_use.learnt_from) == len(first)
    same = {label: {"recall_at_3": 1.0, "precision": 1.0, "recall": 1.0} for label in ("joint", "words")}
    monkeypatch.setattr(train_claims, "evaluate", lambda model, cache: same)  # only the desk's words decide here
    forgetful = replace(in_use, learnt_from=frozenset())
    assert train_claims.learn(path, cache, first + further, forgetful).why == "not_better", "all are right as it is"
    assert train_claims.learn(path, cache, first + further, in_use).taken
    assert len(load_model(path).learnt_from) == len(first + further)
    assert not any(pair.label in path.read_text("utf-8") for pair in first + further), "no text of the desk is kept"


def test_a_model_as_shipped_knows_no_word_of_the_desk(tmp_path: Path) -> None:
    assert not load_model().learnt_from
    path, note = tmp_path / "claims.json", json.loads(SHIPPED.read_text("utf-8"))["note"]
    load_model().write(path, note)
    assert path.read_text("utf-8") == SHIPPED.read_text("utf-8"), "it is written as ever"


def test_words_that_were_not_heard_teach_nothing_and_change_no_fold() -> None:
    pairs = [ClaimPair("một", LIBRARY[0], True), ClaimPair("hai", LIBRARY[0], False), ClaimPair("ba", LIBRARY[1], True)]
    queries = train_claims.read_queries()
    whole = train_claims.Lessons.of(queries, pairs)
    part = train_claims.Lessons.of(queries, pairs, np.array([True, False, False]))
    assert (part.texts, part.claims) == (whole.texts, whole.claims) and (part.fold == whole.fold).all()
    assert part.spoken.sum() == 1 and part.about[-3].sum() == 1
    assert part.open[-2:].all() and not part.about[-2:].any()
