"""prefect.yaml says of the default settings what `tin3c deploy` registers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from flows import pool
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
        limit = one.get("concurrency_limit", {})
        assert limit.get("collision_strategy", "CANCEL_NEW") == "CANCEL_NEW"
        parameters = dict(one["parameters"])
        assert parameters.pop("home") == "{{ $TIN3C_HOME }}"
        found.append(
            pool.Deployment(
                one["name"],
                one["entrypoint"],
                schedule.get("cron"),
                schedule.get("interval"),
                limit.get("limit"),
                parameters,
            )
        )
    assert tuple(found) == pool.deployments(settings)
