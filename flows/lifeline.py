"""A child that ends with its parent, however the parent ends: `kill -9` too, and its own children with it.

The child leads a process group of its own and holds the reading end of a pipe whose writing end only the parent has.
When the parent is gone the pipe is at its end, and the child kills its whole group. `start` leaves Linux's
PR_SET_PDEATHSIG alone on purpose: it kills the child alone, before the child can take its own children along, and it
fires when the thread that started the child ends.

For a program of ours: `start([sys.executable, "-m", "flows.crawl"])`, whose main calls `watch()` first.
For any other program: `start([sys.executable, "-m", "flows.lifeline", "program", "argument", ...])`.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

#: The environment variable that carries the pipe's number. Not TIN3C_*: those are settings.
PIPE_VARIABLE = "_TIN3C_LIFELINE"
_PR_SET_PDEATHSIG = 1


class Child(subprocess.Popen[bytes]):
    """A Popen that holds the writing end: the child lives no longer than this process. `end()` ends all of it."""

    def __init__(self, arguments: list[str], **popen: Any) -> None:
        reading, self._lifeline = os.pipe()
        try:
            environment = {**(popen.pop("env", None) or os.environ), PIPE_VARIABLE: str(reading)}
            pass_fds = (*popen.pop("pass_fds", ()), reading)
            super().__init__(arguments, env=environment, pass_fds=pass_fds, start_new_session=True, **popen)
        except BaseException:
            os.close(self._lifeline)
            self._lifeline = -1
            raise
        finally:
            os.close(reading)

    def end(self, patience_seconds: float = 5.0) -> int:
        """Ask the child to end (SIGTERM), and kill its whole group when it has not. Its exit status."""
        self.terminate()
        try:
            self.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            self._kill_group()
        return self.wait()

    def wait(self, timeout: float | None = None) -> int:
        status = super().wait(timeout)
        self._let_go()
        return status

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def _let_go(self) -> None:
        if self._lifeline >= 0:
            # What the child left behind in its group has no reason to go on.
            self._kill_group()
            os.close(self._lifeline)
            self._lifeline = -1


def start(arguments: list[str], **popen: Any) -> Child:
    """Run `arguments` as a child of this process's life. `popen` as for subprocess.Popen, but for its session."""
    return Child(arguments, **popen)


def how_it_ended(status: int | None) -> str:
    """In words; "" while it has not."""
    if status is None:
        return ""
    return f"killed by signal {-status}" if status < 0 else f"exit status {status}"


def watch() -> None:
    """In the child, first thing in main: end when the parent does. Does nothing in a process that nobody tied so."""
    written = os.environ.pop(PIPE_VARIABLE, None)
    if written is None:
        return
    pipe = int(written)
    os.set_inheritable(pipe, False)
    threading.Thread(target=_wait_for_the_end, args=(pipe,), name="lifeline", daemon=True).start()


def follow_parent() -> None:
    """In a process that a library started for us, which holds no pipe of ours: end when its parent has."""
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        _end()

    threading.Thread(target=look, name="follow-parent", daemon=True).start()


def _wait_for_the_end(pipe: int) -> None:
    while True:
        try:
            if not os.read(pipe, 1):
                break
        except OSError:
            break
    _end()


def _end() -> None:
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)


def main() -> int:
    """Run the program of the command line in this process's group, and end it when the parent ends."""
    watch()
    program = subprocess.Popen(sys.argv[1:])  # noqa: S603 (the caller's own program)
    signal.signal(signal.SIGTERM, lambda number, frame: program.terminate())
    return program.wait()


if __name__ == "__main__":
    sys.exit(main())
