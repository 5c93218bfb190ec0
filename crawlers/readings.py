"""What the parsing worker answers: typed, and carried as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from records.item import Entry


@dataclass(frozen=True, slots=True)
class SourcePage:
    """What stands at a source's address.

    `is_feed`: RSS, Atom, RDF or JSON Feed, else HTML, of which `entries` are the article links. `feeds`: the addresses
    of feeds that an HTML page names. `challenge`: a page that wants a browser, a cookie or a captcha.
    """

    is_feed: bool
    title: str = ""
    entries: tuple[Entry, ...] = ()
    skipped_entries: int = 0
    feeds: tuple[str, ...] = ()
    challenge: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    """What an article's page says. `text` is "" when there is no article in it."""

    title: str
    text: str
    published: datetime | None
    author: str | None
    challenge: bool = False


SOURCE_PAGE = TypeAdapter(SourcePage)
ARTICLE = TypeAdapter(Article)
