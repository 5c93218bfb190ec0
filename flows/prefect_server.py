"""Prefect is a guest: its home lies under TIN3C_HOME, its telemetry is off, and its server ends with us.

`server(settings)` uses the server of `tin3c up` when it answers, else starts a temporary one on a free port. Prefect's
own temporary server outlives a killed parent; ours is started through flows.lifeline and does not.
Nothing here imports Prefect into the calling process: its environment must be set before that.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from flows import lifeline
from flows.loopback import free_port
from flows.settings import Settings
from records.errors import Tin3CError

START_LIMIT_SECONDS = 120.0
_ANSWER_SECONDS = 2.0
_PERMANENT = "server.json"


def environment(home: Path) -> dict[str, str]:
    """What Prefect must find in the environment, in the server and in every process that runs a flow."""
    return {
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
        # Prefect lets every web page's script call its API; ours is called by our own processes only.
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": "http://127.0.0.1",
        # What a flow raises reaches its caller: Prefect need not print it as well.
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_SERVER_LEVEL": "ERROR",
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "PREFECT_CLI_PROMPT": "false",
        "PREFECT_SHOW_LOCAL_TIME": "false",
    }


def prepare(settings: Settings, api_address: str) -> None:
    """Put Prefect's settings into this process's environment. Must come before `import prefect`."""
    os.environ.update(environment(settings.home) | {"PREFECT_API_URL": api_address})


@contextmanager
def server(settings: Settings) -> Iterator[str]:
    """The address of a Prefect API that answers; a temporary server ends when the block does."""
    if address := permanent_address(settings):
        prepare(settings, address)
        yield address
        return
    with started(settings) as address:
        yield address


def permanent_address(settings: Settings) -> str | None:
    """The API address of the server that `tin3c up` keeps for this home, if it answers."""
    try:
        address = json.loads((settings.home / "prefect" / _PERMANENT).read_text("utf-8"))["address"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return address if isinstance(address, str) and _answers(address) else None


@contextmanager
def started(settings: Settings, *, permanent: bool = False, stop: threading.Event | None = None) -> Iterator[str]:
    """Start a server and wait until it answers, or `stop` is set. With `permanent`, others of this home use it."""
    home = settings.home / "prefect"
    home.mkdir(parents=True, exist_ok=True)
    port = free_port()
    address = f"http://127.0.0.1:{port}/api"
    prepare(settings, address)
    with (home / "server.log").open("ab") as log:
        process = lifeline.start(
            [sys.executable, "-m", "flows.prefect_server", str(port)],
            env=os.environ | {"PREFECT_SERVER_UI_ENABLED": "false"},
            stdout=log,
            stderr=log,
        )
    note = home / _PERMANENT
    try:
        _wait_for(address, process, home / "server.log", stop)
        if permanent:
            note.write_text(json.dumps({"address": address}), "utf-8")
        yield address
    finally:
        if permanent:
            note.unlink(missing_ok=True)
        process.end(10)


def _wait_for(address: str, process: lifeline.Child, log_path: Path, stop: threading.Event | None) -> None:
    deadline = time.monotonic() + START_LIMIT_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Tin3CError(f"Prefect's server ended with {process.returncode} while starting: see {log_path}")
        if _answers(address):
            return
        if stop is not None and stop.is_set():
            raise Tin3CError("Prefect's server was told to end while starting")
        time.sleep(0.2)
    raise Tin3CError(f"Prefect's server did not answer within {START_LIMIT_SECONDS:.0f} s: see {log_path}")


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health", timeout=_ANSWER_SECONDS, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def main() -> None:
    """The child: serve Prefect's API on loopback until the parent ends."""
    lifeline.watch()
    import uvicorn
    from prefect.server.api.server import create_app

    uvicorn.run(
        create_app(ephemeral=True),
        host="127.0.0.1",
        port=int(sys.argv[1]),
        log_level="error",
        lifespan="on",
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main()
