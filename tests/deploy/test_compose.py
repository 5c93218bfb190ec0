"""docker-compose.yml without Docker: its syntax, its safety, and that its settings are those that the tests run."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from typer.main import get_command

from flows.settings import NOT_SETTINGS, load
from records.errors import SettingsError
from store.address import database_address, hosts_of, is_local
from tests.support import elasticsearch_node, postgresql

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"].startswith("tin3c:")]
each_service = pytest.mark.parametrize("name", list(SERVICES))


def _environment(name: str) -> dict[str, str]:
    """As Compose gives it, with nothing set outside."""
    given: dict[str, str] = SERVICES[name].get("environment", {})
    return {key: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value) for key, value in given.items()}


def test_it_is_what_the_specification_allows() -> None:
    schema = json.loads((ROOT / "tests/support/compose-spec.json").read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    assert not [(list(error.path), error.message) for error in validator.iter_errors(COMPOSE)]
    assert list(validator.iter_errors(COMPOSE | {"services": {"a": {"imagge": "b"}}}))


def test_what_it_names_is_there() -> None:
    used = {"networks": set(), "volumes": set(), "secrets": set()}
    for service in SERVICES.values():
        used["networks"] |= set(service.get("networks", ()))
        named = {volume.partition(":")[0] for volume in service.get("volumes", ())}
        used["volumes"] |= {one for one in named if not one.startswith(".")}
        used["secrets"] |= {one if isinstance(one, str) else one["source"] for one in service.get("secrets", ())}
        assert set(service.get("depends_on", ())) <= SERVICES.keys()
        for path in (one for one in named if one.startswith(".")):
            assert (ROOT / path).is_file(), path
    assert used == {kind: set(COMPOSE[kind]) for kind in used}


@each_service
def test_every_service_is_bounded_and_has_few_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] or service["x-reason-writable"]
    assert not service.get("privileged") and service.get("network_mode") != "host"
    assert "user" in service or service["x-reason-root"]
    assert not str(service.get("user", "x")).startswith(("0", "root"))
    limits = service["deploy"]["resources"]["limits"]
    assert {"memory", "cpus", "pids"} <= limits.keys()
    assert "max-size" in service["logging"]["options"]
    check = service["healthcheck"]
    assert check.get("test") or (check["disable"] and service["x-reason-no-healthcheck"] and service["restart"] == "no")
    assert re.fullmatch(r"[a-z0-9/]+:v?\d+(\.\d+)+(-[a-z]+)?", service["image"]), "pinned by version"


def test_nothing_is_open_to_other_machines() -> None:
    for name, service in SERVICES.items():
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:"), name
    for network in ("search", "orchestration", "watching"):
        assert COMPOSE["networks"][network] == {"internal": True}
    assert SERVICES["postgresql"]["network_mode"] == "none"
    assert SERVICES["tls"]["network_mode"] == "service:console"


def test_no_secret_stands_in_it() -> None:
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    assert not re.search(r"://[^/\s\"]*:[^/\s\"]*@", text), "an address with a password"
    for name in SERVICES:
        for key, value in _environment(name).items():
            if re.search("password|secret|token|auth|key", key, re.IGNORECASE):
                assert key.upper().endswith(("_FILE", "SSL.KEY")), (name, key)
                assert value.startswith(("/run/secrets/", "certs/")), (name, key)
    assert all(secret["file"].startswith("deploy/secrets/") for secret in COMPOSE["secrets"].values())
    assert "/deploy/secrets/" in (ROOT / ".gitignore").read_text().splitlines()


def test_every_secret_that_a_service_reads_is_given_to_it() -> None:
    for name, service in SERVICES.items():
        given = {one for one in service.get("secrets", ()) if isinstance(one, str)}
        read = set(
            re.findall(r"/run/secrets/([\w.]+)", json.dumps({k: v for k, v in service.items() if k != "secrets"}))
        )
        for script in (volume.partition(":")[0] for volume in service.get("volumes", ()) if volume.endswith(":ro")):
            text = (ROOT / script).read_text("utf-8")
            read |= set(re.findall(r"/run/secrets/([a-z_.]+)", text)) | set(re.findall(r"\(secret (\w+)\)", text))
        assert read <= given, name


def test_the_secrets_are_made_once(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    made = subprocess.run([ROOT / "deploy/make-secrets", folder], capture_output=True, text=True, check=True)
    assert {path.name for path in folder.iterdir()} == {Path(one["file"]).name for one in COMPOSE["secrets"].values()}
    assert folder.stat().st_mode & 0o777 == 0o700
    content = {path.name: path.read_bytes() for path in folder.iterdir()}
    random = [value for name, value in content.items() if name.endswith(("password", "_token", "auth")) and value]
    assert len(set(random)) == len(random) and all(len(value) >= 64 for value in random)
    assert not [value for value in random if value.decode() in made.stdout + made.stderr]
    again = subprocess.run([ROOT / "deploy/make-secrets", folder], capture_output=True, text=True, check=True)
    assert again.stdout == "" and content == {path.name: path.read_bytes() for path in folder.iterdir()}


# --- our own settings -------------------------------------------------------------------------------------------------


@pytest.fixture
def settings_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The settings that the program makes of a service's environment."""
    for name in [name for name in os.environ if name.startswith("TIN3C_")]:
        monkeypatch.delenv(name)

    def make(name: str) -> Any:
        with monkeypatch.context() as patch:
            for key, value in _environment(name).items():
                if key not in NOT_SETTINGS:
                    patch.setenv(key, value)
            return load(tmp_path)

    return make


