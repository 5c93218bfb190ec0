"""What only a cluster can do to us: not trusted, not let in, busy, killed in the middle of a bulk write."""

from __future__ import annotations

import secrets
import threading
import time
from contextlib import ExitStack, closing
from dataclasses import replace

import pytest

from index.elastic_connection import Access
from index.elasticsearch import ElasticsearchIndex, Layout
from records.errors import SearchUnavailable
from records.search import SearchQuery
from tests.index.conftest import elasticsearch_at
from tests.support.busy_cluster import BusyCluster

pytestmark = [pytest.mark.elasticsearch, pytest.mark.timeout(400)]


@pytest.fixture
def access(elasticsearch):
    login = elasticsearch.login
    return Access(login.addresses, login.user, login.password, ca_file=login.ca_file)


def test_a_certificate_of_somebody_else_is_not_trusted(access):
    if access.ca_file is None:
        pytest.skip("this cluster's certificate is of a known authority")
    with closing(ElasticsearchIndex(replace(access, ca_file=None))) as index:
        with pytest.raises(SearchUnavailable, match="not one that we trust"):
            index.count()
        assert not index.reachable()


def test_a_wrong_password_is_named_and_not_shown(access):
    with closing(ElasticsearchIndex(replace(access, password="sai-mật-khẩu"))) as index:
        with pytest.raises(SearchUnavailable, match="refuses our user") as refused:
            index.count()
        assert "sai-mật-khẩu" not in str(refused.value) + repr(access)


def test_what_the_engine_refuses_comes_back_with_its_reason(elasticsearch, make):
    with ExitStack() as stack:
        index = elasticsearch_at(elasticsearch, stack)()
        rejected = index.put([make("good"), make("long", "tên riêng", source_id="y" * 40_000), make("x" * 600)])
        assert [one.id for one in rejected] == ["long", "x" * 600]
        assert "source_id" in rejected[0].reason and "yyy" not in rejected[0].reason
        assert index.count() == 1


@pytest.mark.parametrize("replicas", [0, 1])
def test_an_index_has_as_many_replicas_as_were_asked_for(elasticsearch, make, replicas):
    with ExitStack() as stack:
        index = elasticsearch_at(elasticsearch, stack, replicas=replicas)()
        admin = stack.enter_context(closing(elasticsearch.login.as_admin()))

        def replicas_of(live):
            ((_, said),) = admin.indices.get_settings(index=live).body.items()
            settings = said["settings"]["index"]
            return settings["auto_expand_replicas"], settings["number_of_replicas"]

        index.put([make("a")])
        first = replicas_of(index._names.live)
        index.rebuild().take_over()
        assert replicas_of(index._names.live) == first
        others = admin.cluster.health()["number_of_data_nodes"] - 1
        assert first == (f"0-{replicas}" if replicas else "false", str(min(replicas, others)))


def test_a_busy_cluster_is_asked_again_and_nothing_is_left_out(elasticsearch, access, make, monkeypatch):
    monkeypatch.setattr("index.elastic_writing._FIRST_WAIT_SECONDS", 0.01)
    prefix = f"tin3c_{secrets.token_hex(4)}"
    with BusyCluster(elasticsearch.login) as busy:
        near = Access((busy.address,), access.user, access.password)
        with closing(ElasticsearchIndex(near, Layout(prefix))) as index:
            index.put([make("first")])
            busy.turn_down(whole=2, items=3)
            assert index.put([make(f"d{n}") for n in range(20)]) == ()
            assert index.count() == 21
            busy.turn_down(whole=100, items=0)
            with pytest.raises(SearchUnavailable, match="429"):
                index.put([make("last")])
    elasticsearch.forget(prefix)


def test_hybrid_search_fetches_the_texts_of_its_page_alone(elasticsearch, access, make, vectors, monkeypatch):
    near = vectors(30, 1)
    prefix = f"tin3c_{secrets.token_hex(4)}"
    with BusyCluster(elasticsearch.login) as door:
        direct = Access((door.address,), access.user, access.password)
        with closing(ElasticsearchIndex(direct, Layout(prefix))) as index:
            index.put([make(f"d{n:02d}", f"sởi d{n:02d}", "Tin dài", vector=near[n].tobytes()) for n in range(30)])
            index.count()
            told: list[str] = []
            answer = door.answer

            def noted(*asked):
                status, content_type, content = answer(*asked)
                told.append(content.decode())
                return status, content_type, content

            monkeypatch.setattr(door, "answer", noted)
            found = index.hybrid(SearchQuery("sởi", limit=3), near[0].astype("f4"))
    elasticsearch.forget(prefix)
    assert [hit.title for hit in found.hits] == [f"\x02sởi\x03 {hit.id}" for hit in found.hits]
    assert sum(said.count("Tin dài") for said in told) == 3 == len(found.hits)


def test_a_cluster_that_hangs_holds_nothing_up(elasticsearch, access, make):
    if elasticsearch.cluster is None:
        pytest.skip("the cluster that the environment names is not ours to stop")
    (node,) = elasticsearch.cluster.nodes
    with closing(ElasticsearchIndex(replace(access, search_seconds=1.0))) as index:
        assert index.reachable()
        node.pause()
        try:
            began = time.monotonic()
            with pytest.raises(SearchUnavailable, match="does not answer"):
                index.put([make("a")])
            assert 1.0 <= time.monotonic() - began < 10.0  # not the minute that a bulk write may take
            began = time.monotonic()
            for _ in range(20):
                with pytest.raises(SearchUnavailable):
                    index.search(SearchQuery("sởi"))
            assert time.monotonic() - began < 1.0
        finally:
            node.resume()


def test_killed_in_the_middle_of_bulk_writes_nothing_acknowledged_is_lost(elasticsearch, make):
    if elasticsearch.cluster is None:
        pytest.skip("the cluster that the environment names is not ours to stop")
    (node,) = elasticsearch.cluster.nodes
    batches = [[make(f"d{n:05d}", "sởi " * 20) for n in range(at, at + 1_000)] for at in range(0, 40_000, 1_000)]
    acknowledged: list[str] = []
    writing = threading.Event()
    with ExitStack() as stack:
        open_index = elasticsearch_at(elasticsearch, stack)
        index = open_index()

        def write():
            try:
                for batch in batches:
                    index.put(batch)
                    acknowledged.extend(one.id for one in batch)
                    writing.set()
            except SearchUnavailable:
                pass

        thread = threading.Thread(target=write)
        thread.start()
        assert writing.wait(60)
        node.kill()
        thread.join(90)
        assert 0 < len(acknowledged) < 40_000
        with pytest.raises(SearchUnavailable):
            index.search(SearchQuery("sởi"))
        node.start()
        elasticsearch.cluster.wait()
        again = open_index()
        assert set(again.versions_of(acknowledged)) == set(acknowledged)
        cut_off = len(acknowledged) // 1_000
        again.put(batches[cut_off])  # the queue still has it: some of it may be there already
        assert again.count() >= len(acknowledged) + 1_000
        assert len(again.versions_of([one.id for one in batches[cut_off]])) == 1_000
