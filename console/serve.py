"""Serves the console from the parts of this process, on loopback."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import uvicorn

from console.app import create_app
from console.services import Learning, Services
from flows import alert, drift, narrate, wiring
from flows.parts import Parts
from flows.settings import Console
from models import versions
from records.claim import SimilarClaim
from records.errors import Tin3CError


def services_of(parts: Parts) -> Services:
    """The console's ports, from the parts."""
    settings = parts.settings
    store = parts.store

    def similar_claims(narrative_id: str) -> tuple[SimilarClaim, ...]:
        return parts.resemblance.suggested(narrative_id, datetime.now(UTC))

    def judge(narrative_id: str) -> object:
        narrate.describe(parts, narrative_id)  # its items may have changed; once judged, no run looks at it again
        return alert.judge(parts, datetime.now(UTC), [narrative_id])

    def learning() -> Learning:
        heads = wiring.heads_folder(settings)
        shares = drift.look(store.reader, datetime.now(UTC)).shares
        return Learning(versions.listed(heads), versions.reports(heads), shares)

    return Services(
        reader=store.reader,
        casebook=store.casebook,
        sources=store.sources,
        index=parts.index,
        operations=store.operations,
        index_queue=store.index_queue,
        outbox=store.outbox,
        home=settings.home,
        clock=lambda: datetime.now(UTC),
        signing_key=wiring.key(settings, "console"),
        department=settings.department.name,
        province=settings.department.province,
        language=settings.console.language,
        risk_table=wiring.risk_table(settings),
        similar_claims=similar_claims,
        recipients=wiring.default_recipients(settings),
        judge=judge,
        public_address=settings.console.public_address,
        metrics_token=wiring.metrics_token(settings),
        learning=learning,
    )


@contextmanager
def listening(console: Console) -> Iterator[socket.socket]:
    """A socket at the console's host and port. Raises Tin3CError when the port is taken."""
    family = socket.AF_INET6 if console.host == "::1" else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((console.host, console.port))
        except OSError as error:
            raise Tin3CError(
                f"port {console.port} of {console.host} cannot be had ({error.strerror}): "
                "end what uses it, or give another with --port"
            ) from error
        listener.listen()
        yield listener


def serve_console(parts: Parts, ready: Callable[[str], None]) -> None:
    """Serve until interrupted; `ready` gets the address once it is bound. Raises Tin3CError when the port is taken."""
    with listening(parts.settings.console) as listener:
        serve_at(listener, parts, ready)


def serve_at(
    listener: socket.socket, parts: Parts, ready: Callable[[str], None], stop: threading.Event | None = None
) -> None:
    """Serve until interrupted, or until `stop` is set."""
    console = parts.settings.console
    config = uvicorn.Config(
        create_app(services_of(parts)), log_level="warning", server_header=False, proxy_headers=False
    )
    host = f"[{console.host}]" if listener.family is socket.AF_INET6 else console.host
    server = _Server(config, stop or threading.Event())
    ready(f"http://{host}:{listener.getsockname()[1]}/")
    server.run(sockets=[listener])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, stop: threading.Event) -> None:
        super().__init__(config)
        self._stop = stop

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: whether to end."""
        return self._stop.is_set() or await super().on_tick(counter)
