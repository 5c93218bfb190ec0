"""Three real nodes, one replica: one is killed under load. `make cluster` prints what it took.

Not in `make test` on a small machine: three nodes want 3 GB of memory. TIN3C_TEST_CLUSTER=1 asks for it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import numpy as np
import pytest

from records.ports import SearchIndex
from tests.index.conftest import Make, elasticsearch_at
from tests.support.elasticsearch_node import Cluster, Node, Running, named_by_environment, wanted
from tests.support.index_load import Load

ASKED = "TIN3C_TEST_CLUSTER"
SHARDS, REPLICAS = 2, 1
#: Batches and searches that must be answered before a node is killed, and again after it, before it comes back.
ENOUGH = 20
#: No gap between two answers may be longer, on two busy cores too.
LONGEST_GAP_SECONDS = 30.0
#: In which so many answers come, and in which each shard has its copy again.
ANSWERS_SECONDS, GREEN_SECONDS = 90.0, 120.0

Vectors = Callable[[int, int], np.ndarray]

pytestmark = [
    pytest.mark.elasticsearch,
    pytest.mark.timeout(600),
    pytest.mark.skipif(os.environ.get(ASKED) != "1", reason=f"three nodes are started where {ASKED}=1 asks for them"),
]


@pytest.fixture(scope="module")
def three_nodes() -> Iterator[Cluster]:
    if named_by_environment():
        pytest.skip("the cluster that the environment names is not ours to kill")
    wanted()
    with Cluster(nodes=3) as cluster:
        yield cluster


@pytest.fixture
def cluster(three_nodes: Cluster) -> Cluster:
    three_nodes.start()  # one that a test before left dead
    return three_nodes


def test_a_node_with_a_primary_is_killed_and_comes_back(cluster: Cluster, make: Make, vectors: Vectors):
    def victim(indices: str) -> Node:
        holders = cluster.with_primaries(indices)
        return next((node for node in holders if node is not cluster.elected()), holders[0])

    _killed_under_load(cluster, make, vectors(64, 1), victim, lambda node, indices: node.start())


def test_the_elected_master_is_killed_and_stays_away(cluster: Cluster, make: Make, vectors: Vectors):
    def do_not_wait_for_it(_: Node, indices: str) -> None:
        with closing(cluster.login.as_admin()) as client:
            settings = {"index.unassigned.node_left.delayed_timeout": "0s"}  # a minute, unless told
            client.indices.put_settings(index=indices, settings=settings)

    _killed_under_load(cluster, make, vectors(64, 1), lambda _: cluster.elected(), do_not_wait_for_it)


def _killed_under_load(
    cluster: Cluster,
    make: Make,
    vectors: np.ndarray,
    victim: Callable[[str], Node],
    mend: Callable[[Node, str], None],
) -> None:
    with ExitStack() as stack:
        open_index = elasticsearch_at(Running(cluster.login, cluster), stack, shards=SHARDS, replicas=REPLICAS)
        with Load(open_index, make, vectors) as load:
            indices = "tin3c_*"
            cluster.wait_until_green(indices, GREEN_SECONDS)
            load.goes_on(ENOUGH, ANSWERS_SECONDS)
            node = victim(indices)
            node.kill()
            killed = time.monotonic()
            load.goes_on(ENOUGH, ANSWERS_SECONDS)
            went_on = time.monotonic()
            mend(node, indices)
            cluster.wait()
            cluster.wait_until_green(indices, GREEN_SECONDS)
            green = time.monotonic()
            load.goes_on(ENOUGH, ANSWERS_SECONDS)
        print(
            f"\n{node.name} killed: {len(load.known):,} documents acknowledged; {ENOUGH} batches and searches"
            f" {went_on - killed:.1f} s after it, green {green - went_on:.1f} s after mending"
        )
        for name, side in (("write", load.writing), ("search", load.searching)):
            errors = "; ".join(f"{count} × {what}" for what, count in side.errors.items()) or "none"
            gap = side.longest_gap_seconds
            print(f"  {name}: {len(side.answered):,} answers, longest gap {gap:.1f} s; errors: {errors}")
        assert max(load.writing.longest_gap_seconds, load.searching.longest_gap_seconds) < LONGEST_GAP_SECONDS
        with closing(cluster.login.as_admin()) as client:
            client.indices.refresh(index=indices)
        _has_all(open_index(), load.known)


def _has_all(index: SearchIndex, known: dict[str, tuple[int, bool]]) -> None:
    """Each acknowledged document with its version, nothing besides, and none that was deleted."""
    walked: dict[str, int] = {}
    while page := index.versions(max(walked, default=""), 10_000):
        walked |= {one.id: one.version for one in page}
    assert walked == {id: version for id, (version, deleted) in known.items() if not deleted}
    marks = index.versions_of([id for id, (_, deleted) in known.items() if deleted])
    assert {one.id: (one.version, one.deleted) for one in marks.values()} == {
        id: of for id, of in known.items() if of[1]
    }
