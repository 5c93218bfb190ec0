"""A small site of our own that fails in the ways real ones do, and a crawl of it in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from records.crawl import CrawlLimits, CrawlOrder, FetchState, PageFailure, PageReading, PageTask, SourceReading
from records.source import Owner, Source, SourceKind

NOW = datetime(2026, 8, 20, 2, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.site.log.append((time.monotonic(), self.path, self.headers.get("User-Agent")))
        route = self.site.routes.get(self.path.partition("?")[0])
        with suppress(OSError):
            if callable(route):
                route(self)
            elif route is None:
                self.answer("không có", status=404)
            else:
                self.answer(route)

    def answer(self, body: str | bytes, status: int = 200, kind: str = "text/html; charset=utf-8", **headers: str):
        body = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)


@dataclass
class Site:
    """`routes`: path → a body, or a function of the request's handler. `log`: (seconds, path, user agent)."""

    base: str
    routes: dict[str, Any] = field(default_factory=dict)
    log: list[tuple[float, str, str]] = field(default_factory=list)

    def paths(self) -> list[str]:
        return [path for _, path, _ in self.log]


@pytest.fixture
def new_site() -> Iterator[Callable[[], Site]]:
    servers = []

    def new() -> Site:
        handler = type("SiteHandler", (Handler,), {})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        handler.site = Site(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        servers.append(server)
        return handler.site

    yield new
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def site(new_site) -> Site:
    return new_site()


@dataclass
class Crawled:
    sources: dict[str, SourceReading]
    pages: dict[str, PageReading]
    failures: dict[str, PageFailure]
    peak_bytes: int


def run_crawl(
    sources: list[Source],
    *,
    states: tuple[FetchState, ...] = (),
    due: tuple[PageTask, ...] = (),
    with_pages: bool = True,
    **limits: Any,
) -> Crawled:
    """One crawl by tests/crawlers/child.py. `limits`: over short ones without a delay."""
    chosen = {"delay_seconds": 0.0, "timeout_seconds": 2.0, "retries": 0, "longest_wait_seconds": 1.0} | limits
    order = CrawlOrder("run", NOW, tuple(sources), CrawlLimits("Tin3C/0.1 (test; mail@example.vn)", **chosen))
    given = {
        "order": TypeAdapter(CrawlOrder).dump_python(order, mode="json"),
        "states": TypeAdapter(list[FetchState]).dump_python(list(states), mode="json"),
        "due": TypeAdapter(list[PageTask]).dump_python(list(due), mode="json"),
        "with_pages": with_pages,
    }
    child = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("child.py"))],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=110,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "http_proxy": "http://127.0.0.1:1/"},
    )
    assert child.returncode == 0, child.stderr[-3000:]
    got = json.loads(child.stdout)
    sources_read = TypeAdapter(list[SourceReading]).validate_python(got["sources"])
    pages = TypeAdapter(list[PageReading]).validate_python(got["pages"])
    failures = TypeAdapter(list[PageFailure]).validate_python(got["failures"])
    return Crawled(
        {one.source_id: one for one in sources_read},
        {one.item_id: one for one in pages},
        {one.item_id: one for one in failures},
        got["peak_bytes"],
    )


@pytest.fixture
def crawled() -> Callable[..., Crawled]:
    return run_crawl


def source_at(address: str, id: str = "", kind: SourceKind = SourceKind.FEED, **values: Any) -> Source:
    return Source(id or address.rpartition("/")[2], id or address, address, kind, Owner.PRESS, enabled=True, **values)


@pytest.fixture
def source() -> Callable[..., Source]:
    return source_at


def feed_of(*items: str) -> str:
    head = '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>Báo thử</title>'
    return head + "".join(items) + "</channel></rss>"


@pytest.fixture
def feed() -> Callable[..., str]:
    return feed_of


def item_of(title: str, link: str, summary: str = "", date: str = "") -> str:
    return (
        f"<item><title>{title}</title><link>{link}</link><description>{summary}</description>"
        + (f"<pubDate>{date}</pubDate>" if date else "")
        + "</item>"
    )


@pytest.fixture
def item() -> Callable[..., str]:
    return item_of
