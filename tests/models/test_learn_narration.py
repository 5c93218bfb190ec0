"""What people joined and parted changes how narratives are told apart, where that is better, and else nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from models import arranged, holding_out, meetings
from models.learn_narration import Learnt, Narration, learn
from models.likeness import features_of
from models.narration import SIMILARITY, StreamNarrator, narrated
from models.vectors import VectorCache
from models.weights import SHIPPED, Weights
from records.narrative import NarratableItem, NarrativePair, PlacedItem
from tests.support.small_learning import WideEncoder, learn_from_little, told_twice

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
WINDOW = timedelta(days=14)
Learner = Callable[..., Learnt]


@pytest.fixture
def learner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Learner:
    learn_from_little(monkeypatch)

    def run(pairs: Sequence[NarrativePair], known_until: datetime | None = None) -> Learnt:
        vectors = VectorCache(WideEncoder(), tmp_path)
        return learn(pairs, vectors, Narration(WINDOW, SIMILARITY, SHIPPED), known_until)

    return run


def posts(story: int) -> list[NarratableItem]:
    when = NOW + timedelta(hours=story)
    return [
        NarratableItem(f"{story:02d}-{n}", "", text, when, when, vector)
        for n, (text, vector) in enumerate(told_twice(story))
    ]


def said(
    ones: Sequence[NarratableItem], others: Sequence[NarratableItem], together: bool, number: int = 0
) -> list[NarrativePair]:
    at = NOW + timedelta(days=1, minutes=number)
    return [NarrativePair(one, other, together, "Lan", at) for one in ones for other in others]


def joined(stories: int) -> list[NarrativePair]:
    """A person joined the two narratives of each story."""
    return [pair for n in range(stories) for pair in said(posts(n)[:2], posts(n)[2:], True, n)]


def test_what_people_joined_is_learnt_where_the_corpus_stays_as_well_told_apart(learner: Learner) -> None:
    learnt = learner(joined(12))
    judgement = learnt.judgement
    assert (judgement.taken, judgement.why, judgement.words, judgement.held_out) == (True, "better", 12, 12), judgement
    assert judgement.desk_before == 0 and judgement.desk_after is not None and judgement.desk_after > 0.8
    assert judgement.fixed_before is not None and judgement.fixed_after is not None
    assert judgement.fixed_after >= judgement.fixed_before > 0.3
    assert learnt.weights is not None
    new = posts(99)
    assert len(set(narrated(StreamNarrator(WINDOW, None, learnt.weights), new).values())) == 1
    assert len(set(narrated(StreamNarrator(WINDOW), new).values())) == 2


def test_somebody_who_joins_what_has_nothing_in_common_changes_nothing(learner: Learner) -> None:
    pairs = [pair for n in range(0, 40, 2) for pair in said(posts(n), posts(n + 1), True, n)]
    learnt = learner(pairs)
    assert learnt.weights is None and learnt.judgement.why in {"not_better", "worse_on_fixed"}, learnt.judgement


def test_few_acts_known_acts_and_none_are_not_learnt_from(learner: Learner) -> None:
    assert learner([]).judgement.why == "no_words"
    assert learner(joined(7)).judgement.why == "too_few"
    assert learner(joined(12), NOW + timedelta(days=2)).judgement.why == "nothing_new"
    one_group = [pair for n in range(9) for pair in said(posts(0)[:1], posts(n + 1)[:1], True, n)]
    assert learner(one_group).judgement.why == "too_few", "nothing is left to measure it on"


def test_acts_of_one_narrative_and_near_duplicates_stay_together() -> None:
    first, second, third = posts(0), posts(1), posts(2)
    copy = NarratableItem("copy", "", first[0].text, NOW, NOW, b"")
    gone = NarratableItem("gone", "", "", NOW, NOW, b"")
    pairs = said(first[:2], first[2:], True) + said(first[:2], second, False) + said([copy], third[:1], True, 1)
    pairs += said([gone], third, False, 2)
    found = arranged.arranged(pairs)
    assert "gone" not in found.items and len(found.items) == 10
    (group,) = found.groups
    assert sorted((len(act.pairs), act.together) for act in group) == [(1, True), (4, True), (8, False)]
    assert arranged.arranged(pairs[::-1]).groups == found.groups
    assert len(arranged.arranged(joined(3)).groups) == 3


def test_nothing_of_the_fixed_fifth_teaches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    learn_from_little(monkeypatch)
    teaching, fixed = meetings.corpus(VectorCache(WideEncoder(), tmp_path))
    rows = {row.item.id: row for row in meetings.own_corpus()}
    assert not any(holding_out.fixed(rows[item.id]) for item in teaching.items)
    assert all(holding_out.fixed(rows[item.id]) for item in fixed.items)
    assert len(teaching.items) > 2 * len(fixed.items) > 200
    assert not set(teaching.narratives) & set(fixed.narratives)


def test_an_item_meets_its_own_narrative_and_the_nearest_as_they_are_when_it_comes() -> None:
    items = [*posts(0), *posts(1), *posts(2)]
    known = meetings.Corpus(tuple(items), tuple(f"{n // 4}" for n in range(12)))
    met = meetings.of_corpus(known, WideEncoder.dimensions, SHIPPED)
    # The first item of a narrative meets those before it alone, the others their own as well.
    assert len(met) == 0 + 3 + 4 * 2 - 1 + 4 * 3 - 1
    features = dict(zip((one.id for one in items), features_of(items, WideEncoder.dimensions), strict=True))
    act = arranged.Act(True, NOW, tuple((one.id, items[3].id) for one in items[:3]))
    (side,) = meetings.of_acts([act], features)
    assert any(np.allclose(side, one) for one in met), "the fourth met the first three"
    words, vectors, both, short = side
    assert short == 1 and both == vectors and 0.2 < vectors < 0.5 and 0 < words < 0.5


def test_other_weights_say_where_new_items_go_and_leave_what_is_placed() -> None:
    first, second = posts(0)[:2], posts(0)[2:]
    before = narrated(StreamNarrator(), [*first, *second])
    window = [PlacedItem(one, before[one.id]) for one in (*first, *second)]
    later = NarratableItem("later", "", posts(1)[0].text, NOW, NOW, posts(1)[0].vector)
    (placement,) = StreamNarrator(weights=Weights(vectors=0.9)).place(window, [later])
    assert (placement.item_id, placement.narrative_id, placement.merges) == ("later", "later", ())
    (placement,) = StreamNarrator(weights=Weights(base=0.3)).place(window, [later])
    assert placement.narrative_id != "later" and {merge.item_id for merge in placement.merges} <= {"later"}
