"""Public social pages that offer a feed: which feed belongs to a page's address. Pure.

No way round a login and no accounts: only what the platform itself publishes as a feed.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

#: Platforms whose entries are whole posts: an entry's body is its text, and no page is fetched for it.
POST_PLATFORMS = frozenset({"youtube", "mastodon", "bluesky", "facebook", "tiktok", "zalo", "telegram", "posts"})

_YOUTUBE_HOSTS = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com"})
_CHANNEL = re.compile(r"^/channel/(UC[\w-]{22})(/|$)")
_BLUESKY = re.compile(r"^/profile/([\w.:-]{3,253})/?$")
_MASTODON = re.compile(r"^/@([\w.]{1,64})/?$")


def platform_of(address: str) -> str:
    """ "youtube", "bluesky", "mastodon" (a profile's path on any server that is none of the others), or "web"."""
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    if host in _YOUTUBE_HOSTS:
        return "youtube"
    if host in ("bsky.app", "www.bsky.app"):
        return "bluesky"
    if _MASTODON.match(parts.path.removesuffix(".rss")) and host not in (
        "medium.com",
        "www.threads.net",
        "www.tiktok.com",
    ):
        return "mastodon"
    return "web"


def feed_of(address: str) -> str | None:
    """The feed of a profile's or channel's page, where the address alone tells. A YouTube @handle does not: its page
    names the feed."""
    parts = urlsplit(address)
    match platform_of(address):
        case "youtube":
            if channel := _CHANNEL.match(parts.path):
                return f"https://www.youtube.com/feeds/videos.xml?channel_id={channel[1]}"
        case "bluesky":
            if profile := _BLUESKY.match(parts.path):
                return f"https://bsky.app/profile/{profile[1]}/rss"
        case "mastodon":
            if user := _MASTODON.match(parts.path):
                return f"{parts.scheme}://{parts.netloc}/@{user[1]}.rss"
    return None
