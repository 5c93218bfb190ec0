"""One run over everything that goes wrong on the web: it ends, says what is wrong where, and keeps what is good."""

from __future__ import annotations

import gzip
import itertools
import re
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from flows.loopback import free_port
from records.address import item_id
from tests.support import stores
from tests.support.command_line import CommandLine, finished, home_with_encoder, items_met
from tests.support.local_site import Answer, LocalSite, article, feed, feed_item, local_site
from tests.support.memory import Peaks, watched
from tests.support.replay import ABSENT, FAULTS, ROBOTS, SERVE, Replay, replays

pytestmark = [
    pytest.mark.replay,
    pytest.mark.encoder,
    pytest.mark.skipif(not SERVE.exists(), reason=ABSENT),
    pytest.mark.timeout(900),
]

NOW = "2026-08-23T12:00"
RUN_LIMIT_SECONDS = 400
MOST_CRAWL_BYTES = 500_000_000
MOST_BYTES = 2_500_000_000
RUMOR = "Vắc xin sởi gây vô sinh, nhiều người trong xã không cho con đi tiêm"

#: Of our own: a feed full of script about health, entities that name a file, a way to a private address, a denied path;
#: and nobody at all.
OWN = {
    "script": "working", "outside-entity": "working", "to-listener": "refused", "denied": "refused",
    "nobody-listens": "failing", "no-such-host": "failing",
}  # fmt: skip
#: How many items each working fault has; each has an address of its own, because all of them link to the same path.
GOOD = {
    "truncated-feed": 1, "entities-feed": 1, "script-feed": 1, "future-feed": 7,
    "latin-feed": 1, "nfd-feed": 1, "duplicate-feed": 1, "edited-feed": 1,
}  # fmt: skip
LIVE = re.compile(r"<script|javascript:|onerror|onclick", re.I)


@dataclass(frozen=True)
class Run:
    home: Path
    report: dict[str, Any]
    output: str
    seconds: float
    peaks: Peaks
    bases: dict[str, str]  # where each good fault was served
    script: LocalSite
    heard: list[str]  # what the listener at a port that nobody typed was asked for
    waited: list[float]  # seconds between the requests for "limited"


def script_site(site: LocalSite, listener: str) -> None:
    """A feed about health whose every part carries script, and links that lead where nobody may be sent."""
    live = "<script>alert(1)</script><img src=x onerror=alert(2)><a href='javascript:alert(3)'>xem</a>"
    escaped = "&lt;script&gt;alert(4)&lt;/script&gt;"
    site.routes |= {
        "/feed": feed(
            feed_item(f"{live}{RUMOR}", f"{site.base}/bai-1.html", f"{live}{RUMOR}."),
            feed_item(f"{escaped}{RUMOR} nữa", f"{site.base}/bai-2.html", f"{escaped}{RUMOR}."),
            feed_item("Bài này dẫn vào mạng nội bộ", f"{listener}/secret"),
            feed_item("Bài này được chuyển vào mạng nội bộ", f"{site.base}/moved.html"),
            feed_item("Bài này là một tệp", "file:///etc/passwd"),
            feed_item("Bài này là một lệnh", "javascript:alert(5)"),
        ),
        "/bai-1.html": article(f"{RUMOR}", f"{RUMOR}. {live}", f"{escaped} {RUMOR}.", more=live),
        "/bai-2.html": article(f"{RUMOR} nữa", f"{RUMOR}. <b onclick=alert(6)>Nhiều người</b> đã chia sẻ.", more=live),
        "/moved.html": Answer(status=302, headers={"Location": f"{listener}/moved"}),
        "/to-listener": Answer(status=302, headers={"Location": f"{listener}/feed"}),
        "/outside-entity": feed(
            f"<item><title>Bài &file; &web;</title><link>{site.base}/bai-3.html</link></item>",
            before='<!DOCTYPE rss [<!ENTITY file SYSTEM "file:///etc/passwd">'
            f'<!ENTITY web SYSTEM "{listener}/entity">]>',
        ),
        "/bai-3.html": article("Bài ba", "Một bài viết về thời tiết trong tuần tới ở các tỉnh phía nam."),
    }


def sources_of(faults: Replay, robots: dict[str, Replay], script: LocalSite) -> tuple[dict[str, str], dict[str, str]]:
    """(the address of every source by its id, the base of every good fault)"""
    bases = {name: faults.at(number) for number, name in enumerate(GOOD, 1)}
    addresses = {name: f"{bases.get(name, faults.base)}/faults/{name}" for name in FAULTS}
    addresses |= {
        f"robots-{answer}": f"{server.base}/vnexpress.net/rss/all.rss?at=2026-08-15T00:00"
        for answer, server in robots.items()
    }
    addresses |= {
        "script": f"{script.base}/feed",
        "outside-entity": f"{script.base}/outside-entity",
        "to-listener": f"{script.base}/to-listener",
        "denied": f"{faults.base}/robots-deny.test/rss/all.rss",
        "nobody-listens": f"http://127.0.0.1:{free_port()}/rss",
        "no-such-host": "http://khong-co.invalid/rss",
    }
    return addresses, bases


