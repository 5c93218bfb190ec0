"""The Dockerfile and the systemd unit, as far as they can be held without building and without being root."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
RUNTIME = DOCKERFILE.rpartition("\nFROM ")[2]
UNIT = ROOT / "deploy/tin3c.service"


def _names(lock: str) -> list[str]:
    return re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE)


def test_the_image_holds_all_of_the_lock_but_cuda() -> None:
    program = re.search(r"awk '([^']+)' requirements/runtime.lock", DOCKERFILE)
    assert program
    lock = ROOT / "requirements/runtime.lock"
    kept = subprocess.run(["awk", program[1], lock], capture_output=True, text=True, check=True).stdout
    gone = set(_names(lock.read_text())) - set(_names(kept))
    assert "torch" in gone and all(re.match(r"torch$|triton$|nvidia-|cuda-", name) for name in gone)
    # A dropped package takes its hashes along, and every other keeps its own.
    assert not re.search(r"nvidia|cuda", kept)
    blocks = re.split(r"\n(?=\S)", kept.strip())
    assert all("--hash=sha256:" in block for block in blocks)


def test_the_image_holds_every_package_and_no_other_folder() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert re.findall(r"^COPY (\w+) \1$", DOCKERFILE, re.MULTILINE) == wheel["packages"]
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        name for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE) for name in line.split()
    }
    assert copied == allowed


def test_the_image_runs_as_nobody_of_the_machine() -> None:
    assert re.search(r"^USER 10001:10001$", RUNTIME, re.MULTILINE)
    assert "HEALTHCHECK" in RUNTIME and "/readyz" in RUNTIME
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(set(bases)) == 1 and re.fullmatch(r"python:3\.11\.\d+-slim-\w+", bases[0])
    assert "--require-hashes" in DOCKERFILE and not re.search(r"\bARG\b|password|token", DOCKERFILE, re.IGNORECASE)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "tin3c.service"
    text = UNIT.read_text("utf-8")
    program = "/opt/tin3c/.venv/bin/tin3c"
    assert program in text
    unit.write_text(text.replace(program, "/bin/true"))  # it is not installed here
    assert _verified(unit) == ""
    unit.write_text(unit.read_text().replace("ProtectHome=", "ProtectHouse="))
    assert "ProtectHouse" in _verified(unit)


def _verified(unit: Path) -> str:
    """What systemd complains about: it ends with 0 for a key that it does not know."""
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    return "\n".join(line for line in (done.stdout + done.stderr).splitlines() if unit.name in line)


def test_the_unit_has_few_rights() -> None:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(UNIT.read_text("utf-8"))
    service = parser["Service"]
    wanted = {
        "User": "tin3c",
        "ProtectSystem": "strict",
        "NoNewPrivileges": "yes",
        "PrivateTmp": "yes",
        "StateDirectory": "tin3c",
        "Restart": "on-failure",
        "KillMode": "mixed",
        "CapabilityBoundingSet": "",
    }
    assert {key: service[key] for key in wanted} == wanted
    assert service["MemoryMax"] and service["LoadCredential"].startswith("secrets:/etc/tin3c/")
    assert "TIN3C_HOME=/var/lib/tin3c" in service["Environment"]
