"""Only where it was sent: which addresses may be connected to, judged on the address that is connected to.

The reactor's resolver is replaced by one that drops every IP which must not be reached, so that what was checked is
what is connected to: there is no second look-up in which a name could change. Literal IPs, and odd forms such as
0x7f.1 or 2130706433, pass through the same resolver.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, IgnoreRequest
from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer

from records.address import host_and_port, is_public_ip, is_web_address


class NotAllowed(IgnoreRequest):
    """The address is not http(s), or leads to an IP that nobody typed. `str()` says which."""


def host_key(host: str, port: int) -> tuple[str, int]:
    """One spelling for a host: lower case, its ASCII form, without the final dot."""
    host = host.rstrip(".").lower()
    if not host.isascii():
        try:
            host = host.encode("idna").decode()
        except UnicodeError:
            return host, port
    return host, port


class Guard:
    """What one crawl may connect to: any public IP, and the hosts and ports of the addresses that were typed."""

    def __init__(self, typed_addresses: Iterable[str]) -> None:
        self._typed = frozenset(host_key(*host_and_port(address)) for address in typed_addresses)
        self._refused: set[tuple[str, int]] = set()

    def __deepcopy__(self, memo: object) -> Guard:
        # Scrapy copies its settings: the resolver and the middleware must still share one guard.
        return self

    def allows(self, host: str, port: int, ip: str) -> bool:
        key = host_key(host, port)
        if key in self._typed or is_public_ip(ip):
            return True
        self._refused.add(key)
        return False

    def refused(self, address: str) -> bool:
        """Whether an IP of `address` was refused."""
        return host_key(*host_and_port(address)) in self._refused


@implementer(IHostnameResolver)
class GuardedResolver:
    """Scrapy's TWISTED_DNS_RESOLVER: the reactor's own resolver behind the guard of the setting CRAWL_GUARD."""

    def __init__(self, reactor: Any, guard: Guard) -> None:
        self._reactor = reactor
        self._guard = guard
        self._resolver: Any = reactor.nameResolver

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> GuardedResolver:
        return cls(reactor, crawler.settings["CRAWL_GUARD"])

    def install_on_reactor(self) -> None:
        self._reactor.installNameResolver(self)

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        receiver = _GuardedReceiver(resolutionReceiver, self._guard, hostName, portNumber)
        resolution: IHostResolution = self._resolver.resolveHostName(
            receiver, hostName, portNumber, addressTypes, transportSemantics
        )
        return resolution


@implementer(IResolutionReceiver)
class _GuardedReceiver:
    def __init__(self, receiver: Any, guard: Guard, host: str, port: int) -> None:
        self._receiver = receiver
        self._guard = guard
        self._host = host
        self._port = port

    def resolutionBegan(self, resolutionInProgress: IHostResolution) -> None:
        self._receiver.resolutionBegan(resolutionInProgress)

    def addressResolved(self, address: IAddress) -> None:
        if self._guard.allows(self._host, self._port, getattr(address, "host", "")):
            self._receiver.addressResolved(address)

    def resolutionComplete(self) -> None:
        self._receiver.resolutionComplete()


class GuardMiddleware:
    """Every request, robots.txt and redirects included: http(s) only, and one download slot per host and port."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> GuardMiddleware:
        return cls(crawler.settings["CRAWL_GUARD"])

    def process_request(self, request: Request) -> None:
        if not is_web_address(request.url):
            raise NotAllowed("the address is not http or https")
        # A redirect carries the slot of the place that it came from.
        request.meta["download_slot"] = slot_of(request.url)

    def process_exception(self, request: Request, exception: Exception) -> None:
        # With no IP left to connect to, Scrapy takes the host's name for unknown.
        if isinstance(exception, CannotResolveHostError) and self._guard.refused(request.url):
            raise NotAllowed("it leads to a private address") from exception


def slot_of(address: str) -> str:
    host, port = host_key(*host_and_port(address))
    return f"{host}:{port}"
