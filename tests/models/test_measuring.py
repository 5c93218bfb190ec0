"""How the models are measured: what is left unseen, what stands for what, and that nothing is learnt twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models import fitting, kept, retrieval, sources, whole
from models.evaluation import Answers
from models.examples import Row, own_corpus
from models.heads import NAMES, SHIPPED, load_head, load_idf
from models.landmarks import load_landmarks
from models.training import Trainer
from records.assessment import Harm, Kind, Stance
from records.ports import Encoder


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """Of every kind and part, and of official denials, some."""
    return own_corpus()[::37]


def test_a_comment_stands_under_its_title(rows: list[Row]) -> None:
    titled = [row for row in own_corpus() if row.channel == "comment" and row.item.context]
    assert len(titled) > 100
    assert not any(row.item.title for row in own_corpus() if row.channel == "comment")
    assert any(row.item.title for row in rows)


def _right(rows: list[Row], name: str) -> Answers:
    """What a head that is always right would have said."""
    head = load_head(name, SHIPPED)
    if len(head.classes) == 1:
        yes = np.array([row.labels["health" if name == "filter" else name] == "yes" for row in rows])
        return Answers(np.where(yes, 0.99, 0.0)[:, None], yes.astype(np.int64))
    said = np.array([head.classes.index(row.labels[name]) for row in rows])
    return Answers(np.eye(len(head.classes))[said] * 0.9 + 0.1 / len(head.classes), said)


def _shown(rows: list[Row], answers: dict[str, Answers], encoder: Encoder) -> list[whole.Shown]:
    heads = [load_head(name, SHIPPED) for name in NAMES]
    return whole.shown(rows, answers, encoder, heads, load_landmarks(SHIPPED), load_idf())


def test_the_assessor_with_heads_that_are_right_is_right_but_for_its_rules(
    rows: list[Row], stub_encoder: Encoder
) -> None:
    answers = {name: _right(rows, name) for name in NAMES if name != "reliability"}
    answers["filter"] = Answers(answers["filter"].chances, np.ones(len(rows), np.int64))
    figures = whole.figures(rows, _shown(rows, answers, stub_encoder))
    every = figures["all"]
    assert every["items"] == len(rows)
    assert (every["health"]["recall"], every["health"]["precision"]) == (1, 1)
    assert every["corrections"]["shown_as_rumor"] == every["corrections"]["wanting_attention"] == 0
    assert every["harm"]["macro_f1"] == 1
    assert every["kind"]["accuracy"] > 0.95
    assert figures["by_spelling"]["full"]["items"] == sum(row.spelling == "full" for row in rows)


def test_what_the_filter_stops_or_is_not_health_is_nothing_else(rows: list[Row], stub_encoder: Encoder) -> None:
    answers = {name: _right(rows, name) for name in NAMES if name != "reliability"}
    none = np.zeros(len(rows), np.int64)
    stopped = answers | {"filter": Answers(answers["filter"].chances, none)}
    for said in (stopped, answers | {"health": Answers(np.full((len(rows), 1), 0.9), none)}):
        for each in _shown(rows, said, stub_encoder):
            assert not each.health and not each.attention
            assert each.kind not in {Kind.RUMOR, Kind.CORRECTION}
            assert (each.stance, each.harm) == (Stance.NEUTRAL, Harm.NONE)


def test_chances_are_moved_only_where_the_head_would_say_otherwise() -> None:
    head = replace(load_head("stance", SHIPPED), lift=(1.0, 2.0, 1.0, 3.0))
    chances = np.random.default_rng(3).dirichlet(np.ones(4), size=200)
    said = np.random.default_rng(4).integers(0, 4, size=200)
    agreeing = whole.agreeing(head, Answers(chances, said))
    assert [head.answer(row) for row in agreeing] == [head.classes[at] for at in said]
    same = np.array([head.answer(row) for row in chances]) == np.array(head.classes)[said]
    assert np.allclose(agreeing[same], chances[same])
    asked = load_head("health", SHIPPED)
    yes = np.array([0, 1, 1, 0])
    moved = whole.agreeing(asked, Answers(np.array([[0.9], [0.9], [0.0], [0.0]]), yes))[:, 0]
    assert ((np.round(moved, 4) >= asked.threshold) == yes).all()
    assert (moved[1], moved[3]) == (0.9, 0.0)


def test_a_part_of_the_corpus_is_judged_by_the_others_alone(stub_encoder: Encoder, tmp_path: Path) -> None:
    trainer = Trainer(stub_encoder, tmp_path, None, lambda line: None)
    own = own_corpus()[::5]
    task = sources.by_part(trainer.task("kind", {"kind": own}, words_only=True), own)
    narratives = np.array([row.group for row in own])
    for seen, unseen in fitting.folds(task):
        assert not {task.groups[at] for at in seen} & {task.groups[at] for at in unseen}
        assert not set(narratives[seen]) & set(narratives[unseen])
    assert set(task.groups) == {row.item.id[0] for row in own}


def test_answers_are_kept_for_these_weights_this_code_and_these_rows_alone(rows: list[Row], tmp_path: Path) -> None:
    weights = tmp_path / "kind.npz"
    weights.write_bytes(b"one")
    answers = _right(rows, "kind")
    kept.keep(tmp_path, weights, "code", rows, answers)
    found = kept.kept(tmp_path, weights, "code", rows)
    assert found is not None
    assert (found.chances == answers.chances).all() and (found.said == answers.said).all()
    assert kept.kept(tmp_path, weights, "other", rows) is None
    assert kept.kept(tmp_path, weights, "code", rows[1:]) is None
    weights.write_bytes(b"two")
    assert kept.kept(tmp_path, weights, "code", rows) is None
    kept.keep(tmp_path, weights, "code", rows, answers)
    assert len(list(tmp_path.glob("out_of_fold/*"))) == 1


def test_the_best_batch_finds_stories_that_are_plainly_apart(stub_encoder: Encoder) -> None:
    texts = [f"{story} lần {at}" for story in ("cầu Lạch Sậy thông xe", "đội bóng thắng đậm") for at in range(4)]
    items = retrieval.items_of(texts, stub_encoder.encode(texts[:1]).repeat(len(texts), axis=0))
    gold = [text.split(" lần ")[0] for text in texts]
    assert retrieval.best_batch(gold, items, stub_encoder.dimensions)[0] == 1
