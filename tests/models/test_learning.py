"""What the desk's words change, on a small part of the corpus: which head is taken, and why another is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models import learning, training
from models.comparing import Judgement, Terms
from models.examples import desk_rows
from models.heads import NAMES, SHIPPED, load_idf
from models.landmarks import load_landmarks
from models.learning import Learnt, usable
from models.training import load_heads
from models.vectors import VectorCache
from records.assessment import Correction, Kind
from records.item import Item, ItemStage
from records.ports import Encoder
from records.source import Owner
from tests.support.small_learning import SmallEncoder, learn_from_little

pytestmark = pytest.mark.timeout(600)  # beside other work a learning takes minutes
NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
WORDS = ("mưa", "nắng", "gió", "sông", "núi", "đồng", "chợ", "phố", "làng", "cầu", "đường", "trường", "sách", "bút")
Pair = tuple[Correction, Item]


def said(number: int, text: str, label: str, about: str = "kind", actor: str = "Lan", machine: str = "news") -> Pair:
    item_id, at = f"item-{number}", NOW + timedelta(minutes=number)
    item = Item(
        item_id, "bao", f"https://bao.example/{number}", "", "", text, NOW, NOW, NOW, 1, ItemStage.COMPLETE, "-"
    )
    return Correction(item_id, about, machine, label, actor, at), item


def stalls(count: int, labels: Sequence[str]) -> list[Pair]:
    """A way of speaking that the corpus does not have."""
    return [
        said(
            n,
            f"Gian hàng lưu động số {n} {WORDS[n % 14]} {WORDS[(n * 5 + 3) % 14]}: ghé gian, đặt chỗ nhận quà.",
            labels[n % len(labels)],
        )
        for n in range(count)
    ]


@pytest.fixture(autouse=True)
def small_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    learn_from_little(monkeypatch)


@pytest.fixture
def learn(tmp_path: Path):  # type: ignore[no-untyped-def]
    in_use = {head.name: head for head in load_heads(None, NAMES)}

    def run(pairs: Sequence[Pair], known_until: dict[str, datetime] | None = None, **narratives: str) -> Learnt:
        kept, _ = usable(pairs)
        until = known_until or {}
        return learning.learn(
            SmallEncoder(), in_use, load_idf(SHIPPED), load_landmarks(SHIPPED), tmp_path, kept, narratives, until
        )

    return run


def judged(learnt: Learnt, head: str) -> Judgement:
    (found,) = [one for one in learnt.judgements if one.head == head]
    return found


def test_a_head_that_is_better_is_taken_and_no_other_changes(learn) -> None:  # type: ignore[no-untyped-def]
    learnt = learn(stalls(40, [Kind.ADVERT]))
    kind = judged(learnt, "kind")
    assert (kind.taken, kind.why) == (True, "better"), kind
    assert kind.desk_after is not None and kind.desk_before is not None and kind.desk_after > kind.desk_before
    assert kind.held_out == 8 and kind.fixed_rows > 50
    assert [head.name for head in learnt.heads] == ["kind"]
    assert {one.why for one in learnt.judgements if one.head != "kind"} == {"no_words"}


def test_words_that_say_now_this_and_now_that_are_not_taken(learn) -> None:  # type: ignore[no-untyped-def]
    learnt = learn(stalls(50, [Kind.CHATTER, Kind.RUMOR, Kind.CORRECTION, Kind.QUESTION, Kind.ADVERT, Kind.NEWS]))
    assert not learnt.heads and judged(learnt, "kind").why in {"not_better", "worse_on_fixed"}


def test_a_person_who_calls_every_rumor_news_changes_nothing(learn) -> None:  # type: ignore[no-untyped-def]
    rumors = [row for row in training.own_corpus() if row.labels["kind"] == Kind.RUMOR]
    hostile = [
        said(n, f"{row.item.text} ({n})", Kind.NEWS, actor="Kẻ phá", machine=Kind.RUMOR)
        for n, row in enumerate(rumors[:80])
    ]
    learnt = learn(hostile)
    assert not learnt.heads and judged(learnt, "kind").why == "worse_on_fixed", learnt.judgements


def test_few_words_and_known_words_are_not_learnt_from(learn) -> None:  # type: ignore[no-untyped-def]
    few = stalls(20, [Kind.CHATTER])
    assert judged(learn(few), "kind").why == "too_few"
    assert judged(learn(few, {"kind": NOW + timedelta(days=1)}), "kind").why == "nothing_new"
    assert judged(learn([said(1, "Một bài", "true", about="health")]), "health").why == "not_here"


@pytest.mark.parametrize("name", ["health", "reliability", "kind", "harm"])
def test_a_head_is_asked_by_itself_whether_it_learns_of_parts_or_not(
    name: str, stub_encoder: Encoder, tmp_path: Path
) -> None:
    heads = {head.name: head for head in load_heads(None, NAMES)}
    idf, landmarks = load_idf(SHIPPED), load_landmarks(SHIPPED)
    asked = learning._Learning(stub_encoder, heads, idf, landmarks, tmp_path, None, Terms(), lambda line: None)
    asked.vectors = VectorCache(stub_encoder, tmp_path, deep=True)
    assert asked.chances(name, heads, training.own_corpus()[:3]).shape == (3, len(heads[name].classes))


def test_the_newest_word_counts_and_contradictions_are_told() -> None:
    (first, item), (second, _) = said(1, "Bài", Kind.NEWS), said(1, "Bài", Kind.RUMOR, actor="Mai")
    wrong, strange = said(2, "Bài", "no such kind"), said(3, "Bài", "x", about="beauty")
    kept, told = usable([(first, item), (second, item), wrong, strange])
    assert len(kept) == 2 and told.unusable == 2
    assert told.contradicted == (("item-1", "kind"),)
    assert (told.persons, told.largest_share) == (2, 0.5)


def test_what_people_agree_to_weighs_less_and_keeps_owner_and_context() -> None:
    corrected, agreed = said(1, "Bài", Kind.RUMOR), said(1, "Bài", "high", about="harm", machine="high")
    item = replace(corrected[1], context="Tên bài báo")
    pairs = [(replace(correction, owner=Owner.CITIZEN), item) for correction in (corrected[0], agreed[0])]
    rows = desk_rows(pairs)
    assert [(row.labels, row.weight) for row in rows] == [({"kind": "rumor"}, 2.0), ({"harm": "high"}, 1.0)]
    assert {(row.item.owner, row.item.context) for row in rows} == {(Owner.CITIZEN, "Tên bài báo")}
    away, back = said(2, "Bài", Kind.NEWS, machine=Kind.RUMOR), said(2, "Bài", Kind.RUMOR, machine=Kind.NEWS)
    (row,) = desk_rows([away, back])
    assert (row.labels, row.weight) == ({"kind": "rumor"}, 1.0), "corrected and corrected back: the machine was right"


def test_items_of_one_narrative_are_never_on_both_sides(learn) -> None:  # type: ignore[no-untyped-def]
    pairs = stalls(40, [Kind.ADVERT])
    learnt = learn(pairs, None, **{item.id: "one-narrative" for _, item in pairs})
    kind = judged(learnt, "kind")
    assert kind.held_out == 40 and not kind.taken, "nothing of it may be learnt: nothing is gained"
