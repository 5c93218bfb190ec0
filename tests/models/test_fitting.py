"""Fitting a head: what was measured in parts is what ships as one table."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import sparse

from models import fitting, kernel
from models.cues import CUES
from models.features import BUCKETS
from models.heads import SHIPPED, HeadSet, load_head, squash, tempered
from models.landmarks import draw

ROWS, CLASSES, BELOW = 240, ("a", "b", "c"), 2


@pytest.fixture(scope="module")
def task() -> fitting.Task:
    """Rows whose class stands in their n-grams and, less plainly, in their vectors."""
    drawn = np.random.default_rng(1)
    labels = np.arange(ROWS) % len(CLASSES)
    words = np.zeros((ROWS, 60), np.float32)
    words[np.arange(ROWS), 3 * drawn.integers(0, 5, ROWS) + labels] = 1.0  # five words a class
    words[:, 15:] = drawn.random((ROWS, 45)) < 0.2
    words[drawn.random(ROWS) < 0.3, :15] = 0
    ngrams = sparse.hstack([sparse.csr_matrix(words), sparse.csr_matrix((ROWS, BUCKETS - 60), dtype=np.float32)])
    dense = drawn.normal(size=(ROWS, 8 + CUES)).astype(np.float32)
    dense[:, :3] += 1.5 * np.eye(3, dtype=np.float32)[labels]
    groups = [f"narrative {row // 4}" for row in range(ROWS)]
    landmarks = draw(dense, groups, "test")
    near = landmarks.nearness(dense)
    return fitting.Task(
        name="test",
        classes=CLASSES,
        view="own",
        labels=labels,
        groups=groups,
        weights=np.ones(ROWS),
        copies=np.zeros(ROWS, bool),
        ngrams=ngrams.tocsr(),
        dense=dense,
        most_buckets=BUCKETS,
        strata=[str(label) for label in labels],
        sets=["first" if row % 8 < 4 else "second" for row in range(ROWS)],
        below=drawn.random((ROWS, BELOW)),
        nearby=kernel.Nearby(near, landmarks.among(), np.array(landmarks.groups), kernel.gram(ngrams.tocsr())),
    )


def test_the_table_that_ships_says_what_its_parts_say(task: fitting.Task) -> None:
    scores = fitting.out_of_fold(task)
    joint, alone, _, _ = fitting.mixes(task, scores)
    assert np.abs(joint.alone).max() > 0.01, "the n-grams alone have their say"
    head = fitting.fit(task, "test", (joint, alone), 0.5, np.ones(len(CLASSES)), {})
    head = dataclasses.replace(head, stacks=())  # what heads below say is added here by hand
    landmarks = draw(task.dense, list(task.groups), "test")  # type: ignore[arg-type]
    found = HeadSet([head], "test", landmarks).probabilities({"own": task.ngrams}, task.dense)["test"]

    everything = np.arange(ROWS)
    assert task.nearby is not None and task.dense is not None and task.below is not None
    ngrams, near = fitting._joint_model(task, task.nearby, everything).scores(task.ngrams, task.nearby.near)
    dense = fitting._dense_model(task, task.dense, everything).scores(task.dense)
    by_words = fitting._ngram_model(task, everything).scores(task.ngrams)
    mix = joint.mix
    total = mix.ngrams * ngrams + mix.dense * dense + mix.near * near + by_words @ joint.alone + np.array(mix.bias)
    shipped = tempered(squash(total), mix.temperature)
    assert any(mix.temperature)
    assert np.allclose(found, shipped, atol=1e-3)  # the dense weights are rounded to half precision


def test_sure_answers_are_no_surer_than_they_are_right() -> None:
    """Answers that are right in seven of ten though they say nine, and in five of ten though they say four."""
    drawn = np.random.default_rng(2)
    said, truly = np.repeat([0.9, 0.4], 2000), np.repeat([0.7, 0.5], 2000)
    chances = np.column_stack([said, np.outer(1 - said, [0.6, 0.4])])
    right = drawn.random(4000) < truly
    temperature = fitting._temperature(chances, right, np.ones(4000))
    found = tempered(chances, temperature)
    assert np.allclose(found.sum(axis=1), 1)
    assert np.array_equal(found.argsort(axis=1), chances.argsort(axis=1)), "the order of the answers stays"
    assert abs(found[:2000, 0].mean() - right[:2000].mean()) < 0.02
    assert abs(found[2000:, 0].mean() - right[2000:].mean()) < 0.02


@pytest.mark.parametrize("name", ["kind", "stance", "harm", "topic"])
def test_of_two_items_the_surer_one_stays_the_surer_one(name: str) -> None:
    """Each row keeps its order at any temperature; that rows keep theirs is so of what ships."""
    head = load_head(name, SHIPPED)
    others = len(head.classes) - 1
    greatest = np.linspace(1 / (others + 1) + 0.001, 0.999, 500)
    chances = np.column_stack([greatest, *[(1 - greatest) / others] * others])
    for mix in (head.mix, head.without_dense):
        assert any(mix.temperature)
        assert (np.diff(tempered(chances, mix.temperature).max(axis=1)) > 0).all()


def test_a_temperature_of_nothing_changes_nothing() -> None:
    chances = np.array([[0.7, 0.3], [1.0, 0.0]])
    assert tempered(chances, (0.0, 0.0)) is chances
    assert np.isfinite(tempered(chances, (0.3, -0.5))).all()
    yes = np.array([[0.7], [0.2]])
    assert tempered(yes, (1.0, 1.0)) is yes, "yes or no has its own calibration"
    all_right = fitting._temperature(chances, np.ones(2, bool), np.ones(2))
    assert np.isfinite(tempered(chances, all_right)).all()


def test_a_word_of_one_side_alone_is_trusted_most(task: fitting.Task) -> None:
    telling = fitting._telling(task.ngrams, task.labels == 0, task.weights, task.telling)
    own = telling[:15:3]  # the words of the first class
    assert own.min() > telling[15:60].max()
    assert telling.min() >= 0.3


def test_the_parts_together_know_more_than_the_words(task: fitting.Task) -> None:
    _, _, chances, alone = fitting.mixes(task, fitting.out_of_fold(task))
    right, right_alone = ((each.argmax(axis=1) == task.labels).mean() for each in (chances, alone))
    assert right > right_alone > 0.6


def test_words_that_tell_nothing_weigh_the_same(task: fitting.Task) -> None:
    everything = np.ones(len(task.labels), bool)
    for nothing in (task.ngrams * 0, task.ngrams[:, :0]):
        nothing.eliminate_zeros()
        telling = fitting._telling(nothing, everything, task.weights, task.telling)
        assert telling.shape == (nothing.shape[1],) and np.isfinite(telling).all()


def test_products_in_blocks_are_the_products(task: fitting.Task) -> None:
    assert np.array_equal(kernel.gram(task.ngrams), (task.ngrams @ task.ngrams.T).toarray())


def test_what_one_set_grows_by_does_not_stir_the_folds_of_another(task: fitting.Task) -> None:
    first = np.array([name == "first" for name in task.sets])
    fewer = np.flatnonzero(first | (np.arange(ROWS) < ROWS // 2))
    part = dataclasses.replace(
        task,
        labels=task.labels[fewer],
        groups=[task.groups[row] for row in fewer.tolist()],
        strata=[task.strata[row] for row in fewer.tolist()],
        sets=[task.sets[row] for row in fewer.tolist()],
    )
    for (_, whole), (_, of_part) in zip(fitting.folds(task), fitting.folds(part), strict=True):
        unseen = fewer[of_part]
        assert set(whole[first[whole]]) == set(unseen[first[unseen]])
        seen = np.delete(np.arange(ROWS), whole)
        assert {task.groups[row] for row in whole.tolist()}.isdisjoint(task.groups[row] for row in seen.tolist())
