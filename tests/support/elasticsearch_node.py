"""A real Elasticsearch on loopback: one that this process starts and ends, or a running one that the environment names.

`TIN3C_TEST_ELASTICSEARCH` holds the address of a running cluster (https://host:9200), with `_USER`, `_PASSWORD` and
`_CA` (a file) beside it. Without it the build that Elastic publishes for integration tests is fetched by Maven, once
for this machine, and started with security on: TLS with a certificate authority of its own, and two users with random
passwords, `admin` and one that may do no more than docs/decisions/0008-elasticsearch.md asks for. Several nodes speak
TLS with each other too.

That build lacks the modules analysis-common, reindex, painless, ilm and rest-root (`info()` answers 405).
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import functools
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from elasticsearch import ApiError, Elasticsearch, TransportError

from flows import lifeline
from tests.support.certificates import write_certificates

RUNNING = "TIN3C_TEST_ELASTICSEARCH"
VERSION = "8.19.21"
ABSENT = f"Java, Maven or util-linux are not here, and {RUNNING} names no running cluster"
_ARTIFACT = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{VERSION}:zip"
_START_SECONDS = 300.0
_JAVA = "-Xms512m -Xmx512m"
#: Of each of several on one machine: small, and without the compiler that pays off only after minutes.
_SMALL_JAVA = "-Xms400m -Xmx400m -XX:TieredStopAtLevel=1"
#: What Tin3C's own user needs, and no more.
ROLE = """\
tin3c:
  cluster: [monitor, manage_index_templates]
  indices:
    - names: ["tin3c*"]
      privileges: [read, write, create_index, manage, view_index_metadata]
"""


@dataclass(frozen=True)
class Login:
    """How a cluster is reached, with Tin3C's rights and as its administrator."""

    addresses: tuple[str, ...]
    user: str
    password: str = field(repr=False)
    ca_file: Path | None
    admin: str
    admin_password: str = field(repr=False)

    def as_admin(self) -> Elasticsearch:
        authority = {"ca_certs": str(self.ca_file)} if self.ca_file else {}
        return Elasticsearch(list(self.addresses), basic_auth=(self.admin, self.admin_password), **authority)  # type: ignore[arg-type]


def available() -> bool:
    return bool(os.environ.get(RUNNING)) or all(map(shutil.which, ("java", "mvn", "setpriv")))


def wanted() -> None:
    """Skip the test where no cluster can be had; with CI=true that is a failure."""
    if available():
        return
    if os.environ.get("CI"):
        pytest.fail(ABSENT)
    pytest.skip(ABSENT)


def named_by_environment() -> Login | None:
    if not (address := os.environ.get(RUNNING)):
        return None
    user, password = (os.environ.get(f"{RUNNING}_{name}", "") for name in ("USER", "PASSWORD"))
    authority = os.environ.get(f"{RUNNING}_CA")
    return Login((address,), user, password, Path(authority) if authority else None, user, password)


