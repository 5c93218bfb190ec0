"""Feeds → entries. Runs in the parsing worker, under its limits of time and memory.

feedparser reads RSS, RDF and Atom, given as bytes in a stream (a str could be an address or a file to it); JSON Feed is
read here. Everything in a feed is hostile: only http(s) links, plain text, believed dates.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

import feedparser

from crawlers.charsets import is_binary, undeclared
from crawlers.clean import LONGEST_SUMMARY, plain_line, plain_text
from crawlers.comments import CommentsFeed, named_in
from crawlers.dates import parse_date
from crawlers.readings import SourcePage
from records.address import canonical_address, is_web_address
from records.item import Engagement, Entry
from records.text import excerpt

MOST_ENTRIES = 2_000
LONGEST_ADDRESS = 2_000
#: A feed's content of this many characters is the piece itself, not its summary.
SHORTEST_FULL_TEXT = 400
_POST_TITLE_CHARACTERS = 120
_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']", re.I)
#: Entities declared in a feed: nobody needs them, and they may unfold a billion times over.
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[<>]{0,500}(?:\[.*?\]\s*)?>", re.I | re.S)


def read_feed(body: bytes, address: str, content_type: str, now: datetime, posts: bool) -> SourcePage | None:
    """None when `body` is no feed. `posts`: each entry is a whole post, whose body is its text (a social platform)."""
    if not body.strip() or is_binary(body):
        return None
    if body.lstrip()[:1] == b"{":
        return _json_feed(body, address, now, posts)
    headers = {"content-type": content_type or "application/xml", "content-location": address}
    parsed = feedparser.parse(
        io.BytesIO(_DOCTYPE.sub(b"", as_utf8(body))), response_headers=headers, sanitize_html=False
    )
    if not parsed.version:
        return None
    raw = parsed.entries[:MOST_ENTRIES]
    title = plain_line(parsed.feed.get("title", ""))
    about = CommentsFeed.of(title, address)
    entries = [entry for one in raw if (entry := _entry(one, address, now, posts, about))]
    return SourcePage(
        is_feed=True,
        title=title,
        entries=merged(entries),
        skipped_entries=len(raw) - len(entries),
    )


def as_utf8(body: bytes) -> bytes:
    """`body`, re-coded when it is declared UTF-8 (or nothing) and is not: then it is taken as windows-1258, the old
    Vietnamese code page, unless only its end is broken."""
    declared = _DECLARED.match(body)
    if (declared and declared[1].lower() not in (b"utf-8", b"utf8")) or body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return body
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(body) - 3:
            return body[: error.start]
        return body.decode(undeclared(body), "replace").encode()
    return body


def merged(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """One entry per canonical address, in order: the first, with what it lacks from the later ones."""
    by_address: dict[str, Entry] = {}
    for entry in entries:
        key = canonical_address(entry.address)
        known = by_address.get(key)
        by_address[key] = entry if known is None else _with_what_it_lacks(known, entry)
    return tuple(by_address.values())


def _with_what_it_lacks(entry: Entry, other: Entry) -> Entry:
    return replace(
        entry,
        title=entry.title or other.title,
        summary=entry.summary or other.summary,
        text=entry.text or other.text,
        published=entry.published or other.published,
        author=entry.author or other.author,
        engagement=entry.engagement or other.engagement,
        context=entry.context or other.context,
        parent=entry.parent or other.parent,
    )


def usable_address(link: str, base: str) -> str | None:
    """`link` resolved against `base`, when it is http(s) and has a canonical form."""
    try:
        address = urljoin(base, link.strip())
        if len(address) > LONGEST_ADDRESS or not is_web_address(address):
            return None
        canonical_address(address)
    except ValueError:
        return None
    return address


def _entry(raw: Any, base: str, now: datetime, posts: bool, about: CommentsFeed | None) -> Entry | None:
    address = next(filter(None, (usable_address(link, base) for link in _links(raw))), None)
    content = max((plain_text(part.get("value", "")) for part in raw.get("content", [])), key=len, default="")
    author = raw.get("author") or raw.get("author_detail", {}).get("name")
    title, summary = raw.get("title", ""), raw.get("summary", "")
    parent = next(filter(None, (usable_address(link, base) for link in _answered(raw))), "")
    context = ""
    in_comments = about is not None and about.has_as_comment(plain_line(title), address)
    is_comment = in_comments or bool(parent)
    if is_comment or posts:
        context = named_in(plain_line(title), is_comment) or (about.article if about and in_comments else "")
    named_after_its_author = bool(parent and author) and plain_line(title) == plain_line(author)
    if (in_comments or context or named_after_its_author) and (content or summary):
        title = ""  # it says whose it is and what it stands under, and nothing of its own
    entry = build_entry(
        address=address,
        title=title,
        summary=summary,
        content=content,
        published=parse_date(_written(raw), now),
        author=author,
        engagement=_engagement(raw),
        # At its address stands the whole page that it is on: its text is the feed's.
        posts=posts or is_comment,
    )
    return replace(entry, context=context, parent=parent) if entry else None


def build_entry(
    *,
    address: str | None,
    title: str,
    summary: str,
    content: str,
    published: datetime | None,
    author: str | None,
    engagement: Engagement | None,
    posts: bool,
) -> Entry | None:
    """An entry of cleaned parts, or None without an address, or without a title or text. `content` is plain already."""
    title, summary = plain_line(title), plain_text(summary, LONGEST_SUMMARY)
    if posts:
        text = content or summary or title
    else:
        text = content if len(content) >= SHORTEST_FULL_TEXT and len(content) > len(summary) else ""
    title = title or excerpt(text or summary, _POST_TITLE_CHARACTERS)
    if address is None or not title:
        return None
    return Entry(
        address=address,
        title=title,
        summary=summary or excerpt(content, LONGEST_SUMMARY),
        text=text,
        published=published,
        author=plain_line(author, 200) or None if author else None,
        engagement=engagement,
    )


def _links(raw: Any) -> Iterator[str]:
    if link := raw.get("link"):
        yield link
    for link in raw.get("links", []):
        if link.get("rel", "alternate") == "alternate" and link.get("href"):
            yield link["href"]
    if str(raw.get("id", "")).startswith(("http://", "https://")):
        yield raw["id"]


def _answered(raw: Any) -> Iterator[str]:
    """What the Atom threading extension (RFC 4685) names."""
    reply = raw.get("thr_in-reply-to")
    if isinstance(reply, dict):
        yield from (link for link in (reply.get("href"), reply.get("ref")) if link and is_web_address(link))


def _written(raw: Any) -> str | None:
    # Read by key: feedparser answers `updated` with `published` where the former is missing, and warns.
    return dict.get(raw, "published") or dict.get(raw, "created") or dict.get(raw, "updated")


def _engagement(raw: Any) -> Engagement | None:
    views = _count((raw.get("media_statistics") or {}).get("views"))
    reactions = _count((raw.get("media_starrating") or {}).get("count"))
    comments = _count(raw.get("slash_comments") or raw.get("thr_total"))
    if views is None and reactions is None and comments is None:
        return None
    return Engagement(reactions=reactions, comments=comments, views=views)


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 16 else None


def _json_feed(body: bytes, base: str, now: datetime, posts: bool) -> SourcePage | None:
    try:
        feed = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(feed, dict) or "jsonfeed.org" not in str(feed.get("version", "")):
        return None
    items = feed.get("items")
    raw = [one for one in items if isinstance(one, dict)][:MOST_ENTRIES] if isinstance(items, list) else []
    entries = [entry for one in raw if (entry := _json_entry(one, base, now, posts))]
    return SourcePage(
        is_feed=True,
        title=plain_line(str(feed.get("title") or "")),
        entries=merged(entries),
        skipped_entries=len(raw) - len(entries),
    )


def _json_entry(raw: dict[str, Any], base: str, now: datetime, posts: bool) -> Entry | None:
    authors = raw.get("authors")
    author = authors[0] if isinstance(authors, list) and authors else raw.get("author")
    content = str(raw.get("content_text") or "") or plain_text(str(raw.get("content_html") or ""))
    return build_entry(
        address=usable_address(str(raw.get("url") or raw.get("id") or ""), base),
        title=str(raw.get("title") or ""),
        summary=str(raw.get("summary") or ""),
        content=plain_text(content),
        published=parse_date(str(raw.get("date_published") or ""), now),
        author=str(author.get("name") or "") if isinstance(author, dict) else None,
        engagement=None,
        posts=posts,
    )
