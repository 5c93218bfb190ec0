"""Articles, listings, social addresses, the guard's rules, and the parsing workers."""

import asyncio
from datetime import UTC, datetime

import pytest

from crawlers.guard import Guard
from crawlers.listings import read_listing
from crawlers.pages import as_tree
from crawlers.parsing import Parsers, ParsingFailed
from crawlers.social import feed_of, platform_of
from crawlers.worker import read_page, read_source

NOW = datetime(2026, 8, 20, 2, 0, tzinfo=UTC)
SENTENCE = "Người dân được khuyên tiêm vắc xin sởi đủ hai mũi theo lịch của trạm y tế xã. "


def article(page):
    return read_page(page.encode(), "https://bao-thu.example/bai-1", "text/html; charset=utf-8", NOW)


def test_the_article_and_not_the_menu():
    menu = "".join(f"<li><a href='/m{n}'>Mục lục số {n}</a></li>" for n in range(9))
    paragraphs = "".join(f"<p>Xã thứ {n}. {SENTENCE}</p>" for n in range(9))
    found = article(
        f"<html><head><title>Tiêm vắc xin sởi | Báo thử</title><meta property='og:title' content='Tiêm vắc xin sởi'>"
        '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2026-08-19T08:00:00+07:00", '
        '"author": [{"name": "Lê Thử"}]}</script></head>'
        f"<body><header>Đầu trang</header><ul>{menu}</ul><article><h1>Tiêm vắc xin sởi</h1><ul>{menu}</ul>"
        f"{paragraphs}</article><footer>Chân trang báo thử</footer></body></html>"
    )
    assert found.title == "Tiêm vắc xin sởi" and found.author == "Lê Thử"
    assert found.published == datetime(2026, 8, 19, 1, tzinfo=UTC)
    assert found.text.count("trạm y tế xã") == 9
    assert "Mục lục" not in found.text and "trang" not in found.text


def test_a_page_of_one_sentence_is_text_and_an_empty_one_is_none():
    body = "<body><nav>Trang chủ · Sức khỏe</nav><article><h1>Tin ngắn</h1><p>Một câu.</p></article><footer>x</footer>"
    assert article(body).text == "Một câu."
    assert article("<body></body>").text == "" and article("").text == ""


WRITTEN = f"<html><head><title>Tin</title></head><article><h1>Tin đồn</h1><p>{SENTENCE}</p></article></html>"


@pytest.mark.parametrize(
    "body",
    [
        WRITTEN.encode("utf-8-sig"),
        WRITTEN.encode("utf-16"),
        WRITTEN.encode("utf-16-le"),
        WRITTEN.encode("utf-16-be"),
        WRITTEN.encode("utf-32"),
        WRITTEN.replace("<head>", "<head><meta charset='utf-16'>").encode(),
        WRITTEN.replace("Tin đồn", "Tin \x00\x01đồn").encode(),
    ],
    ids=["mark", "utf-16", "utf-16-le unmarked", "utf-16-be unmarked", "utf-32", "untrue declaration", "stray control"],
)
def test_a_page_is_read_in_the_letters_that_it_is_written_in(body):
    assert read_page(body, "https://bao-thu.example/bai-1", "", NOW).text == SENTENCE.strip()


def test_the_old_vietnamese_code_page_is_known_undeclared():
    body = "<article><h1>Tin</h1><p>Sô ca mắc tăng ơ vùng núi.</p></article>".replace("ắ", "ă\u0301").encode("cp1258")
    assert read_page(body, "https://bao-thu.example/bai-1", "", NOW).text == "Sô ca mắc tăng ơ vùng núi."


@pytest.mark.parametrize(
    "body",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
        b"%PDF-1.7\n1 0 obj <</Type>> text",
        b"\0" * 500,
        bytes(range(32)) * 9,
    ],
)
def test_a_file_of_another_kind_has_no_text(body):
    assert read_page(body, "https://bao-thu.example/bai-1", "text/html", NOW).text == ""
    assert not read_source(body, "https://bao-thu.example/", "text/html", NOW, False, None).entries


def test_nothing_at_all_is_no_source():
    assert not read_source(b"", "https://bao-thu.example/", "text/html", NOW, False, None).is_feed


