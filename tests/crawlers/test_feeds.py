"""Feeds, dates and cleaning: everything in them is hostile."""

import time
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawlers.challenge import is_challenge
from crawlers.clean import plain_line, plain_text
from crawlers.dates import parse_date
from crawlers.feeds import read_feed
from crawlers.waiting import back_off_seconds, retry_after_seconds
from crawlers.worker import read_source

NOW = datetime(2026, 8, 20, 2, 0, tzinfo=UTC)
BASE = "https://bao-thu.example/rss"


def read(text, posts=False):
    body = text if isinstance(text, bytes) else text.encode()
    return read_feed(body, BASE, "application/rss+xml", NOW, posts)


def test_scripts_and_odd_links_never_come_through(feed, item):
    bad = "<![CDATA[<script>alert(1)</script><img src=x onerror=alert(2)><a href='javascript:alert(3)'>Tin</a>]]>"
    twice = "&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;Tin hai lần"
    page = read(
        feed(item(bad, "/1", bad), item("x", "javascript:alert(4)"), item(twice, "/2"), item("y", "file:///etc"))
    )
    assert [entry.title for entry in page.entries] == ["Tin", "Tin hai lần"]
    assert page.skipped_entries == 2
    assert page.entries[0].address == "https://bao-thu.example/1"
    for entry in page.entries:
        assert "<" not in entry.title + entry.summary and "alert" not in entry.title + entry.summary


def test_one_entry_for_one_address_with_what_the_others_know(feed, item):
    tails = ("?utm_source=fb&amp;utm_medium=x", "?fbclid=a", "#y", "/", "", "?zarsrc=30")
    page = read(feed(*[item("Một bài", "/bai" + tail, "" if n else "Tóm tắt") for n, tail in enumerate(tails)]))
    assert len(page.entries) == 1 and page.entries[0].summary == "Tóm tắt"


def test_truncated_feed_keeps_its_good_entries(feed, item):
    page = read(
        '<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>' + item("Một", "/1") + "<item><title>H"
    )
    assert [entry.title for entry in page.entries] == ["Một"]


def test_nested_entities_are_harmless_and_quick(item):
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    began = time.monotonic()
    page = read(
        f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a0 "x">{entities}]><rss version="2.0"><channel>'
        f"{item('&a9;', '/1')}{item('Tin thật', '/2')}</channel></rss>"
    )
    assert time.monotonic() - began < 2
    assert page.entries[-1].title == "Tin thật" and all(len(entry.title) < 100 for entry in page.entries)


def test_an_old_code_page_declared_as_utf8_is_read(feed, item):
    written = "Vắc xin phòng bệnh sởi"
    # As windows-1258 writes it: the letter with its circumflex, breve or horn, then the tone.
    body = "".join(
        unicodedata.normalize("NFC", "".join(c for c in unicodedata.normalize("NFD", letter) if c not in "̣̀́̉̃"))
        + "".join(c for c in unicodedata.normalize("NFD", letter) if c in "̣̀́̉̃")
        for letter in feed(item(written, "/1"))
    )
    page = read(body.encode("cp1258"))
    assert page.entries[0].title == written


def test_decomposed_text_is_composed(feed, item):
    page = read(feed(item(unicodedata.normalize("NFD", "Vắc xin sởi hoà tan"), "/1")))
    assert page.entries[0].title == "Vắc xin sởi hòa tan"


def test_full_text_is_taken_and_a_summary_is_not(feed):
    long = "Bộ Y tế khuyến cáo người dân không tự ý dùng thuốc. " * 20
    page = read(
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><item><title>A</title>'
        f"<link>/1</link><description>Ngắn</description><content:encoded><![CDATA[<p>{long}</p>]]></content:encoded>"
        "</item><item><title>B</title><link>/2</link><description>Tóm tắt</description></item></channel></rss>"
    )
    assert page.entries[0].text == long.strip() and page.entries[0].summary == "Ngắn"
    assert page.entries[1].text == ""


