"""The model cards: every figure that stands in them is the one that was measured of what is shipped."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from models.cards import BEGIN, END, NAMES, part, with_figures, write
from models.heads import NAMES as HEADS
from models.heads import SHIPPED
from records.errors import InputError

CARDS = Path(__file__).parents[2] / "docs" / "models"
FACTS: dict[str, Any] = json.loads((SHIPPED.parent / "figures.json").read_text("utf-8"))
_FIGURE = re.compile(r"(?<![\w.])0\.\d{2,4}\b|\b\d+(?:\.\d)? %")
_WRITTEN = re.compile(r"<!--= .+? -->.*?<!--=-->", re.DOTALL)


@pytest.mark.parametrize("name", NAMES)
def test_a_card_has_the_figures_that_were_measured(name: str) -> None:
    card = (CARDS / f"{name}.md").read_text("utf-8")
    assert with_figures(card, name, FACTS) == card
    assert card.index(BEGIN) < card.index(END)


@pytest.mark.parametrize("name", [*NAMES, "risk", "encoder"])
def test_a_card_says_what_it_stands_on_where_it_fails_and_what_it_is_not_for(name: str) -> None:
    card = (CARDS / f"{name}.md").read_text("utf-8")
    assert "## Limits" in card
    assert "## Not to be used for" in card
    assert "data" in card.casefold()


@pytest.mark.parametrize("name", HEADS)
def test_a_sentence_has_no_figure_of_the_head_that_nothing_wrote(name: str) -> None:
    """But for what is set or asked for, and for what was tried once, on an earlier corpus."""
    card = (CARDS / f"{name}.md").read_text("utf-8")
    above, _, rest = card.partition(BEGIN)
    sentences = re.split(r"(?<=\.)\s+", _WRITTEN.sub("", above + rest.partition(END)[2]))
    allowed = re.compile(r"[Aa]sked for|(?:is|are) set|[Ww]eights|Tried|[Aa]t a recall|earlier|each\)|0\.5 is")
    said = [one for one in sentences if _FIGURE.search(one) and not allowed.search(one)]
    assert said == []


def test_what_is_measured_anew_is_written_into_table_and_sentences_and_nothing_else_is(tmp_path: Path) -> None:
    facts = json.loads(json.dumps(FACTS))
    kind = "figures/kind/headline"
    sentence = f"F1 <!--= {kind}/macro_f1 -->?<!--=-->, rest <!--= not {kind}/ece % -->?<!--=-->"
    for name in NAMES:
        (tmp_path / f"{name}.md").write_text(f"# Trên\n{sentence}\n{BEGIN}\ncũ\n{END}\n## Dưới\n", "utf-8")
    assert len(write(tmp_path, facts)) == len(NAMES)
    assert write(tmp_path, facts) == ()
    facts["figures"]["kind"]["headline"] |= {"macro_f1": 0.9876, "ece": 0.25}
    write(tmp_path, facts)
    written = (tmp_path / "kind.md").read_text("utf-8")
    assert written.startswith("# Trên\nF1 <!--= figures/kind/headline/macro_f1 -->0.988<!--=-->, rest <!--= not")
    assert "ece % -->75 %<!--=-->\n" in written
    assert f"{BEGIN}\n{part('kind', facts)}{END}\n## Dưới\n" in written
    assert "0.9876" in part("kind", facts)


def test_a_card_without_a_place_for_figures_is_left_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        write(tmp_path, FACTS)
    with pytest.raises(InputError, match="no line"):
        with_figures("# Trên\n", "kind", FACTS)
    with pytest.raises(InputError, match="not measured"):
        with_figures(f"<!--= figures/no/such -->1<!--=-->\n{BEGIN}\n{END}\n", "kind", FACTS)
