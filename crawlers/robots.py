"""robots.txt, read first at each host, and obeyed as the project has it.

404, 410 and the other 4xx allow; 401, 403, 429, 5xx, time-outs and what cannot be read refuse. Scrapy's own middleware
lets a crawl go on in all of these cases and raises the same error for each, so this one takes its place. A host that
nobody reaches (no such name, nothing at the port) has refused nothing: it is said to be out of reach. The rules
themselves are read by Scrapy's Protego parser. A redirect is judged again, by the robots.txt of the new place.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.robotstxt import ProtegoRobotParser
from scrapy.utils.httpobj import urlparse_cached

from crawlers.challenge import is_challenge
from crawlers.engine import engine_of
from crawlers.guard import NotAllowed, slot_of
from crawlers.problems import OUT_OF_REACH_ERRORS, describe

LARGEST_ROBOTS_BYTES = 512 * 1024
LONGEST_CRAWL_DELAY_SECONDS = 60.0


class RobotsRefused(IgnoreRequest):
    """`permanent`: a rule says so. Otherwise robots.txt itself could not be had, which may change by the next run."""

    def __init__(self, reason: str, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent


class OutOfReach(IgnoreRequest):
    """There is no such host, or nothing listens at its port: nobody was there to allow or to refuse anything."""


@dataclass(frozen=True, slots=True)
class Robots:
    """What one host's robots.txt said: rules, or everything allowed, or the reason why everything is refused."""

    rules: ProtegoRobotParser | None = None
    refusal: str = ""
    guarded: bool = False  # the refusal is the guard's: the host itself must not be connected to
    out_of_reach: bool = False  # the refusal is nobody's: there was no host to ask


class RobotsMiddleware:
    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        # The product token, as robots.txt names agents: "Tin3C" of "Tin3C/0.1 (...)".
        self._agent = str(crawler.settings["USER_AGENT"]).partition("/")[0].strip() or "*"
        self._delay_seconds = crawler.settings.getfloat("DOWNLOAD_DELAY")
        self._known: dict[str, asyncio.Task[Robots]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsMiddleware:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        if request.meta.get("is_robots"):
            return
        parts = urlparse_cached(request)
        place = f"{parts.scheme}://{parts.netloc}"
        if place not in self._known:
            self._known[place] = asyncio.ensure_future(self._read(place))
        robots = await asyncio.shield(self._known[place])
        if robots.guarded:
            raise NotAllowed(robots.refusal)
        if robots.out_of_reach:
            raise OutOfReach(robots.refusal)
        if robots.refusal:
            raise RobotsRefused(robots.refusal, permanent=False)
        if robots.rules and not robots.rules.allowed(request.url, self._agent):
            raise RobotsRefused("robots.txt does not allow this address", permanent=True)

    async def _read(self, place: str) -> Robots:
        request = Request(
            f"{place}/robots.txt",
            meta={"is_robots": True, "download_maxsize": LARGEST_ROBOTS_BYTES},
            dont_filter=True,
        )
        try:
            response = await engine_of(self._crawler).download_async(request)
        except NotAllowed as error:
            return Robots(refusal=str(error), guarded=True)
        except OUT_OF_REACH_ERRORS as error:
            return Robots(refusal=describe(error), out_of_reach=True)
        except Exception as error:  # whatever went wrong, no rules were read: refuse
            return Robots(refusal=f"robots.txt could not be read: {describe(error)}")
        if response.status in (401, 403, 429) or response.status >= 500:
            return Robots(refusal=f"robots.txt answered {response.status}")
        if response.status >= 400:
            return Robots()
        if response.status != 200:
            return Robots(refusal=f"robots.txt answered {response.status}")
        if b"\x00" in response.body:
            return Robots(refusal="robots.txt is not a text")
        if is_challenge(response.body.decode("utf-8", "replace")):
            return Robots(refusal="robots.txt: a challenge page stands in its place")
        rules = ProtegoRobotParser(response.body, None)
        self._slow_down(place, rules.crawl_delay(self._agent))
        return Robots(rules=rules)

    def _slow_down(self, place: str, crawl_delay: float | None) -> None:
        """Keep to a larger Crawl-delay, for the slot that there is and for those made later in the run."""
        if crawl_delay is None or not self._delay_seconds or crawl_delay <= self._delay_seconds:
            return
        delay = min(crawl_delay, LONGEST_CRAWL_DELAY_SECONDS)
        downloader: Any = engine_of(self._crawler).downloader
        slot = slot_of(place)
        downloader.per_slot_settings[slot] = {"delay": delay}
        if slot in downloader.slots:
            downloader.slots[slot].delay = delay
