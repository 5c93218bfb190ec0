"""Elasticsearch hangs for the length of a whole run, is killed and comes back: the index equals the store, and no
message is lost or repeated."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawlers.source_files import to_toml
from demo.showing import moments, source_of
from demo.site import serving
from tests.support import stores
from tests.support.command_line import CommandLine, home_with_encoder
from tests.support.slack_server import TOKEN, Slack, SlackServer

if TYPE_CHECKING:
    from tests.support.elasticsearch_node import Login, Running

pytestmark = [pytest.mark.encoder, pytest.mark.elasticsearch, pytest.mark.timeout(900)]


def settings_of(login: Login, prefix: str) -> dict[str, str]:
    return {
        "INDEX__ENGINE": "elasticsearch",
        "INDEX__ADDRESSES": json.dumps(login.addresses),
        "INDEX__USER": login.user,
        "INDEX__PASSWORD": login.password,
        "INDEX__PREFIX": prefix,
        **({"INDEX__CA_FILE": str(login.ca_file)} if login.ca_file else {}),
    }


def outbox(home: Path) -> dict[str, str]:
    with stores.rows(home) as rows:
        return dict(rows("select key, status from outbox where channel = 'slack'"))


def test_a_whole_run_without_the_engine(elasticsearch: Running, builtin_encoder_home: Path, tmp_path: Path) -> None:
    if elasticsearch.cluster is None:
        pytest.skip("the cluster that the environment names is not ours to stop")
    cluster, prefix = elasticsearch.cluster, f"tin3c_{secrets.token_hex(4)}"
    (node,) = cluster.nodes
    now = moments()[-1]
    with serving() as site, SlackServer(Slack(seconds_between_posts=0)) as slack:
        settings = settings_of(elasticsearch.login, prefix) | {
            "CRAWL__DELAY_SECONDS": "0",
            "SLACK__TOKEN": TOKEN,
            "SLACK__CHANNEL": "#tin3c",
            "SLACK__BASE_URL": slack.base_url,
        }
        command = CommandLine(home_with_encoder(tmp_path / "home", builtin_encoder_home), settings)
        (tmp_path / "sources.toml").write_text(to_toml(source_of(one) for one in site.servers), "utf-8")
        assert command.run("sources", "import", str(tmp_path / "sources.toml")).status == 0
        site.show(now)
        node.pause()
        try:
            without = command.watch(now.isoformat())
        finally:
            node.kill()
        assert without["index_behind"] > 0
        assert without["messages"]["delivered"] > 0 and without["messages"]["waiting"] == 0
        done = command.run("search", "sởi")
        assert (done.status, "does not answer" in done.complaints) == (1, True)
        assert elasticsearch.login.password not in done.complaints

        node.start()
        cluster.wait()
        caught_up = command.watch((now + timedelta(minutes=15)).isoformat())
        assert caught_up["index_behind"] == 0
        check = command.run("index", "check", "--json")
        compared = json.loads(check.output)
        assert check.status == 0, compared
        assert compared["compared"] > 100
        assert not any(compared[name] for name in ("waiting", "rejected", "missing", "stale", "surplus"))
        keys = outbox(command.home)
        assert set(keys.values()) == {"delivered"}
        assert Counter(one["metadata"]["event_payload"]["key"] for one in slack.slack.messages) == Counter(set(keys))
    elasticsearch.forget(prefix)
