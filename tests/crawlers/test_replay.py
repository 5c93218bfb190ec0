"""The real serve.py: its 26 faults, its robots answers, its feeds and its listing pages."""

import json
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from records.source import SourceKind, SourceState

SERVE = Path(__file__).parents[3] / "shared" / "replay" / "serve.py"
pytestmark = [
    pytest.mark.replay,
    pytest.mark.skipif(not SERVE.exists(), reason="../shared/replay is not here"),
]
S = SourceState
EXPECTED = {
    "challenge": S.CHALLENGE, "forbidden": S.REFUSED, "gone": S.FAILING, "missing": S.FAILING, "broken": S.FAILING,
    "busy": S.FAILING, "limited": S.FAILING, "html-as-feed": S.NOT_A_FEED, "empty-feed": S.EMPTY,
    "truncated-feed": S.WORKING, "entities-feed": S.WORKING, "script-feed": S.WORKING, "future-feed": S.WORKING,
    "latin-feed": S.WORKING, "nfd-feed": S.WORKING, "duplicate-feed": S.WORKING, "edited-feed": S.WORKING,
    "slow": S.FAILING, "hang": S.FAILING, "cut": S.FAILING, "huge": S.FAILING, "bomb": S.FAILING, "loop": S.FAILING,
    "to-private": S.REFUSED, "to-loopback": S.REFUSED, "to-file": S.REFUSED,
}  # fmt: skip


@pytest.fixture
def serve():
    servers = []

    def start(*arguments):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, str(SERVE), "--port", str(port), *arguments]
        servers.append(subprocess.Popen(command, stdout=subprocess.PIPE))
        assert servers[-1].stdout.readline()
        return f"http://127.0.0.1:{port}"

    yield start
    for server in servers:
        server.kill()
        server.wait()
        server.stdout.close()


def get(address):
    with urllib.request.urlopen(address, timeout=20) as answer:
        return answer.read().decode()


def test_the_26_faults(serve, crawled, source):
    base = serve()
    result = crawled([source(f"{base}/faults/{name}") for name in EXPECTED], with_pages=False, timeout_seconds=4.0)
    assert {name: one.state for name, one in result.sources.items()} == EXPECTED
    entries = {name: one.entries for name, one in result.sources.items()}
    assert [one.title for one in entries["truncated-feed"]] == ["Một"]
    assert len(entries["duplicate-feed"]) == 1 and len(entries["future-feed"]) == 7
    assert sum(one.published is not None for one in entries["future-feed"]) == 2
    assert entries["nfd-feed"][0].title == "Vắc xin sởi gây vô sinh là tin giả"
    assert entries["latin-feed"][0].title == "Vac xin ph?ng bênh"  # its "ò" is lost before it is sent
    assert not any("alert" in str(one) or "<" in str(one.title) for one in entries["script-feed"])
    assert "wait 7 s" in result.sources["busy"].detail
    assert result.peak_bytes < 500_000_000


@pytest.mark.parametrize("robots", ["403", "404", "500", "hang"])
def test_robots(serve, crawled, source, robots):
    base = serve("--robots", robots)
    result = crawled([source(f"{base}/vnexpress.net/rss/all.rss", "feed")], with_pages=False)
    assert result.sources["feed"].state is (S.WORKING if robots == "404" else S.REFUSED)
    if robots != "hang":  # an unanswered request is in no log
        asked = [json.loads(line)["path"] for line in get(f"{base}/log").splitlines()]
        assert asked[0] == "/robots.txt" and (robots == "404") == ("/vnexpress.net/rss/all.rss" in asked)


def test_all_articles_of_the_feeds_and_listing_pages(serve, crawled, source):
    base = serve("--spread")
    index = json.loads(get(base + "/"))
    sources = [source(one, one) for one in index["feeds"]]
    sources += [source(one, one, SourceKind.LISTING) for one in index["listings"]]
    began = time.monotonic()
    result = crawled(sources, timeout_seconds=30.0)
    assert time.monotonic() - began < 100
    assert {one.state for one in result.sources.values()} == {S.WORKING}
    assert sum(len(result.sources[one].entries) for one in index["feeds"]) == 150
    linked = {entry.address for one in index["listings"] for entry in result.sources[one].entries}
    # The server knows 408, and eight saved or fed articles are linked besides; no menu and no section is among them.
    assert index["linked"] <= len(linked) <= index["linked"] + 10
    assert not result.failures and len(result.pages) == len(
        linked | {entry.address for one in index["feeds"] for entry in result.sources[one].entries}
    )
    assert all(page.text and page.title for page in result.pages.values())
    log = [json.loads(line) for line in get(f"{base}/log").splitlines()]
    first = {}
    for row in log:
        first.setdefault(row["address"], row["path"])
    assert {path for address, path in first.items() if address != "127.0.0.1"} == {"/robots.txt"}
    assert result.peak_bytes < 500_000_000
