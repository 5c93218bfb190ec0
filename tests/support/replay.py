"""The real web on loopback: ../shared/replay/serve.py in a process of its own, and what it is known to serve."""

from __future__ import annotations

import importlib.util
import json
import socket
import subprocess
import sys
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

SERVE = Path(__file__).parents[3] / "shared" / "replay" / "serve.py"
ABSENT = "../shared/replay is not here"

#: The state that a source at each of serve.py's 26 faults is in.
FAULTS = {
    "challenge": "challenge", "forbidden": "refused", "gone": "failing", "missing": "failing", "broken": "failing",
    "busy": "failing", "limited": "failing", "html-as-feed": "not_a_feed", "empty-feed": "empty",
    "truncated-feed": "working", "entities-feed": "working", "script-feed": "working", "future-feed": "working",
    "latin-feed": "working", "nfd-feed": "working", "duplicate-feed": "working", "edited-feed": "working",
    "slow": "failing", "hang": "failing", "cut": "failing", "huge": "failing", "bomb": "failing", "loop": "failing",
    "to-private": "refused", "to-loopback": "refused", "to-file": "refused",
}  # fmt: skip
#: And of a good feed behind each of its answers for robots.txt.
ROBOTS = {"403": "refused", "404": "working", "500": "refused", "hang": "refused"}


@dataclass(frozen=True)
class Replay:
    """A running server. `base` is its first address; with --spread each newspaper has another one."""

    base: str

    def index(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._get("/"))
        return found

    def log(self) -> list[dict[str, Any]]:
        """The requests of others so far, oldest first."""
        rows = [json.loads(line) for line in self._get("/log").splitlines()]
        return [row for row in rows if "urllib" not in str(row["agent"]).lower()]

    def at(self, number: int) -> str:
        """The address of the newspaper `number` (from 1) of a server that is spread."""
        return f"http://127.0.1.{number}:{urlsplit(self.base).port}"

    def _get(self, path: str) -> str:
        with urllib.request.urlopen(self.base + path, timeout=20) as answer:
            return str(answer.read().decode())


def by_address(log: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in log:
        found[row["address"]].append(row)
    return found


@contextmanager
def replay(*arguments: str) -> Iterator[Replay]:
    """One server on a free port until the block ends."""
    with replays([*arguments]) as (one,):
        yield one


@contextmanager
def replays(*all_arguments: list[str]) -> Iterator[tuple[Replay, ...]]:
    """Several servers at once, each with its own arguments."""
    with ExitStack() as stack:
        running = []
        for arguments in all_arguments:
            base = f"http://127.0.0.1:{_free_port()}"
            command = [sys.executable, str(SERVE), "--port", str(urlsplit(base).port), *arguments]
            process = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE))
            stack.callback(process.kill)
            running.append((Replay(base), process))
        for _, process in running:
            assert process.stdout is not None
            assert process.stdout.readline(), "serve.py did not start"
        yield tuple(one for one, _ in running)


def known() -> ModuleType:
    """serve.py itself, for what it knows: ITEMS, PAGES, LINKED, saved(path)."""
    spec = importlib.util.spec_from_file_location("replay_serve", SERVE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
