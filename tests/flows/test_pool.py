"""What `tin3c deploy` registers: prefect.yaml says the same of the default settings, and no dead run blocks it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import yaml

from flows import pool, prefect_server
from flows.schedule import ZONE
from flows.settings import build

ROOT = Path(__file__).parents[2]


def test_the_file_and_the_command_say_the_same(tmp_path: Path) -> None:
    settings = build({"home": tmp_path})
    told: dict[str, Any] = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))
    assert {one["work_pool"]["name"] for one in told["deployments"]} == {settings.workers.pool}
    found = []
    for one in told["deployments"]:
        (schedule,) = one.get("schedules", [{}])
        assert schedule.get("timezone", ZONE) == ZONE
        assert "concurrency_limit" not in one, "one that its server forgets to give back ends collecting for good"
        parameters = dict(one["parameters"])
        assert parameters.pop("home") == "{{ $TIN3C_HOME }}"
        found.append(
            pool.Deployment(
                one["name"],
                one["entrypoint"],
                schedule.get("cron"),
                schedule.get("interval"),
                parameters,
            )
        )
    assert tuple(found) == pool.deployments(settings)


@pytest.mark.timeout(300)
def test_runs_that_a_power_cut_ended_keep_no_place_in_the_pool(tmp_path: Path) -> None:
    """Neither their deployment's, which an earlier program had limited, nor the pool's."""
    settings = build({"home": tmp_path})
    with mock.patch.dict(os.environ), prefect_server.started(settings):
        done = subprocess.run(
            [sys.executable, "-m", "tests.support.lost_runs", str(tmp_path)],
            env=os.environ | {"TIN3C_HOME": str(tmp_path), "TIN3C_WORKERS__LIMIT": "2"},
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["before"] == {"states": ["RUNNING", "RUNNING", "SCHEDULED"], "handed": False}
    assert found["after"] == {"states": ["CRASHED", "RUNNING", "PENDING"], "handed": True}
