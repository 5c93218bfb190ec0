"""Elasticsearch is killed while a bulk write is with it, is away for a whole run and comes back: the index equals the
store, and no message is lost or repeated."""

from __future__ import annotations

import contextlib
import http.client
import json
import secrets
import threading
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert

from crawlers.source_files import to_toml
from demo.showing import moments, source_of
from demo.site import serving
from flows.indexing import BATCH_ITEMS, keeping_up
from flows.parts import use
from flows.settings import build
from records.item import ItemStage
from store.tables import index_queue, items
from tests.support import stores
from tests.support.busy_cluster import BusyCluster
from tests.support.command_line import CommandLine, home_with_encoder
from tests.support.slack_server import TOKEN, Slack, SlackServer

if TYPE_CHECKING:
    from tests.support.elasticsearch_node import Login, Node, Running

pytestmark = [pytest.mark.encoder, pytest.mark.elasticsearch, pytest.mark.timeout(900)]

#: They fill the first batch of the index, so that it is there, with documents in it, when the node is killed.
OLD_ITEMS = BATCH_ITEMS + 200


class Door(BusyCluster):
    """Kills the node while a bulk request after that of the first batch is with it. From then on, until `open`, it does
    as a machine that is gone: it takes requests and says nothing."""

    def __init__(self, login: Login, node: Node) -> None:
        super().__init__(login)
        self._node = node
        self._written = 0
        self._answers = threading.Event()
        self._answers.set()
        self.killed = False

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str, bytes] | None:
        if not self._answers.is_set():
            self._answers.wait()
            return None
        if "_bulk" in path and not self.killed:
            if self._written >= BATCH_ITEMS:
                self._kill_during(method, path, headers, body)
                return None
            self._written += body.count(b"\n") // 2
        return super().answer(method, path, headers, body)

    def _kill_during(self, *request: Any) -> None:
        """What the node says in its last moment, if anything, is not heard."""
        self.killed = True
        killing = threading.Timer(0.02, self._node.kill)
        killing.start()
        with contextlib.suppress(OSError, http.client.HTTPException):
            super().answer(*request)
        killing.join()
        self._answers.clear()

    def open(self) -> None:
        self._answers.set()

    def __exit__(self, *given: object) -> None:
        self.open()
        super().__exit__(*given)


def old_items(home: Path, source_id: str, seen: datetime) -> None:
    """Items of another day, not health, that the index does not have yet."""
    rows = [
        {
            "id": f"{n:032x}", "canonical": f"https://cu.example/{n}", "source_id": source_id, "title": f"Tin cũ {n}",
            "address": f"https://cu.example/{n}", "summary": "", "text": "", "first_seen": seen, "last_seen": seen,
            "version": 1, "version_seen": seen, "stage": ItemStage.NOT_HEALTH.value, "text_hash": "", "entry_hash": "",
            "whole_in_feed": True, "revision": 1, "moment": seen, "judged_at": seen, "health_probability": 0.01,
        }
        for n in range(OLD_ITEMS)
    ]  # fmt: skip
    queued = [{"item_id": row["id"], "revision": 1, "deleted": False} for row in rows]
    with stores.open_at(home) as store, store._database.writing() as connection:
        connection.execute(insert(items), rows)
        connection.execute(insert(index_queue), queued)


def outbox(home: Path) -> dict[str, str]:
    with stores.rows(home) as rows:
        return dict(rows("select key, status from outbox where channel = 'slack'"))


def test_killed_in_a_bulk_write_and_away_for_a_whole_run(
    elasticsearch: Running, builtin_encoder_home: Path, tmp_path: Path
) -> None:
    if elasticsearch.cluster is None:
        pytest.skip("the cluster that the environment names is not ours to stop")
    cluster, login, prefix = elasticsearch.cluster, elasticsearch.login, f"tin3c_{secrets.token_hex(4)}"
    (node,) = cluster.nodes

    def back() -> None:
        if not node.running:
            node.start()
            cluster.wait()

    first, second = moments()[len(moments()) // 2], moments()[-1]
    with contextlib.ExitStack() as stack:
        stack.callback(elasticsearch.forget, prefix)
        stack.callback(back)  # whatever happens: others use it after this
        site = stack.enter_context(serving())
        slack = stack.enter_context(SlackServer(Slack(seconds_between_posts=0)))
        door = stack.enter_context(Door(login, node))
        index = {"engine": "elasticsearch", "user": login.user, "password": login.password, "prefix": prefix}
        settings = {f"INDEX__{name.upper()}": value for name, value in index.items()} | {
            "INDEX__ADDRESSES": json.dumps([door.address]),
            "CRAWL__DELAY_SECONDS": "0",
            "SLACK__TOKEN": TOKEN,
            "SLACK__CHANNEL": "#tin3c",
            "SLACK__BASE_URL": slack.base_url,
        }
        command = CommandLine(home_with_encoder(tmp_path / "home", builtin_encoder_home), settings)
        (tmp_path / "sources.toml").write_text(to_toml(source_of(one) for one in site.servers), "utf-8")
        assert command.run("sources", "import", str(tmp_path / "sources.toml")).status == 0
        old_items(command.home, source_of(site.servers[0]).id, first - timedelta(days=1))

        site.show(first)
        cut_off = command.watch(first.isoformat())
        assert door.killed and not node.running
        assert 0 < cut_off["index_behind"] < OLD_ITEMS
        assert cut_off["messages"]["delivered"] > 0 and cut_off["messages"]["waiting"] == 0
        site.show(second)
        without = command.watch(second.isoformat())
        assert without["index_behind"] > cut_off["index_behind"]
        assert without["messages"]["delivered"] > 0 and without["messages"]["waiting"] == 0
        done = command.run("search", "sởi")
        assert (done.status, "does not answer" in done.complaints) == (1, True)
        assert login.password not in done.complaints

        back()
        door.open()
        given = {"home": command.home, "store": stores.section(command.home)}
        parts = use(build(given | {"index": index | {"addresses": (door.address,)}}))
        with contextlib.closing(parts), keeping_up(parts, 0.2):  # as `tin3c up` does
            last = time.monotonic() + 120
            while parts.store.index_queue.waiting() and time.monotonic() < last:
                time.sleep(0.2)
        check = command.run("index", "check", "--json")
        compared = json.loads(check.output)
        assert check.status == 0, compared
        assert compared["compared"] > OLD_ITEMS + 100
        assert not any(compared[name] for name in ("waiting", "rejected", "missing", "stale", "surplus"))
        keys = outbox(command.home)
        assert set(keys.values()) == {"delivered"}
        assert Counter(one["metadata"]["event_payload"]["key"] for one in slack.slack.messages) == Counter(set(keys))
