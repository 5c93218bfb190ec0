"""Scrapy, run once in this process: a spider whose start is one piece of our own work.

The work asks the engine for downloads one by one (`engine.download_async`), so that the order of things can be read
from top to bottom: robots.txt, delays, redirects and limits are the engine's and its middlewares'.
"""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from crawlers.parsing import Parsers
from records.crawl import CrawlLimits

if TYPE_CHECKING:
    from crawlers.hosts import HostTurns

T = TypeVar("T")


def run(
    work: Callable[[Any, Parsers], Awaitable[T]],
    typed_addresses: Iterable[str],
    limits: CrawlLimits,
    now: datetime,
    turns: HostTurns | None = None,
) -> T:
    """The result of `work(fetcher, parsers)`, or its exception. Once in a process: a reactor is never started again.

    `turns`: those that other crawls keep too; without them only this process keeps its pauses.
    """
    from scrapy import Spider
    from scrapy.crawler import AsyncCrawlerProcess

    from crawlers.fetching import Fetcher
    from crawlers.guard import Guard
    from crawlers.settings import scrapy_settings

    for name in ("scrapy", "twisted", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    results: list[T] = []
    errors: list[BaseException] = []

    class WorkSpider(Spider):
        name = "tin3c"

        async def start(self) -> AsyncIterator[Any]:
            deadline = time.monotonic() + limits.run_limit_seconds
            parsers = Parsers(limits.extraction_limit_seconds)
            try:
                results.append(await work(Fetcher(self.crawler, limits, now, deadline), parsers))
            except BaseException as error:
                errors.append(error)
            finally:
                await parsers.close()
            return
            yield  # an asynchronous generator, as Scrapy wants it, that yields nothing

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        process = AsyncCrawlerProcess(
            scrapy_settings(limits, Guard(typed_addresses), turns), install_root_handler=False
        )
        process.crawl(WorkSpider)
        process.start(install_signal_handlers=False)
    if errors:
        raise errors[0]
    if not results:
        raise RuntimeError("the crawl ended before its work did")
    return results[0]
