"""HTML as bytes → a tree, with a guard on what lxml is given. Runs in the parsing worker."""

from __future__ import annotations

from lxml import html
from w3lib.encoding import html_to_unicode

#: Deeper trees than this are hostile; lxml refuses them when `huge_tree` is off, and says so by giving less.
_PARSER_OPTIONS = {"huge_tree": False, "remove_comments": True, "remove_pis": True}


def as_text(body: bytes, content_type: str) -> str:
    """The page's text, decoded by its byte order mark, the answer's header, or its own declaration."""
    return html_to_unicode(content_type or None, body, default_encoding="utf-8")[1].replace("\x00", "")


def as_tree(page: str) -> html.HtmlElement | None:
    """None when there is no element in `page`."""
    parser = html.HTMLParser(encoding="utf-8", **_PARSER_OPTIONS)
    try:
        return html.document_fromstring(page.encode("utf-8", "replace"), parser=parser)
    except (ValueError, html.etree.LxmlError):
        return None