@pytest.fixture(scope="module")
def run(builtin_encoder_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One `watch --once` over all of them, with short time limits, looked at from outside."""
    home = home_with_encoder(tmp_path_factory.mktemp("faults") / "home", builtin_encoder_home)
    settings = {
        "CRAWL__TIMEOUT_SECONDS": "4",
        "CRAWL__RETRIES": "1",
        "CRAWL__LONGEST_WAIT_SECONDS": "5",
        "ALERTS__RULES": '[{name = "thử", sources = ["script"]}]',
    }
    command = CommandLine(home, settings)
    with ExitStack() as stack:
        faults, *others = stack.enter_context(replays(["--spread"], *(["--robots", answer] for answer in ROBOTS)))
        listener, script = stack.enter_context(local_site()), stack.enter_context(local_site())
        script_site(script, listener.base)
        addresses, bases = sources_of(faults, dict(zip(ROBOTS, others, strict=True)), script)
        tables = "\n".join(
            f'[[source]]\nid = "{id}"\nname = "{id}"\naddress = "{address}"\n'
            'kind = "feed"\nowner = "press"\nenabled = true'
            for id, address in addresses.items()
        )
        (home / "sources.toml").write_text(tables, "utf-8")
        assert command.run("sources", "import", str(home / "sources.toml")).status == 0
        began = time.monotonic()
        process = command.start("watch", "--once", "--json", "--now", NOW, "--delay", "0")
        with watched(process.pid) as peaks:
            done = finished(process, RUN_LIMIT_SECONDS)
        seconds = time.monotonic() - began
        assert done.status == 0, done.complaints[-3000:]
        times = [row["time"] for row in faults.log() if row["path"] == "/faults/limited"]
        waited = [after - before for before, after in itertools.pairwise(times)]
        return Run(home, done.last_line, done.output, seconds, peaks, bases, script, listener.asked, waited)


def test_every_source_says_which_state_it_is_in(run: Run) -> None:
    expected = FAULTS | {f"robots-{answer}": state for answer, state in ROBOTS.items()} | OWN
    assert {id: source["state"] for id, source in run.report["sources"].items()} == expected
    assert all(source["detail"] for source in run.report["sources"].values())
    details = {id: source["detail"] for id, source in run.report["sources"].items()}
    assert "7 s" in details["busy"]
    assert "robots.txt" in details["robots-hang"] and "robots.txt" in details["denied"]
    assert details["nobody-listens"] == "the connection was refused"
    assert details["no-such-host"] == "the host's name is unknown"
    assert "private" in details["to-private"] and "http" in details["to-file"]


def test_a_server_that_asks_for_patience_gets_it(run: Run) -> None:
    assert len(run.waited) == 1
    assert run.waited[0] >= 3.0


def stored(home: Path) -> dict[str, tuple[str, str | None, str]]:
    """{item id: (title, published, stage)}"""
    with stores.rows(home) as rows:
        return {row[0]: row[1:] for row in rows("select id, title, published, stage from items")}


def test_good_items_are_kept_and_the_counts_add_up(run: Run) -> None:
    found = stored(run.home)
    assert items_met(run.report) == len(found)
    fates = run.report["fates"]
    met = {id: sum(source[fate] for fate in fates) for id, source in run.report["sources"].items()}
    # Three items of the early feed of the server without robots.txt, and our own: four with a link that can be asked.
    expected = dict.fromkeys(met, 0) | GOOD | {"robots-404": 3, "script": 4, "outside-entity": 1}
    assert met == expected

    def at(name: str, tail: str = "") -> tuple[str, str | None, str]:
        return found[item_id(f"{run.bases[name]}/faults/article{tail}")]

    assert at("truncated-feed")[0] == "Một"
    assert at("nfd-feed")[0] == "Vắc xin sởi gây vô sinh là tin giả"
    assert at("duplicate-feed")[0] == "Cùng một bài"
    assert at("edited-feed")[0].startswith("Bản sửa")
    dates = [at("future-feed", f"?n={number}")[1] for number in range(7)]
    assert sum(date is not None for date in dates) == 2, "impossible dates stay unknown"


def test_nobody_is_sent_to_a_private_address(run: Run) -> None:
    assert run.heard == []
    found = stored(run.home)
    assert found[item_id(f"{run.script.base}/moved.html")][2] == "refused"
    assert run.report["sources"]["script"]["refused"] == 2


def test_memory_stays_within_its_limits(run: Run) -> None:
    print(f"{run.seconds:.1f} s, {run.peaks}")
    assert run.peaks.looks > 10
    assert 0 < run.peaks.crawl < MOST_CRAWL_BYTES
    assert 0 < run.peaks.all < MOST_BYTES


def texts_of_stores(home: Path) -> Iterator[tuple[str, str]]:
    """Every text in every database of the home, the index and the captures' headers included."""
    yield from stores.texts(home)
    for path in sorted((home / "index").rglob("*.db")):
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as store:
            tables = [row[0] for row in store.execute("select name from sqlite_master where type = 'table'")]
            for table in tables:
                for row in store.execute(f'select * from "{table}"'):
                    yield from ((f"{path.name} {table}", value) for value in row if isinstance(value, str))


def test_no_script_and_no_file_reaches_the_store(run: Run) -> None:
    assert sum(1 for _ in (run.home / "index").rglob("*.db")) > 0
    for where, text in texts_of_stores(run.home):
        assert not LIVE.search(text), (where, text[:300])
        assert "root:" not in text, where
    for path in run.home.rglob("*"):
        if path.is_file() and not path.is_symlink() and "models" not in path.relative_to(run.home).parts:
            content = path.read_bytes()
            content = gzip.decompress(content) if path.suffix == ".gz" else content
            assert b"root:x:0" not in content, path
    assert not LIVE.search(run.output)


def test_no_script_reaches_a_message(run: Run) -> None:
    files = sorted((run.home / "messages").iterdir())
    assert {path.suffix for path in files} >= {".txt", ".json", ".eml"}
    assert any("Vắc xin sởi" in path.read_text("utf-8") for path in files if path.suffix == ".txt")
    for path in files:
        assert not LIVE.search(path.read_text("utf-8")), path.name


class Page(HTMLParser):
    """What of a page could run, and where it leads."""

    def __init__(self) -> None:
        super().__init__()
        self.live: list[str] = []
        self.links: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self._in_script = tag == "script"
        if tag == "script" and not given.get("src", "").startswith("/static/"):
            self.live.append(f"<script {given}>")
        for name, value in given.items():
            reads = name in {"href", "src", "action", "formaction", "data", "srcdoc"} or name.startswith("hx-")
            if re.fullmatch(r"on\w+", name) or (reads and LIVE.search(value)):
                self.live.append(f"{tag} {name}={value}")
        if tag in {"a", "iframe"}:
            self.links += [given[name] for name in ("href", "src") if name in given]

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.live.append(f"script: {data[:100]}")


@contextmanager
def console(home: Path) -> Iterator[str]:
    """The address of the console over `home`."""
    process = CommandLine(home, {}).start("up", "--no-schedule", "--port", "0")
    try:
        assert process.stderr is not None
        said = next(line for line in process.stderr if "http://" in line)
        yield re.search(r"http://\S+", said)[0]  # type: ignore[index]
    finally:
        process.send_signal(signal.SIGINT)
        finished(process, 30)


def opened(client: httpx.Client, base: str, address: str) -> httpx.Response:
    """A capture, opened by a person with a reason."""
    form = client.get(urljoin(base, "person"))
    token = re.search(r'name="token" value="(\w+)"', form.text)
    assert token
    fields = {"token": token[1], "name": "Trần Bình", "role": "verifier"}
    assert client.post(urljoin(base, "person"), data=fields).status_code == 200
    answer = client.post(address, data={"token": token[1], "reason": "kiểm tra"})
    assert answer.status_code == 200, answer.text[:500]
    return answer


def test_no_script_reaches_a_page_of_the_console(run: Run) -> None:
    seen: dict[str, int] = {}
    with console(run.home) as base, httpx.Client(trust_env=False, timeout=30, follow_redirects=True) as client:
        waiting = [base, urljoin(base, "search?q=vắc xin sởi"), urljoin(base, "sources")]
        waiting += [urljoin(base, f"items/{id}") for id in stored(run.home)]
        while waiting:
            address = waiting.pop().partition("#")[0]
            if address in seen or urlsplit(address).netloc != urlsplit(base).netloc:
                continue
            answer = client.get(address)
            seen[address] = answer.status_code
            assert answer.status_code in {200, 404}, address
            if "html" not in answer.headers["content-type"]:
                continue
            page = Page()
            page.feed(answer.text)
            assert page.live == [], address
            policy = answer.headers["content-security-policy"]
            assert "script-src 'self';" in policy, address
            assert "root:x:0" not in answer.text
            waiting += [urljoin(address, link) for link in page.links]
        captured = [one for one in seen if urlsplit(one).path.endswith("/capture") and seen[one] == 200]
        for address in captured:
            shown = opened(client, base, address)
            assert not LIVE.search(shown.text), address
            assert shown.headers["content-security-policy"].startswith("sandbox;")
    kinds = {urlsplit(address).path.split("/")[1] for address in seen}
    assert {"", "narratives", "items", "search", "sources"} <= kinds
    rumor = item_id(f"{run.script.base}/bai-1.html")
    assert any(rumor in address for address in captured), "a health item's capture can be opened"
