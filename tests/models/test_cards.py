"""The model cards: what stands in them is what was measured of the heads as they are shipped."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from models import cards
from models.cards import BEGIN, END, noted, part, with_figures, write
from models.heads import NAMES, SHIPPED
from records.errors import InputError

CARDS = Path(__file__).parents[2] / "docs" / "models"


@pytest.mark.parametrize("name", NAMES)
def test_a_card_has_the_figures_that_its_head_carries(name: str) -> None:
    card = (CARDS / f"{name}.md").read_text("utf-8")
    measured = noted(SHIPPED, name)
    assert with_figures(card, measured) == card
    weights = hashlib.sha256((SHIPPED / f"{name}.npz").read_bytes()).hexdigest()
    assert measured.weights_sha256 == weights
    assert card.index(BEGIN) < card.index(END) < card.index("## Limits") < card.index("## Not to be used for")


def test_only_what_stands_between_the_marks_is_written(tmp_path: Path) -> None:
    (tmp_path / "kind.md").write_text(f"# Trên\n{BEGIN}\ncũ\n{END}\n## Dưới\n", "utf-8")
    measured = noted(SHIPPED, "kind")
    assert write(tmp_path, [measured]) == (tmp_path / "kind.md",)
    written = (tmp_path / "kind.md").read_text("utf-8")
    assert written == f"# Trên\n{BEGIN}\n{part(measured)}{END}\n## Dưới\n"
    assert write(tmp_path, [measured]) == ()
    better = dict(measured.figures) | {"headline": dict(measured.figures["headline"]) | {"macro_f1": 0.9999}}
    assert write(tmp_path, [replace(measured, figures=better)]) and "0.9999" in (tmp_path / "kind.md").read_text()


def test_a_card_without_marks_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "kind.md").write_text("# Trên\n", "utf-8")
    with pytest.raises(InputError, match="no line"):
        write(tmp_path, [cards.noted(SHIPPED, "kind")])
    with pytest.raises(InputError, match="cannot be read"):
        write(tmp_path / "none", [cards.noted(SHIPPED, "kind")])
