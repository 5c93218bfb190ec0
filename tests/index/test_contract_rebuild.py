"""The contract of every engine: a new index is made beside the one that is searched, and takes its place at once."""

from __future__ import annotations

from records.search import SearchQuery


def test_a_new_index_takes_over_in_every_object(open_index, make):
    index, other = open_index(), open_index()
    index.put([make("old", "cũ"), make("kept", "cũ")])
    assert [one.search(SearchQuery("cũ")).total for one in (index, other)] == [2, 2]
    build = index.rebuild()
    assert index.state().rebuilding
    build.put([make("kept", "mới")])
    assert index.search(SearchQuery("cũ")).total == 2  # searched throughout
    other.put([make("meanwhile", "trong lúc đó", version=3)])
    other.delete([("gone", 4)])
    build.put([make("meanwhile", "đã cũ", version=2), make("gone", "đã xóa", version=4 - 1)])
    build.take_over()
    build.close()
    for one in (index, other):
        assert not one.state().rebuilding
        assert {(hit.id, hit.title) for hit in one.search(SearchQuery("")).hits} == {
            ("kept", "mới"),
            ("meanwhile", "trong lúc đó"),
        }
    index.put([make("after", "sau", version=1)])
    assert index.count() == 3


def test_a_rebuild_that_was_cut_off_goes_on(open_index, make):
    first = open_index()
    first.put([make("a", "cũ")])
    assert first.count() == 1
    build = first.rebuild()
    build.put([make("b", "mới", version=2)])
    build.close()
    first.close()
    second = open_index()
    assert second.search(SearchQuery("")).total == 1
    again = second.rebuild()
    assert again.versions_of(["a", "b"])["b"].version == 2
    assert "a" not in again.versions_of(["a", "b"])
    again.take_over()
    again.close()
    assert [hit.id for hit in second.search(SearchQuery("")).hits] == ["b"]


def test_a_rebuild_may_be_given_up(open_index, make):
    index = open_index()
    index.put([make("a", "cũ")])
    build = index.rebuild()
    build.put([make("b", "mới")])
    build.discard()
    assert not index.state().rebuilding
    index.put([make("c", "sau")])
    assert index.count() == 2
    assert index.rebuild().versions_of(["b"]) == {}
