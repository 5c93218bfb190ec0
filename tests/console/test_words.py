"""Every word on screen has its Vietnamese, and nothing in the catalogue is left over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import console
from alerts import words
from casework import refusals
from casework.claim_words import VERDICT_NAMES
from console import labels, language
from crawlers.social import POST_PLATFORMS
from records.assessment import Harm, Kind, Stance
from records.case import Act, CaseStage, SetAsideReason, StatementStage
from records.claim import Verdict
from records.item import ItemStage
from records.risk import Level
from records.search import Facet
from records.source import Owner, SourceState

FOLDER = Path(console.__file__).parent
METHODS = [("cli/**.py", "ignore"), ("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "N_": None, "word": None, "words": None, "ngettext": (1, 2)}


def _messages() -> set[str | tuple[str, ...]]:
    found = extract_from_dir(FOLDER, method_map=METHODS, keywords=KEYWORDS)
    return {message for _file, _line, message, _comments, _context in found} | set(refusals.ALL)


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with language.catalogue_path("vi").open("rb") as file:
        return read_po(file, locale="vi", domain=language.DOMAIN)


def test_every_message_is_translated_and_none_is_left_over(catalogue: Catalog) -> None:
    wanted = _messages()
    kept = {message.id for message in catalogue if message.id}
    assert len(wanted) > 250
    assert wanted - kept == set()
    assert kept - wanted == set()
    for message in catalogue:
        words = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(words), message.id
        assert not message.fuzzy


def test_every_platform_that_posts_are_read_from_has_a_name() -> None:
    assert labels.PLATFORMS.keys() >= POST_PLATFORMS
    assert labels.platform_name("Diễn đàn <b>", str.upper) == "Diễn đàn <b>", "another is called as its source says"


def test_translations_keep_their_places(catalogue: Catalog) -> None:
    places = re.compile(r"%\(\w+\)s")
    for message in catalogue:
        given, said = (
            (text if isinstance(text, str) else text[-1]) for text in (message.id or "", message.string or "")
        )
        assert set(places.findall(given)) == set(places.findall(said)) or not message.id, message.id
        assert not message.id or not re.search(r"(?<!%)%(?![%(])", said), "templates fill in every message: %% is one"


def test_vietnamese_is_vietnamese(catalogue: Catalog) -> None:
    same = {message.id for message in catalogue if message.id and message.id == message.string}
    assert same == set()


@pytest.mark.parametrize(
    ("on_screen", "in_messages"),
    [
        (labels.LEVELS, words.LEVEL),
        (labels.HARMS, words.HARM),
        (labels.SPREADS, words.SPREAD),
        (labels.STAGES, words.STAGE),
        (labels.VERDICTS, words.VERDICT),
        (labels.VERDICTS, VERDICT_NAMES),
    ],
)
def test_screens_and_messages_use_the_same_words(
    catalogue: Catalog, on_screen: dict[object, str], in_messages: dict[object, str]
) -> None:
    for value, said in in_messages.items():
        message = catalogue[on_screen[value]]
        assert message is not None and str(message.string).casefold() == said.casefold(), value


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (Level, labels.LEVELS),
        (Harm, labels.HARMS),
        (Harm, labels.HARM_MEANINGS),
        (Kind, labels.KINDS),
        (Stance, labels.STANCES),
        (CaseStage, labels.STAGES),
        (SetAsideReason, labels.SET_ASIDE_REASONS),
        (StatementStage, labels.STATEMENT_STAGES),
        (Act, labels.ACTS),
        (Owner, labels.OWNERS),
        (Verdict, labels.VERDICTS),
        (ItemStage, labels.ITEM_STAGES),
        (Facet, labels.FACETS),
        (SourceState, labels.SOURCE_STATES),
    ],
)
def test_every_value_has_a_word(kind: type, names: dict[object, object]) -> None:
    assert set(names) == set(kind)  # type: ignore[call-overload]
