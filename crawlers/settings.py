"""Scrapy's settings for one crawl. Everything that Scrapy would do by itself and we do not want is off by name here."""

from __future__ import annotations

from typing import Any

from crawlers.guard import Guard
from crawlers.hosts import HostTurns
from records.crawl import CrawlLimits

#: With no delay (replays of saved pages), so many requests to one host at once.
REQUESTS_PER_HOST_WITHOUT_DELAY = 8
MOST_REDIRECTS = 5


def scrapy_settings(limits: CrawlLimits, guard: Guard, turns: HostTurns | None = None) -> dict[str, Any]:
    polite = limits.delay_seconds > 0
    return {
        "USER_AGENT": limits.user_agent,
        "DEFAULT_REQUEST_HEADERS": {"Accept": "*/*", "Accept-Language": "vi,en;q=0.5"},
        # --- safety
        "CRAWL_GUARD": guard,
        # Where there is no pause (a replay), there are no turns either.
        "CRAWL_HOSTS": turns if polite else None,
        "TWISTED_DNS_RESOLVER": "crawlers.guard.GuardedResolver",
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_HANDLERS": {"file": None, "data": None, "ftp": None, "s3": None},
        # A proxy would be what is connected to, and the guard would judge the proxy.
        "HTTPPROXY_ENABLED": False,
        "DOWNLOAD_MAXSIZE": limits.largest_body_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": limits.timeout_seconds,
        "REDIRECT_MAX_TIMES": MOST_REDIRECTS,
        "COOKIES_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        "REFERER_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        # --- politeness. Retries are the fetcher's, which knows Retry-After; robots.txt is our own middleware's.
        "RETRY_ENABLED": False,
        "ROBOTSTXT_OBEY": False,
        "DOWNLOADER_MIDDLEWARES": {
            "crawlers.guard.GuardMiddleware": 50,
            "crawlers.robots.RobotsMiddleware": 100,
            "crawlers.hosts.HostsMiddleware": 950,
        },
        "DOWNLOAD_DELAY": limits.delay_seconds,
        "DOWNLOAD_DELAY_JITTER": 0,  # it would go under the delay as well as over it
        "CONCURRENT_REQUESTS": 0,  # bounded per host by the slots, and over all hosts by the fetcher
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1 if polite else REQUESTS_PER_HOST_WITHOUT_DELAY,
        "AUTOTHROTTLE_ENABLED": polite,
        "AUTOTHROTTLE_START_DELAY": limits.delay_seconds,
        "AUTOTHROTTLE_MAX_DELAY": max(10.0, limits.delay_seconds),
        "EXTENSIONS": {
            "scrapy.extensions.throttle.AutoThrottle": None,
            "crawlers.throttle.HostThrottle": 0,
            "scrapy.extensions.feedexport.FeedExporter": None,
            "scrapy.extensions.logstats.LogStats": None,
            "scrapy.extensions.memusage.MemoryUsage": None,
        },
        # --- quiet
        "LOG_LEVEL": "ERROR",
        "LOG_INSTALL_ROOT_HANDLER": False,
        "STATS_DUMP": False,
    }
