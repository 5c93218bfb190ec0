"""HTML from anywhere → plain text, normalized. Pure.

No tag comes back to life: what unescaping brings out is cleaned again until nothing changes.
"""

from __future__ import annotations

import html
import re

import nh3

from records.text import normalize

#: Longer ones are cut. Characters.
LONGEST_TITLE = 1_000
LONGEST_SUMMARY = 10_000
LONGEST_TEXT = 500_000

_BLOCKS = re.compile(
    r"</?(?:p|div|br|li|ul|ol|tr|td|th|h[1-6]|blockquote|section|article|table|figure|figcaption|hr|pre)\b[^<>]*>", re.I
)
_UNSEEN = {"script", "style", "noscript", "template", "iframe", "object", "svg", "math"}
_TAG_LIKE = re.compile(r"<(?=[a-z/!?])", re.I)
_MOST_PASSES = 4


def plain_text(markup: str, longest: int = LONGEST_TEXT) -> str:
    """The text of `markup`, paragraphs on lines of their own, at most `longest` characters."""
    text = markup[: longest * 4]
    for _ in range(_MOST_PASSES):
        if "<" not in text and "&" not in text:
            break
        cleaned = html.unescape(
            nh3.clean(_BLOCKS.sub("\n", text), tags=set(), clean_content_tags=_UNSEEN, attributes={}, link_rel=None)
        )
        if cleaned == text:
            break
        text = cleaned
    # Whatever still looks like a tag after so many layers was never a text.
    return normalize(without_tags(text))[:longest].rstrip()


def without_tags(text: str) -> str:
    """Plain text in which nothing can pass for a tag, not even one that a page shows to its readers."""
    return _TAG_LIKE.sub(" ", text)


def plain_line(markup: str, longest: int = LONGEST_TITLE) -> str:
    """The text of `markup` on one line."""
    return " ".join(plain_text(markup, longest).split())
