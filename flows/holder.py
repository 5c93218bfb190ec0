"""Who holds a lease: a process, named so that others of this machine can tell whether it still lives."""

from __future__ import annotations

import os
import socket

import psutil


def this_process() -> str:
    """ "host:pid:start time" of this process; the start time tells it from a later process with the same pid."""
    return f"{socket.gethostname()}:{os.getpid()}:{psutil.Process().create_time():.2f}"
