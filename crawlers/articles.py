"""Article pages → title, text, date and author. Runs in the parsing worker, under its limits.

trafilatura finds the text. The rest is read from what the page says of itself: meta tags, JSON-LD, <time>. A date is
never guessed from the address or the text, and a date without a time is that day's midnight in Viet Nam.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime
from typing import Any

import trafilatura
from lxml import html
from lxml.html import HtmlElement

from crawlers.clean import LONGEST_TEXT, plain_line, without_tags
from crawlers.dates import parse_date
from crawlers.readings import Article
from records.text import fold, normalize

#: Under so many characters the page's own markup is believed before trafilatura (its own least size of an article).
SHORT_TEXT = 250

_PUBLISHED_META = (
    "article:published_time", "datepublished", "pubdate", "publishdate", "publish_date", "og:published_time",
    "dc.date.issued", "dcterms.created", "dc.date", "date", "article:published", "sailthru.date", "parsely-pub-date",
)  # fmt: skip
_AUTHOR_META = ("author", "article:author", "dc.creator", "parsely-author")
_ARTICLE_TYPES = re.compile(r"article|newsarticle|blogposting|report|posting", re.I)
_TIME_CLASS = re.compile(
    r"(?:post|publish(?:ed)?|article|news|detail)[-_]?(?:time|date)\b|\b(?:time|date)[-_]?post", re.I
)
_LONGEST_PRINTED_DATE = 80
_LONGEST_JSON_LD = 200_000
_MOST_NODES = 2_000
_TITLE_TAIL = re.compile(r"\s+[|\-–—]\s+[^|\-–—]{2,60}$")
_TEXT_ELEMENTS = (".//article", ".//main", ".//*[@itemprop='articleBody']", ".//*[@role='main']")


def read_article(tree: HtmlElement, address: str, now: datetime) -> Article:
    data = tuple(_json_ld(tree))
    title = _title(tree, data)
    published, author = _published(tree, data, now), _author(tree, data)
    text = _without_title(_text(tree, address), title)
    return Article(title=title, text=text, published=published, author=author)


def _text(tree: HtmlElement, address: str) -> str:
    """The article's text. Takes the lists of links out of `tree`."""
    _drop_link_lists(tree)
    found = trafilatura.extract(
        deepcopy(tree), url=address, include_comments=False, include_tables=True, with_metadata=False
    )
    text = normalize(without_tags(found or ""))[:LONGEST_TEXT]
    if len(text) >= SHORT_TEXT:
        return text
    # In a page this short trafilatura takes the menu for text, or sees none: what the markup calls the article.
    elements = (element for path in _TEXT_ELEMENTS for element in tree.findall(path))
    return next((own for element in elements if (own := _element_text(element))), text)


def _drop_link_lists(tree: HtmlElement) -> None:
    """Related articles and menus, which trafilatura keeps when they stand inside the article."""
    for element in list(tree.iter("ul", "ol", "nav", "header", "footer")):
        if element.getparent() is None or (element.tag in ("header", "footer") and _is_within_article(element)):
            continue
        links = ["".join(link.itertext()).strip() for link in element.iter("a")]
        length = len(" ".join(element.text_content().split()))
        if element.tag in ("nav", "header", "footer") or (len(links) >= 3 and sum(map(len, links)) >= 0.8 * length):
            element.drop_tree()


def _is_within_article(element: HtmlElement) -> bool:
    return any(one.tag in ("article", "main") for one in element.iterancestors())


def _element_text(element: HtmlElement) -> str:
    element = deepcopy(element)
    for unwanted in list(element.iter("nav", "footer", "aside", "script", "style", "h1", "form", "button")):
        unwanted.drop_tree()
    parts = ("".join(one.itertext()) for one in element.iter("p", "li", "blockquote"))
    text = "\n".join(" ".join(part.split()) for part in parts)
    return normalize(without_tags(text or " ".join(element.text_content().split())))[:LONGEST_TEXT]


def _without_title(text: str, title: str) -> str:
    first, _, rest = text.partition("\n")
    return rest.strip() if rest and title and fold(first) == fold(title) else text


def _title(tree: HtmlElement, data: tuple[dict[str, Any], ...]) -> str:
    meta = plain_line(_meta(tree, "og:title", "twitter:title") or "")
    headings = [
        line for h1 in tree.iter("h1") if (line := plain_line(html.tostring(h1, encoding="unicode", with_tail=False)))
    ]
    if len(headings) == 1 or (headings and (not meta or any(fold(one) in fold(meta) for one in headings))):
        return next((one for one in headings if meta and fold(one) in fold(meta)), headings[0])
    headline = next((one["headline"] for one in data if isinstance(one.get("headline"), str)), "")
    whole = plain_line(headline) or meta or plain_line(tree.findtext(".//title") or "")
    return _TITLE_TAIL.sub("", whole) if not headline else whole


def _published(tree: HtmlElement, data: tuple[dict[str, Any], ...], now: datetime) -> datetime | None:
    candidates: list[str | None] = [_meta(tree, *_PUBLISHED_META)]
    candidates += [one["datePublished"] for one in data if isinstance(one.get("datePublished"), str)]
    for element in tree.findall(".//*[@itemprop='datePublished']"):
        candidates.append(element.get("datetime") or element.get("content") or element.text_content())
    scope = next((one for path in _TEXT_ELEMENTS if (one := tree.find(path)) is not None), tree)
    times = list(scope.iter("time")) or list(tree.iter("time"))
    candidates += [one.get("datetime") or one.text_content() for one in times[:1]]
    candidates += [
        one.text_content()
        for one in tree.iter("span", "div", "p")
        if _TIME_CLASS.search(one.get("class") or "") and len(one.text_content()) < _LONGEST_PRINTED_DATE
    ][:1]
    return next((moment for one in candidates if (moment := parse_date(one, now))), None)


def _author(tree: HtmlElement, data: tuple[dict[str, Any], ...]) -> str | None:
    for one in data:
        authors = one.get("author")
        for author in authors if isinstance(authors, list) else [authors]:
            name = author.get("name") if isinstance(author, dict) else author
            if isinstance(name, str) and (line := plain_line(name, 200)) and "://" not in line:
                return line
    line = plain_line(_meta(tree, *_AUTHOR_META) or "", 200)
    return line if line and "://" not in line else None


def _meta(tree: HtmlElement, *names: str) -> str | None:
    """The content of the first of `names`, in their order."""
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").lower()
        content = (meta.get("content") or "").strip()
        if content:
            found.setdefault(name, content)
    return next((found[name] for name in names if name in found), None)


def _json_ld(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """The page's JSON-LD objects that are articles."""
    for script in tree.iter("script"):
        if (script.get("type") or "").strip().lower() != "application/ld+json":
            continue
        try:
            waiting = [json.loads((script.text or "")[:_LONGEST_JSON_LD], strict=False)]
        except (ValueError, RecursionError):
            continue
        for _ in range(_MOST_NODES):
            if not waiting:
                break
            node = waiting.pop()
            if isinstance(node, list):
                waiting.extend(node)
            elif isinstance(node, dict):
                if _ARTICLE_TYPES.search(str(node.get("@type", ""))[:200]):
                    yield node
                waiting.extend(node.get("@graph") or [] if isinstance(node.get("@graph"), list) else [])
