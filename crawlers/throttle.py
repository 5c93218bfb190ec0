"""AutoThrottle that never goes under a host's own delay.

Scrapy's goes down to the one DOWNLOAD_DELAY for all hosts, and so would forget a Crawl-delay.
"""

from __future__ import annotations

from scrapy import Request, Spider
from scrapy.core.downloader import Slot
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response

from crawlers.engine import engine_of


class HostThrottle(AutoThrottle):
    def _response_downloaded(self, response: Response, request: Request, spider: Spider) -> None:
        super()._response_downloaded(response, request, spider)
        key, slot = self._get_slot(request, spider)
        if key is not None and isinstance(slot, Slot):
            slot.delay = max(
                slot.delay, engine_of(self.crawler).downloader.per_slot_settings.get(key, {}).get("delay", 0.0)
            )
