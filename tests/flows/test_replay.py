"""`tin3c watch --once` on real feeds and listing pages: everything is stored, once, politely, and the counts add up."""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest
from lxml import html

from records.address import item_id
from records.text import normalize
from tests.support import stores
from tests.support.command_line import CommandLine, home_with_encoder, items_met
from tests.support.local_site import Answer, article, local_site
from tests.support.replay import ABSENT, SERVE, Replay, by_address, known, replay

pytestmark = [
    pytest.mark.replay,
    pytest.mark.skipif(not SERVE.exists(), reason=ABSENT),
    pytest.mark.timeout(900),
]

NOW, SOON, LATER = "2026-08-23T12:00", "2026-08-23T12:15", "2026-08-23T19:00"
FEED_ITEMS = 150
LINKED_ARTICLES = 408
FEWEST_PARAGRAPH_CHARACTERS = 80


@dataclass(frozen=True)
class Run:
    """One run's report, what the server was asked in it, and how many seconds it took."""

    report: dict[str, Any]
    log: list[dict[str, Any]]
    seconds: float


@dataclass(frozen=True)
class Watched:
    home: Path
    index: dict[str, Any]
    added: list[str]  # what the commands that added the sources said
    runs: list[Run]
    after_first: dict[str, tuple[Any, ...]]
    after_second: dict[str, tuple[Any, ...]]


def rows(home: Path) -> dict[str, tuple[Any, ...]]:
    """{item id: (address, stage, version, text hash)}"""
    with stores.rows(home) as read:
        found = read("select id, address, stage, version, text_hash from items")
        return {row[0]: tuple(row[1:]) for row in found}


def source_table(address: str, kind: str) -> str:
    return f'[[source]]\nname = "{address}"\naddress = "{address}"\nkind = "{kind}"\nowner = "press"\nenabled = true\n'


def timed(command: CommandLine, server: Replay, now: str, *arguments: str) -> Run:
    before, began = len(server.log()), time.monotonic()
    report = command.watch(now, *arguments, limit_seconds=600)
    return Run(report, server.log()[before:], time.monotonic() - began)


@pytest.fixture(scope="module")
def served() -> Iterator[Replay]:
    with replay("--spread") as server:
        yield server


@pytest.fixture(scope="module")
def serves() -> ModuleType:
    return known()


