"""Listing pages → entries: telling article links from menus. Runs in the parsing worker.

An article's address carries a number or a date, or is a long slug that spells its title; it stands on the listing's own
site; and its link has a title's worth of words. A source's `link_pattern` takes the place of the rules on addresses.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from crawlers.clean import plain_line
from crawlers.feeds import MOST_ENTRIES, usable_address
from crawlers.readings import SourcePage
from records.address import canonical_address
from records.item import Entry

FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json"})
#: So many numbered articles on a page show its site's scheme.
_A_SCHEME = 5

_SHORTEST_TITLE = 25  # characters, or
_FEWEST_WORDS = 5
_SHORTEST_NUMBERED = 12  # an address with an article's number may have a shorter title
_LONG_SLUG_WORDS = 7
_NUMBER = re.compile(r"(?<!tag)(?<!\d)\d{5,}")
_DATE_PATH = re.compile(r"/(19|20)\d{2}/\d{1,2}(/\d{1,2})?/")
_NUMBER_SEGMENT = re.compile(r"/\d{3,}(/|$)")
_SECTION = re.compile(
    r"/(chu-de|chuyen-de|chuyen-muc|danh-muc|the-loai|tags?|tu-khoa|topics?|category|categories|tac-gia|authors?|search"
    r"|tim-kiem|events?|collections?|rss|feed|dang-nhap|dang-ky|login|lien-he|gioi-thieu|static|dong-su-kien|su-kien|page|trang)(/|-?\d*$)",
    re.I,
)
_NOT_A_PAGE = re.compile(r"\.(jpe?g|png|gif|webp|svg|pdf|docx?|xlsx?|pptx?|zip|rar|mp[34]|apk|xml|rss)$", re.I)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5"})
_WORD = re.compile(r"\w+")


def read_listing(tree: HtmlElement, address: str, link_pattern: str | None = None) -> SourcePage:
    """The article links of the page, in its order, one per canonical address."""
    base = _base(tree, address)
    pattern = re.compile(link_pattern) if link_pattern else None
    site = _site(address)
    own = canonical_address(address)
    numbered: set[str] = set()
    found: dict[str, tuple[str, list[tuple[int, str]]]] = {}
    for anchor in tree.iter("a"):
        link = usable_address((anchor.get("href") or "").partition("#")[0], base)
        if link is None or (key := canonical_address(link)) == own or (key not in found and len(found) >= MOST_ENTRIES):
            continue
        if pattern.search(link) if pattern else _site(link) == site and _is_article_path(link):
            found.setdefault(key, (link, []))[1].extend(_titles(anchor))
            if _has_number(link):
                numbered.add(key)
    # A site has one scheme: where articles are numbered, a long slug without a number is a section.
    if not pattern and len(numbered) >= _A_SCHEME:
        found = {key: one for key, one in found.items() if key in numbered}
    entries = []
    for link, titles in found.values():
        fitting = [(rank, len(title), title) for rank, title in titles if pattern or _is_title(title, link)]
        if fitting and (title := min(fitting)[2]):
            entries.append(Entry(address=link, title=title))
    return SourcePage(is_feed=False, title=_page_title(tree), entries=tuple(entries), feeds=named_feeds(tree, address))


def named_feeds(tree: HtmlElement, address: str) -> tuple[str, ...]:
    """The feeds that the page names by <link rel="alternate">, without those of comments."""
    feeds = []
    for link in tree.iter("link"):
        kind = (link.get("type") or "").partition(";")[0].strip().lower()
        if kind in FEED_TYPES and "alternate" in (link.get("rel") or "").lower().split():
            found = usable_address(link.get("href") or "", address)
            if found and found not in feeds and "comment" not in found.lower():
                feeds.append(found)
    return tuple(feeds[:20])


def _base(tree: HtmlElement, address: str) -> str:
    base = tree.find(".//base")
    return usable_address(base.get("href") or "", address) or address if base is not None else address


def _site(address: str) -> str:
    """Host and port without www. and m.: what "the listing's own site" means."""
    parts = urlsplit(canonical_address(address))
    return parts.netloc


def _page_title(tree: HtmlElement) -> str:
    return plain_line(tree.findtext(".//title") or "")


def _titles(anchor: HtmlElement) -> Iterator[tuple[int, str]]:
    """(rank, text) of what the link calls itself: a headline first, then its title attribute, then any text."""
    text = plain_line(html.escape(anchor.text_content() or ""))
    headline = any(
        one is not None and str(one.tag) in _HEADINGS for one in (anchor, anchor.getparent(), *anchor.iterchildren())
    )
    if text:
        yield (0 if headline else 2), text
    if title := plain_line(anchor.get("title") or ""):
        yield 1, title


def _is_title(title: str, address: str) -> bool:
    if len(title) >= _SHORTEST_TITLE:
        return True
    words = len(_WORD.findall(title))
    return words >= _FEWEST_WORDS or (len(title) >= _SHORTEST_NUMBERED and words >= 3 and bool(_NUMBER.search(address)))


def _is_article_path(address: str) -> bool:
    path = unquote(urlsplit(address).path)
    if _SECTION.search(path) or _NOT_A_PAGE.search(path):
        return False
    return _has_number(address) or len(path.rstrip("/").rpartition("/")[2].split("-")) >= _LONG_SLUG_WORDS


def _has_number(address: str) -> bool:
    path = unquote(urlsplit(address).path)
    last = path.rstrip("/").rpartition("/")[2]
    return bool(_NUMBER.search(last) or _DATE_PATH.search(path) or (_NUMBER_SEGMENT.search(path) and "-" in path))
