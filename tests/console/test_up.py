"""`tin3c up` as a service manager runs it: started, asked to end, and nothing left."""

from __future__ import annotations

import os
import re
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil

from tests.support import stores
from tests.support.command_line import CommandLine
from tests.support.processes import still_going


def test_sigterm_ends_the_console_and_all_that_it_started(tmp_path: Path) -> None:
    process = CommandLine(tmp_path / "home", {}).start("up", "--port", "0")
    try:
        address = _heard(process, r"The console is at (\S+)", 110)
        assert httpx.get(f"{address}healthz", trust_env=False).text == "ok"
        assert httpx.get(f"{address}readyz", trust_env=False).text == "ok"
        metrics = httpx.get(f"{address}metrics", trust_env=False).text
        assert 'tin3c_process_resident_memory_bytes{process="flows.prefect_server"}' in metrics
        started = psutil.Process(process.pid).children(recursive=True)
        assert len(started) >= 2
        (schedule,) = [one for one in started if "flows.schedule" in one.cmdline()]
        # Links in messages lead to the port that was had, which no file names.
        assert schedule.environ()["TIN3C_CONSOLE__PORT"] == address.rstrip("/").rpartition(":")[2]
        schedule.kill()
        assert _heard(process, r"The schedule ended: (killed by signal 9)\. It is started again", 60)
        assert httpx.get(f"{address}healthz", trust_env=False).text == "ok"
        started = list({*started, *psutil.Process(process.pid).children(recursive=True)})
        process.send_signal(signal.SIGTERM)
        _, complaints = process.communicate(timeout=60)
        assert (process.returncode, "Traceback" in complaints) == (0, False), complaints
        assert not still_going(started, 20)
        assert not (tmp_path / "home/prefect/server.json").exists()
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


_UP_LOOKING_OFTEN = """
import sys, functools, flows.indexing as indexing
from console.cli import main
indexing.keeping_up = functools.partial(indexing.keeping_up, every_seconds=0.2)
sys.argv = ["tin3c", "up", "--no-schedule", "--port", "0"]
main()
"""


def test_without_a_schedule_of_its_own_search_catches_up_all_the_same(tmp_path: Path) -> None:
    """As in a container beside the workers of a pool. The change is of the interval alone: half a minute otherwise."""
    home = tmp_path / "home"
    with stores.open_at(home) as store:
        store.index_queue.forget([("mot-tin", 1)])
        environment = os.environ | stores.environment(home) | {"TIN3C_HOME": str(home)}
        process = subprocess.Popen([sys.executable, "-c", _UP_LOOKING_OFTEN], env=environment)
        try:
            deadline = time.monotonic() + 90
            while store.index_queue.waiting() and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.2)
            assert store.index_queue.waiting() == 0
        finally:
            process.terminate()
            assert process.wait(60) == 0


def _heard(process: subprocess.Popen[str], pattern: str, limit_seconds: float) -> str:
    """The group of `pattern` in what comes on standard error."""
    assert process.stderr is not None
    seen, deadline = "", time.monotonic() + limit_seconds
    with selectors.DefaultSelector() as selector:
        selector.register(process.stderr, selectors.EVENT_READ)
        while time.monotonic() < deadline and process.poll() is None:
            if selector.select(1):
                seen += os.read(process.stderr.fileno(), 10_000).decode()
            if found := re.search(pattern, seen):
                return found[1]
    raise AssertionError(f"not heard: {pattern}: {seen}")
