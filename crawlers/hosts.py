"""One request at a time to a host, and its pause after it, for all crawls that share a store, on however many machines.

Scrapy's slots keep the pause within one process, from when a request was begun. Here each request takes its host's
lease, which goes on until the pause is over: whoever asks next, in this crawl or another, waits for it. The pause is
counted from the answer: on a busy machine a request leaves well after it was begun, and only its answer shows that the
host has had it. robots.txt and redirects are requests as well.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawlers.engine import engine_of
from crawlers.guard import slot_of
from records.errors import LeaseTaken
from records.ports import Leases
from records.run import HOST_LEASE, Lease

#: How long a request waits for its turn, seconds: enough for some dozens of others at one second each.
LONGEST_WAIT_SECONDS = 120.0
_LOOK_SECONDS = 0.1
_HELD = "tin3c_host_lease"
#: No name is longer; what a page writes in the place of one can be.
_LONGEST_HOST = 260


class HostBusy(IgnoreRequest):
    """Other crawls were asking this host all the time. It is for a later run."""

    def __init__(self) -> None:
        super().__init__("other crawls of ours are asking this host, and this one waited in vain for its turn")


@dataclass
class HostTurns:
    """The turns of one crawl, which is `holder`. `delay_seconds`: the pause, where a host wants no longer one."""

    leases: Leases
    holder: str
    delay_seconds: float
    timeout_seconds: float
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict)

    def __deepcopy__(self, memo: object) -> HostTurns:
        return self  # Scrapy copies its settings

    async def take(self, host: str) -> Lease:
        """Waits for it. Raises HostBusy."""
        lock = self._locks.setdefault(host, asyncio.Lock())
        await lock.acquire()
        try:
            last = time.monotonic() + LONGEST_WAIT_SECONDS
            length = timedelta(seconds=self.timeout_seconds + 60)
            while True:
                try:
                    return self.leases.acquire(f"{HOST_LEASE}{host[:_LONGEST_HOST]}", self.holder, length)
                except LeaseTaken:
                    if time.monotonic() > last:
                        raise HostBusy from None
                await asyncio.sleep(_LOOK_SECONDS)
        except BaseException:
            lock.release()
            raise

    def give(self, host: str, lease: Lease, delay_seconds: float) -> None:
        """The host has answered, or will not: nobody asks it until the pause is over, though this crawl may end."""
        try:
            self.leases.rest(lease, timedelta(seconds=delay_seconds))
        except LeaseTaken:
            pass  # the request took longer than any may: another crawl has its turn by now
        finally:
            self._locks[host].release()


class HostsMiddleware:
    """Nearest to the downloader: it sees each request as it goes out, and each answer before anybody else."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._turns: HostTurns | None = crawler.settings["CRAWL_HOSTS"]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> HostsMiddleware:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if self._turns is not None:
            host = slot_of(request.url)
            request.meta[_HELD] = (host, await self._turns.take(host))

    def process_response(self, request: Request, response: Response) -> Response:
        self._done(request)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        self._done(request)

    def _done(self, request: Request) -> None:
        held: Any = request.meta.pop(_HELD, None)
        if held is not None and self._turns is not None:
            host, lease = held
            slots = engine_of(self._crawler).downloader.per_slot_settings
            delay_seconds = max(self._turns.delay_seconds, slots.get(host, {}).get("delay", 0.0))
            self._turns.give(host, lease, delay_seconds)
