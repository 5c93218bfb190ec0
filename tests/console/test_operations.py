"""What monitoring sees: alive, ready, and metrics that stay private."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from console.app import create_app
from console.session import COOKIE
from flows import wiring
from flows.settings import build
from records.errors import SettingsError, StoreError, StoreOutOfDate
from tests.console.conftest import Desk

ROOT = Path(__file__).parents[2]
TOKEN = "a token that nobody guesses"


class _Away:
    """Operations of a store that fails."""

    def __init__(self, error: StoreError) -> None:
        self._error = error

    def check(self) -> None:
        raise self._error

    def workload(self, now: object) -> None:
        raise self._error


def _near(desk: Desk, **more: object) -> TestClient:
    """A client that connects over loopback."""
    services = replace(desk.services, **more)  # type: ignore[arg-type]
    return TestClient(create_app(services), base_url="http://127.0.0.1", client=("127.0.0.1", 50_000))


def _samples(text: str) -> dict[tuple[str, str], float]:
    """{(name, value of its one label or ""): value}"""
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_alive_asks_nothing_of_the_store(desk_with: Callable[..., Desk]) -> None:
    response = desk_with(operations=_Away(StoreError("away")), reader=None, index=None).client.get("/healthz")
    assert (response.status_code, response.text) == (200, "ok")
    assert COOKIE not in response.cookies


@pytest.mark.parametrize(("error", "words"), [(StoreError("secret"), "answer"), (StoreOutOfDate("secret"), "schema")])
def test_ready_says_what_is_missing_and_no_more(desk_with: Callable[..., Desk], error: StoreError, words: str) -> None:
    assert desk_with().client.get("/readyz").text == "ok"
    response = desk_with(operations=_Away(error)).client.get("/readyz")
    assert response.status_code == 503
    assert words in response.text and "secret" not in response.text


def test_metrics_are_what_the_store_holds(desk: Desk) -> None:
    response = _near(desk).get("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert COOKIE not in response.cookies
    found = _samples(response.text)
    counts = desk.store.reader.counts()
    assert found["tin3c_store_up", ""] == 1
    assert found["tin3c_queue_waiting", "index"] == counts["index_queue"]
    assert found["tin3c_messages", "waiting"] == found["tin3c_queue_waiting", "outbox"] == counts["messages_waiting"]
    assert found["tin3c_messages", "waiting"] > 0
    open_cases = sum(found["tin3c_cases", stage] for stage in ("detected", "acknowledged", "asked"))
    assert open_cases == counts["open_cases"] > 0
    report = desk.store.runs.latest()
    assert report is not None
    assert {fate: found["tin3c_last_run_items", fate] for fate in report.fates} == report.fates
    assert found["tin3c_last_run_age_seconds", ""] == 0
    assert found["tin3c_sources", "challenge"] == 1
    assert found["tin3c_home_free_bytes", ""] > 0
    assert found["tin3c_process_resident_memory_bytes", "console"] > 10_000_000


def test_labels_are_words_of_ours(desk: Desk) -> None:
    """Nothing that was read or typed becomes a label: no name, address, title or source."""
    for family in text_string_to_metric_families(_near(desk).get("/metrics").text):
        for sample in family.samples:
            for value in sample.labels.values():
                assert re.fullmatch(r"[a-z0-9_.]{1,40}", value), sample


def test_a_store_that_is_away_is_a_metric(desk: Desk) -> None:
    found = _samples(_near(desk, operations=_Away(StoreError("away"))).get("/metrics").text)
    assert found["tin3c_store_up", ""] == 0
    assert ("process_resident_memory_bytes", "") in found
    assert not [name for name, _ in found if name.startswith("tin3c_queue")]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "203.0.113.5"},
        {"Forwarded": "for=203.0.113.5"},
        {"Via": "2.0 proxy"},
        {"Host": "tin3c.example"},
    ],
)
def test_without_a_token_only_this_machine_sees_metrics(desk: Desk, headers: dict[str, str]) -> None:
    client = _near(desk, public_address="https://tin3c.example")
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", headers=headers).status_code == 403
    assert desk.client.get("/metrics").status_code == 403  # connected from elsewhere
    assert client.get("/metrics", headers={"Host": "other.example"}).status_code == 400


def test_with_a_token_nobody_sees_metrics_without_it(desk: Desk) -> None:
    client = _near(desk, metrics_token=TOKEN)
    for given in ("", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN):
        response = client.get("/metrics", headers={"Authorization": given})
        assert response.status_code == 401, given
        assert response.headers["WWW-Authenticate"] == "Bearer"
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Forwarded-For": "203.0.113.5"}
    assert client.get("/metrics", headers=headers).status_code == 200


def test_behind_tls_the_console_answers_to_its_public_name_too(desk: Desk) -> None:
    client = _near(desk, public_address="https://tin3c.example")
    public = {"Host": "tin3c.example"}
    page = client.get("/person", headers=public)
    assert page.status_code == 200 and "Secure" in page.headers["set-cookie"]
    token = re.search(r'name="token" value="(\w+)"', page.text)
    assert token
    cookie = {"Cookie": f"{COOKIE}={page.cookies[COOKIE]}"}
    form = {"token": token[1], "language": "en"}
    for origin, status in (("https://tin3c.example", 303), ("https://other.example", 403)):
        headers = public | cookie | {"Origin": origin}
        assert client.post("/language", data=form, headers=headers, follow_redirects=False).status_code == status
    assert "Secure" not in client.get("/person").headers["set-cookie"]


@pytest.mark.parametrize(
    "address",
    ["http://tin3c.example", "https://", "https://tin3c.example/path", "https://a@tin3c.example", "https://*.example"],
)
def test_a_public_address_is_one_site_with_tls(tmp_path: Path, address: str) -> None:
    with pytest.raises(SettingsError, match="public_address"):
        build({"home": tmp_path, "console": {"public_address": address}})
    settings = build({"home": tmp_path, "console": {"public_address": "https://Tin3C.example:443/"}})
    assert wiring.console_address(settings) == "https://tin3c.example"


def test_a_token_that_can_be_guessed_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "token"
    settings = build({"home": tmp_path, "console": {"metrics_token_file": str(file)}})
    for content in ("", "short"):
        file.write_text(content)
        with pytest.raises(SettingsError, match="metrics_token_file"):
            wiring.metrics_token(settings)
    file.write_text(TOKEN + "\n")
    assert wiring.metrics_token(settings) == TOKEN


def test_the_alert_rules_name_metrics_that_exist(desk: Desk) -> None:
    rules = yaml.safe_load((ROOT / "deploy/prometheus-rules.yml").read_text("utf-8"))
    exposed = _near(desk).get("/metrics").text
    known = {"up"} | {family.name for family in text_string_to_metric_families(exposed)}
    alerts = [rule for group in rules["groups"] for rule in group["rules"]]
    assert len(alerts) >= 10
    for alert in alerts:
        named = set(re.findall(r"\b(?:tin3c_\w+|up\b)", re.sub(r'"[^"]*"', "", alert["expr"])))
        assert named and named <= known, alert["alert"]
        assert {"summary", "description"} <= alert["annotations"].keys()
        assert alert["labels"]["severity"] in {"critical", "warning"}
    labels = set(re.findall(r'\w+="\w+"', " ".join(alert["expr"] for alert in alerts))) - {'job="tin3c"'}
    assert not [label for label in labels if label not in exposed]
