"""HTML as bytes → a tree, with a guard on what lxml is given. Runs in the parsing worker."""

from __future__ import annotations

import re

from lxml import html
from w3lib.encoding import html_to_unicode

from crawlers.charsets import is_binary, undeclared, wide

#: Deeper trees than this are hostile; lxml refuses them when `huge_tree` is off, and says so by giving less.
_PARSER_OPTIONS = {"huge_tree": False, "remove_comments": True, "remove_pis": True}


_DECLARES_WIDE = re.compile(rb"""charset\s*=\s*["']?\s*utf-?(?:16|32)""", re.I)
_TAG = re.compile(r"<(?:!doctype\s+html|[a-z][a-z0-9]*[\s/>])", re.I)


def as_text(body: bytes, content_type: str) -> str:
    """The page's text, decoded by its byte order mark, the answer's header, its own declaration, or its bytes.

    "" for what is no text at all: a picture or an archive that is served as a page.
    """
    if is_binary(body):
        return ""
    if encoding := wide(body):
        return body.decode(encoding, "replace")
    # A declaration that can be read is not in UTF-16, whatever it says: browsers take it for UTF-8.
    if _DECLARES_WIDE.search(body[:2000]):
        content_type = "text/html; charset=utf-8"
    return html_to_unicode(content_type or None, body, auto_detect_fun=undeclared)[1].replace("\x00", "")


def is_page(body: bytes, content_type: str) -> bool:
    """Whether there is an HTML tag in it."""
    return bool(_TAG.search(as_text(body, content_type)))


def as_tree(page: str) -> html.HtmlElement | None:
    """None when there is no element in `page`."""
    parser = html.HTMLParser(encoding="utf-8", **_PARSER_OPTIONS)
    try:
        return html.document_fromstring(page.encode("utf-8", "replace"), parser=parser)
    except (ValueError, html.etree.LxmlError):
        return None
