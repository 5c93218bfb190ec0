"""Source: a place we read (nguồn), and how its last reading went."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final


class Owner(StrEnum):
    OFFICIAL = "official"
    PRESS = "press"
    SOCIAL = "social"
    FORUM = "forum"
    CITIZEN = "citizen"


#: Who answers for what they publish, and denies what is spread far more often than spreading it.
ANSWERABLE: Final = frozenset({Owner.OFFICIAL, Owner.PRESS})


class SourceKind(StrEnum):
    """How it is read. A YouTube channel, a Mastodon or a Bluesky profile is a FEED, at its page's address."""

    FEED = "feed"
    LISTING = "listing"


class SourceState(StrEnum):
    """How the last reading went. None of these reads as "no news"."""

    NEVER = "never"  # not read yet
    WORKING = "working"  # it gave entries
    UNCHANGED = "unchanged"  # 304, or the same bytes as before
    EMPTY = "empty"  # a valid feed or page with no entry
    NOT_A_FEED = "not_a_feed"  # something else stands where a feed was
    CHALLENGE = "challenge"  # a page that wants a browser, a cookie or a captcha
    REFUSED = "refused"  # robots.txt, 401, 403, or an address we must not read
    FAILING = "failing"  # an error status, a time-out, a cut connection, too large


@dataclass(frozen=True, slots=True)
class Source:
    """`address` is what the operator typed; `feed_address` is what is read when it differs (a channel's feed).

    `link_pattern` (LISTING only): a regular expression that article addresses match, checked at `sources add`; None
    lets the crawler tell articles from menus by itself. `expected_items`: fewer than this in a reading is said aloud.
    """

    id: str
    name: str
    address: str
    kind: SourceKind
    owner: Owner
    feed_address: str | None = None
    region: str | None = None  # a province's name; None is the whole country
    platform: str = "web"  # web, youtube, mastodon, bluesky, facebook, ...: what spread counts
    enabled: bool = False
    prominent: bool = False  # a prominent account, by the operator's word
    every_minutes: int = 30
    link_pattern: str | None = None
    expected_items: int = 1
    legal_basis: str = ""
    note: str = ""

    @property
    def read_address(self) -> str:
        return self.feed_address or self.address


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """How a source does, as the store knows it. Times in UTC."""

    source: Source
    state: SourceState
    detail: str  # one sentence: what happened
    state_since: datetime | None
    last_read: datetime | None
    last_new_item: datetime | None
    failures_in_a_row: int
    items: int  # known from this source, all told
    items_last_week: int


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """What people have found a source's items to be so far, in items; what nobody spoke of is in none of the three.

    `rumors`: by a correction of the kind, or because they assert a claim that is false or misleading, in a narrative
    that a person confirmed for it. `corrections`: likewise, or because they deny such a claim. `not_health`: by a
    correction, or because their narrative's case was set aside so. `items` are all that are kept of it, the first
    seen at `since` and the last at `until`.
    """

    rumors: int = 0
    corrections: int = 0
    not_health: int = 0
    items: int = 0
    since: datetime | None = None
    until: datetime | None = None

    @property
    def known(self) -> bool:
        """Whether people have found anything."""
        return bool(self.rumors or self.corrections or self.not_health)


@dataclass(frozen=True, slots=True)
class Probe:
    """What `sources add` or `check` found at an address. Nothing is stored by looking."""

    address: str
    state: SourceState
    detail: str
    kind: SourceKind | None = None
    feed_address: str | None = None
    title: str = ""
    platform: str = "web"
    entries: int = 0
    newest: datetime | None = None
    sample_titles: tuple[str, ...] = field(default_factory=tuple)
    other_feeds: tuple[str, ...] = field(default_factory=tuple)  # further feeds that the page names
