"""Words that none of the project's own texts has."""

from __future__ import annotations

from models.unseen import unseen_words


def test_words_are_compared_without_case_and_marks() -> None:
    assert unseen_words(["Sốt xuất huyết,", "SOT xuat huyet: qwertyuiop 123", "à"]) == (1, 7)
    assert unseen_words([]) == (0, 0)
