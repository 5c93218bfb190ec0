"""The web → Item, Capture. Scrapy fetches, feedparser reads feeds, trafilatura extracts, in workers of their own."""

from crawlers.source_files import suggested_sources

__all__ = ["suggested_sources"]