def test_a_post_is_its_own_text(feed):
    page = read(
        feed("<item><link>/p/1</link><description>&lt;p&gt;Nghe nói bánh có độc?&lt;/p&gt;</description></item>"), True
    )
    assert page.entries[0].text == page.entries[0].title == "Nghe nói bánh có độc?"


def test_json_feed():
    page = read(
        '{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": [{"url": "/1", "title": "Một", '
        '"content_html": "<p>Ngắn</p>", "date_published": "2026-08-19T08:00:00+07:00"}, {"url": "javascript:x"}, 3]}'
    )
    assert page.entries[0].published == datetime(2026, 8, 19, 1, tzinfo=UTC) and page.skipped_entries == 1
    assert read('{"version": 1}') is None and read("[" * 100_000) is None


def test_what_is_no_feed_is_a_page():
    page = read_source(b"<html><h1>Ba\xcc\x89o tri</h1></html>", BASE, "text/html", NOW, False, None)
    assert not page.is_feed and page.entries == ()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Thu, 13 Aug 2026 09:00:00 +0700", "2026-08-13T02:00:00+00:00"),
        ("Thu, 13 Aug 2026 09:00:00 GMT+7", "2026-08-13T02:00:00+00:00"),
        ("Thu, 13 Aug 2026 09:00:00 GMT", "2026-08-13T09:00:00+00:00"),
        ("2026-08-13T09:00:00Z", "2026-08-13T09:00:00+00:00"),
        ("2026-08-13T09:00:00.1234567+07:00", "2026-08-13T02:00:00.123456+00:00"),
        ("2026-08-13 09:00:00", "2026-08-13T02:00:00+00:00"),
        ("2026-08-13", "2026-08-12T17:00:00+00:00"),
        ("13/08/2026 09:00", "2026-08-13T02:00:00+00:00"),
        ("Thứ năm, 13/8/2026 - 09:00 (GMT+7)", "2026-08-13T02:00:00+00:00"),
        ("09:05 13-08-2026", "2026-08-13T02:05:00+00:00"),
        ("Ngày 13 tháng 8 năm 2026, 2:30 CH", "2026-08-13T07:30:00+00:00"),
        ("08/13/2026 09:00", None),
        ("Mon, 01 Jan 0001 00:00:00 GMT", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None),
        ("hôm qua", None),
        ("", None),
    ],
)
def test_dates(written, expected):
    found = parse_date(written, NOW)
    assert (found.isoformat() if found else None) == expected


@given(st.text())
def test_no_text_breaks_the_date_parser(written):
    parse_date(written, NOW)


@given(st.text(alphabet="<>&;/ltgamp script=\"'x#60!?-"))
def test_no_tag_comes_back_to_life(markup):
    text = plain_text(markup)
    assert plain_text(text) == text or "<" not in text
    assert "<script" not in text.lower()


def test_plain_text_keeps_paragraphs_and_signs():
    assert plain_text("<p>Sốt &gt; 39 độ</p><p>Đi khám<br>ngay</p>") == "Sốt > 39 độ\nĐi khám\nngay"
    assert plain_line("Tỷ lệ < 5 % & giảm") == "Tỷ lệ < 5 % & giảm"


def test_challenges():
    assert is_challenge("<html><script>document.cookie='D=a';location.reload()</script></html>")
    assert is_challenge("<title>Just a moment...</title><div id=cf-wrapper></div>")
    assert is_challenge("<form>Vui lòng nhập captcha</form>")
    assert not is_challenge("<html><body><h1>Bảo trì hệ thống</h1></body></html>")
    assert not is_challenge("<article>" + "Bài viết nói về captcha và cách dùng. " * 100 + "</article>")
    assert not is_challenge("User-agent: *\nDisallow: /captcha/")


def test_waiting():
    assert retry_after_seconds("7", NOW) == 7
    assert retry_after_seconds("Thu, 20 Aug 2026 02:01:00 GMT", NOW) == 60
    assert retry_after_seconds("Thu, 20 Aug 2020 02:01:00 GMT", NOW) == 0
    assert retry_after_seconds("soon", NOW) is None and retry_after_seconds(None, NOW) is None
    assert 4 <= back_off_seconds(2) <= 5
