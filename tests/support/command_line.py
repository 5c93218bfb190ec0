"""The real command line, in processes of its own, on homes of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support import stores

_PROGRAM = "import sys; from console.cli import main; sys.argv[0] = 'tin3c'; main()"


@dataclass(frozen=True)
class Finished:
    """How a command ended. `output` is its standard output, `complaints` its standard error."""

    status: int
    output: str
    complaints: str

    @property
    def last_line(self) -> dict[str, Any]:
        """The one JSON object that stands on the last line."""
        found: dict[str, Any] = json.loads(self.output.splitlines()[-1])
        return found


@dataclass(frozen=True)
class CommandLine:
    """`tin3c` on `home`. `settings`: environment variables without their prefix, such as CRAWL__RETRIES."""

    home: Path
    settings: dict[str, str]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Begun, and not waited for: end it, or wait for it."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("TIN3C_", "PREFECT_"))}
        ours = {f"TIN3C_{name}": value for name, value in self.settings.items()}
        return subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, *arguments],
            env=environment | stores.environment(self.home) | ours | {"TIN3C_HOME": str(self.home)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, limit_seconds: float = 300) -> Finished:
        """Waited for, whatever its status."""
        return finished(self.start(*arguments), limit_seconds)

    def watch(self, now: str, *arguments: str, limit_seconds: float = 300) -> dict[str, Any]:
        """The report of `watch --once --json`, which must succeed."""
        done = self.run("watch", "--once", "--json", "--now", now, *arguments, limit_seconds=limit_seconds)
        assert done.status == 0, done.complaints[-3000:]
        return done.last_line


def finished(process: subprocess.Popen[str], limit_seconds: float = 300) -> Finished:
    with process:
        try:
            output, complaints = process.communicate(timeout=limit_seconds)
        finally:
            if process.poll() is None:
                process.kill()
    return Finished(process.returncode, output, complaints)


def home_with_encoder(home: Path, encoder_home: Path) -> Path:
    """An empty home that shares the encoder, and nothing else, with `encoder_home`."""
    home.mkdir(parents=True)
    (home / "models").symlink_to(encoder_home / "models", target_is_directory=True)
    return home


def items_met(report: dict[str, Any]) -> int:
    """The number of items that a run met; every fate of the report must be the sum of its sources' fates."""
    for fate, count in report["fates"].items():
        assert count == sum(source[fate] for source in report["sources"].values()), fate
    return sum(report["fates"].values())
