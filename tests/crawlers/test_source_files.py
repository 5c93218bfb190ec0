"""Lists of sources in files, and the known sources."""

from dataclasses import replace

import pytest

from crawlers import suggested_sources
from crawlers.source_files import Change, plan, read_sources, source_id, to_opml, to_toml
from records.errors import InputError
from records.source import Owner, Source, SourceKind

SOURCES = (
    Source("bao-thu", "Báo thử", "https://bao-thu.example/rss", SourceKind.FEED, Owner.PRESS, region="Lạng Sơn"),
    Source(
        id="kenh",
        name="Kênh <thử>",
        address="https://www.youtube.com/@thu",
        kind=SourceKind.FEED,
        owner=Owner.SOCIAL,
        feed_address="https://www.youtube.com/feeds/videos.xml?channel_id=UC1",
        platform="youtube",
        enabled=True,
        prominent=True,
        every_minutes=5,
        note='Có "nháy"\nvà dòng mới',
    ),
    Source("cong", "Cổng", "https://so-y-te.example/tin", SourceKind.LISTING, Owner.OFFICIAL, link_pattern=r"/tin/\d+"),
)


def test_toml_keeps_everything():
    assert read_sources(to_toml(SOURCES).encode()) == SOURCES


def test_opml_keeps_what_opml_knows():
    read = read_sources(to_opml(SOURCES).encode())
    for before, after in zip(SOURCES, read, strict=True):
        assert (after.name, after.read_address, after.kind, after.owner, after.region, after.platform) == (
            before.name,
            before.read_address,
            before.kind,
            before.owner,
            before.region,
            before.platform,
        )
        assert not after.enabled
    known = read_sources(to_opml(SOURCES).encode(), SOURCES)
    assert {one.change for one in plan(known, SOURCES)} == {Change.UNCHANGED}


def test_plan_tells_new_from_changed():
    new = Source("x", "X", "https://x.example/rss", SourceKind.FEED, Owner.PRESS)
    changed = replace(SOURCES[0], id="other-id", name="Tên khác")
    assert [(one.change, one.source.id) for one in plan((new, changed, SOURCES[2]), SOURCES)] == [
        (Change.NEW, "x"),
        (Change.CHANGED, "bao-thu"),
        (Change.UNCHANGED, "cong"),
    ]


BOMB = '<!DOCTYPE o [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><opml><body><outline text="&b;" xmlUrl="https://x.example"/></body></opml>'


@pytest.mark.parametrize(
    "data",
    [
        "",
        "không phải TOML",
        "[[source]]\nname = 'x'",
        "[[source]]\nname='x'\naddress='file:///etc/passwd'\nkind='feed'\nowner='press'",
        "[[source]]\nname='x'\naddress='https://x.example'\nkind='feed'\nowner='nobody'",
        "[[source]]\nname='x'\naddress='https://x.example'\nkind='feed'\nowner='press'\nenabeld=true",
        "[[source]]\nname='x'\naddress='https://x.example'\nkind='listing'\nowner='press'\nlink_pattern='('",
        "[other]\nx=1",
        "<opml><body><outline text='x' xmlUrl='javascript:alert(1)'/></body></opml>",
        "<opml><body/></opml>",
        "<html></html>",
        "<opml>",
        BOMB,
        BOMB.replace('"x"', 'SYSTEM "file:///etc/passwd"'),
    ],
)
def test_hostile_and_broken_files_are_refused(data):
    with pytest.raises(InputError):
        read_sources(data.encode())


def test_the_known_sources_are_off_and_those_of_other_provinces_are_left_out():
    everywhere, here = suggested_sources(), suggested_sources("lạng sơn")
    assert {one.id for one in here} - {one.id for one in everywhere} == {"baolangson", "langsontv"}
    assert not any(one.enabled for one in here)
    assert len({one.id for one in here}) == len(here) > 15
    assert source_id("https://www.bao-thu.example/a") == source_id("http://bao-thu.example/a/")
