"""One address, politely: conditional request, retries, limits. What comes back is an answer or a FetchError.

Scrapy's engine downloads: its slots keep the delay per host, its middlewares see every redirect.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawlers.challenge import is_challenge
from crawlers.engine import engine_of
from crawlers.guard import NotAllowed
from crawlers.problems import TRANSIENT_ERRORS, TRANSIENT_STATUSES, describe, is_too_large
from crawlers.robots import RobotsRefused
from crawlers.waiting import back_off_seconds, retry_after_seconds
from records.address import is_web_address
from records.crawl import CrawlLimits, FetchState
from records.errors import AddressNotAllowed, FetchFailed, FetchRefused, StoreError
from records.item import CapturedPage

_LONGEST_HEADER = 1_000
#: Of an answer that went wrong, as much is looked at to see whether it is a challenge. Bytes.
_LOOKED_AT = 200_000


class Challenged(FetchRefused):
    """An error status whose page asks for a browser, a cookie or a captcha."""


class Gone(FetchFailed):
    """It will not be there tomorrow either: 404, 410, too large."""


class RobotsUnread(FetchRefused):
    """robots.txt could not be had: refused now, and perhaps not in the next run."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A page that came. With `unchanged` (304, or the bytes that were there before) `body` is b""."""

    address: str  # after redirects
    fetch: FetchState  # to be remembered under the address that was asked for
    unchanged: bool
    body: bytes = b""
    content_type: str = ""
    capture: CapturedPage | None = None


class Fetcher:
    """`deadline` is on the clock of time.monotonic(): nothing is begun after it, nothing goes on much longer."""

    def __init__(self, crawler: Crawler, limits: CrawlLimits, now: datetime, deadline: float) -> None:
        self._crawler = crawler
        self._limits = limits
        self._now = now
        self._deadline = deadline
        self._hosts = asyncio.Semaphore(limits.concurrent_hosts)

    @property
    def seconds_left(self) -> float:
        return self._deadline - time.monotonic()

    async def fetch(self, address: str, known: FetchState | None = None) -> Answer:
        """Raises AddressNotAllowed, FetchRefused, FetchFailed, or one of their kinds above; StoreError for a turn."""
        for attempt in range(self._limits.retries + 1):
            last = attempt == self._limits.retries
            try:
                response = await self._download(address, known)
            except TRANSIENT_ERRORS as error:
                wait = back_off_seconds(attempt)
                if last or wait > self.seconds_left:
                    raise FetchFailed(address, describe(error)) from error
            except NotAllowed as error:
                raise AddressNotAllowed(address, str(error)) from error
            except RobotsRefused as error:
                raise (FetchRefused if error.permanent else RobotsUnread)(address, str(error)) from error
            except StoreError:
                raise  # of the turn at the host (crawlers/hosts.py): no fault of the source
            except Exception as error:
                raise (Gone if is_too_large(error) else FetchFailed)(address, describe(error)) from error
            else:
                if response.status not in TRANSIENT_STATUSES:
                    return self._answer(address, response, known)
                self._raise_if_challenge(address, response)
                asked = retry_after_seconds(_header(response, "Retry-After"), datetime.now(UTC))
                wait = back_off_seconds(attempt) if asked is None else asked
                if last or wait > min(self._limits.longest_wait_seconds, self.seconds_left):
                    later = f", and asks to wait {asked:.0f} s" if asked is not None else ""
                    raise FetchFailed(address, f"it answered {response.status}{later}", asked)
            await asyncio.sleep(wait)
        raise AssertionError("the last attempt answers or raises")

    async def _download(self, address: str, known: FetchState | None) -> Response:
        headers = {}
        if known and known.etag:
            headers["If-None-Match"] = known.etag
        if known and known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        seconds = max(0.1, min(self._limits.timeout_seconds, self.seconds_left))
        request = Request(address, headers=headers, meta={"download_timeout": seconds}, dont_filter=True)
        async with self._hosts:
            return await engine_of(self._crawler).download_async(request)

    def _answer(self, address: str, response: Response, known: FetchState | None) -> Answer:
        status = response.status
        if status == 304 and known:
            return Answer(response.url, _state(address, response, known.body_sha256, self._now, known), unchanged=True)
        if status in (401, 403, 451):
            self._raise_if_challenge(address, response)
            raise FetchRefused(address, f"it answered {status}")
        if 300 <= status < 400:
            to = _header(response, "Location") or ""
            if to and not is_web_address(response.urljoin(to)):
                raise AddressNotAllowed(address, "it redirects to an address that is not http or https")
            raise FetchFailed(address, f"it answered {status} without a place to go")
        if status in (404, 410):
            raise Gone(address, f"it answered {status}")
        if status != 200:
            raise FetchFailed(address, f"it answered {status}")
        sha256 = hashlib.sha256(response.body).hexdigest()
        fetch = _state(address, response, sha256, self._now)
        if known and known.body_sha256 == sha256:
            return Answer(response.url, fetch, unchanged=True)
        capture = CapturedPage(
            address=response.url,
            fetched_at=datetime.now(UTC),
            status=status,
            headers=tuple(
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, values in response.headers.items()
                for value in values
            ),
            body=response.body,
        )
        content_type = _header(response, "Content-Type") or ""
        return Answer(
            response.url, fetch, unchanged=False, body=response.body, content_type=content_type, capture=capture
        )

    @staticmethod
    def _raise_if_challenge(address: str, response: Response) -> None:
        if is_challenge(response.body[:_LOOKED_AT].decode("utf-8", "replace")):
            raise Challenged(
                address, f"a challenge page ({response.status}) that wants a browser, a cookie or a captcha"
            )


def _state(
    address: str, response: Response, sha256: str | None, now: datetime, before: FetchState | None = None
) -> FetchState:
    modified = _header(response, "Last-Modified")
    return FetchState(
        address=address,
        etag=_header(response, "ETag") or (before.etag if before else None),
        last_modified=(modified if modified and _is_date(modified) else None)
        or (before.last_modified if before else None),
        body_sha256=sha256,
        fetched_at=now,
    )


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1")[:_LONGEST_HEADER] if value else None


def _is_date(value: str) -> bool:
    try:
        parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return False
    return True
