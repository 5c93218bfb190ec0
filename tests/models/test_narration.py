"""Narration: what is one story, in whatever portions it comes."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from models.minhash import NearDuplicates, hash_shingles
from models.narration import StreamNarrator
from models.wording import SCALE, whole_vector
from records.narrative import NarratableItem, PersonsWords, PlacedItem

NOW = datetime(2026, 8, 1, tzinfo=UTC)
STORY = Path(__file__).parents[3] / "shared" / "data" / "same_story.jsonl"
CLAIMS = (
    "Uống nước lá đu đủ chữa khỏi sốt xuất huyết trong ba ngày",
    "Vắc xin sởi của xã Tân An gây tử vong hai trẻ sơ sinh",
    "Bệnh viện huyện lấy mật ong đắp vết bỏng thay thuốc",
    "Muối sắp tăng giá vì nhà máy nhiễm phóng xạ cesi",
)
FILLER = (
    *("bà con", "chia sẻ", "gấp", "cho mọi người", "cùng biết", "nhé", "em", "nghe kể"),
    *("lại", "hôm qua", "ở chợ", "thật", "không ạ"),
)


def item(id, text, hours=0.0, vector=b"", title="", published=True):
    when = NOW + timedelta(hours=hours)
    return NarratableItem(id, title, text, when if published else None, when, vector)


def stream(seed, count=120):
    """Claims retold in other words over some forty days, with vectors near each claim's own."""
    generator, numbers = random.Random(seed), np.random.default_rng(seed)
    centers = numbers.normal(size=(len(CLAIMS), 64))
    items = []
    for number in range(count):
        claim = generator.randrange(len(CLAIMS))
        words = [word for word in CLAIMS[claim].split() if generator.random() < 0.6] + generator.sample(FILLER, 3)
        vector = centers[claim] + numbers.normal(size=64)
        vector = (vector / np.linalg.norm(vector)).astype("<f2").tobytes()
        items.append(item(f"i{number:03d}", " ".join(words), generator.randrange(960), vector))
    return sorted(items, key=lambda one: (one.when, one.id))


def partition(placements, narratives=None):
    narratives = dict(narratives or {})
    for placement in placements:
        for merge in placement.merges:
            narratives = {id: merge.into if n == merge.narrative_id else n for id, n in narratives.items()}
        narratives[placement.item_id] = placement.narrative_id
    return narratives


@pytest.mark.parametrize("seed", range(3))
def test_one_call_or_many_give_the_same(seed):
    items = stream(seed)
    whole = list(StreamNarrator(similarity=0.6).place((), items))
    expected = partition(whole)
    assert 4 <= len(set(expected.values())) < 60 and any(p.similarity < 1 for p in whole)
    generator = random.Random(seed)
    placed: dict[str, str] = {}
    parts = []
    at = 0
    while at < len(items):
        step = items[at : at + generator.randrange(1, 40)]
        narrator = StreamNarrator(similarity=0.6)
        since = step[0].when - narrator.window
        window = [PlacedItem(i, placed[i.id]) for i in items[:at] if i.when >= since]
        part = list(narrator.place(window, step))
        placed = partition(part, placed)
        parts += part
        at += len(step)
    assert parts == whole
    assert placed == expected


def test_a_narrator_remembers_nothing_that_changes_its_answers():
    """Items edited, gone, put elsewhere by a person, and left half placed between calls."""
    items = stream(5, 90)
    kept = StreamNarrator(similarity=0.6)
    first = partition(kept.place((), items[:60]))
    window = [PlacedItem(one, first[one.id]) for one in items[:60]]
    window[3] = PlacedItem(replace(items[3], text=CLAIMS[3], version=2), window[3].narrative_id)
    window[5] = PlacedItem(items[5], window[9].narrative_id)
    del window[20:30]
    next(kept.place(window, items[60:]))
    assert list(kept.place(window, items[60:])) == list(StreamNarrator(similarity=0.6).place(window, items[60:]))


def test_posts_on_one_claim_become_one_narrative_and_the_day_s_news_does_not():
    told = (
        "Mn ơi trạm y tế Hòa Lạc tiêm vắc xin hết hạn, hai bé ngất phải đi cấp cứu kìa",
        "tram y te hoa lac lay thuoc het han tiem cho be, may be ngat xiu roi, dung cho con di tiem",
        "Cho em hỏi chuyện bé tiêm vắc xin ở Hòa Lạc bị ngất có thật không ạ, mai con em tới lịch tiêm",
        "Sở Y tế: vắc xin tại trạm y tế Hòa Lạc còn hạn đến năm 2028, không có trẻ nào phải cấp cứu sau tiêm",
    )
    news = (
        "Bệnh viện tỉnh khánh thành khu khám bệnh mới, mỗi ngày tiếp nhận thêm năm trăm lượt người",
        "Hội người cao tuổi tổ chức đi bộ đồng hành, hơn ba trăm cụ tham gia",
    )
    items = [item(f"r{n}", text, 2 * n) for n, text in enumerate(told)]
    items += [item(f"n{n}", text, 2 * n + 1) for n, text in enumerate(news)]
    narratives = partition(StreamNarrator().place((), sorted(items, key=lambda one: one.when)))
    assert {narratives[f"r{n}"] for n in range(4)} == {"r0"}
    assert [narratives["n0"], narratives["n1"]] == ["n0", "n1"]


