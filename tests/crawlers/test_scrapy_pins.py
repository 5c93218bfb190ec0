"""What we lean on inside Scrapy and Twisted, pinned: an upgrade that moves it must fail here and not on the web."""

import inspect

from scrapy.core.downloader import Downloader, Slot
from scrapy.core.engine import ExecutionEngine
from scrapy.extensions.throttle import AutoThrottle
from scrapy.robotstxt import ProtegoRobotParser
from twisted.internet.endpoints import HostnameEndpoint


def test_throttle_and_slots():
    assert list(inspect.signature(AutoThrottle._response_downloaded).parameters) == [
        "self",
        "response",
        "request",
        "spider",
    ]
    assert list(inspect.signature(AutoThrottle._get_slot).parameters) == ["self", "request", "spider"]
    assert Slot(1, 2.0, 0.0).download_delay() == 2.0
    source = inspect.getsource(Downloader)
    assert "self.per_slot_settings.get(key" in source and 'slot_settings.get("delay"' in source
    assert "self.slots[key]" in source and 'DOWNLOAD_SLOT = "download_slot"' in source


def test_engine_downloads_through_the_middlewares_and_follows_redirects():
    assert inspect.iscoroutinefunction(ExecutionEngine.download_async)
    assert "isinstance(response_or_request, Request)" in inspect.getsource(ExecutionEngine.download_async)


def test_connections_go_by_the_reactors_resolver_and_to_what_it_answered():
    source = inspect.getsource(HostnameEndpoint.connect)
    assert "nameResolver.resolveHostName(" in source and "eachAddress.host" in source


def test_robots_parser():
    rules = ProtegoRobotParser(b"User-agent: tin3c\nDisallow: /x\nCrawl-delay: 7\n", None)
    assert not rules.allowed("https://a.example/x", "Tin3C") and rules.allowed("https://a.example/y", "Tin3C")
    assert rules.crawl_delay("Tin3C") == 7
