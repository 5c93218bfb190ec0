"""The newsroom as a local web site, as it stood at a given moment: one port a source, loopback only."""

from __future__ import annotations

import email.utils
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from demo.newsroom import Form, Newsroom, Piece, pieces, sources
from records.calendar import local

NEWEST_IN_FEED = 30


class NewsroomServer(ThreadingHTTPServer):
    """One source's server. `at` is the moment that it shows; the demo moves it on."""

    daemon_threads = True

    def __init__(self, newsroom: Newsroom) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.newsroom = newsroom
        self.at = datetime.min.replace(tzinfo=UTC)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def address(self) -> str:
        """What an operator would type for this source."""
        return self.base + {Form.FEED: "/rss/suc-khoe.rss", Form.POSTS: "/feed"}.get(self.newsroom.form, "/")

    def published(self) -> list[Piece]:
        """Newest first."""
        mine = [p for p in pieces() if p.source == self.newsroom.key and p.published <= self.at]
        return sorted(mine, key=lambda p: p.published, reverse=True)


class Site:
    """All sources. `show(at)` moves every one of them to a moment."""

    def __init__(self) -> None:
        self.servers = tuple(NewsroomServer(newsroom) for newsroom in sources())

    def show(self, at: datetime) -> None:
        for server in self.servers:
            server.at = at


@contextmanager
def serving() -> Iterator[Site]:
    """The site on free loopback ports until the block ends."""
    site = Site()
    threads = [threading.Thread(target=s.serve_forever, name=s.newsroom.key, daemon=True) for s in site.servers]
    for thread in threads:
        thread.start()
    try:
        yield site
    finally:
        for server in site.servers:
            server.shutdown()
            server.server_close()
        for thread in threads:
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: NewsroomServer

    def log_message(self, *_: object) -> None:
        """Quiet: the demo has its own progress."""

    def do_GET(self) -> None:
        path = self.path.split("?", 1)[0]
        newest = self.server.published()
        by_slug = {f"/{piece.slug}.html": piece for piece in newest}
        if path == "/robots.txt":
            self._answer("User-agent: *\nDisallow: /private/\n", "text/plain; charset=utf-8")
        elif path in {"/rss/suc-khoe.rss", "/feed"}:
            self._answer(_feed(self.server, newest[:NEWEST_IN_FEED]), "application/rss+xml; charset=utf-8")
        elif path == "/":
            self._answer(_listing(self.server, newest[:NEWEST_IN_FEED]))
        elif piece := by_slug.get(path):
            self._answer(_article(self.server, piece))
        else:
            self._answer("<h1>404</h1>", status=404)

    def _answer(self, body: str, kind: str = "text/html; charset=utf-8", status: int = 200) -> None:
        content = body.encode()
        tag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
        if status == 200 and self.headers.get("If-None-Match") == tag:
            status, content = 304, b""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", tag)
        self.end_headers()
        self.wfile.write(content)


def _feed(server: NewsroomServer, newest: list[Piece]) -> str:
    items = []
    for piece in newest:
        wording = piece.wording(server.at)
        posts = server.newsroom.form is Form.POSTS
        body = "".join(f"<p>{escape(p)}</p>" for p in wording.paragraphs) if posts else escape(wording.summary)
        title = f"<title>{escape(wording.title)}</title>" if wording.title else ""
        author = f"<author>{escape(piece.author)}</author>" if piece.author else ""
        items.append(
            f"<item>{title}<link>{server.base}/{piece.slug}.html</link><guid>{server.base}/{piece.slug}.html</guid>"
            f"<pubDate>{email.utils.format_datetime(local(piece.published))}</pubDate>{author}"
            f"<description>{escape(body)}</description></item>"
        )
    name = escape(server.newsroom.name)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>{name}</title>'
        f"<link>{server.base}/</link><description>{name}</description>{''.join(items)}</channel></rss>"
    )


_MENU = "<nav><a href='/'>Trang chủ</a> <a href='/thoi-su'>Thời sự</a> <a href='/suc-khoe'>Sức khỏe</a></nav>"


def _page(server: NewsroomServer, title: str, body: str) -> str:
    name = escape(server.newsroom.name)
    feed = '<link rel="alternate" type="application/rss+xml" href="/feed">' if _has_feed(server) else ""
    return (
        f'<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{escape(title)} - {name}</title>{feed}'
        f"</head><body><header><b>{name}</b>{_MENU}</header><main>{body}</main>"
        f"<footer>{name}. Trang tin minh họa, mọi nội dung đều là hư cấu.</footer></body></html>"
    )


def _has_feed(server: NewsroomServer) -> bool:
    return server.newsroom.form in {Form.POSTS, Form.PORTAL}


def _listing(server: NewsroomServer, newest: list[Piece]) -> str:
    links = "".join(
        f"<article><h3><a href='/{p.slug}.html'>{escape(p.wording(server.at).title)}</a></h3></article>" for p in newest
    )
    return _page(server, "Tin mới", links)


def _article(server: NewsroomServer, piece: Piece) -> str:
    wording = piece.wording(server.at)
    moment = local(piece.published)
    body = (
        f"<article><h1>{escape(wording.title)}</h1><time datetime='{moment.isoformat()}'>{moment:%H:%M %d/%m/%Y}</time>"
        + (f"<p><b>{escape(wording.summary)}</b></p>" if wording.summary else "")
        + "".join(f"<p>{escape(p)}</p>" for p in wording.paragraphs)
        + "</article><aside><h4>Tin đọc nhiều</h4><ul><li>Giá vàng hôm nay</li><li>Lịch thi đấu</li></ul></aside>"
    )
    meta = f'<meta property="article:published_time" content="{moment.isoformat()}">'
    return _page(server, wording.title, body).replace("</head>", meta + "</head>", 1)