@pytest.mark.parametrize("name", OURS)
def test_the_program_takes_its_environment(name: str, settings_of: Any) -> None:
    settings = settings_of(name)
    if name in {"worker", "console", "upgrade"}:
        assert settings.index.engine == "elasticsearch"
        assert all(map(is_local, hosts_of(database_address(settings.store.url.get_secret_value()))))
    if name == "console":
        assert settings.console.metrics_token_file == Path("/run/secrets/metrics_token")
        assert settings.console.public_address == "https://localhost:8443"


def test_an_unknown_variable_would_be_found(settings_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SERVICES["console"]["environment"], "TIN3C_CONSOLE__COLOR", "blue")
    with pytest.raises(SettingsError):
        settings_of("console")


def _command(name: str) -> list[str]:
    """What a service of ours says to `tin3c`; nothing when it runs another program."""
    command: list[str] = SERVICES[name]["command"]
    if "entrypoint" not in SERVICES[name]:
        return command
    return shlex.split(command[0].rpartition("exec tin3c ")[2]) if "exec tin3c " in command[0] else []


def test_workers_are_ours() -> None:
    assert _command("worker")[0] == "worker" and _command("deploy") == ["deploy"]


@pytest.mark.parametrize("name", [name for name in OURS if _command(name)])
def test_its_commands_exist(name: str) -> None:
    from console.cli.main import app

    command, *given = _command(name)
    options = [one for one in given if one.startswith("-")]
    known = get_command(app).commands[command]  # type: ignore[attr-defined]
    assert set(options) <= {
        option for parameter in known.params for option in (*parameter.opts, *parameter.secondary_opts)
    }


# --- the servers: as the tests run them -------------------------------------------------------------------------------


#: What Elasticsearch is told in the container alone, and why the tests cannot say the same.
_ONLY_IN_THE_CONTAINER = {
    "cluster.name": "a name; the tests' own says that it is one of theirs",
    "bootstrap.memory_lock": "wants a right that a test's user does not have",
    "ELASTIC_PASSWORD_FILE": "the image's way to make its first user; the tests' administrator stands in a file",
}


def test_elasticsearch_is_the_one_that_the_tests_run() -> None:
    service = SERVICES["elasticsearch"]
    assert service["image"] == SERVICES["search-setup"]["image"] == f"elasticsearch:{elasticsearch_node.VERSION}"
    environment = service["environment"]
    native = Path(elasticsearch_node.__file__).read_text("utf-8")
    same = ("discovery.type", "xpack.ml.enabled", "xpack.security.enabled")
    for key in same:
        assert f'"{key}: {environment[key]}"' in native
    assert "xpack.security.http.ssl: {enabled: true, key: node.key, certificate: node.pem}" in native
    tls = {f"xpack.security.http.ssl.{name}" for name in ("enabled", "key", "certificate")}
    assert environment["xpack.security.http.ssl.enabled"] == "true"
    assert environment.keys() == {*same, *tls, *_ONLY_IN_THE_CONTAINER, "ES_JAVA_OPTS"}
    role = yaml.safe_load(elasticsearch_node.ROLE)["tin3c"]
    script = (ROOT / "deploy/elasticsearch-setup.sh").read_text("utf-8")
    body = re.search(r"_security/role/tin3c '([^']+)'", script)
    assert body and json.loads(body[1]) == role


def test_the_heap_is_set_as_in_the_tests_and_leaves_as_much_to_the_files() -> None:
    service = SERVICES["elasticsearch"]
    heap, native = (_heap(options) for options in (service["environment"]["ES_JAVA_OPTS"], elasticsearch_node._JAVA))
    memory = service["deploy"]["resources"]["limits"]["memory"]
    assert native <= heap <= _bytes(memory) / 2


def _heap(options: str) -> int:
    """Both of its bounds are to be the same, so that it never grows in the middle of work."""
    least, most = re.fullmatch(r"-Xms(\w+) -Xmx(\w+)", options).groups()  # type: ignore[union-attr]
    assert least == most
    return _bytes(least)


def _bytes(size: str) -> int:
    return int(size[:-1]) << {"m": 20, "g": 30}[size[-1].lower()]


def test_postgresql_is_the_one_that_the_tests_run() -> None:
    service = SERVICES["postgresql"]
    given = set(shlex.split(service["environment"]["POSTGRES_INITDB_ARGS"]))
    native = {option for option in postgresql._CLUSTER if not option.startswith(("--username", "--no-sync"))}
    # Checksums cost little and tell of a disk that lies; the tests' data lives for minutes.
    assert given - {"--data-checksums"} == native
    if folder := postgresql.programs():
        assert service["image"].startswith(f"postgres:{folder.parent.name}.")