class Node:
    """One node. It may be killed, stopped in its tracks and started again on the same data."""

    def __init__(self, home: Path, folder: Path, ports: tuple[int, int], java_options: str) -> None:
        self._home = home
        self._folder = folder
        self._java_options = java_options
        self.name = folder.name
        self.port, self.transport_port = ports
        self._process: lifeline.Child | None = None

    def start(self) -> None:
        """Begin to start; the cluster's `wait` says when it answers."""
        (self._folder / "pid").unlink(missing_ok=True)
        java = Path(shutil.which("java") or "java").resolve().parents[1]
        environment = {
            "PATH": os.environ["PATH"],
            "ES_PATH_CONF": str(self._folder / "config"),
            "ES_JAVA_OPTS": self._java_options,
            "ES_JAVA_HOME": str(java),
            "ES_TMPDIR": str(self._folder / "temporary"),
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        with (self._folder / "output.txt").open("ab") as output:
            self._process = lifeline.start(
                [sys.executable, "-m", "flows.lifeline", *_as_owner(), str(self._home / "bin" / "elasticsearch"),
                 "-q", "-p", str(self._folder / "pid")],
                env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        return int((self._folder / "pid").read_text())

    def kill(self) -> None:
        """As a power cut would."""
        os.kill(self.pid, signal.SIGKILL)
        self.end()

    def pause(self) -> None:
        """It holds its port and answers nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def end(self) -> None:
        if self._process is not None:
            self._process.end(0)
            self._process = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def last_words(self) -> str:
        written = [self._folder / "output.txt", *(self._folder / "logs").glob("*.log")]
        return "\n".join(path.read_text("utf-8", "replace")[-2_000:] for path in written if path.exists())


class Cluster:
    """`nodes` of them on loopback, begun by `start`, ended by `close`, which leaves nothing behind."""

    def __init__(self, nodes: int = 1) -> None:
        home = _program()
        # Not under pytest's folders: those are closed to the user that the nodes run as.
        self._folder = Path(tempfile.mkdtemp(prefix="tin3c-elasticsearch-"))
        passwords = {name: secrets.token_urlsafe(24) for name in ("tin3c", "admin")}
        ports = _free_ports(2 * nodes)
        pairs = list(zip(ports[::2], ports[1::2], strict=True))
        authority = write_certificates(self._folder)
        self.nodes = []
        for number, pair in enumerate(pairs):
            folder = self._folder / f"node-{number}"
            _configure(folder, home, number, pairs, self._folder, passwords)
            self.nodes.append(Node(home, folder, pair, _JAVA if nodes == 1 else _SMALL_JAVA))
        if os.getuid() == 0:
            owner = pwd.getpwnam("nobody")
            for path in [self._folder, *self._folder.rglob("*")]:
                os.chown(path, owner.pw_uid, owner.pw_gid)
        addresses = tuple(f"https://127.0.0.1:{http}" for http, _ in pairs)
        self.login = Login(addresses, "tin3c", passwords["tin3c"], authority, "admin", passwords["admin"])

    def start(self) -> None:
        """Begin those that are not running, and wait for them."""
        for node in self.nodes:
            if not node.running:
                node.start()
        self.wait()

    def wait(self) -> None:
        """Until the nodes that are running have found each other and answer."""
        begun = self._running()
        last = time.monotonic() + _START_SECONDS
        with self._asking() as client:
            while True:
                with contextlib.suppress(Exception):  # refused, not yet a cluster, not yet its users
                    health = client.cluster.health(wait_for_nodes=str(len(begun)), timeout="2s")
                    if not health["timed_out"] and health["status"] != "red":
                        return
                if time.monotonic() > last or not all(node.running for node in begun):
                    words = "\n".join(node.last_words() for node in self.nodes)
                    raise RuntimeError(f"Elasticsearch did not start:\n{words}")
                time.sleep(0.5)

    def wait_until_green(self, indices: str, seconds: float) -> None:
        """Until every shard of `indices` (a pattern) has all its copies."""
        last = time.monotonic() + seconds
        with self._asking() as client:
            while True:
                with contextlib.suppress(TransportError, ApiError):  # asked of a node that is about to be known as gone
                    health = client.cluster.health(index=indices, wait_for_status="green", timeout="2s")
                    if health["status"] == "green":
                        return
                if time.monotonic() > last:
                    raise RuntimeError(f"{indices} is not green after {seconds:g} seconds")
                time.sleep(0.5)

    def elected(self) -> Node:
        """The master."""
        with self._asking() as client:
            state = client.cluster.state(metric="master_node,nodes")
        return self._named(state["nodes"][state["master_node"]]["name"])

    def with_primaries(self, indices: str) -> list[Node]:
        """Those that hold a primary shard of `indices` (a pattern)."""
        with self._asking() as client:
            state = client.cluster.state(index=indices, metric="routing_table,nodes")
        copies = [copy for index in state["routing_table"]["indices"].values() for one in index["shards"].values()
                  for copy in one]  # fmt: skip
        holders = {state["nodes"][copy["node"]]["name"] for copy in copies if copy["primary"]}
        return [self._named(name) for name in sorted(holders)]

    def _running(self) -> list[Node]:
        return [node for node in self.nodes if node.running]

    def _named(self, name: str) -> Node:
        return next(node for node in self.nodes if node.name == name)

    @contextlib.contextmanager
    def _asking(self) -> Iterator[Elasticsearch]:
        """As the administrator, of the nodes that are running."""
        login = replace(self.login, addresses=tuple(f"https://127.0.0.1:{node.port}" for node in self._running()))
        with contextlib.closing(login.as_admin()) as client:
            yield client.options(request_timeout=5, max_retries=0)

    def close(self) -> None:
        for node in self.nodes:
            node.end()
        shutil.rmtree(self._folder)

    def __enter__(self) -> Cluster:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True)
class Running:
    """What a session's tests use. `cluster` is None for one that the environment names: it is not ours to end."""

    login: Login
    cluster: Cluster | None

    def forget(self, prefix: str) -> None:
        """Delete the indices and the template of that prefix."""
        with contextlib.closing(self.login.as_admin()) as client:
            for index in client.indices.get(index=f"{prefix}-*", expand_wildcards="all").body:
                client.indices.delete(index=index)
            client.options(ignore_status=404).indices.delete_index_template(name=f"{prefix}-items")


@contextlib.contextmanager
def running() -> Iterator[Running]:
    """The cluster that the environment names, or one node for as long as the block lasts."""
    wanted()
    if found := named_by_environment():
        yield Running(found, None)
        return
    with Cluster() as cluster:
        yield Running(cluster.login, cluster)


def _configure(
    folder: Path, home: Path, number: int, pairs: list[tuple[int, int]], shared: Path, passwords: dict[str, str]
) -> None:
    for name in ("config", "data", "logs", "temporary"):
        (folder / name).mkdir(parents=True)
    shutil.copytree(home / "config", folder / "config", dirs_exist_ok=True)
    for name in ("ca.pem", "node.pem", "node.key"):
        shutil.copy(shared / name, folder / "config")
    http, transport = pairs[number]
    names = [f"node-{n}" for n in range(len(pairs))]
    alone = ["discovery.type: single-node"]
    together = [
        f"discovery.seed_hosts: [{', '.join(f'127.0.0.1:{port}' for _, port in pairs)}]",
        f"cluster.initial_master_nodes: [{', '.join(names)}]",
        "xpack.security.transport.ssl: {enabled: true, verification_mode: full, key: node.key, certificate: node.pem,"
        " certificate_authorities: ca.pem}",
    ]
    lines = [
        "cluster.name: tin3c-test",
        f"node.name: {names[number]}",
        "network.host: 127.0.0.1",
        f"http.port: {http}",
        f"transport.port: {transport}",
        f"path.data: {folder / 'data'}",
        f"path.logs: {folder / 'logs'}",
        "cluster.routing.allocation.disk.threshold_enabled: false",  # a test's disk may be full
        "xpack.ml.enabled: false",
        "xpack.security.enabled: true",
        "xpack.security.http.ssl: {enabled: true, key: node.key, certificate: node.pem}",
        *(alone if len(pairs) == 1 else together),
    ]
    (folder / "config" / "elasticsearch.yml").write_text("\n".join(lines) + "\n")
    (folder / "config" / "users").write_text("".join(f"{name}:{_hashed(p)}\n" for name, p in passwords.items()))
    (folder / "config" / "users_roles").write_text("superuser:admin\ntin3c:tin3c\n")
    (folder / "config" / "roles.yml").write_text(ROLE)


def _hashed(password: str) -> str:
    """As Elasticsearch's file realm keeps it."""
    salt, rounds = secrets.token_bytes(32), 10_000
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds, 32)
    return f"{{PBKDF2}}{rounds}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def _as_owner() -> list[str]:
    """Elasticsearch refuses to run as root."""
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.getuid() == 0 else []


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        listeners = [stack.enter_context(socket.socket()) for _ in range(count)]
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
        return [listener.getsockname()[1] for listener in listeners]


@functools.cache
def _program() -> Path:
    """Elasticsearch's folder, fetched once for this machine."""
    cache = Path(os.environ.get("TMPDIR") or "/var/tmp") / "elasticsearch-node"
    home = cache / f"elasticsearch-{VERSION}"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "config" / "elasticsearch.yml").exists():
            with tempfile.TemporaryDirectory(dir=cache) as fetched:
                _fetch(Path(fetched))
                Path(fetched, home.name).rename(home)
    return home


def _fetch(folder: Path) -> None:
    archive = folder / f"elasticsearch-{VERSION}.zip"
    subprocess.run(
        ["mvn", "-q", "-B", "dependency:copy", f"-DoutputDirectory={folder}", f"-Dartifact={_ARTIFACT}"], check=True
    )
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
