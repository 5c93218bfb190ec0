"""Loopback, where everything of ours listens."""

from __future__ import annotations

import socket


def free_port() -> int:
    """Free a moment ago on loopback: whoever binds it first has it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
