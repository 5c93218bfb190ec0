"""The crawl as a whole, on a site of our own."""

import gzip
import itertools
import socket
import time

from records.crawl import FetchState, PageTask
from records.item import Fate
from records.source import SourceKind, SourceState

ARTICLE = (
    "<html><head><title>Sở Y tế nói về nước súc miệng | Báo thử</title>"
    '<meta property="article:published_time" content="2026-08-19T08:00:00+07:00"></head><body><nav>Trang chủ</nav>'
    "<article><h1>Sở Y tế nói về nước súc miệng</h1>"
    "<p>Nước súc miệng không chữa được cúm, Sở Y tế cho biết sáng nay.</p>"
    "</article></body></html>"
)
CHALLENGE = "<html><script>document.cookie='k=1';location.reload()</script></html>"


def redirect(to):
    return lambda handler: handler.answer("", status=302, Location=to)


def endless(handler):
    handler.send_response(200)
    handler.send_header("Connection", "close")
    handler.end_headers()
    while True:
        handler.wfile.write(b"<p>x</p>" * 8192)


#: 60 MB of blanks. Packed beforehand: on a busy machine that takes longer than a crawl waits.
BOMB = gzip.compress(b" " * 60_000_000, 6)


def bomb(handler):
    handler.answer(BOMB, Content_Encoding="gzip")


def drip(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "600")
    handler.end_headers()
    while True:
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.3)


