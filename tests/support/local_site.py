"""A small site of the test's own on loopback: a path and what is answered there. It keeps who asked for what."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape


@dataclass(frozen=True)
class Answer:
    body: str = ""
    kind: str = "text/html; charset=utf-8"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class LocalSite:
    """`routes` by path. What is not there is 404, robots.txt included. `asked`: the paths, in their order."""

    base: str
    routes: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


@contextmanager
def local_site() -> Iterator[LocalSite]:
    """On a free port of 127.0.0.1 until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            site.asked.append(self.path)
            answer = site.routes.get(self.path, Answer("<h1>404</h1>", status=404))
            content = answer.body.encode()
            self.send_response(answer.status)
            for name, value in ({"Content-Type": answer.kind} | answer.headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site = LocalSite(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def feed(*items: str, before: str = "") -> Answer:
    """`before`: a DOCTYPE."""
    head = f'<?xml version="1.0" encoding="UTF-8"?>{before}<rss version="2.0"><channel><title>Báo thử</title>'
    return Answer(head + "".join(items) + "</channel></rss>", "application/rss+xml; charset=utf-8")


def feed_item(title: str, link: str, summary: str = "") -> str:
    """`title` and `summary` are HTML, as most feeds have them."""
    return (
        f"<item><title>{escape(title)}</title><link>{escape(link)}</link>"
        f"<description>{escape(summary)}</description></item>"
    )


def article(title: str, *paragraphs: str, more: str = "") -> Answer:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return Answer(
        f'<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>{title}</title></head><body>'
        f"<nav><a href='/'>Trang chủ</a></nav><article><h1>{title}</h1>{body}</article>{more}</body></html>"
    )
