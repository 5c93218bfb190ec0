"""Comments and replies in feeds: what they stand under, as the titles of feeds and entries tell it. Pure.

WordPress, Blogger, forums and Reddit word these titles each in their own way, in English and in Vietnamese.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from records.address import canonical_address

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
#: Whose it is, and no more. Without the colon it may begin a headline: "Từ ngày mai …".
_BY = re.compile(r"^(?:by|bởi|từ|của)\s*:\s*.{1,100}$", re.I)
_QUOTES = '"“”‘’«» '


@dataclass(frozen=True, slots=True)
class CommentsFeed:
    """A feed of comments. `article`: the title of what all of them stand under, "" where they stand under several.

    `says_so`: by its title. An address with /comments/ in it may also be a section of articles, or a thread with the
    post that began it.
    """

    title: str = ""
    article: str = ""
    says_so: bool = False

    @classmethod
    def of(cls, title: str, address: str) -> CommentsFeed | None:
        """None for a feed of pieces. `title`: plain, on one line."""
        title = title[:_LONGEST]
        says_so = bool(_OF_COMMENTS.search(title))
        if not says_so and not _ADDRESS.search(address):
            return None
        found = _OF_ONE_ARTICLE.search(title)
        return cls(title, found["title"].strip(_QUOTES) if found else "", says_so)

    def has_as_comment(self, title: str, address: str | None) -> bool:
        """Whether the entry with this plain title and address is a comment, and not a piece of its own."""
        if address and urlsplit(canonical_address(address)).fragment:
            return True  # its place on the page that it stands under
        if title and (title == self.article or self.title.startswith(title)):
            return False  # what the others stand under
        return self.says_so or bool(self.article or _BY.match(title) or named_in(title, True))


def named_in(title: str, is_comment: bool) -> str:
    """The title of the article or thread that a comment's or a reply's own title names; "" where it names none.

    `is_comment`: known for a comment; of other posts only the plain signs of a reply count.
    """
    for pattern in _OF_ENTRIES if is_comment else _REPLIES:
        if found := pattern.match(title[:_LONGEST]):
            return found["title"].strip(_QUOTES)
    return ""
