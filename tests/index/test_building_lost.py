"""An index in the making that lost a shard, as when a node is gone for good: what is searched goes on without it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass

import pytest
from elasticsearch import Elasticsearch

from index import elastic_building
from index.elastic_building import Building, given_up
from index.elasticsearch import ElasticsearchIndex
from records.errors import SearchUnavailable
from records.search import SearchQuery
from tests.index.conftest import Make, elasticsearch_at
from tests.support.elasticsearch_node import Running

pytestmark = [pytest.mark.elasticsearch, pytest.mark.timeout(400)]


@dataclass(frozen=True)
class Desk:
    index: ElasticsearchIndex
    admin: Elasticsearch

    def begun_and_lost(self) -> Building:
        """A rebuild at work on an index whose one shard no node may hold."""
        names = self.index._names
        nobody = {"routing.allocation.require._name": "nobody"}
        index = names.index(2)
        self.admin.indices.create(index=index, aliases={names.building: {}}, settings=nobody, wait_for_active_shards=0)
        assert self.admin.cluster.health(index=index)["status"] == "red"
        return Building(self.index._connection, names, index, 0)

    def ids(self) -> list[str]:
        return sorted(hit.id for hit in self.index.search(SearchQuery("")).hits)


@pytest.fixture
def desk(elasticsearch: Running, make: Make, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A live index that holds `a`."""
    monkeypatch.setattr(elastic_building, "_PRIMARIES_SECONDS", 1)
    with ExitStack() as stack:
        index = elasticsearch_at(elasticsearch, stack)()
        assert isinstance(index, ElasticsearchIndex)
        index.put([make("a")])
        yield Desk(index, stack.enter_context(closing(elasticsearch.login.as_admin())))


def test_what_is_searched_is_written_all_the_same(desk: Desk, make: Make) -> None:
    desk.begun_and_lost()
    assert desk.index.state().rebuilding
    assert desk.index.put([make("b")]) == ()
    assert not desk.index.state().rebuilding
    desk.begun_and_lost()
    desk.index.delete([("a", 2)])
    assert desk.ids() == ["b"]
    assert not desk.index.state().rebuilding


def test_what_lacks_a_write_never_takes_over_and_the_next_rebuild_begins_anew(desk: Desk, make: Make) -> None:
    lost = desk.begun_and_lost()
    desk.index.put([make("b")])
    with pytest.raises(SearchUnavailable, match="run `tin3c index rebuild` again"):
        lost.versions_of(["a"])
    with pytest.raises(SearchUnavailable, match="run `tin3c index rebuild` again"):
        lost.take_over()
    assert desk.ids() == ["a", "b"]
    again = desk.index.rebuild()
    again.put([make("a"), make("b"), make("c")])
    again.take_over()
    assert desk.ids() == ["a", "b", "c"]


def test_a_lost_one_does_not_take_over_and_is_not_gone_on_with(desk: Desk, make: Make) -> None:
    lost = desk.begun_and_lost()
    with pytest.raises(SearchUnavailable, match="run `tin3c index rebuild` again"):
        lost.take_over()
    assert desk.ids() == ["a"]
    again = desk.index.rebuild()
    assert not desk.admin.indices.exists(index=lost._index)
    assert again.versions_of(["a"]) == {}
    again.put([make("c")])
    again.take_over()
    assert desk.ids() == ["c"]


def test_one_that_took_over_in_this_moment_is_not_given_up(desk: Desk) -> None:
    names, lost = desk.index._names, desk.begun_and_lost()
    actions = [
        {"add": {"index": lost._index, "alias": names.live}},
        {"remove": {"index": lost._index, "alias": names.building}},
        {"remove": {"index": names.index(1), "alias": names.live}},
    ]
    desk.admin.indices.update_aliases(actions=actions)
    with pytest.raises(SearchUnavailable, match="404"), desk.index._connection.writing() as client:
        given_up(client, names, lost._index)
    assert desk.admin.indices.exists(index=lost._index)
