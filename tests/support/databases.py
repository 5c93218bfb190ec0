"""Empty databases of a kind that a test names, whatever the session's own is."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support import postgresql

KINDS = ("sqlite", "postgresql")


@contextmanager
def database(kind: str) -> Iterator[str | None]:
    """The URL of an empty database that goes with the block; None stands for SQLite in the home."""
    if kind == "sqlite":
        yield None
        return
    server, name = postgresql.server(), f"tin3c_of_a_test_{os.getpid()}_{time.monotonic_ns()}"
    postgresql.create(name)
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        postgresql.drop(name)
