"""The real encoder: built whole or not at all, the same bits in any company, quiet."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import numpy as np
import pytest

from models import builtin
from models import encoder as encoding
from models.encoder import load_encoder
from records.errors import ModelMismatch, ModelMissing
from records.ports import DEEP, Encoder
from records.text import PART

_WORDS = ("bệnh", "viện", "tỉnh", "thông", "báo", "lịch", "tiêm", "chủng", "cho", "trẻ", "dưới", "năm", "tuổi")


@pytest.fixture(scope="module")
def encoder(builtin_encoder_home: Path) -> Encoder:
    return load_encoder("builtin", builtin_encoder_home)


@pytest.mark.encoder
def test_the_same_bits_in_any_company(encoder: Encoder) -> None:
    draw = random.Random(1)
    texts = [" ".join(draw.choices(_WORDS, k=draw.choice([1, 5, 20, 50, 90, 300]))) for _ in range(16)]
    texts += [f"{text} “{other}” {text}" for text, other in zip(texts[:8], texts[8:], strict=True)]
    together = encoder.encode(texts)
    assert together.shape == (24, 384)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-3)
    deep = encoder.encode_deep(texts)
    assert np.array_equal(deep[:, :384], together)
    assert deep.shape == (24, DEEP * 384)
    assert np.allclose(np.linalg.norm(deep[:, 384:768], axis=1), 1, atol=1e-3)
    assert deep[16:, 1536:].any(axis=1).sum() >= 4, "some quotations stand before the cut"
    order = draw.sample(range(24), 24)
    assert np.array_equal(encoder.encode_deep([texts[place] for place in order]), deep[order])
    assert np.array_equal(encoder.encode([texts[place] for place in order]), together[order])
    for place in range(3):
        assert np.array_equal(encoder.encode([texts[place]])[0], together[place])
        assert np.array_equal(encoder.encode_query(texts[place]), together[place])


@pytest.mark.encoder
def test_edges_and_meaning(encoder: Encoder) -> None:
    edges = ["", "🙂", "x" * 100_000, "e\u0302\u0323 b" * 10, "\ud800"]
    assert np.isfinite(encoder.encode(edges)).all()
    assert encoder.encode([]).shape == (0, 384)
    assert np.isfinite(encoder.encode_deep(edges)).all()
    near, same, far = encoder.encode(
        ["Trẻ bị sốt xuất huyết nhập viện", "Bé mắc sốt xuất huyết phải vào viện", "Giá xăng giảm từ chiều nay"]
    )
    assert near @ same > near @ far


@pytest.mark.encoder
def test_what_is_quoted_stands_apart_from_what_is_said(encoder: Encoder) -> None:
    claim, denial = "Uống nước tro bếp là hết giun", "Sai hoàn toàn nha cả nhà."
    quoting, plain, only, nothing = encoder.encode_deep([f"“{claim}”. {denial}", f"{claim}. {denial}", claim, ""])
    beginning, end, said, quoted = (quoting[start : start + 384] for start in range(768, DEEP * 384, 384))
    inner = quoting[384:768]
    there = dict(zip(("claim", "denial"), encoder.encode_deep([claim, denial])[:, 384:768], strict=True))

    def near(part: np.ndarray, what: str) -> float:
        return float((part + inner) @ there[what])

    assert near(quoted, "claim") > near(said, "claim")
    assert near(said, "denial") > near(quoted, "denial")
    assert near(end, "denial") > near(beginning, "denial")
    # Where nothing is quoted, neither stands apart; a short text is its own beginning and end; an empty one has none.
    assert plain[768:1536].any() and not plain[1536:].any()
    assert np.array_equal(only[768:1152], only[1152:1536])
    assert not nothing[768:].any()


def test_what_a_text_stands_under_is_told_from_it() -> None:
    assert encoding._parted(f"Giá vàng.  {PART} Em thấy sai ") == ("Giá vàng. ", "Em thấy sai")
    assert encoding._parted("Em thấy sai") == ("", "Em thấy sai")
    assert encoding._parted(f"a{PART}b{PART}c") == ("a b ", "c"), "only the last one parts"
    assert encoding._parted("") == ("", "")
    above, own = encoding._parted(f"{'a' * 2_000}{PART}{'b' * 2_000}")
    assert len(above) + len(own) <= encoding.MOST_CHARACTERS


def test_the_parts_of_a_text_are_tokens_of_its_own() -> None:
    text, places = "query: giá “vắc xin giả” là bịa", [(0, 0), (0, 6), (6, 10), (10, 15), (15, 19), (19, 23), (23, 31)]
    beginning, end, said, quoted = encoding._parts(text, len("query: "), places)
    assert list(beginning) == list(end) == [2, 3, 4, 5, 6]
    assert (list(said), list(quoted)) == ([2, 6], [3, 4, 5])
    # Without places (a slow tokenizer) there are none, and without a quotation neither of the last two.
    assert [list(part) for part in encoding._parts(text, 7, [])] == [[], [], [], []]
    assert [list(part) for part in encoding._parts("query: giá vàng", 7, [(0, 6), (6, 10), (10, 15)])[2:]] == [[], []]


@pytest.mark.encoder
def test_a_comment_has_no_part_of_what_it_stands_under(encoder: Encoder) -> None:
    title, own = "Bác sĩ nói gì về “nước tro bếp” chữa giun?. ", "Sai hoàn toàn nha cả nhà, “uống là hết” là bịa."
    parted, joined, alone = encoder.encode_deep([f"{title}{PART}{own}", title + own, own])
    assert np.array_equal(parted[:768], joined[:768]), "as a whole both are the same text"
    beginning, end, quoted = slice(768, 1152), slice(1152, 1536), slice(1920, 2304)
    assert np.array_equal(parted[end], joined[end]), "sixteen tokens of its own, either way"
    for part in (beginning, quoted):
        itself = alone[part] + alone[384:768]
        assert (parted[part] + parted[384:768]) @ itself > (joined[part] + joined[384:768]) @ itself


def test_other_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtin, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(ModelMismatch, match="sha256"):
        builtin.build_builtin(tmp_path / "e5-small")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.encoder
def test_half_a_build_is_not_taken_for_a_whole_one(builtin_encoder_home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "e5-small"
    folder.mkdir()
    shutil.copy(builtin_encoder_home / "models" / "e5-small" / builtin.MANIFEST, folder)
    assert builtin.is_built(folder)
    (folder / builtin.MANIFEST).write_text("{")
    assert not builtin.is_built(folder)


@pytest.mark.encoder
def test_a_model_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    with pytest.raises(ModelMissing):
        load_encoder(str(tmp_path / "nothing"), tmp_path).encode(["x"])
