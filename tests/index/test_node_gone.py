"""A node that goes while it is asked: a real cluster shows it only now and then (tests/index/test_cluster.py)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from index.elastic_connection import Access
from index.elastic_schema import SCHEMA_VERSION
from index.elasticsearch import ElasticsearchIndex
from records.errors import SearchUnavailable
from records.search import SearchQuery

_GONE = {"status": 502, "error": {"type": "search_phase_execution_exception"}}
_HIT = {"_id": "a", "_score": 1.0, "_source": {"title": "Sởi", "text": "Sởi"}}
_FOUND = {"status": 200, "hits": {"total": {"value": 1}, "hits": [_HIT]}}
_INDICES = {
    "tin3c-items-000001": {
        "aliases": {"tin3c-items": {}},
        "mappings": {"_meta": {"schema": SCHEMA_VERSION}, "properties": {"vector": {}}},
    }
}


@contextmanager
def _cluster(pages: list[dict[str, Any]]) -> Iterator[str]:
    """Its address. It answers each request with the next of `pages`, and counts well."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(_INDICES)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer({"responses": [_FOUND, pages.pop(0)]})

        def _answer(self, what: dict[str, Any]) -> None:
            body = json.dumps(what).encode()
            self.send_response(200)
            self.send_header("X-Elastic-Product", "Elasticsearch")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_search_is_asked_once_more() -> None:
    with _cluster([_GONE, _FOUND]) as address, closing(ElasticsearchIndex(Access((address,)))) as index:
        assert [hit.id for hit in index.search(SearchQuery("sởi")).hits] == ["a"]


def test_and_then_is_an_error_rather_than_fewer_hits() -> None:
    with (
        _cluster([_GONE, _GONE]) as address,
        closing(ElasticsearchIndex(Access((address,)))) as index,
        pytest.raises(SearchUnavailable, match="502 search_phase_execution_exception"),
    ):
        index.search(SearchQuery("sởi"))
