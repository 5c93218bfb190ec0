"""A real PostgreSQL server: one that this process starts and ends, or a running one that the environment names.

`TIN3C_TEST_POSTGRESQL` holds the URL of a running server (postgresql://user:password@host:port/postgres) whose user may
create databases. Without it Debian's server programs are started on loopback, with a random password, and with an order
of text that is not that of code points, so that what leans on the database's own order is found out.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import functools
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from tests.support.certificates import write_certificates

RUNNING = "TIN3C_TEST_POSTGRESQL"
ABSENT = f"PostgreSQL's server programs are not here, and {RUNNING} names no running server"
_FOLDERS = ("/usr/lib/postgresql", "/usr/local/lib/postgresql")
_START_SECONDS = 60.0
_STOP_SECONDS = 20.0
_KILL_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_CLUSTER = (
    "--username=tin3c",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--locale-provider=icu",
    "--icu-locale=vi",
    "--no-sync",
)
#: What a crash would cost does not matter here.
_SETTINGS = (
    "--fsync=off",
    "--synchronous_commit=off",
    "--full_page_writes=off",
    "--max_connections=60",
    "--shared_buffers=64MB",
    "--autovacuum=off",
    "--unix_socket_directories=",
    "--listen_addresses=127.0.0.1",
    "--ssl=on",
)


_authorities: list[Path] = []


def programs() -> Path | None:
    """The folder of the newest server's programs."""
    found = [path.parent for folder in _FOLDERS for path in Path(folder).glob("*/bin/initdb")]
    return max(found, key=lambda path: float(path.parent.name), default=None)


def available() -> bool:
    return bool(os.environ.get(RUNNING)) or programs() is not None


@functools.cache
def server() -> URL:
    """The URL of the server's own database, started at the first call. Skips the test where there is none.

    With CI=true its absence is a failure.
    """
    if running := os.environ.get(RUNNING):
        return make_url(running).set(drivername="postgresql+psycopg")
    folder = programs()
    if folder is None:
        if os.environ.get("CI"):
            pytest.fail(ABSENT)
        pytest.skip(ABSENT)
    return _start(folder)


def _start(programs: Path) -> URL:
    password, port = secrets.token_urlsafe(24), _free_port()
    process, home = _begun(
        programs, password, _CLUSTER, lambda home: ("-p", str(port), *_SETTINGS, *_certificate(home))
    )
    atexit.register(_stop, process, home, os.getpid())
    url = URL.create("postgresql+psycopg", "tin3c", password, "127.0.0.1", port, "postgres")
    _wait(process, url, home / "log")
    _authorities.append(home / "ca.pem")
    return url


@contextlib.contextmanager
def alone(password: str, cluster: Sequence[str], settings: Sequence[str]) -> Iterator[Path]:
    """A server of its own: made by initdb with `cluster`, for the user postgres with `password`, and started with
    `settings`. The folder of its socket. Skips the test, or with CI=true fails it, where the programs are absent."""
    folder = programs()
    if folder is None:
        if os.environ.get("CI") and RUNNING not in os.environ:
            pytest.fail(ABSENT)
        pytest.skip(ABSENT)
    made = ("--username=postgres", "--no-sync", *cluster)
    process, home = _begun(folder, password, made, lambda home: (*settings, "-c", f"unix_socket_directories={home}"))
    try:
        url = URL.create("postgresql+psycopg", "postgres", password, database="postgres", query={"host": str(home)})
        _wait(process, url, home / "log")
        yield home
    finally:
        _stop(process, home, os.getpid())


def _begun(
    programs: Path, password: str, cluster: Sequence[str], settings: Callable[[Path], Sequence[str]]
) -> tuple[subprocess.Popen[bytes], Path]:
    """A server that begins to start, and its home: a new folder with its certificates, given to `settings`."""
    # Not under pytest's folders: those are closed to the user that the server runs as.
    home = Path(tempfile.mkdtemp(prefix="tin3c-postgresql-"))
    (home / "password").write_text(password)
    write_certificates(home)
    (home / "node.key").chmod(0o600)
    owner = _owner()
    if owner:
        for path in (home, *home.iterdir()):
            shutil.chown(path, owner, pwd.getpwnam(owner).pw_gid)
    as_owner = {"user": owner, "group": pwd.getpwnam(owner).pw_gid, "extra_groups": []} if owner else {}
    made = subprocess.run(
        [programs / "initdb", "-D", home / "data", "--pwfile", home / "password", *cluster],
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
        **as_owner,
    )
    if made.returncode:
        shutil.rmtree(home)
        pytest.fail(f"initdb failed: {made.stderr[-2000:]}")
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [programs / "postgres", "-D", home / "data", *settings(home)],
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=_end_with_parent,
            **as_owner,
        )
    return process, home


def _certificate(home: Path) -> tuple[str, str]:
    return f"--ssl_cert_file={home / 'node.pem'}", f"--ssl_key_file={home / 'node.key'}"


def authority() -> Path:
    """The certificate of the authority that signed our server's. Skips the test where the server is not ours."""
    server()
    if not _authorities:
        pytest.skip("the running server's authority is not known")
    return _authorities[0]


def _owner() -> str | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid():
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    return None


def _end_with_parent() -> None:
    """A fast shutdown when the tests are killed: the server would go on for ever."""
    ctypes.CDLL(None).prctl(_KILL_WITH_PARENT, signal.SIGINT)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], url: URL, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            connect(url).close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"PostgreSQL did not start: {log.read_text('utf-8', 'replace')[-2000:]}")
            time.sleep(0.1)


def _stop(process: subprocess.Popen[bytes], home: Path, started_by: int) -> None:
    if os.getpid() != started_by:
        return
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    shutil.rmtree(home, ignore_errors=True)


def connect(url: URL) -> psycopg.Connection[tuple[object, ...]]:
    """For statements that no transaction may hold, such as CREATE DATABASE."""
    return psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True)


def create(name: str, template: str | None = None) -> URL:
    """A database called `name`: empty, or a copy of `template`, whose connections are ended for it."""
    with connect(server()) as connection:
        if template is not None:
            _end_connections(connection, template)
        copied = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)) + copied)
    return server().set(database=name)


def drop(name: str) -> None:
    with connect(server()) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _end_connections(connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    """A template must be nobody's: children that were killed may still be there for a moment."""
    deadline = time.monotonic() + 10
    while connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
    ).fetchall():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{name} is in use")
        time.sleep(0.02)
