"""The parent's side of the crawling child, with the real child and the real store."""

import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from crawlers.targets import Target
from flows import crawling
from flows.settings import build
from flows.wiring import crawl_limits, open_store
from models.reading import read
from records.crawl import CrawlOrder
from records.errors import FetchFailed, InputError, NotReadable, StoreError
from records.source import Owner, Source, SourceKind, SourceState
from records.text import PART
from tests.support import stores

PAGES = {
    "/rss": "<rss version='2.0'><channel><title>Báo thử</title><item><title>Tin đồn về muối</title><link>/bai</link>"
    "<description>Tóm tắt</description></item></channel></rss>",
    "/bai": "<html><article><h1>Tin đồn về muối</h1><p>Muối i-ốt không chữa được cúm.</p></article></html>",
    "/y-kien": "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:thr='http://purl.org/syndication/thread/1.0'>"
    "<title>Ý kiến</title><entry><title>Lan</title><author><name>Lan</name></author><link href='/bai#comment-7'/>"
    "<content>Nhà mình cũng ăn muối.</content><thr:in-reply-to href='HOST/bai'/></entry></feed>",
    "/kenh": "<html><head><link rel='alternate' type='application/rss+xml' href='/rss'></head><h1>Kênh</h1></html>",
}


@pytest.fixture(scope="module")
def base():
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            body = PAGES.get(self.path, "").replace("HOST", f"http://{self.headers['Host']}").encode()
            self.send_response(200 if body else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def settings(tmp_path, monkeypatch):
    stores.use_here(monkeypatch, tmp_path)  # the child reads it there
    store = stores.section(tmp_path)
    return build({"home": tmp_path, "store": store, "crawl": {"delay_seconds": 0, "timeout_seconds": 5, "retries": 0}})


def test_a_crawl_commits_to_the_store(settings, base):
    now = datetime(2026, 8, 20, tzinfo=UTC)
    source = Source("thu", "Báo thử", f"{base}/rss", SourceKind.FEED, Owner.PRESS, enabled=True)
    store = open_store(settings)
    try:
        store.sources.save(source, now)
        store.runs.start("run", now, now)
        crawling.crawl(settings, CrawlOrder("run", now, (source,), crawl_limits(settings)))
        waiting = store.assessment_queue.waiting(10)
        assert [(item.title, item.text) for item in waiting] == [("Tin đồn về muối", "Muối i-ốt không chữa được cúm.")]
    finally:
        store.close()


def test_a_comment_is_assessed_with_the_title_that_it_stands_under(settings, base):
    now = datetime(2026, 8, 20, tzinfo=UTC)
    paths = {"y-kien": Owner.CITIZEN, "rss": Owner.PRESS}  # the comment is there first
    store = open_store(settings)
    try:
        for number, (path, owner) in enumerate(paths.items()):
            source = Source(path, path, f"{base}/{path}", SourceKind.FEED, owner, enabled=True)
            store.sources.save(source, now)
            store.runs.start(f"run-{number}", now, now)
            crawling.crawl(settings, CrawlOrder(f"run-{number}", now, (source,), crawl_limits(settings)))
        found = store.assessment_queue.claim(10, "assessing", timedelta(minutes=5))
        comment, piece = sorted(found, key=lambda item: not item.context)
        assert (comment.text, comment.context) == ("Nhà mình cũng ăn muối.", "Tin đồn về muối")
        assert (piece.title, piece.context) == ("Tin đồn về muối", ""), "two pieces, though on one page"
        assert read(comment).whole == f"Tin đồn về muối. {PART}Nhà mình cũng ăn muối."
        assert store.reader.item(comment.id).context == comment.context, "learnt from as it was read"
    finally:
        store.close()


def test_probes_and_extracts(settings, base, tmp_path):
    feed, page, none, private = crawling.probe_all(
        settings,
        [Target(f"{base}/rss"), Target(f"{base}/kenh"), Target(f"{base}/x"), Target(f"{base}/rss", typed=False)],
    )
    assert (feed.state, feed.kind, feed.title) == (SourceState.WORKING, SourceKind.FEED, "Báo thử")
    assert (page.state, page.feed_address) == (SourceState.WORKING, f"{base}/rss")
    assert none.state is SourceState.FAILING and "404" in none.detail
    assert private.state is SourceState.WORKING  # the same host was typed for the others
    assert crawling.probe(settings, f"{base}/rss", typed=False).state is SourceState.REFUSED
    file = tmp_path / "bai.html"
    file.write_text(PAGES["/bai"], "utf-8")
    assert crawling.extract(settings, str(file)).text == "Muối i-ốt không chữa được cúm."
    assert crawling.extract(settings, f"{base}/bai").title == "Tin đồn về muối"


def test_errors_are_those_of_the_records(settings, base, tmp_path):
    with pytest.raises(FetchFailed, match="404"):
        crawling.extract(settings, f"{base}/x")
    with pytest.raises(InputError):
        crawling.extract(settings, str(tmp_path / "none.html"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "it is not an HTML page"),
        ("Một ghi chú, không có thẻ nào.".encode(), "it is not an HTML page"),
        (b"<html><body></body></html>", "there is no article in it"),
    ],
)
def test_a_file_that_is_no_page_is_named_for_what_it_is(settings, tmp_path, content, said):
    (tmp_path / "file.html").write_bytes(content)
    with pytest.raises(NotReadable, match=said):
        crawling.extract(settings, str(tmp_path / "file.html"))


def test_a_crashed_child_says_so(settings, monkeypatch):
    monkeypatch.setattr(crawling.sys, "executable", "/bin/false")
    with pytest.raises(FetchFailed, match="ended with status 1"):
        crawling.probe(settings, "https://x.invalid/")


@pytest.mark.skipif(stores.ON_POSTGRESQL, reason="the file of a SQLite store")
def test_a_broken_store_ends_the_crawl(settings, base):
    settings.home.joinpath("tin3c.db").write_bytes(b"not a database" * 100)
    settings.home.joinpath("tin3c.sqlite").write_bytes(b"not a database" * 100)
    source = Source("thu", "Báo thử", f"{base}/rss", SourceKind.FEED, Owner.PRESS)
    with pytest.raises((StoreError, FetchFailed)):
        crawling.crawl(settings, CrawlOrder("r", datetime.now(UTC), (source,), crawl_limits(settings)))