@pytest.fixture(scope="module")
def watched(served: Replay, builtin_encoder_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """Three runs over the three feeds and nine listing pages: at noon, a quarter of an hour later, and at seven."""
    folder = tmp_path_factory.mktemp("replay")
    command = CommandLine(home_with_encoder(folder / "home", builtin_encoder_home), {})
    index = served.index()
    *imported, typed = index["listings"]
    tables = [source_table(one, "feed") for one in index["feeds"]] + [source_table(one, "listing") for one in imported]
    (folder / "sources.toml").write_text("\n".join(tables), "utf-8")
    added = [
        command.run("sources", "import", str(folder / "sources.toml")),
        command.run("sources", "add", "--yes", "--kind", "listing", typed),
    ]
    assert [one.status for one in added] == [0, 0], [one.complaints for one in added]
    runs = [timed(command, served, NOW, "--delay", "0")]
    after_first = rows(command.home)
    runs.append(timed(command, served, SOON, "--delay", "0"))
    after_second = rows(command.home)
    runs.append(timed(command, served, LATER, "--delay", "0"))
    return Watched(command.home, index, [one.output for one in added], runs, after_first, after_second)


def addresses_of(paths: Any, index: dict[str, Any]) -> set[str]:
    """Where a server that is spread serves these paths, each beginning with its newspaper's name."""
    bases = {urlsplit(one).path.split("/")[1]: one.partition("/" + urlsplit(one).path.split("/")[1])[0]
             for one in [*index["feeds"], *index["pages"]]}  # fmt: skip
    return {f"{bases[path.split('/', 1)[0]]}/{path}" for path in paths}


def ids_of(paths: Any, index: dict[str, Any]) -> set[str]:
    return {item_id(address) for address in addresses_of(paths, index)}


def newest_in_feeds(serves: ModuleType) -> set[str]:
    """The paths of what the three feeds hold at noon: of each newspaper the newest 50."""
    found = set()
    for host in serves.HOSTS:
        mine = [one for one in serves.ITEMS if urlsplit(one["link"]).netloc == host and one["published"][:16] <= NOW]
        found |= {one["link"].split("://", 1)[1] for one in mine[-50:]}
    return found


@pytest.mark.encoder
def test_the_sources_are_added(watched: Watched) -> None:
    assert "11 new, 0 changed, 0 unchanged." in watched.added[0]
    assert "Added and switched on" in watched.added[1]


@pytest.mark.encoder
def test_every_item_of_the_feeds_and_every_linked_article_is_stored(watched: Watched, serves: ModuleType) -> None:
    in_feeds, linked = newest_in_feeds(serves), set(serves.LINKED)
    assert (len(in_feeds), len(linked), watched.index["linked"]) == (FEED_ITEMS, LINKED_ARTICLES, LINKED_ARTICLES)
    stored = set(watched.after_first)
    assert ids_of(in_feeds, watched.index) <= stored
    assert ids_of(linked, watched.index) <= stored
    # Beyond them the listing pages link only to what the server has as a saved page or as a feed's item.
    assert stored <= ids_of(in_feeds | linked | set(serves.PAGES) | set(serves.BY_PATH), watched.index)
    assert {stage for _, stage, *_ in watched.after_first.values()} <= {"assessed", "not_health"}


@pytest.mark.encoder
def test_the_counts_of_every_run_add_up(watched: Watched) -> None:
    for run in watched.runs:
        print(f"{run.seconds:.1f} s", run.report["fates"])
    first, second, third = (run.report for run in watched.runs)
    assert items_met(first) == len(watched.after_first) == first["fates"]["new"] + first["fates"]["not_health"]
    assert {source["state"] for source in first["sources"].values()} == {"working"}
    assert len(first["sources"]) == 12
    health = sum(stage == "assessed" for _, stage, *_ in watched.after_first.values())
    assert first["fates"]["new"] == health > 0
    assert items_met(second) == 0
    # Six hours on the pages of health items are read again, and have not changed.
    assert items_met(third) == third["fates"]["seen"] == health


@pytest.mark.encoder
def test_a_second_run_stores_nothing_new(watched: Watched) -> None:
    second = watched.runs[1]
    assert watched.after_second == watched.after_first
    assert {source["state"] for source in second.report["sources"].values()} == {"unchanged"}
    statuses = {row["path"]: row["status"] for row in second.log if row["path"] != "/robots.txt"}
    assert set(statuses) == {urlsplit(one).path for one in watched.index["feeds"] + watched.index["listings"]}
    assert set(statuses.values()) == {304}
    assert rows(watched.home) == watched.after_first


@pytest.mark.encoder
def test_robots_txt_is_read_first_at_every_address(watched: Watched) -> None:
    for run in watched.runs:
        for address, requests in by_address(run.log).items():
            paths = [row["path"] for row in requests]
            assert paths[0] == "/robots.txt", address
            assert paths.count("/robots.txt") == 1, address
        assert all("Tin3C/" in row["agent"] for row in run.log)


@pytest.mark.encoder
def test_by_default_a_host_is_asked_once_a_second(served: Replay, builtin_encoder_home: Path, tmp_path: Path) -> None:
    command = CommandLine(home_with_encoder(tmp_path / "home", builtin_encoder_home), {})
    # Two feeds at one address, both early, when they held few items; a third at another address beside them.
    base = {urlsplit(one).path.split("/")[1]: one for one in served.index()["feeds"]}
    early = [
        f"{base['vnexpress.net']}?at=2026-08-15T00:00",
        f"{base['vnexpress.net']}?at=2026-08-15T06:30",
        f"{base['thanhnien.vn']}?at=2026-08-16T16:10",
    ]
    (tmp_path / "sources.toml").write_text("\n".join(source_table(one, "feed") for one in early), "utf-8")
    assert command.run("sources", "import", str(tmp_path / "sources.toml")).status == 0
    run = timed(command, served, NOW)
    print(f"{run.seconds:.1f} s", run.report["fates"])
    met = items_met(run.report)
    assert met == len(rows(command.home)) == 12
    asked = by_address(run.log)
    # robots.txt, the feeds, and a page for each item.
    assert sorted(len(requests) for requests in asked.values()) == [1 + 1 + 4, 1 + 2 + 8]
    for requests in asked.values():
        times = [row["time"] for row in requests]
        pauses = [after - before for before, after in itertools.pairwise(times)]
        assert min(pauses) >= 1 - 0.05, pauses


@pytest.mark.encoder
def test_a_link_to_a_page_that_is_not_there_is_counted(builtin_encoder_home: Path, tmp_path: Path) -> None:
    command = CommandLine(home_with_encoder(tmp_path / "home", builtin_encoder_home), {})
    with local_site() as site:
        titles = [f"Bài viết số {number} về sức khỏe của người dân trong tỉnh" for number in range(1, 7)]
        for number, title in enumerate(titles[:-1], 1):
            text = f"Trung tâm y tế cho biết người dân nên rửa tay thường xuyên, bài số {number}."
            site.routes[f"/bai-viet-{100000 + number}.html"] = article(title, text, text)
        links = "".join(
            f"<article><h3><a href='/bai-viet-{100000 + number}.html'>{title}</a></h3></article>"
            for number, title in enumerate(titles, 1)
        )
        site.routes["/"] = Answer(f"<html><body><main>{links}</main></body></html>")
        assert command.run("sources", "add", "--yes", site.base + "/").status == 0
        report = command.watch(NOW, "--delay", "0")
        assert items_met(report) == 6
        assert report["fates"]["failed"] == 1
        gone = item_id(f"{site.base}/bai-viet-100006.html")
        assert rows(command.home)[gone][1] == "failed"
        again = command.watch(SOON, "--delay", "0")
        assert site.asked.count("/bai-viet-100006.html") == 1, "it is gone for good: nobody asks again"
        assert items_met(again) == again["fates"]["seen"] + again["fates"]["failed"]


# --- extract ----------------------------------------------------------------------------------------------------------


def own_paragraphs(page: str) -> list[str]:
    """The paragraphs of the element that directly holds the most text in paragraphs: the article of a saved page."""
    held: dict[Any, list[str]] = {}
    for paragraph in html.fromstring(page).iter("p"):
        text = " ".join(paragraph.text_content().split())
        if len(text) >= FEWEST_PARAGRAPH_CHARACTERS:
            held.setdefault(paragraph.getparent(), []).append(text)
    return max(held.values(), key=lambda texts: sum(map(len, texts)))


def middle_sentence(page: str) -> str:
    paragraphs = own_paragraphs(page)
    return normalize(max(re.split(r"(?<=[.!?])\s+", paragraphs[len(paragraphs) // 2]), key=len)).strip()


def menu_words(page: str) -> set[str]:
    """The texts of the links in the page's menus."""
    tree = html.fromstring(page)
    menus = tree.xpath("//nav//a | //header//a | //*[contains(@class, 'menu') or contains(@class, 'nav')]//li//a")
    return {normalize(" ".join(link.text_content().split())) for link in menus} - {""}


def saved_articles() -> list[str]:
    """Names of the saved pages that are articles; none where ../shared is absent."""
    if not SERVE.exists():
        return []
    names = json.loads((SERVE.parent / "pages" / "index.json").read_text("utf-8"))
    return sorted(name for name, address in names.items() if address and not name.endswith(("_list", "_home")))


@pytest.mark.parametrize("name", saved_articles())
def test_extract_gives_the_article_and_not_the_menu(
    name: str, served: Replay, serves: ModuleType, tmp_path: Path
) -> None:
    path = next(path for path, page in serves.PAGES.items() if page == name)
    page = serves.saved(path)
    (address,) = addresses_of([path], served.index())
    command = CommandLine(tmp_path, {"CRAWL__DELAY_SECONDS": "0"})
    done = command.run("extract", "--json", address)
    assert done.status == 0, done.complaints
    found = done.last_line
    text = " ".join(found["text"].split())
    assert middle_sentence(page) in text
    assert found["title"]
    menu = menu_words(page)
    assert menu, "a saved page has a menu"
    assert not menu & set(found["text"].splitlines())
    assert not (tmp_path / "tin3c.db").exists(), "extract stores nothing"
