"""Prefect is a guest: its home lies under TIN3C_HOME, its telemetry is off, and its server ends with us.

`server(settings)` uses the server of `tin3c up` when it answers, else starts a temporary one on a free port. Prefect's
own temporary server outlives a killed parent; ours is started through flows.lifeline and does not.
Nothing here imports Prefect into the calling process: its environment must be set before that.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

from flows import lifeline
from flows.loopback import free_port
from flows.settings import Settings
from records.errors import Tin3CError

START_LIMIT_SECONDS = 300.0
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


@dataclass(frozen=True, slots=True)
class Api:
    """A Prefect API of ours: where it answers, and the key that it wants from every caller, "name:secret"."""

    address: str
    key: str

    def answers(self) -> bool:
        """Whether it is there and knows this key: another program may have its port by now."""
        name, _, secret = self.key.partition(":")
        try:
            answer = httpx.get(
                f"{self.address}/admin/version", auth=(name, secret), timeout=_ANSWER_SECONDS, trust_env=False
            )
        except httpx.HTTPError:
            return False
        return answer.status_code == 200


def prepare(settings: Settings, api: Api) -> None:
    """Put Prefect's settings into this process's environment. Must come before `import prefect`."""
    os.environ.update(environment(settings.home))
    os.environ.update({"PREFECT_API_URL": api.address, "PREFECT_API_AUTH_STRING": api.key})


@contextmanager
def server(settings: Settings) -> Iterator[str]:
    """The address of a Prefect API that answers; a temporary server ends when the block does."""
    if api := permanent(settings):
        prepare(settings, api)
        yield api.address
        return
    with started(settings) as address:
        yield address


def permanent_address(settings: Settings) -> str | None:
    """The API address of the server that `tin3c up` keeps for this home, if it answers."""
    api = permanent(settings)
    return api.address if api else None


def permanent(settings: Settings) -> Api | None:
    """The API of the server that `tin3c up` keeps for this home, if it answers."""
    try:
        noted = json.loads((settings.home / "prefect" / _PERMANENT).read_text("utf-8"))
        api = Api(str(noted["address"]), str(noted["key"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return api if api.answers() else None


@contextmanager
def started(settings: Settings, *, permanent: bool = False, stop: threading.Event | None = None) -> Iterator[str]:
    """Start a server and wait until it answers, or `stop` is set. With `permanent`, others of this home use it."""
    home = settings.home / "prefect"
    home.mkdir(parents=True, exist_ok=True)
    port = free_port()
    # Loopback keeps no other user of this machine away, and no page that a browser here has open: the key does.
    api = Api(f"http://127.0.0.1:{port}/api", f"tin3c:{secrets.token_urlsafe(32)}")
    prepare(settings, api)
    with (home / "server.log").open("ab") as log:
        process = lifeline.start(
            [sys.executable, "-m", "flows.prefect_server", str(port)],
            env=os.environ | {"PREFECT_SERVER_UI_ENABLED": "false", "PREFECT_SERVER_API_AUTH_STRING": api.key},
            stdout=log,
            stderr=log,
        )
    note = home / _PERMANENT
    try:
        _wait_for(api, process, home / "server.log", stop)
        if permanent:
            _write_note(note, api)
        yield api.address
    finally:
        if permanent:
            note.unlink(missing_ok=True)
        process.end(10)


def _write_note(note: Path, api: Api) -> None:
    """For this home's other processes, and readable by its owner alone from the first byte on."""
    draft = note.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(api), file)
    draft.replace(note)


def _wait_for(api: Api, process: lifeline.Child, log_path: Path, stop: threading.Event | None) -> None:
    deadline = time.monotonic() + START_LIMIT_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Tin3CError(f"Prefect's server ended with {process.returncode} while starting: see {log_path}")
        if api.answers():
            return
        if stop is not None and stop.is_set():
            raise Tin3CError("Prefect's server was told to end while starting")
        time.sleep(0.2)
    raise Tin3CError(f"Prefect's server did not answer within {START_LIMIT_SECONDS:.0f} s: see {log_path}")


def main() -> None:
    """The child: serve Prefect's API on loopback until the parent ends."""
    lifeline.watch()
    import uvicorn
    from prefect.server.api.server import create_app
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    app = create_app(ephemeral=True)
    # A page whose name was bent to this address (DNS rebinding) comes with that name.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1"], www_redirect=False)
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        log_level="error",
        lifespan="on",
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main()
