"""Feeds of comments: each comment is a piece of its own, with the title of what it stands under."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawlers.comments import CommentsFeed, named_in
from crawlers.feeds import read_feed
from records.address import item_id
from records.item import Entry

NOW = datetime(2026, 8, 20, 2, 0, tzinfo=UTC)
ARTICLE = "Lá đu đủ chữa sốt xuất huyết?"


def read(body: str, address: str, posts: bool = False) -> tuple[Entry, ...]:
    page = read_feed(body.encode(), address, "application/rss+xml", NOW, posts)
    assert page is not None
    return page.entries


def rss(title: str, *items: str) -> str:
    namespaces = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    channel = f"<channel><title>{title}</title>{''.join(items)}</channel>"
    return f'<?xml version="1.0"?><rss version="2.0" {namespaces}>{channel}</rss>'


def comment(title: str, number: int, text: str = "Nhà mình uống rồi, không khỏi.") -> str:
    return (
        f"<item><title>{title}</title><link>https://bao.example/bai/#comment-{number}</link>"
        f"<dc:creator>Lan</dc:creator><description>{text}</description></item>"
    )


@pytest.mark.parametrize(
    ("feed_title", "entry_title", "address"),
    [
        ("Comments for Báo Thử", f"Comment on {ARTICLE} by Lan", "https://bao.example/comments/feed/"),
        ("Bình luận cho Báo Thử", f"Bình luận về {ARTICLE} bởi Lan", "https://bao.example/comments/feed/"),
        (f"Comments on: {ARTICLE}", "By: Lan", "https://bao.example/bai/feed/"),
        (f"Bình luận về: {ARTICLE}", "Bởi: Lan", "https://bao.example/bai/feed/"),
        ("Báo Thử", f"Trả lời: {ARTICLE}", "https://bao.example/?feed=comments-rss2"),
    ],
)
def test_a_comment_stands_under_its_article(feed_title: str, entry_title: str, address: str) -> None:
    entries = read(rss(feed_title, comment(entry_title, 1), comment(entry_title, 2, "Nên đi khám.")), address)
    assert [entry.context for entry in entries] == [ARTICLE, ARTICLE]
    assert [entry.text for entry in entries] == ["Nhà mình uống rồi, không khỏi.", "Nên đi khám."]
    assert not any("Lan" in entry.title for entry in entries), "whose it is stands in no title"
    page = item_id("https://bao.example/bai/")
    assert len({page, *(item_id(entry.address) for entry in entries)}) == 3, "comments and article are three pieces"


def test_a_reply_names_what_it_answers() -> None:
    body = (
        '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"'
        ' xmlns:thr="http://purl.org/syndication/thread/1.0"><title>Blog</title><entry><id>tag:1</id>'
        '<title>Nhà mình</title><link rel="alternate" href="https://b.example/bai.html?showComment=1#c1"/>'
        '<content type="html">Nhà mình uống rồi.</content>'
        '<thr:in-reply-to href="https://b.example/bai.html" ref="tag:b"/></entry></feed>'
    )
    (entry,) = read(body, "https://b.example/feeds/posts/default")
    assert (entry.parent, entry.context, entry.text) == ("https://b.example/bai.html", "", "Nhà mình uống rồi.")
    hostile = body.replace("https://b.example/bai.html&quot;", "").replace(
        'href="https://b.example/bai.html"', 'href="javascript:x"'
    )
    assert read(hostile, "https://b.example/feeds/posts/default")[0].parent == ""


def test_replies_in_forums_name_their_thread() -> None:
    link = "<link>https://d.example/p/1</link><description>Có nhé</description>"
    item = f"<item><title>Mẹ và Bé • Re: {ARTICLE}</title>{link}</item>"
    (entry,) = read(rss("Diễn đàn", item), "https://d.example/feed", posts=True)
    assert (entry.context, entry.text) == (ARTICLE, "Có nhé")
    assert named_in(f"/u/lan on {ARTICLE}", False) == named_in(f"RE: Re: {ARTICLE}", False) == ARTICLE


@pytest.mark.parametrize("title", ["Bình luận", "Bình luận quốc tế - Báo Thử", "Báo Thử | Bình luận trong ngày"])
def test_a_section_of_opinions_is_no_feed_of_comments(title: str) -> None:
    assert CommentsFeed.of(title, "https://bao.example/rss/binh-luan.rss") is None
    piece = "<item><title>Trả lời: có nên tiêm?</title><link>/1</link><description>Bác sĩ nói.</description></item>"
    (entry,) = read(rss(title, piece), "https://bao.example/rss")
    assert (entry.title, entry.context, entry.text) == ("Trả lời: có nên tiêm?", "", "")


def test_the_post_that_begins_a_thread_is_a_piece_and_keeps_its_title() -> None:
    base = "https://www.reddit.com/r/vietnam/comments/1abc/la_du_du/"
    post = f"<item><title>{ARTICLE}</title><link>{base}</link><description>Có ai thử chưa?</description></item>"
    reply = f"<item><title>/u/lan on {ARTICLE}</title><link>{base}k1/</link><description>Đừng.</description></item>"
    first, second = read(rss(f"{ARTICLE} : vietnam", post, reply), f"{base}.rss")
    assert (first.title, first.context, first.text) == (ARTICLE, "", "")
    assert (second.title, second.context, second.text) == ("Đừng.", ARTICLE, "Đừng.")


@pytest.mark.parametrize("title", ["Dịch sởi lan rộng", "Từ 1/9 tiêm miễn phí", "Bình luận: đừng sợ vắc-xin"])
def test_a_section_that_is_called_comments_holds_articles(title: str) -> None:
    piece = f"<item><title>{title}</title><link>/comments/1.html</link><description>Bác sĩ nói.</description></item>"
    (entry,) = read(rss("Báo Thử", piece), "https://bao.example/comments/rss")
    assert (entry.title, entry.context, entry.text) == (title, "", ""), "its text is on its page"


def test_a_comment_that_names_nothing_is_one_by_its_place_on_the_page() -> None:
    (entry,) = read(rss("Báo Thử", comment("Lan", 1)), "https://bao.example/comments/feed/")
    assert (entry.title, entry.context, entry.text) == (
        "Nhà mình uống rồi, không khỏi.",
        "",
        "Nhà mình uống rồi, không khỏi.",
    )
