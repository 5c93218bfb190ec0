"""A host whose answers end the crawling process: it is found, left alone for a while, and the others are read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from flows import collect, crawling, cycle, hosts
from flows.parts import Parts, use
from flows.settings import build
from records.errors import CrawlerDied
from records.run import RUN_LEASE
from records.source import Owner, Source, SourceKind, SourceState
from store import this_process
from tests.support import stores
from tests.support.local_site import Answer, LocalSite, feed, feed_item, local_site

pytestmark = pytest.mark.timeout(300)
NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Deadly(dict[str, Answer]):
    """Whoever asks for anything but robots.txt is killed: the crawling child of this process."""

    def get(self, key: str, default: object = None) -> object:  # type: ignore[override]
        if key != "/robots.txt":
            for child in psutil.Process().children():
                with contextlib.suppress(psutil.NoSuchProcess):
                    if "flows.crawl" in child.cmdline():
                        child.kill()
        return super().get(key, default)


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parts]:
    stores.prepare(tmp_path)
    stores.use_here(monkeypatch, tmp_path)  # the child reads it there
    parts = use(
        build(
            {
                "home": tmp_path,
                "crawl": {"delay_seconds": 0},
                "workers": {"collect": 1},
                "store": stores.section(tmp_path),
            }
        )
    )
    yield parts
    parts.close()


@pytest.fixture
def sites(parts: Parts) -> Iterator[tuple[LocalSite, LocalSite]]:
    with local_site() as good, local_site() as bad:
        good.routes["/rss"] = feed(feed_item("Tin lành", "https://bao.example/1", "Sở Y tế nói."))
        bad.routes = Deadly({"/rss": feed()})
        for name, site in (("lanh", good), ("du", bad)):
            source = Source(name, name, f"{site.base}/rss", SourceKind.FEED, Owner.PRESS, enabled=True)
            parts.store.sources.save(source, NOW)
        yield good, bad


def states(parts: Parts) -> dict[str, SourceState]:
    return {health.source.id: health.state for health in parts.store.sources.health(NOW)}


def test_the_others_are_read_and_the_run_goes_on(
    parts: Parts, sites: tuple[LocalSite, LocalSite], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.sources.MOST_DEATHS", 1)
    parts.store.leases.acquire(RUN_LEASE, this_process(), HOUR)
    run_id = cycle.begin(parts, NOW, all_sources=True)
    cycle.work(parts, run_id, NOW, this_process(), assesses=False)
    cycle.collected(parts, run_id)  # raises when a part was given up
    assert states(parts) == {"lanh": SourceState.WORKING, "du": SourceState.FAILING}
    (bad,) = (health for health in parts.store.sources.health(NOW) if health.source.id == "du")
    assert "killed by signal 9" in bad.detail and "left alone until 11:00 02/03/2026" in bad.detail
    reported = {one.source_id: one.state for one in parts.store.runs.report(run_id).sources}
    assert reported["du"] is SourceState.FAILING
    later = collect.order(parts, "next", NOW + timedelta(minutes=59), all_sources=True)
    assert [source.id for source in later.sources] == ["lanh"] and later.pages_of == {"lanh"}
    again = collect.order(parts, "next", NOW + HOUR, all_sources=True)
    assert {source.id for source in again.sources} == {"lanh", "du"}


def test_no_host_is_blamed_when_every_crawl_dies(
    parts: Parts, sites: tuple[LocalSite, LocalSite], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawling.sys, "executable", "/bin/false")
    with pytest.raises(CrawlerDied, match="ended with status 1"):
        collect.collect(parts, "run", NOW, all_sources=True)
    assert parts.store.sources.suspects() == frozenset()


def test_who_was_told_to_end_blames_nobody(parts: Parts, sites: tuple[LocalSite, LocalSite]) -> None:
    (order,) = (collect.order(parts, "run", NOW, all_sources=True),)
    with pytest.raises(CrawlerDied):
        hosts._raise_unless_a_host_did_it(parts, order, CrawlerDied("x", "y", "z", asked=True), "")
    with pytest.raises(CrawlerDied):
        hosts._raise_unless_a_host_did_it(parts, order, CrawlerDied("x", "y", "z"), "a run that is over")


def test_the_pause_grows_and_a_crawl_that_comes_to_its_end_forgets(
    parts: Parts, sites: tuple[LocalSite, LocalSite]
) -> None:
    sources, ids = parts.store.sources, ["du"]
    assert [sources.crawler_died(ids, NOW) for _ in range(2)] == [None, None]
    assert sources.suspects() == {"du"}
    assert [sources.crawler_died(ids, NOW) for _ in range(7)] == [
        NOW + hours * HOUR for hours in (1, 2, 4, 8, 16, 24, 24)
    ]
    assert "du" not in {source.id for source in sources.readable(NOW)}
    sources.crawled(ids)
    assert sources.suspects() == frozenset()
    assert "du" in {source.id for source in sources.readable(NOW)}
