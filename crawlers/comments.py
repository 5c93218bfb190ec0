"""Comments and replies in feeds: what they stand under, as the titles of feeds and entries tell it. Pure.

WordPress, Blogger, forums and Reddit word these titles each in their own way, in English and in Vietnamese.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LONGEST = 500  # characters of a title that are looked at
_COMMENTS = r"(?:comments?|bình luận|nhận xét|phản hồi)"
_ABOUT = r"(?:on|về|cho|trong|trên|tại)(?: bài(?: viết)?)?"
#: The feed of all comments of a site, or of those on one article. Newspapers call a section of articles "Bình luận".
_OF_COMMENTS = re.compile(rf"(?:^|: |\| )(?:comments (?:on|for)\b|{_COMMENTS} (?:{_ABOUT}:|{_ABOUT} bài ))", re.I)
_OF_ONE_ARTICLE = re.compile(rf"(?:^|: |\| ){_COMMENTS} {_ABOUT}\s*:?\s+(?P<title>.+)$", re.I)
_ADDRESS = re.compile(r"/comments(?:/|$)|[?&]feed=comments", re.I)
#: Of replies anywhere; and of entries of feeds of comments.
_REPLIES = (
    re.compile(r"^(?:.{1,100} • )?(?:(?:re|reply to)\s*:\s*)+(?P<title>.+)$", re.I),
    re.compile(r"^/?u/[\w-]{1,40} on (?P<title>.+)$", re.I),
)
_OF_ENTRIES = (
    *_REPLIES,
    re.compile(rf"^{_COMMENTS} {_ABOUT}\s*:?\s+(?P<title>.+) (?:by|bởi):? .{{1,100}}$", re.I),
    re.compile(rf"^{_COMMENTS} {_ABOUT}\s*:?\s+(?P<title>.+)$", re.I),
    re.compile(r"^trả lời(?: cho)?\s*:\s*(?P<title>.+)$", re.I),
)
_QUOTES = '"“”‘’«» '


@dataclass(frozen=True, slots=True)
class CommentsFeed:
    """A feed of comments. `article`: the title of what all of them stand under, "" where they stand under several."""

    article: str = ""

    @classmethod
    def of(cls, title: str, address: str) -> CommentsFeed | None:
        """None for a feed of pieces. `title`: plain, on one line."""
        title = title[:_LONGEST]
        if not _OF_COMMENTS.search(title) and not _ADDRESS.search(address):
            return None
        found = _OF_ONE_ARTICLE.search(title)
        return cls(found["title"].strip(_QUOTES) if found else "")


def named_in(title: str, is_comment: bool) -> str:
    """The title of the article or thread that a comment's or a reply's own title names; "" where it names none.

    `is_comment`: known for a comment; of other posts only the plain signs of a reply count.
    """
    for pattern in _OF_ENTRIES if is_comment else _REPLIES:
        if found := pattern.match(title[:_LONGEST]):
            return found["title"].strip(_QUOTES)
    return ""
