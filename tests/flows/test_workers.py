"""Several workers of a pool at one run: nothing twice, one host asked by one at a time, the story of one process."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from crawlers.hosts import HostTurns
from demo.showing import moments, newsroom
from flows import crawling, cycle, prefect_server, room, wiring
from flows.parts import use
from flows.settings import build
from records.crawl import CrawlOrder
from records.source import Owner, Source, SourceKind
from records.work import WorkPart
from store.leases import name_of
from tests.support import stores
from tests.support.command_line import CommandLine, home_with_encoder
from tests.support.local_site import article, feed, feed_item, local_site
from tests.support.processes import still_going

pytestmark = pytest.mark.timeout(900)

DELAY_SECONDS = 0.4
NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HERE = "elsewhere:1:1.0"
THERE = "elsewhere:2:1.0"


# --- the store's side -------------------------------------------------------------------------------------------------


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[cycle.Parts]:
    stores.prepare(tmp_path)
    parts = use(build({"home": tmp_path, "store": stores.section(tmp_path), "crawl": {"delay_seconds": DELAY_SECONDS}}))
    yield parts
    parts.close()


def part(number: int) -> WorkPart:
    return WorkPart(f"job/{number}", "job", number, {"of": number})


def test_a_part_is_one_processs_at_a_time(parts: cycle.Parts) -> None:
    work = parts.store.work_parts
    work.plan([part(0), part(1)])
    work.plan([part(0), part(1)])
    first = work.claim("job", HERE, MINUTE)
    second = work.claim("job", THERE, MINUTE)
    assert first is not None
    assert second is not None
    assert [first.number, second.number] == [0, 1]
    assert work.claim("job", THERE, MINUTE) is None
    assert work.at_work(but=[HERE]) == (THERE,)
    assert not work.finish(first, THERE, {})
    assert work.finish(first, HERE, {"items": 3})
    assert work.claim("job", HERE, MINUTE, first.id) is None
    work.give_back(second, THERE, "away")
    assert work.progress("job").problems == (("job/1", "away"),)
    again = work.claim("job", HERE, timedelta(0))
    assert again is not None
    assert again.attempts == 2
    third = work.claim("job", THERE, MINUTE)  # the lease of the one before has run out
    assert third is not None
    assert not work.renew(again, HERE, MINUTE)
    work.give_back(third, THERE, "away")
    assert work.claim("job", HERE, MINUTE) is None, "three times are enough"
    work.try_again("job")
    assert work.claim("job", HERE, MINUTE) is not None
    assert work.progress("job").counts == {"items": 3}


def test_the_part_of_a_dead_process_is_free_at_once(parts: cycle.Parts) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    dead = name_of(psutil.Process(child.pid))
    work = parts.store.work_parts
    work.plan([part(0)])
    assert work.claim("job", dead, 60 * MINUTE) is not None
    assert work.claim("job", HERE, MINUTE) is None
    child.kill()
    child.communicate()
    assert work.at_work() == ()
    assert work.claim("job", HERE, MINUTE) is not None


def test_a_part_that_is_planned_no_more_holds_up_nothing(parts: cycle.Parts) -> None:
    work = parts.store.work_parts
    work.plan([part(0), part(1), replace(part(2), id="other/2", job="other")])
    done = work.claim("job", HERE, MINUTE)
    assert done is not None
    assert work.finish(done, HERE, {})
    work.plan([part(3)])  # the file of part 1 is gone
    assert work.unfinished("job") == ("job/3",)
    assert work.progress("job").finished == 1
    assert work.unfinished("other") == ("other/2",)


def test_many_at_once_take_each_part_once(parts: cycle.Parts) -> None:
    work = parts.store.work_parts
    work.plan([part(number) for number in range(40)])

    def take(holder: int) -> list[int]:
        taken = []
        while (one := work.claim("job", f"elsewhere:{holder}:1.0", MINUTE)) is not None:
            taken.append(one.number)
        return taken

    with ThreadPoolExecutor(4) as threads:
        taken = list(threads.map(take, range(4)))
    assert sorted(number for some in taken for number in some) == list(range(40))


def test_sources_of_one_host_stay_together() -> None:
    sources = [
        Source(f"{host}{n}", host, f"https://{host}.example/{n}", SourceKind.FEED, Owner.PRESS)
        for host, many in (("a", 4), ("b", 2), ("c", 1), ("d", 1))
        for n in range(many)
    ]
    groups = cycle.by_host(sources, 2)
    assert [len(group) for group in groups] == [4, 4]
    hosts = [{source.name for source in group} for group in groups]
    assert hosts[0].isdisjoint(hosts[1])


# --- one host, one request at a time ----------------------------------------------------------------------------------


def test_two_crawls_keep_one_pause_at_a_host(parts: cycle.Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two crawls of one host at once, as two workers may come to do: their requests take turns."""
    for name, value in stores.environment(parts.settings.home).items():
        monkeypatch.setenv(name, value)
    asked: list[float] = []
    with local_site() as site:

        class Times(dict):  # type: ignore[type-arg]
            def get(self, key: object, default: object = None) -> object:
                asked.append(time.monotonic())
                return super().get(key, default)

        for number in range(2):
            items = [feed_item(f"Tin {number}{n}", f"{site.base}/{number}/{n}") for n in range(3)]
            site.routes[f"/{number}/rss"] = feed(*items)
            site.routes |= {f"/{number}/{n}": article(f"Tin {number}{n}", "Sở Y tế nói. " * 30) for n in range(3)}
        site.routes = Times(site.routes)
        limits = replace(wiring.crawl_limits(parts.settings), delay_seconds=DELAY_SECONDS)
        orders = []
        for number in range(2):
            source = Source(str(number), "Báo", f"{site.base}/{number}/rss", SourceKind.FEED, Owner.PRESS, enabled=True)
            parts.store.sources.save(source, NOW)
            typed = frozenset({source.address})
            orders.append(CrawlOrder("run", NOW, (source,), limits, typed, frozenset({source.id})))
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(lambda order: crawling.crawl(parts.settings, order), orders))
    assert len(asked) >= 2 * (1 + 1 + 3)  # robots.txt, the feed and its pages, twice
    pauses = [after - before for before, after in itertools.pairwise(asked)]
    assert min(pauses) >= DELAY_SECONDS * 0.9
    assert parts.store.reader.counts()["to_assess"] == 6


