"""What `tin3c up` does about its schedule: start it, notice when it ends, start it again, and give up with a reason."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from flows import lifeline, prefect_server
from flows.settings import Settings
from records.errors import Tin3CError

log = logging.getLogger(__name__)

#: One that lived for so long did not fail at once: counting begins anew.
HEALTHY_SECONDS = 60.0
QUICK_FAILURES = 5
FIRST_WAIT_SECONDS = 1.0
#: How often it is asked whether all is well.
_LOOK_SECONDS = 0.5
#: Prefect's server is asked less often; this many answers in a row must be missing.
_SERVER_SECONDS, _SERVER_MISSES = 20.0, 3
_END_SECONDS = 20.0

#: Whether what was started is gone, and in words how; "" while it is well.
Problem = Callable[[], str]


class Supervisor:
    """Keeps `starting` alive in a thread, from `__enter__` to `__exit__`; `say` gets a sentence at every end.

    `starting` gets an event that is set when all is to end, and gives a function that says what is wrong, "" while
    nothing is. `started` is set when it runs for the first time, or never will; `given_up` when it ended
    QUICK_FAILURES times in a row: `problem` then says how.
    """

    def __init__(
        self,
        starting: Callable[[threading.Event], AbstractContextManager[Problem]],
        say: Callable[[str], None],
        *,
        healthy_seconds: float = HEALTHY_SECONDS,
        first_wait_seconds: float = FIRST_WAIT_SECONDS,
    ) -> None:
        self._starting, self._say = starting, say
        self._healthy_seconds, self._first_wait_seconds = healthy_seconds, first_wait_seconds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._keep_alive, name="supervisor", daemon=True)
        self.started = threading.Event()
        self.given_up = threading.Event()
        self.problem = ""

    def __enter__(self) -> Supervisor:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join(_END_SECONDS + 10)

    def _keep_alive(self) -> None:
        failures = 0
        while True:
            began = time.monotonic()
            problem = self._one_life()
            if self._stopped.is_set():
                return
            failures = 1 if time.monotonic() - began >= self._healthy_seconds else failures + 1
            if failures >= QUICK_FAILURES:
                self.problem = f"the schedule ended {failures} times in a row, at last so: {problem}"
                self.given_up.set()
                self.started.set()
                return
            wait = self._first_wait_seconds * 2 ** (failures - 1)
            self._say(f"The schedule ended: {problem}. It is started again in {wait:g} s.")
            if self._stopped.wait(wait):
                return

    def _one_life(self) -> str:
        """How it ended."""
        try:
            with self._starting(self._stopped) as problem_now:
                self.started.set()
                while not self._stopped.wait(_LOOK_SECONDS):
                    if problem := problem_now():
                        return problem
                return ""
        except Tin3CError as error:
            return str(error)
        except Exception as error:  # a supervisor that died of its own fault would be noticed by nobody
            log.exception("the schedule could not be started or looked after")
            return f"it could not be started ({type(error).__name__})"


@contextmanager
def schedule(settings: Settings, stop: threading.Event) -> Iterator[Problem]:
    """Prefect's server, and the schedule at it as a child. The child's links lead to the port of `settings`."""
    with prefect_server.started(settings, permanent=True, stop=stop):
        child = lifeline.start(
            [sys.executable, "-m", "flows.schedule", str(settings.home)],
            env=os.environ | {"TIN3C_CONSOLE__PORT": str(settings.console.port)},
            stdout=sys.stderr,
        )
        server = _Server(settings)
        try:
            yield lambda: lifeline.how_it_ended(child.poll()) or server.problem()
        finally:
            child.end(_END_SECONDS)


class _Server:
    """Asks Prefect's server now and then whether it still answers: without it the schedule stands still."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._next = time.monotonic() + _SERVER_SECONDS
        self._misses = 0

    def problem(self) -> str:
        if time.monotonic() < self._next:
            return ""
        answers = prefect_server.permanent_address(self._settings) is not None
        self._misses = 0 if answers else self._misses + 1
        self._next = time.monotonic() + _SERVER_SECONDS
        return "Prefect's server does not answer" if self._misses >= _SERVER_MISSES else ""
