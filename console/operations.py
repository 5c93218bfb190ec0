"""For those who run Tin3C, and their tools: is it alive, can it work, how does the work stand. None needs a session."""

from __future__ import annotations

import hmac
import ipaddress

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from console.exposition import CONTENT_TYPE, exposition
from console.services import Services
from records.errors import StoreError, StoreMoved, StoreOutOfDate

router = APIRouter()

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
#: What a proxy puts on what it passes on: whoever asked is then not who connected.
_PASSED_ON = ("forwarded", "x-forwarded-for", "via")


@router.get("/healthz")
async def alive() -> Response:
    """The process answers. It asks nothing of the store, the index or a thread: they may be away while we live."""
    return PlainTextResponse("ok")


@router.get("/readyz")
def ready(request: Request) -> Response:
    """The store answers, and its schema is this program's. Search may be away: the console works without it."""
    services: Services = request.app.state.services
    try:
        services.operations.check()
    except StoreOutOfDate:
        return PlainTextResponse("not ready: the store's schema is not this program's", 503)
    except StoreMoved:
        return PlainTextResponse("not ready: the store was moved to another database", 503)
    except StoreError:
        return PlainTextResponse("not ready: the store does not answer", 503)
    return PlainTextResponse("ok")


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Private by default: with a token configured, for those who bring it; without one, for this machine itself."""
    services: Services = request.app.state.services
    if services.metrics_token is not None:
        if not _brings(request, services.metrics_token):
            return PlainTextResponse("401", 401, {"WWW-Authenticate": "Bearer"})
    elif not _from_this_machine(request):
        return PlainTextResponse("403", 403)
    return Response(exposition(request.app.state.metrics), media_type=CONTENT_TYPE)


def _brings(request: Request, token: str) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())


def _from_this_machine(request: Request) -> bool:
    """Connected over loopback, asked for by a loopback name, and passed on by nobody."""
    if request.url.hostname not in LOOPBACK_NAMES or any(name in request.headers for name in _PASSED_ON):
        return False
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