def test_the_pause_begins_when_the_host_has_answered(parts: cycle.Parts) -> None:
    """A request may leave well after it took its turn, where the machine is busy: the host has it with its answer."""

    async def turns() -> float:
        first, second = (HostTurns(parts.store.leases, holder, 0.4, 5.0) for holder in (HERE, THERE))
        lease = await first.take("bao.example")
        await asyncio.sleep(0.4)
        answered = time.monotonic()
        first.give("bao.example", lease, 0.4)
        await second.take("bao.example")
        return time.monotonic() - answered

    assert asyncio.run(turns()) >= 0.4


# --- the pool ---------------------------------------------------------------------------------------------------------

_SUBMIT = """
import json, sys
from prefect.deployments import run_deployment
run_deployment("shared-watch/watch", parameters=json.loads(sys.argv[1]), timeout=0)
"""


@pytest.mark.encoder
def test_workers_of_a_pool_tell_the_story_of_one_process(
    builtin_encoder_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers; a process of theirs is killed in the middle of the run."""
    home = home_with_encoder(tmp_path / "home", builtin_encoder_home)
    stores.prepare(home)
    given = build({"home": home, "store": stores.section(home)})
    parts = use(given)
    quick = {"CRAWL__DELAY_SECONDS": "0.02", "WORKERS__COLLECT": "3"}
    with newsroom(parts) as site:
        site.show(moments()[-1])
        parts.close()
        alone = home_with_encoder(tmp_path / "alone", builtin_encoder_home)
        stores.copy(home, alone)
        CommandLine(alone, quick).watch(moments()[-1].isoformat())
        for name, value in os.environ.items():
            monkeypatch.setenv(name, value)  # what Prefect is given below goes with this test
        with prefect_server.started(given, permanent=True) as address:
            key = os.environ["PREFECT_API_AUTH_STRING"]
            command = CommandLine(home, quick)
            registered = command.run("deploy")
            assert registered.status == 0, registered.complaints[-3000:]
            assert "watch: every" in registered.output
            workers = [command.start("worker", "--limit", "3") for _ in range(2)]
            said: list[str] = []
            drains = [threading.Thread(target=_listen, args=(worker, said), daemon=True) for worker in workers]
            for drain in drains:
                drain.start()
            try:
                wanted = {"home": str(home), "all_sources": True, "now": moments()[-1].isoformat()}
                environment = os.environ | {"PREFECT_API_URL": address, "PREFECT_API_AUTH_STRING": key}
                subprocess.run([sys.executable, "-c", _SUBMIT, json.dumps(wanted)], env=environment, check=True)
                _kill_a_helper(home)
                _wait_for_the_end(home)
            finally:
                family = [one for worker in workers for one in psutil.Process(worker.pid).children(recursive=True)]
                for worker in workers:
                    worker.terminate()
                for drain in drains:
                    drain.join(60)
                alive = still_going(family, 30)
                print(*said, sep="\n")  # pytest shows it where the test failed
            assert not alive
    assert (home / room.RESERVE).exists(), "what is let go when others fill the disk was laid by"
    assert told(home) == told(alone)


def _listen(worker: subprocess.Popen[str], said: list[str]) -> None:
    said.extend(text[-3000:] for text in worker.communicate())


def _kill_a_helper(home: Path) -> None:
    """kill -9 of a process that has a part of the collection, or items to assess, and is not the run itself."""
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        with stores.rows(home) as rows:
            ended = rows("select count(*) from runs where finished_at is not null")[0][0]
            run = {holder for (holder,) in rows("select holder from leases where name = 'run'")}
            parts = {holder for (holder,) in rows("select holder from work_parts where holder is not null")}
            items = {holder for (holder,) in rows("select distinct claimed_by from items where claimed_by is not null")}
        for holder in (parts | items) - run:
            psutil.Process(int(holder.rsplit(":", 2)[1])).kill()
            return
        if ended:
            pytest.fail("the run ended before anybody came to help")
        time.sleep(0.05)
    pytest.fail("nobody came to help")


def _wait_for_the_end(home: Path) -> None:
    deadline = time.monotonic() + 500
    while time.monotonic() < deadline:
        with stores.rows(home) as rows:
            if rows("select count(*) from runs where finished_at is not null")[0][0]:
                return
        time.sleep(1)
    pytest.fail("the run did not end")


def told(home: Path) -> dict[str, object]:
    with stores.rows(home) as rows:
        found: dict[str, object] = {
            name: sorted(rows(statement), key=repr)
            for name, statement in {
                "items": "select id, version, stage, text_hash, title, published, narrative_id from items",
                "assessments": "select item_id, health, topic, kind, stance, harm from assessments",
                "narratives": "select id, label, level, items from narratives",
                "messages": "select key from outbox",
                "trail": "select act, subject from trail",
            }.items()
        }
    with closing(wiring.open_store(build({"home": home, "store": stores.section(home)}))) as store:
        latest = store.runs.latest()
    assert latest is not None
    return found | {"fates": latest.fates}
