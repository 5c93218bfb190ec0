"""Scrapy's engine, which a crawler has from its start on."""

from __future__ import annotations

from scrapy.core.engine import ExecutionEngine
from scrapy.crawler import Crawler


def engine_of(crawler: Crawler) -> ExecutionEngine:
    if crawler.engine is None:
        raise RuntimeError("the crawl has not begun")
    return crawler.engine
