"""The real serve.py: its 26 faults, its robots answers, its feeds and its listing pages."""

import json
import time
import urllib.request
from contextlib import ExitStack

import pytest

from records.source import SourceKind, SourceState
from tests.support.replay import ABSENT, FAULTS, ROBOTS, SERVE, replay

pytestmark = [
    pytest.mark.replay,
    pytest.mark.skipif(not SERVE.exists(), reason=ABSENT),
]


@pytest.fixture
def serve():
    with ExitStack() as stack:
        yield lambda *arguments: stack.enter_context(replay(*arguments)).base


def get(address):
    with urllib.request.urlopen(address, timeout=20) as answer:
        return answer.read().decode()


def test_the_26_faults(serve, crawled, source):
    base = serve()
    result = crawled([source(f"{base}/faults/{name}") for name in FAULTS], with_pages=False, timeout_seconds=4.0)
    assert {name: one.state for name, one in result.sources.items()} == FAULTS
    entries = {name: one.entries for name, one in result.sources.items()}
    assert [one.title for one in entries["truncated-feed"]] == ["Một"]
    assert len(entries["duplicate-feed"]) == 1 and len(entries["future-feed"]) == 7
    assert sum(one.published is not None for one in entries["future-feed"]) == 2
    assert entries["nfd-feed"][0].title == "Vắc xin sởi gây vô sinh là tin giả"
    assert entries["latin-feed"][0].title == "Vac xin ph?ng bênh"  # its "ò" is lost before it is sent
    assert not any("alert" in str(one) or "<" in str(one.title) for one in entries["script-feed"])
    assert "wait 7 s" in result.sources["busy"].detail
    assert result.peak_bytes < 500_000_000


@pytest.mark.parametrize("robots", ROBOTS)
def test_robots(serve, crawled, source, robots):
    base = serve("--robots", robots)
    result = crawled([source(f"{base}/vnexpress.net/rss/all.rss", "feed")], with_pages=False)
    assert result.sources["feed"].state == ROBOTS[robots]
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
    assert {one.state for one in result.sources.values()} == {SourceState.WORKING}
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
