"""A local Slack: the few Web API methods that Tin3C uses, as strict as the real ones are about what they are sent.

    python tests/support/slack_server.py [--port N] [--rate SECONDS]

prints its address and what is posted. It holds one channel, #tin3c (C0000TIN3C), and takes one token, TOKEN.
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

try:
    from tests.support.block_kit import problems_of
except ModuleNotFoundError:  # run as a script
    from block_kit import problems_of  # type: ignore[import-not-found, no-redef]

TOKEN = "xoxb-local-test"
CHANNEL = "C0000TIN3C"
CHANNEL_NAME = "tin3c"
Answer = tuple[int, dict[str, str], dict[str, Any]]


@dataclass
class Slack:
    """What the server holds. `seconds_between_posts`: faster posts get 429 with Retry-After.

    `lose_answers`: so many of the next posts are accepted, and the connection is cut before the answer.
    `fail_with`: answers for the next calls, before anything is done: (status, headers, body).
    """

    seconds_between_posts: float = 0.0
    monotonic: Callable[[], float] = time.monotonic
    token: str = TOKEN
    channels: dict[str, str] = field(default_factory=lambda: {CHANNEL: CHANNEL_NAME})
    page: int = 200
    lose_answers: int = 0
    fail_with: list[Answer] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _last_post: dict[str, float] = field(default_factory=dict)
    _next_ts: int = 1_700_000_000_000_000

    def answer(self, method: str, token: str, arguments: dict[str, Any]) -> Answer:
        with self._lock:
            self.calls.append(method)
            if self.fail_with:
                return self.fail_with.pop(0)
            if not token:
                return _error("not_authed")
            if token != self.token:
                return _error("invalid_auth")
            handler = getattr(self, "_" + method.replace(".", "_"), None)
            return handler(arguments) if handler else _error("unknown_method")

    def by_key(self, key: str) -> list[dict[str, Any]]:
        return [m for m in self.messages if m.get("metadata", {}).get("event_payload", {}).get("key") == key]

    def _channel(self, arguments: dict[str, Any], *, names: bool = False) -> str | None:
        wanted = str(arguments.get("channel", ""))
        if wanted in self.channels:
            return wanted
        ids = {name: id for id, name in self.channels.items()}
        return ids.get(wanted.removeprefix("#")) if names else None

    def _content_problem(self, arguments: dict[str, Any]) -> str | None:
        text, blocks = arguments.get("text"), arguments.get("blocks")
        if not text and not blocks:
            return "no_text"
        if text is not None and (not isinstance(text, str) or len(text) > 40_000):
            return "msg_too_long"
        found = problems_of(blocks) if blocks is not None else []
        metadata = arguments.get("metadata")
        if metadata is not None and (
            not isinstance(metadata, dict)
            or not isinstance(metadata.get("event_type"), str)
            or not isinstance(metadata.get("event_payload"), dict)
        ):
            return "metadata_must_be_sent_from_app" if metadata == {} else "invalid_metadata_format"
        self.problems += found
        return "invalid_blocks" if found else None

    def _chat_postMessage(self, arguments: dict[str, Any]) -> Answer:
        channel = self._channel(arguments, names=True)
        if channel is None:
            return _error("channel_not_found")
        since = self.monotonic() - self._last_post.get(channel, float("-inf"))
        if since < self.seconds_between_posts:
            return 429, {"Retry-After": "1"}, {"ok": False, "error": "ratelimited"}
        if problem := self._content_problem(arguments):
            return _error(problem)
        thread = arguments.get("thread_ts")
        if thread is not None and not any(m["ts"] == thread and m["channel"] == channel for m in self.messages):
            return _error("thread_not_found")
        self._last_post[channel] = self.monotonic()
        self._next_ts += 1_000_000
        ts = f"{self._next_ts // 1_000_000}.{self._next_ts % 1_000_000:06d}"
        kept = {
            k: arguments[k] for k in ("text", "blocks", "metadata", "thread_ts", "reply_broadcast") if k in arguments
        }
        message = {"type": "message", "channel": channel, "ts": ts, **kept}
        self.messages.append(message)
        if self.lose_answers:
            self.lose_answers -= 1
            return 0, {}, {}
        return 200, {}, {"ok": True, "channel": channel, "ts": ts, "message": message}

    def _chat_update(self, arguments: dict[str, Any]) -> Answer:
        channel, ts = self._channel(arguments), arguments.get("ts")
        if channel is None:
            return _error("channel_not_found")
        message = next((m for m in self.messages if (m["channel"], m["ts"]) == (channel, ts)), None)
        if message is None:
            return _error("message_not_found")
        if problem := self._content_problem(arguments):
            return _error(problem)
        message |= {k: arguments[k] for k in ("text", "blocks", "metadata") if k in arguments}
        message["edits"] = message.get("edits", 0) + 1
        return 200, {}, {"ok": True, "channel": channel, "ts": ts, "text": message.get("text", "")}

    def _conversations_history(self, arguments: dict[str, Any]) -> Answer:
        channel = self._channel(arguments)
        if channel is None:
            return _error("channel_not_found")
        seen = [m for m in reversed(self.messages) if m["channel"] == channel]
        return self._paged("messages", [m for m in seen if "thread_ts" not in m or m.get("reply_broadcast")], arguments)

    def _conversations_replies(self, arguments: dict[str, Any]) -> Answer:
        channel, ts = self._channel(arguments), arguments.get("ts")
        if channel is None:
            return _error("channel_not_found")
        thread = [m for m in self.messages if m["channel"] == channel and ts in (m["ts"], m.get("thread_ts"))]
        return self._paged("messages", thread, arguments) if thread else _error("thread_not_found")

    def _conversations_list(self, arguments: dict[str, Any]) -> Answer:
        return self._paged("channels", [{"id": id, "name": name} for id, name in self.channels.items()], arguments)

    def _paged(self, name: str, rows: list[dict[str, Any]], arguments: dict[str, Any]) -> Answer:
        if not _flag(arguments.get("include_all_metadata")):
            rows = [{k: v for k, v in row.items() if k != "metadata"} for row in rows]
        start = int(arguments.get("cursor") or 0)
        end = start + min(int(arguments.get("limit") or 100), self.page)
        cursor = str(end) if end < len(rows) else ""
        return 200, {}, {"ok": True, name: rows[start:end], "response_metadata": {"next_cursor": cursor}}


def _flag(value: object) -> bool:
    return value in (True, "1", "true", "True")


def _error(code: str) -> Answer:
    return 200, {}, {"ok": False, "error": code}


class SlackServer:
    """Runs a Slack on a free port of loopback, from `with` to its end."""

    def __init__(self, slack: Slack | None = None, port: int = 0) -> None:
        self.slack = slack or Slack()
        held = self.slack

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                if "json" in self.headers.get("Content-Type", ""):
                    arguments = json.loads(body)
                else:
                    arguments = {name: values[-1] for name, values in parse_qs(body).items()}
                token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                method = self.path.rpartition("/")[2]
                status, headers, answer = held.answer(method, token, arguments)
                self.close_connection = True
                if status == 0:
                    return  # accepted, and the answer is lost
                content = json.dumps(answer).encode() if isinstance(answer, dict) else answer
                self.send_response(status)
                for name, value in ({"Content-Type": "application/json; charset=utf-8"} | headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/api/"

    def __enter__(self) -> SlackServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--rate", type=float, default=1.0, help="seconds between two posts in a channel")
    chosen = parser.parse_args()
    with SlackServer(Slack(seconds_between_posts=chosen.rate), chosen.port) as server:
        print(server.base_url, flush=True)
        shown = 0
        while True:
            time.sleep(0.2)
            for message in server.slack.messages[shown:]:
                print(json.dumps(message, ensure_ascii=False), flush=True)
            shown = len(server.slack.messages)


if __name__ == "__main__":
    main()
