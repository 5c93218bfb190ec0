"""A new index's replicas are waited for longer than one question may take: a real cluster is too quick to show it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from index import elastic_building
from records.errors import SearchUnavailable


@pytest.fixture
def address() -> Iterator[str]:
    """Of what answers twice that time is up, and then that all is ready."""
    answers = iter([(408, True), (408, True), (200, False)])

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, timed_out = next(answers)
            body = json.dumps({"status": "yellow", "timed_out": timed_out}).encode()
            self.send_response(status)
            self.send_header("X-Elastic-Product", "Elasticsearch")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_they_are_asked_for_until_they_are_ready(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from elasticsearch import Elasticsearch

    with closing(Elasticsearch(address)) as client:
        with monkeypatch.context() as patch, pytest.raises(SearchUnavailable, match="still being made"):
            patch.setattr(elastic_building, "_LONGEST_REPLICAS_SECONDS", -1.0)
            elastic_building._wait_for_replicas(client, "tin3c-items-000001")
        elastic_building._wait_for_replicas(client, "tin3c-items-000001")
