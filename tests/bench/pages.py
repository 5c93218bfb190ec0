"""A page's bytes → title, text, date, author."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from tests.bench.measuring import run

ADDRESS = "http://127.0.0.1/bai-viet-100001.html"


def _pages() -> list[bytes]:
    from demo.newsroom import Form, pieces
    from demo.site import NewsroomServer, _article, sources

    found = []
    for newsroom in sources():
        if newsroom.form in {Form.FEED, Form.LISTING, Form.PORTAL}:
            server = NewsroomServer(newsroom)
            server.at = pieces()[-1].published
            found += [_article(server, piece).encode() for piece in server.published()]
            server.server_close()
    return found


def _ours(quick: bool) -> tuple[int, Callable[[], object]]:
    from crawlers.worker import read_page

    pages, now = _pages() * (1 if quick else 5), datetime(2026, 3, 7, tzinfo=UTC)
    read_page(pages[0], ADDRESS, "text/html; charset=utf-8", now)
    return len(pages), lambda: [read_page(page, ADDRESS, "text/html; charset=utf-8", now) for page in pages]


def _plain(quick: bool) -> tuple[int, Callable[[], object]]:
    from trafilatura import bare_extraction

    pages = _pages() * (1 if quick else 5)
    bare_extraction(pages[0], url=ADDRESS, with_metadata=True)
    return len(pages), lambda: [bare_extraction(page, url=ADDRESS, with_metadata=True) for page in pages]


if __name__ == "__main__":
    run({"ours": ("", _ours), "plain": ("trafilatura with its metadata", _plain)}, "pages/s")
