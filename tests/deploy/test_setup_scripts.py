"""The servers' setup scripts as they are shipped, run: what they make is what Tin3C needs.

Only places are changed in a script: the secrets' folder and the cluster's address.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from flows import wiring
from flows.settings import build
from tests.support import postgresql
from tests.support.certificates import write_certificates
from tests.support.elasticsearch_node import ROLE

ROOT = Path(__file__).parents[2]
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """The folder of the secrets, made as an administrator makes them."""
    folder = tmp_path / "secrets"
    subprocess.run([ROOT / "deploy/make-secrets", folder], capture_output=True, check=True)
    return folder


def run(
    script: str, places: dict[str, str], environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Each of `places` must stand in it."""
    text = (ROOT / "deploy" / script).read_text("utf-8")
    for shipped, here in places.items():
        assert shipped in text
        text = text.replace(shipped, here)
    shell = text.partition("\n")[0].removeprefix("#!")
    given = os.environ | (environment or {})
    return subprocess.run([shell, "-c", text], capture_output=True, text=True, env=given, timeout=60, check=False)


@pytest.mark.postgresql
def test_postgresql_as_the_container_is_started_and_set_up(made: Path, tmp_path: Path) -> None:
    service = SERVICES["postgresql"]
    program, *flags = service["command"]
    assert program == "postgres"
    password = (made / "postgresql_password").read_text()
    with postgresql.alone(password, shlex.split(service["environment"]["POSTGRES_INITDB_ARGS"]), flags) as socket:
        # As the image's own entry point does before it runs the script.
        done = run("postgresql-init.sh", {"/run/secrets": str(made)}, {"PGHOST": str(socket), "PGPASSWORD": password})
        assert done.returncode == 0, done.stderr
        url = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", SERVICES["worker"]["environment"]["TIN3C_STORE__URL"])
        store = {"url": url.replace("/run/postgresql", str(socket)), "password_file": made / "store_password"}
        with closing(wiring.open_store(build({"home": tmp_path / "home", "store": store}))) as opened:
            assert opened.reader.counts()["items"] == 0

        def connect(user: str, database: str) -> psycopg.Connection[Any]:
            name = {"tin3c": "store", "prefect": "prefect", "postgres": "postgresql"}[user]
            secret = (made / f"{name}_password").read_text()
            return psycopg.connect(host=str(socket), user=user, password=secret, dbname=database, autocommit=True)

        with connect("postgres", "postgres") as server:
            settings = dict(flag.split("=") for flag in flags if flag != "-c")
            for name, value in settings.items():
                assert server.execute("SELECT current_setting(%s)", [name]).fetchone() == (value,)
        with connect("prefect", "prefect") as own:
            own.execute("CREATE TABLE flow (name text)")
            own.execute("CREATE INDEX ON flow USING gin (name gin_trgm_ops)")
            assert own.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (False,)
        for user, database in [("tin3c", "prefect"), ("prefect", "tin3c")]:
            with pytest.raises(psycopg.OperationalError, match="permission denied"):
                connect(user, database)


@dataclass
class Listener:
    """Answers each request with `status`; `heard` is (method, path, Authorization, what was sent)."""

    status: int = 200
    heard: list[tuple[str, str, str, dict[str, Any]]] = field(default_factory=list)

    @contextmanager
    def listening(self, certificates: Path) -> Iterator[str]:
        """Its address."""
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert self.headers["Content-Type"] == "application/json"
                listener.heard.append((self.command, self.path, self.headers["Authorization"], sent))
                self.send_response(listener.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Quiet."""

        with HTTPServer(("127.0.0.1", 0), Handler) as server:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificates / "node.pem", certificates / "node.key")
            server.socket = context.wrap_socket(server.socket, server_side=True)
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            yield f"https://127.0.0.1:{server.server_port}"
            server.shutdown()
            thread.join()


def test_elasticsearch_is_told_of_the_user_whose_rights_the_tests_have(made: Path, tmp_path: Path) -> None:
    """By a server that only listens: Elastic's build for tests cannot keep users of its own (it lacks analysis-common).
    What the rights are good for, every test with a cluster shows."""
    (made / "search_ca.pem").unlink()
    (made / "search_ca.pem").write_bytes(write_certificates(tmp_path).read_bytes())
    listener = Listener()
    with listener.listening(tmp_path) as address:
        places = {"/run/secrets": str(made), "https://elasticsearch:9200": address}
        done = run("elasticsearch-setup.sh", places)
        assert done.returncode == 0, done.stderr
        passwords = [(made / name).read_text() for name in ("elastic_password", "search_password")]
        assert not any(password in done.stdout + done.stderr for password in passwords)
        administrator = "Basic " + base64.b64encode(f"elastic:{passwords[0]}".encode()).decode()
        assert listener.heard == [
            ("PUT", "/_security/role/tin3c", administrator, yaml.safe_load(ROLE)["tin3c"]),
            ("PUT", "/_security/user/tin3c", administrator, {"password": passwords[1], "roles": ["tin3c"]}),
        ]
        listener.status = 403
        assert run("elasticsearch-setup.sh", places).returncode != 0
        assert len(listener.heard) == 3, "no user without its role"
    other = tmp_path / "other"
    other.mkdir()
    write_certificates(other)
    with listener.listening(other) as address:
        assert run("elasticsearch-setup.sh", places | {"https://elasticsearch:9200": address}).returncode != 0
        assert len(listener.heard) == 3, "no password to a server that is not trusted"