def test_a_late_item_meets_what_was_published_after_it():
    narrator = StreamNarrator()
    first = item("a", CLAIMS[0], hours=100)
    (placement,) = narrator.place([PlacedItem(first, "n")], [item("b", CLAIMS[0] + " nhé", hours=1)])
    assert placement.narrative_id == "n" and placement.near_duplicate_of == "a"
    far = item("c", CLAIMS[0], hours=100 + 24 * 15)
    (placement,) = narrator.place([PlacedItem(first, "n")], [far])
    assert placement.narrative_id == "c"


def test_near_duplicates_join_at_once_with_marks_or_without():
    original = "Chị họ em dọn vệ sinh ở khoa nhiễm kể tuần này đưa xuống nhà xác sáu ca sốt xuất huyết rồi"
    copy = "chi ho em don ve sinh o khoa nhiem ke tuan nay dua xuong nha xac sau ca sot xuat huyet roi moi nguoi oi"
    first, second, other = StreamNarrator().place(
        (), [item("a", original), item("b", copy, 1), item("c", CLAIMS[3], 2)]
    )
    assert (second.narrative_id, second.near_duplicate_of) == ("a", "a") and second.similarity >= 0.6
    assert first.similarity == 1.0 and other.narrative_id == "c"


def test_what_a_person_parted_is_neither_merged_nor_mixed():
    first, second = (item(id, CLAIMS[1], hours) for id, hours in (("old", 0), ("young", 1)))
    window = [PlacedItem(second, "young"), PlacedItem(first, "old")]
    bridge = item("x", "xã Tân An có hai trẻ sơ sinh tử vong, người ta nói vắc xin sởi gây ra", 2)
    narrator = StreamNarrator(similarity=0.2)
    (placement,) = narrator.place(window, [bridge], PersonsWords(apart=frozenset({("old", "young")})))
    assert placement.narrative_id in {"old", "young"} and not placement.merges
    outside = PersonsWords(outside={"y": frozenset({"old"})}, apart=frozenset({("old", "young")}))
    (copy,) = narrator.place(window, [item("y", CLAIMS[1], 2)], outside)
    assert (copy.narrative_id, copy.near_duplicate_of) == ("young", "young")
    (moved,) = narrator.place(window, [item("y", CLAIMS[3], 2)], PersonsWords(belongs={"y": "young"}))
    assert (moved.narrative_id, moved.similarity) == ("young", 1.0)
    (free,) = narrator.place(window, [bridge])
    assert free.narrative_id == "old" and free.merges, "the words are those of one call"


def test_what_a_person_joined_takes_in_what_resembles_either_half():
    halves = [item(f"a{n}", CLAIMS[0], n) for n in range(3)] + [item(f"b{n}", CLAIMS[1], n) for n in range(9)]
    window = [PlacedItem(one, "a0") for one in halves]
    later = item("x", "Bà con ơi sốt xuất huyết cứ lá đu đủ giã lấy nước uống là khỏi", 20)
    (alone,) = StreamNarrator().place(window, [later])
    assert alone.narrative_id == "x"
    joined = PersonsWords(halves=(("a0", frozenset({"a0", "a1", "a2"})), ("a0", frozenset({"b0", "b1"}))))
    (placement,) = StreamNarrator().place(window, [later], joined)
    assert placement.narrative_id == "a0" and placement.similarity >= 0.4


def test_two_narratives_that_an_item_joins_are_merged_into_the_older():
    first, second = (item(id, CLAIMS[1], hours) for id, hours in (("old", 0), ("young", 1)))
    window = [PlacedItem(second, "young"), PlacedItem(first, "old")]
    bridge = item("x", "xã Tân An có hai trẻ sơ sinh tử vong, người ta nói vắc xin sởi gây ra", 2)
    (placement,) = StreamNarrator(similarity=0.2).place(window, [bridge])
    assert placement.narrative_id == "old"
    assert [(merge.narrative_id, merge.into, merge.item_id) for merge in placement.merges] == [("young", "old", "x")]


