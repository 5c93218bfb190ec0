"""The parsing worker: a process of its own in which hostile bytes are parsed, under limits of memory and time.

A page that hangs a parser cannot be stopped inside a process: lxml and regular expressions run in C. So the crawl hands
bytes to this process, waits for as long as it allows, and kills it when that is over.
Run as `python -m crawlers.worker`.

Frames on stdin: a line of JSON with `kind`, `bytes` and the arguments, then so many bytes. Answers on stdout: a line of
JSON each. The end of stdin is the end of this process, in the middle of a page too.
"""

from __future__ import annotations

import ctypes
import json
import os
import queue
import signal
import sys
import threading
from datetime import datetime
from typing import Any, BinaryIO

from crawlers.articles import read_article
from crawlers.challenge import is_challenge
from crawlers.feeds import read_feed
from crawlers.listings import named_feeds, read_listing
from crawlers.pages import as_text, as_tree
from crawlers.readings import ARTICLE, SOURCE_PAGE, Article, SourcePage

#: Address space of this process; a parser that wants more fails with MemoryError. Bytes.
LARGEST_MEMORY_BYTES = 1_500_000_000


def read_source(
    body: bytes, address: str, content_type: str, now: datetime, posts: bool, link_pattern: str | None
) -> SourcePage:
    """What stands at a source's address: a feed, or else an HTML page and the article links on it."""
    feed = read_feed(body, address, content_type, now, posts)
    if feed is not None:
        return feed
    page = as_text(body, content_type)
    tree = as_tree(page)
    if tree is None:
        return SourcePage(is_feed=False, challenge=is_challenge(page))
    if is_challenge(page):
        return SourcePage(is_feed=False, challenge=True, feeds=named_feeds(tree, address))
    return read_listing(tree, address, link_pattern)


def read_page(body: bytes, address: str, content_type: str, now: datetime) -> Article:
    page = as_text(body, content_type)
    tree = as_tree(page)
    if tree is None:
        return Article(title="", text="", published=None, author=None)
    article = read_article(tree, address, now)
    if not article.text and is_challenge(page):
        return Article(title=article.title, text="", published=None, author=None, challenge=True)
    return article


def _answer(head: dict[str, Any], body: bytes) -> bytes:
    now = datetime.fromisoformat(head["now"])
    if head["kind"] == "source":
        page = read_source(body, head["address"], head["content_type"], now, head["posts"], head["link_pattern"])
        return SOURCE_PAGE.dump_json(page)
    return ARTICLE.dump_json(read_page(body, head["address"], head["content_type"], now))


def _listen(stream: BinaryIO, frames: queue.SimpleQueue[tuple[dict[str, Any], bytes]]) -> None:
    while line := stream.readline():
        head = json.loads(line)
        body = stream.read(head["bytes"])
        if len(body) < head["bytes"]:
            break
        frames.put((head, body))
    os._exit(0)


def _limit() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (LARGEST_MEMORY_BYTES, LARGEST_MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):
        pass  # no such limits on this system: those of the crawl remain
    if sys.platform == "linux":
        # A parser that holds the interpreter's lock would keep the listener from seeing the end of stdin.
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def main() -> None:
    _limit()
    answers = sys.stdout.buffer
    # Nothing but answers may reach the pipe.
    sys.stdout = sys.stderr
    frames: queue.SimpleQueue[tuple[dict[str, Any], bytes]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, frames), daemon=True).start()
    while True:
        head, body = frames.get()
        try:
            answer = _answer(head, body)
        except Exception as error:  # a hostile page may break a parser in any way: say so, and take the next
            answer = json.dumps({"error": type(error).__name__}).encode()
        answers.write(answer + b"\n")
        answers.flush()


if __name__ == "__main__":
    main()
