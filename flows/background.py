"""What goes on beside a block of work: something done every so often, such as keeping a lease."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from records.errors import LeaseTaken, StoreError

RENEW_SECONDS = 30.0

log = logging.getLogger(__name__)


@contextmanager
def every(seconds: float, do: Callable[[], object], name: str) -> Iterator[None]:
    """While the block runs, call `do` every `seconds` in a thread called `name`, until it gives False."""
    ended = threading.Event()

    def go_on() -> None:
        while not ended.wait(seconds) and do() is not False:
            pass

    thread = threading.Thread(target=go_on, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextmanager
def renewed(what: str, renew: Callable[[], object], every_seconds: float = RENEW_SECONDS) -> Iterator[None]:
    """Keep a lease on `what` while the block runs. `renew` gives False, or raises LeaseTaken, when it was lost: whoever
    held it finds out himself, before he writes on."""

    def keep() -> bool:
        try:
            lost = renew() is False
        except LeaseTaken:
            lost = True
        except StoreError as error:
            # A store that is busy for a moment must not cost a lease: the next turn tries again.
            log.warning("the lease on %s could not be renewed: %s", what, error)
            return True
        if lost:
            log.error("the lease on %s was lost: this process stood still for too long", what)
        return not lost

    with every(every_seconds, keep, f"lease-{what}"):
        yield