def test_a_date_is_never_guessed_from_the_text():
    assert article(f"<article><h1>Tin</h1><p>Ngày 13/08/2026. {SENTENCE * 9}</p></article>").published is None


def links(*pairs):
    return as_tree("<body>" + "".join(f"<h3><a href='{href}'>{text}</a></h3>" for href, text in pairs) + "</body>")


def test_listing_links():
    good = [(f"/xa-hoi/bai-viet-{n}-20260819{n}.htm", f"Một bài viết về dịch sởi số {n}") for n in range(6)]
    bad = [
        ("/suc-khoe.htm", "Tin tức sức khỏe mới nhất trong ngày"),
        ("/chu-de/mot-chu-de-rat-dai-ve-tiem-chung-mo-rong-12345.htm", "Một chủ đề rất dài về tiêm chủng"),
        ("https://noi-khac.example/bai-1234567.htm", "Một bài viết ở một trang khác hẳn"),
        ("javascript:void(0)", "Một liên kết không phải là bài viết"),
        ("/bai-1234567.htm", "Xem"),
        ("/list", "Chính trang danh sách này, một lần nữa"),
    ]
    page = read_listing(links(*bad[:3], *good, *good, *bad[3:]), "https://bao-thu.example/list")
    assert [entry.address.rpartition("bao-thu.example")[2] for entry in page.entries] == [href for href, _ in good]


def test_listing_without_numbers_goes_by_long_slugs_and_a_pattern_goes_before():
    slug = "/tin-tuc/khuyen-cao-phong-chong-dich-soi-cho-tre-em"
    tree = links(
        (slug, "Khuyến cáo phòng chống dịch sởi cho trẻ em"), ("/x/ngan", "Một trang khác, có tên dài hẳn hoi")
    )
    at = "https://so-y-te.example/"
    assert [entry.address for entry in read_listing(tree, at).entries] == [f"https://so-y-te.example{slug}"]
    assert [entry.address for entry in read_listing(tree, at, r"/x/").entries] == ["https://so-y-te.example/x/ngan"]


@pytest.mark.parametrize(
    ("address", "platform", "feed"),
    [
        (
            "https://www.youtube.com/channel/UCabcdefghijklmnopqrstuv",
            "youtube",
            "https://www.youtube.com/feeds/videos.xml?channel_id=UCabcdefghijklmnopqrstuv",
        ),
        ("https://www.youtube.com/@soyte", "youtube", None),
        ("https://mastodon.example/@soyte", "mastodon", "https://mastodon.example/@soyte.rss"),
        ("https://bsky.app/profile/soyte.example", "bluesky", "https://bsky.app/profile/soyte.example/rss"),
        ("https://bao-thu.example/@", "web", None),
    ],
)
def test_social_pages(address, platform, feed):
    assert (platform_of(address), feed_of(address)) == (platform, feed)


def test_guard_allows_public_addresses_and_exactly_what_was_typed():
    guard = Guard(["http://127.0.0.1:8000/feed", "http://Báo-Thử.example./x"])
    assert guard.allows("127.0.0.1", 8000, "127.0.0.1")
    assert guard.allows("báo-thử.example".encode("idna").decode(), 80, "10.0.0.1")
    assert guard.allows("bao.example", 80, "203.162.0.11") and not guard.refused("http://bao.example/")
    for ip in (
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "::1",
        "fe80::1",
        "::ffff:10.0.0.1",
        "0.0.0.0",
        "",
    ):
        assert not guard.allows("bao.example", 8001, ip)
    assert not guard.allows("127.0.0.1", 8001, "127.0.0.1")
    assert guard.refused("http://bao.example:8001/")


def test_a_page_that_takes_too_long_is_given_up_and_the_next_is_read():
    # Nested so deep, and so long, that no parser is done with it within a blink.
    slow = ("<div><p><table>" * 100_000).encode()
    good = f"<article><h1>Tin</h1><p>{SENTENCE}</p></article>".encode()

    async def both():
        parsers = Parsers(limit_seconds=0.05, workers=1)
        try:
            with pytest.raises(ParsingFailed, match="longer than"):
                await parsers.article(slow, "https://x.example/1", "", NOW)
            parsers._limit_seconds = 20
            return await parsers.article(good, "https://x.example/2", "", NOW)
        finally:
            await parsers.close()

    assert asyncio.run(both()).text == SENTENCE.strip()
