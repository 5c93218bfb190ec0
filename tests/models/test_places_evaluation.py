"""Provinces found, against the labels of the own corpus: never below what was measured."""

from __future__ import annotations

from models.places_evaluation import figures

ROW = {"title": "", "channel": "comment", "spelling": "full"}


def test_what_is_right_missed_and_invented_is_counted() -> None:
    rows = [
        ROW | {"text": "Sở Y tế Đồng Nai", "places": ["Đồng Nai"]},
        ROW | {"text": "Sài Gòn và Hà Nội", "places": ["Hà Nội"]},
        ROW | {"text": "tỉnh mình", "places": ["Huế"]},
        ROW | {"text": "uống lá", "places": [], "title": None},
    ]
    every = figures(rows)["all"]
    assert (every["items"], every["labelled"], every["named"], every["right"]) == (4, 3, 3, 2)
    assert (every["precision"], every["recall"], every["same"]) == (0.6667, 0.6667, 0.5)
    assert figures(rows)["by_how"]["former"] == {"named": 1, "right": 0, "precision": 0.0}
    assert figures([])["all"]["precision"] is None


def test_provinces_of_the_corpus_are_found() -> None:
    every = figures()["all"]
    assert every["labelled"] >= 700
    assert every["precision"] >= 0.98
    assert every["recall"] >= 0.94
