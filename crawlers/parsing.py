"""The crawl's side of the parsing workers: started when needed, killed and replaced when a page takes too long."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import PIPE, Process
from datetime import datetime
from typing import Any

from crawlers.readings import ARTICLE, SOURCE_PAGE, Article, SourcePage

#: Importing the parsers takes a moment, which is not the page's.
START_LIMIT_SECONDS = 60.0
_LONGEST_ANSWER_BYTES = 64_000_000


class ParsingFailed(Exception):
    """The parser hung, crashed or ran out of memory. `str()` says which."""


class Parsers:
    """At most `workers` pages are parsed at once. Close it: its workers end with it."""

    def __init__(self, limit_seconds: float, workers: int = 2) -> None:
        self._limit_seconds = limit_seconds
        self._idle: list[Process] = []
        self._all: set[Process] = set()
        self._free = asyncio.Semaphore(workers)

    async def source(
        self, body: bytes, address: str, content_type: str, now: datetime, posts: bool, link_pattern: str | None
    ) -> SourcePage:
        head = {"kind": "source", "posts": posts, "link_pattern": link_pattern}
        return SOURCE_PAGE.validate_json(await self._ask(head, body, address, content_type, now))

    async def article(self, body: bytes, address: str, content_type: str, now: datetime) -> Article:
        return ARTICLE.validate_json(await self._ask({"kind": "article"}, body, address, content_type, now))

    async def _ask(self, head: dict[str, Any], body: bytes, address: str, content_type: str, now: datetime) -> bytes:
        head |= {"address": address, "content_type": content_type, "now": now.isoformat(), "bytes": len(body)}
        async with self._free:
            process = self._idle.pop() if self._idle else await self._start()
            try:
                answer = await asyncio.wait_for(self._exchange(process, head, body), self._limit_seconds)
            except TimeoutError:
                await self._kill(process)
                raise ParsingFailed(f"parsing it took longer than {self._limit_seconds:g} s") from None
            except (OSError, ValueError, asyncio.IncompleteReadError):
                answer = b""
            except BaseException:
                await self._kill(process)
                raise
            if not answer.endswith(b"\n"):
                await self._kill(process)
                raise ParsingFailed("the parser broke on it")
            self._idle.append(process)
        if answer.startswith(b'{"error"'):
            raise ParsingFailed(f"the parser broke on it ({json.loads(answer)['error']})")
        return answer

    @staticmethod
    async def _exchange(process: Process, head: dict[str, Any], body: bytes) -> bytes:
        if process.stdin is None or process.stdout is None:
            raise ValueError("a worker is started with pipes")
        process.stdin.write(json.dumps(head).encode() + b"\n")
        process.stdin.write(body)
        await process.stdin.drain()
        return await process.stdout.readline()

    async def _start(self) -> Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "crawlers.worker", stdin=PIPE, stdout=PIPE, limit=_LONGEST_ANSWER_BYTES
        )
        self._all.add(process)
        warm_up = {
            "kind": "article",
            "address": "https://x.invalid/",
            "content_type": "",
            "now": "2000-01-01T00:00:00+00:00",
        }
        try:
            answer = await asyncio.wait_for(self._exchange(process, warm_up | {"bytes": 0}, b""), START_LIMIT_SECONDS)
        except TimeoutError:
            answer = b""
        if not answer:
            await self._kill(process)
            raise ParsingFailed("the parsing worker did not start")
        return process

    async def _kill(self, process: Process) -> None:
        self._all.discard(process)
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()

    async def close(self) -> None:
        self._idle.clear()
        for process in list(self._all):
            await self._kill(process)
