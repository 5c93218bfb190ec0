"""A captured page as it may be shown: no script, nothing remote, no way out of its frame. Pure.

The sandboxed frame and its Content-Security-Policy hold all this too. Here it is taken out of the page, so that a
browser that knows neither still fetches nothing, and nothing is preconnected to.
"""

from __future__ import annotations

import re

import nh3

LARGEST_SHOWN = 3_000_000  # bytes; of a larger page the beginning
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([\w.:-]+)""", re.I)
_TAGS = nh3.ALLOWED_TAGS | {"main", "section", "font", "style", "time", "address", "button", "label", "form", "picture"}
_ATTRIBUTES = {"*": {"class", "id", "style", "lang", "dir", "title", "align", "width", "height"}} | {
    "img": {"src", "alt"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_HTML = {"text/html", "application/xhtml+xml"}
_TEXT = {"application/json", "application/xml", "application/rss+xml", "application/atom+xml", "application/feed+json"}


def displayed(content_type: str, body: bytes) -> tuple[str | None, str]:
    """(what to show, its media type): cleaned HTML, plain text, or None for what is neither."""
    media_type = content_type.split(";")[0].strip().lower()
    shown = body[:LARGEST_SHOWN]
    if media_type in _HTML or not media_type:
        return _clean(_decoded(content_type, shown)), "text/html"
    if media_type.startswith("text/") or media_type in _TEXT:
        return _decoded(content_type, shown), "text/plain"
    return None, "text/plain"


def _decoded(content_type: str, body: bytes) -> str:
    found = _CHARSET.search(content_type.encode("ascii", "replace")) or _CHARSET.search(body[:2000])
    try:
        return body.decode(found[1].decode("ascii") if found else "utf-8", "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def _clean(html: str) -> str:
    inner = nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags={"script", "noscript", "template", "title"},
        attributes=_ATTRIBUTES,
        attribute_filter=_only_embedded_pictures,
        url_schemes={"data"},
        link_rel=None,
    )
    return f"<!doctype html><meta charset=utf-8><title>.</title>{inner}"


def _only_embedded_pictures(tag: str, attribute: str, value: str) -> str | None:
    return value if attribute != "src" or value.lower().startswith("data:image/") else None
