"""A feed's bytes → clean entries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from tests.bench.measuring import run

ADDRESS = "http://127.0.0.1/rss/suc-khoe.rss"


def _feed() -> bytes:
    from demo.newsroom import Form, pieces
    from demo.site import NewsroomServer, _feed, sources

    newsroom = next(one for one in sources() if one.form is Form.FEED)
    server = NewsroomServer(newsroom)
    try:
        server.at = pieces()[-1].published
        return _feed(server, server.published()[:30]).encode()
    finally:
        server.server_close()


def _ours(quick: bool) -> tuple[int, Callable[[], object]]:
    from crawlers.feeds import read_feed

    body, times, now = _feed(), 10 if quick else 60, datetime(2026, 3, 7, tzinfo=UTC)
    page = read_feed(body, ADDRESS, "application/rss+xml", now, posts=False)
    assert page is not None
    return times * len(page.entries), lambda: [
        read_feed(body, ADDRESS, "application/rss+xml", now, posts=False) for _ in range(times)
    ]


def _plain(quick: bool) -> tuple[int, Callable[[], object]]:
    import feedparser

    body, times = _feed(), 10 if quick else 60
    entries = len(feedparser.parse(body).entries)
    return times * entries, lambda: [feedparser.parse(body) for _ in range(times)]


if __name__ == "__main__":
    run({"ours": ("", _ours), "plain": ("feedparser with its own sanitiser", _plain)}, "items/s")
