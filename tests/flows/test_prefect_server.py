"""Prefect's own server, the real one: it answers nobody who has not its key, and no page by another name."""

from __future__ import annotations

import json
import os
from pathlib import Path

import httpx
import pytest

from flows import prefect_server
from flows.settings import build

FLOWS = {"flows": {}}


def test_only_who_has_the_key_is_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    settings = build({"home": tmp_path})
    note = tmp_path / "prefect" / "server.json"
    with prefect_server.started(settings, permanent=True) as address, httpx.Client(trust_env=False) as client:
        assert prefect_server.permanent_address(settings) == address
        assert note.stat().st_mode & 0o777 == 0o600
        name, secret = json.loads(note.read_text())["key"].split(":")

        def asked(**more: object) -> int:
            return client.post(f"{address}/flows/filter", json=FLOWS, **more).status_code  # type: ignore[arg-type]

        assert asked(auth=(name, secret)) == 200
        assert asked() == 401
        assert asked(auth=(name, "wrong")) == 401
        assert asked(auth=(name, secret), headers={"Host": "xau.example"}) == 400
        note.write_text(json.dumps({"address": address, "key": "tin3c:wrong"}))
        assert prefect_server.permanent_address(settings) is None
    assert not note.exists()