def test_edge_texts_are_placed():
    texts = ["", "ok", "😀😀", "x" * 100_000, "từ " * 30_000, "e\u0302\u0301", "Пациент выздоровел", "\x00\ud800"]
    placements = list(StreamNarrator().place((), [item(str(n), text) for n, text in enumerate(texts)]))
    assert [placement.item_id for placement in placements] == [str(n) for n in range(len(texts))]
    assert all(0 <= placement.similarity <= 1 for placement in placements)
    assert list(StreamNarrator().place((), [])) == []


def test_whole_vectors_lose_little():
    vector = np.random.default_rng(1).normal(size=64)
    vector = (vector / np.linalg.norm(vector)).astype("<f2")
    whole = whole_vector(vector.tobytes(), 64)
    assert (whole == np.rint(whole)).all()
    assert float(whole @ vector.astype(np.float32)) / SCALE == pytest.approx(1, abs=1e-3)
    assert not whole_vector(b"", 64).any()


def test_describe():
    members = [
        item("a", "Nhiều người chia sẻ lá đu đủ chữa sốt xuất huyết.", title="Lá đu đủ có chữa sốt xuất huyết?"),
        item("b", "Uống lá đu đủ sẽ khỏi sốt xuất huyết, thật không?"),
        item("c", "Bác sĩ: lá đu đủ không chữa được sốt xuất huyết.", title="Bác sĩ nói gì về lá đu đủ"),
    ]
    label, words = StreamNarrator().describe(members)
    assert label in {members[0].title, members[2].title}
    assert any("đu đủ" in phrase for phrase in words) and len(words) <= 6
    assert StreamNarrator().describe([]) == ("", ())
    assert StreamNarrator().describe([item("d", "chỉ có chữ")])[0] == "chỉ có chữ"


def test_a_label_stays_until_another_is_clearly_better():
    told = [item(f"m{n}", f"Nghe nói {CLAIMS[0].lower()}, lần {n}", title=f"Lá đu đủ chữa sốt {n}") for n in range(3)]
    other = item("o", CLAIMS[3], title="Muối sắp tăng giá")
    narrator = StreamNarrator()
    first = narrator.describe(told[:1])[0]
    assert first == "Lá đu đủ chữa sốt 0"
    assert {narrator.describe(told[:n], label=first)[0] for n in (2, 3)} == {first}
    assert narrator.describe([*told, other], label=other.title)[0] != other.title
    assert narrator.describe(told, label="Tên của một tin đã đi")[0] in {one.title for one in told}


def test_an_untitled_post_gives_its_first_sentence_and_words_are_whole():
    post = "Nước máy Bến Ngự có giun nha cả nhà! Ai lỡ uống rồi thì mua thuốc tẩy giun ngay đi ạ."
    label, words = StreamNarrator().describe([item(f"p{n}", f"{post} {n}") for n in range(4)])
    assert label == "Nước máy Bến Ngự có giun nha cả nhà!"
    assert not any(one.split()[-1] == two.split()[0] for one in words for two in words)


def test_near_duplicates_are_found_as_by_comparing_all():
    generator = random.Random(2)
    words = [f"t{n}" for n in range(400)]
    texts = [" ".join(generator.choices(words, k=60)) for _ in range(80)]
    texts += [" ".join(w for w in text.split() if generator.random() > 0.05) for text in texts]
    shingles = hash_shingles(texts)
    seen = NearDuplicates()
    seen.add(range(100), shingles[:100])
    seen.add(range(100, 160), shingles[100:])
    expected = found = 0
    for at, one in enumerate(shingles):
        close = {
            other
            for other, two in enumerate(shingles)
            if len(set(one.tolist()) & set(two.tolist())) >= 0.6 * len(set(one.tolist()) | set(two.tolist()))
        }
        answers = {duplicate.key for duplicate in seen.find(one)}
        assert answers <= close and at in answers
        expected, found = expected + len(close), found + len(answers)
    assert found >= 0.98 * expected


@pytest.mark.shared_data
@pytest.mark.skipif(not STORY.exists(), reason="../shared/data is not here")
def test_same_story_without_vectors_keeps_its_floor():
    rows = sorted((json.loads(line) for line in STORY.read_text("utf-8").splitlines()), key=lambda row: row["file"])
    items = [item(f"{number:03d}", row["text"], number / 3600) for number, row in enumerate(rows)]
    # Without vectors a pair's score lacks a third.
    narratives = partition(StreamNarrator(similarity=0.2).place((), items))
    gold = [row["cluster"] for row in rows]
    told = [narratives[one.id] for one in items]
    both, of_gold, of_told = Counter(zip(gold, told, strict=True)), Counter(gold), Counter(told)
    precision = sum(n * n / of_told[t] for (_, t), n in both.items()) / len(rows)
    recall = sum(n * n / of_gold[g] for (g, _), n in both.items()) / len(rows)
    assert 2 * precision * recall / (precision + recall) >= 0.90