def cut(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(b"<rss><channel>")
    handler.close_connection = True


def test_each_fault_has_its_state_and_nothing_private_is_asked(site, new_site, crawled, source, feed, item):
    private = new_site()
    port = private.base.rpartition(":")[2]
    at = site.base
    site.routes |= {
        "/good": feed(
            item("Tin đồn về vắc xin", "/bai/1", "Tóm tắt"),
            item("Bài riêng", f"{private.base}/lộ"),
            item("Ảnh", "/anh"),
        ),
        "/bai/1": ARTICLE,
        "/anh": lambda h: h.answer(b"\x89PNG", kind="image/png"),
        "/challenge": CHALLENGE,
        "/challenge403": lambda h: h.answer("<title>Just a moment...</title>", status=403),
        "/forbidden": lambda h: h.answer("cấm", status=403),
        "/gone": lambda h: h.answer("hết", status=410),
        "/broken": lambda h: h.answer("hỏng", status=500),
        "/busy": lambda h: h.answer("bận", status=503, Retry_After="700"),
        "/page": "<html><body><h1>Bảo trì</h1></body></html>",
        "/empty": feed(),
        "/cut": cut,
        "/endless": endless,
        "/bomb": bomb,
        "/drip": drip,
        "/hang": lambda h: time.sleep(4),
        "/loop": redirect(f"{at}/loop"),
        "/to-private": redirect(f"{private.base}/x"),
        "/to-odd": redirect(f"http://0x7f.1:{port}/x"),
        "/to-decimal": redirect(f"http://2130706433:{port}/x"),
        "/to-mapped": redirect(f"http://[::ffff:127.0.0.1]:{port}/x"),
        "/to-name": redirect(f"http://localhost:{port}/x"),
        "/to-metadata": redirect("http://169.254.169.254/latest/meta-data/"),
        "/to-file": redirect("file:///etc/passwd"),
        "/cookie": lambda h: h.answer(feed(item("Một", "/bai/1")), Set_Cookie="a=b"),
    }
    names = [path for path in site.routes if path not in ("/bai/1", "/anh")]
    result = crawled([source(at + path) for path in names], largest_body_bytes=3_000_000)
    states = {name: reading.state for name, reading in result.sources.items()}
    S = SourceState
    assert states == {
        "good": S.WORKING, "challenge": S.CHALLENGE, "challenge403": S.CHALLENGE, "forbidden": S.REFUSED,
        "gone": S.FAILING, "broken": S.FAILING, "busy": S.FAILING, "page": S.NOT_A_FEED, "empty": S.EMPTY,
        "cut": S.FAILING, "endless": S.FAILING, "bomb": S.FAILING, "drip": S.FAILING, "hang": S.FAILING,
        "loop": S.FAILING, "to-private": S.REFUSED, "to-odd": S.REFUSED, "to-decimal": S.REFUSED,
        "to-mapped": S.REFUSED, "to-name": S.REFUSED, "to-metadata": S.REFUSED, "to-file": S.REFUSED,
        "cookie": S.WORKING,
    }  # fmt: skip
    assert private.log == []
    assert "700 s" in result.sources["busy"].detail
    assert "limit" in result.sources["bomb"].detail and "limit" in result.sources["endless"].detail
    assert "too long" in result.sources["drip"].detail
    assert "too often" in result.sources["loop"].detail
    page = result.pages[f"{at}/bai/1"]
    assert page.title == "Sở Y tế nói về nước súc miệng"
    assert page.text == "Nước súc miệng không chữa được cúm, Sở Y tế cho biết sáng nay."
    assert page.published.isoformat() == "2026-08-19T01:00:00+00:00"
    fates = {address: failure.fate for address, failure in result.failures.items()}
    assert fates == {f"{private.base}/lộ": Fate.REFUSED, f"{at}/anh": Fate.UNREADABLE}
    assert {agent for _, _, agent in site.log} == {"Tin3C/0.1 (test; mail@example.vn)"}
    assert site.paths()[0] == "/robots.txt" and site.paths().count("/robots.txt") == 1
    assert result.peak_bytes < 500_000_000


def test_robots_are_obeyed_as_designed(new_site, crawled, source, feed, item):
    answers = {
        "missing": None,
        "gone": lambda h: h.answer("", status=410),
        "teapot": lambda h: h.answer("", status=418),
        "forbidden": lambda h: h.answer("", status=403),
        "login": lambda h: h.answer("", status=401),
        "limited": lambda h: h.answer("", status=429),
        "broken": lambda h: h.answer("", status=500),
        "hang": lambda h: time.sleep(4),
        "huge": b"#" * 600_000,
        "challenge": CHALLENGE,
        "denied": "User-agent: *\nDisallow: /tin\n",
        "denied-to-us": "User-agent: tin3c\nDisallow: /\n\nUser-agent: *\nAllow: /\n",
        "allowed": "User-agent: *\nDisallow: /private/\n",
    }
    sites, sources = {}, []
    for name, robots in answers.items():
        sites[name] = site = new_site()
        site.routes |= {"/tin": feed(item("Một tin", "/x", "tóm tắt"))} | ({"/robots.txt": robots} if robots else {})
        sources.append(source(f"{site.base}/tin", name))
    elsewhere = new_site()
    elsewhere.routes["/robots.txt"] = "User-agent: *\nDisallow: /"
    sites["missing"].routes["/moved"] = redirect(f"{elsewhere.base}/tin")
    sources += [source(f"{sites['missing'].base}/moved", "moved"), source(f"{elsewhere.base}/other", "typed")]
    result = crawled(sources, with_pages=False)
    working = {name for name, reading in result.sources.items() if reading.state is SourceState.WORKING}
    assert working == {"missing", "gone", "teapot", "allowed"}
    assert {one.state for name, one in result.sources.items() if name not in working} == {SourceState.REFUSED}
    assert "robots.txt answered 403" in result.sources["forbidden"].detail
    assert "too long" in result.sources["hang"].detail
    assert "does not allow" in result.sources["denied"].detail
    assert elsewhere.paths() == ["/robots.txt"]
    for name in answers.keys() - working:
        assert set(sites[name].paths()) == {"/robots.txt"}, name


def test_a_host_that_is_not_there_fails_and_refuses_nothing(site, crawled, source, feed, item):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # and never listens
        dead = f"http://127.0.0.1:{held.getsockname()[1]}"
        site.routes["/tin"] = feed(item("Một tin", f"{dead}/bai"))
        sources = [source(f"{dead}/tin", "dead"), source("http://khong-co.invalid/tin", "nobody")]
        sources.append(source(f"{site.base}/tin", "leads there"))
        task = PageTask("page", "dead", f"{dead}/bai")
        result = crawled(sources, due=(task,))
    assert result.sources["dead"].state is result.sources["nobody"].state is SourceState.FAILING
    assert result.sources["dead"].detail == "the connection was refused"
    assert result.sources["nobody"].detail == "the host's name is unknown"
    failure = result.failures["page"]
    assert (failure.fate, failure.permanent) == (Fate.FAILED, False)


def test_a_host_is_asked_once_in_a_delay_and_its_crawl_delay_is_kept(new_site, crawled, source, feed, item):
    plain, slow = new_site(), new_site()
    slow.routes["/robots.txt"] = "User-agent: *\nCrawl-delay: 0.9\n"
    for site in (plain, slow):
        site.routes |= {"/tin": feed(item("A", "/1"), item("B", "/2")), "/1": ARTICLE, "/2": ARTICLE}
    began = time.monotonic()
    crawled([source(f"{plain.base}/tin", "plain"), source(f"{slow.base}/tin", "slow")], delay_seconds=0.4)
    assert time.monotonic() - began < 30
    for site, delay in ((plain, 0.4), (slow, 0.9)):
        moments = [moment for moment, _, _ in site.log]
        assert site.paths()[:2] == ["/robots.txt", "/tin"] and len(moments) == 4
        # A request leaves on time; its arrival is what the server's clock sees.
        assert min(after - before for before, after in itertools.pairwise(moments)) > delay - 0.1


def test_retries_follow_retry_after_and_only_transient_errors_are_retried(site, crawled, source, feed, item):
    tries = {"count": 0}

    def limited(handler):
        tries["count"] += 1
        if tries["count"] < 3:
            handler.answer("", status=429, Retry_After="1")
        else:
            handler.answer(feed(item("Một tin", "/x", "tóm tắt")))

    site.routes |= {"/limited": limited, "/forbidden": lambda h: h.answer("", status=403)}
    result = crawled(
        [source(f"{site.base}/{n}") for n in ("limited", "forbidden", "missing")], retries=2, with_pages=False
    )
    assert result.sources["limited"].state is SourceState.WORKING
    assert site.paths().count("/forbidden") == site.paths().count("/missing") == 1
    moments = [moment for moment, path, _ in site.log if path == "/limited"]
    assert min(after - before for before, after in itertools.pairwise(moments)) > 0.9


def test_what_has_not_changed_is_asked_conditionally_and_not_parsed(site, crawled, source, feed, item):
    body = feed(item("Một tin", "/x", "tóm tắt"))

    def tagged(handler):
        if handler.headers.get("If-None-Match") == '"v1"':
            handler.answer("", status=304, ETag='"v1"')
        else:
            handler.answer(body, ETag='"v1"')

    site.routes |= {"/tagged": tagged, "/same": body, "/bai": ARTICLE, "/trang": CHALLENGE}
    sources = [source(f"{site.base}/{name}") for name in ("tagged", "same", "trang")]
    due = PageTask("bai", "same", f"{site.base}/bai")
    first = crawled(sources, with_pages=False, due=(due,))
    assert {one.state for one in first.sources.values()} == {SourceState.WORKING, SourceState.CHALLENGE}
    states = tuple(one.fetch for one in first.sources.values())
    again = PageTask("bai", "same", due.address, fetch=first.pages["bai"].fetch)
    second = crawled(sources, with_pages=False, states=states, due=(again,))
    S = SourceState
    assert {name: one.state for name, one in second.sources.items()} == {
        "tagged": S.UNCHANGED, "same": S.UNCHANGED, "trang": S.CHALLENGE}  # fmt: skip
    assert second.sources["tagged"].fetch.body_sha256 == first.sources["tagged"].fetch.body_sha256
    assert second.pages["bai"].unchanged and second.pages["bai"].text == ""
    assert isinstance(second.pages["bai"].fetch, FetchState)


def test_the_run_limit_ends_the_crawl_and_says_so(new_site, crawled, source):
    sites = [new_site() for _ in range(2)]
    for site in sites:
        site.routes["/hang"] = lambda h: time.sleep(3)
    # One worker a host: the second source of a host waits behind the first.
    sources = [source(f"{site.base}/hang", f"{n}{part}") for n, site in enumerate(sites) for part in "ab"]
    result = crawled(sources, delay_seconds=0.1, run_limit_seconds=1.5, timeout_seconds=30.0)
    assert {one.state for one in result.sources.values()} == {SourceState.FAILING}
    assert len(result.sources) == 4
    assert "time limit" in result.sources["0b"].detail


def test_a_listing_page_is_read_for_its_articles(site, crawled, source):
    links = "".join(
        f'<h3><a href="/bai-viet-{n}-123450{n}.html">Bài viết số {n} về tin đồn y tế</a></h3>' for n in range(6)
    )
    menu = '<nav><a href="/suc-khoe.html">Sức khỏe và đời sống hôm nay</a></nav>'
    site.routes |= {"/list": f"<html><body>{menu}{links}</body></html>"}
    site.routes |= {f"/bai-viet-{n}-123450{n}.html": ARTICLE for n in range(6)}
    result = crawled([source(f"{site.base}/list", kind=SourceKind.LISTING)])
    assert [entry.title for entry in result.sources["list"].entries] == [
        f"Bài viết số {n} về tin đồn y tế" for n in range(6)
    ]
    assert len(result.pages) == 6
