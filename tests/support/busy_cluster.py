"""A door before a real cluster, on plain loopback http, which turns bulk requests down as a busy cluster does (429)."""

from __future__ import annotations

import json
import ssl
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.elasticsearch_node import Login

_BUSY = {"type": "es_rejected_execution_exception", "reason": "rejected"}


class BusyCluster:
    """`turn_down`: so many next bulk requests as a whole, and so many items of the one after."""

    def __init__(self, login: Login) -> None:
        self._behind = login.addresses[0]
        self._context = ssl.create_default_context(cafile=str(login.ca_file)) if login.ca_file else None
        self._whole = self._items = 0
        door = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                answer = door.answer(self.command, self.path, dict(self.headers), body)
                if answer is None:
                    self.close_connection = True
                else:
                    self._answer(*answer)

            do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _pass

            def _answer(self, status: int, content_type: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("X-Elastic-Product", "Elasticsearch")
                self.send_header("Content-Type", content_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def turn_down(self, whole: int, items: int) -> None:
        self._whole, self._items = whole, items

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str, bytes] | None:
        """(status, content type, content); None ends the connection without a word."""
        bulk = "_bulk" in path
        if bulk and self._whole:
            self._whole -= 1
            return 429, "application/json", json.dumps({"error": _BUSY, "status": 429}).encode()
        kept = {name: value for name, value in headers.items() if name.lower() not in {"host", "connection"}}
        asked = urllib.request.Request(self._behind + path, body or None, kept, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=30, context=self._context) as answer:
                status, content_type, content = answer.status, answer.headers["Content-Type"], answer.read()
        except urllib.error.HTTPError as error:
            with error:
                status, content_type, content = error.code, error.headers["Content-Type"], error.read()
        if bulk and self._items:
            content = self._some_turned_down(json.loads(content))
        return status, content_type or "application/json", content

    def _some_turned_down(self, said: dict[str, Any]) -> bytes:
        for item in said["items"][: self._items]:
            next(iter(item.values())).update(status=429, error=_BUSY)
        self._items = 0
        return json.dumps(said | {"errors": True}).encode()

    def __enter__(self) -> BusyCluster:
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
