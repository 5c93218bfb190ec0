"""Which indices we have in the cluster, how the first one comes to be, and how a new one takes over from an old one."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index import elastic_writing as writing
from index.elastic_connection import Connection
from index.elastic_reading import versions_of
from index.elastic_schema import SCHEMA_VERSION, Names, copies, schema_of, template
from records.errors import SearchUnavailable
from records.search import IndexDocument, IndexedVersion, Rejected

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

_REPLICAS_WAIT = "60s"
_LONGEST_REPLICAS_SECONDS = 7_200.0
#: A shard that has no primary for so long is lost: after a node was started anew it takes a moment.
_PRIMARIES_SECONDS = 30
_LOST = "the new search index lost a part of it: run `tin3c index rebuild` again, which begins anew"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Indices:
    """`live` is searched, `building` is being made; both are written. Versions are those of their schema."""

    all: tuple[str, ...]
    live: str | None
    building: str | None
    live_schema: int | None
    building_schema: int | None
    dimensions: int | None

    @classmethod
    def read(cls, client: Elasticsearch, names: Names) -> Indices:
        found = client.indices.get(index=names.pattern, features=["aliases", "mappings"], expand_wildcards="all").body

        def behind(alias: str) -> str | None:
            return next((index for index, said in sorted(found.items()) if alias in said.get("aliases", {})), None)

        live, building = behind(names.live), behind(names.building)
        return cls(
            all=tuple(sorted(found)),
            live=live,
            building=building,
            live_schema=schema_of(found[live]) if live else None,
            building_schema=schema_of(found[building]) if building else None,
            dimensions=found[live]["mappings"]["properties"]["vector"].get("dims") if live else None,
        )

    def checked(self) -> Indices:
        """Itself. Raises SearchUnavailable when the live index was made by another version of this code."""
        if self.live is not None and self.live_schema != SCHEMA_VERSION:
            raise SearchUnavailable(f"the search index {self.live} is of another version: run `tin3c index rebuild`")
        return self

    @property
    def written(self) -> list[str]:
        return [index for index in (self.live, self.building) if index is not None]


def ensure(client: Elasticsearch, names: Names, shards: int, replicas: int) -> Indices:
    """The indices, the live one made where there is none."""
    indices = Indices.read(client, names).checked()
    if indices.live is None:
        client.indices.put_index_template(**template(names, shards, replicas))
        _create(client, names.index(_next_number(indices, names)), names.live)
        indices = Indices.read(client, names).checked()
        if indices.live is None:
            raise SearchUnavailable("the search index could not be made")
    return indices


class Building:
    """The IndexBuild port: without refreshes and replicas while it is filled."""

    def __init__(self, connection: Connection, names: Names, index: str, replicas: int) -> None:
        self._connection = connection
        self._names = names
        self._index = index
        self._replicas = replicas
        self._wrote = True  # another process may have, before it was killed

    @classmethod
    def begin(cls, client: Elasticsearch, names: Names, shards: int, replicas: int) -> str:
        """The name of the index that is being built: a new one, or the one that was begun by this code before."""
        indices = Indices.read(client, names)
        begun = indices.building
        if begun is not None and indices.building_schema == SCHEMA_VERSION and not _is_lost(client, begun):
            return begun
        for index in indices.all:  # one that was given up may be there too, under no alias
            if index != indices.live:
                client.indices.delete(index=index, ignore_unavailable=True)
        client.indices.put_index_template(**template(names, shards, replicas))
        index = names.index(_next_number(indices, names))
        _create(client, index, names.building, {"refresh_interval": "-1", **copies(0)})
        found = Indices.read(client, names).building
        if found is None:
            raise SearchUnavailable("the new search index could not be made")
        return found

    def put(self, documents: Sequence[IndexDocument]) -> tuple[Rejected, ...]:
        with self._connection.writing() as client:
            self._wrote = True
            return writing.put(client, self._index, documents)

    def versions_of(self, item_ids: Sequence[str]) -> dict[str, IndexedVersion]:
        with self._connection.writing() as client:
            self._require(client)
            if self._wrote:
                client.indices.refresh(index=self._index)
                self._wrote = False
            return versions_of(client, self._index, item_ids)

    def take_over(self) -> None:
        with self._connection.writing() as client:
            self._require(client)
            settings = {"refresh_interval": None, **copies(self._replicas)}
            client.indices.put_settings(index=self._index, settings=settings)
            client.indices.refresh(index=self._index)
            # Replicas first, as far as the nodes that are there allow: until then a node's end would take it away.
            _wait_for_replicas(client, self._index)
            self._require(client)
            actions: list[dict[str, Any]] = [
                {"add": {"index": self._index, "alias": self._names.live}},
                _taken_from(self._names, self._index),
            ]
            if old := Indices.read(client, self._names).live:
                actions.append({"remove_index": {"index": old}})
            client.indices.update_aliases(actions=actions)

    def discard(self) -> None:
        with self._connection.writing() as client:
            client.indices.delete(index=self._index, ignore_unavailable=True)

    def close(self) -> None:
        """Nothing to let go: the connection is the index's own."""

    def _require(self, client: Elasticsearch) -> None:
        """Raises SearchUnavailable when it lost a shard, or was given up for that."""
        if Indices.read(client, self._names).building != self._index or _is_lost(client, self._index):
            raise SearchUnavailable(_LOST)


def given_up(client: Elasticsearch, names: Names, building: str) -> bool:
    """Whether `building` has lost a shard; it is then deleted, and its rebuild fails.

    Without it a write would wait for the shard, and what is searched would fall behind. Raises ApiError when it took
    over in this moment: the write has to be repeated.
    """
    if not _is_lost(client, building):
        return False
    # First: what lacks a write must never take over, nor must what took over be deleted.
    client.indices.update_aliases(actions=[_taken_from(names, building)])
    client.indices.delete(index=building, ignore_unavailable=True)
    log.warning(_LOST)
    return True


def _is_lost(client: Elasticsearch, index: str) -> bool:
    asking = client.options(request_timeout=_PRIMARIES_SECONDS + 30, ignore_status=408).cluster
    health = asking.health(index=index, wait_for_status="yellow", timeout=f"{_PRIMARIES_SECONDS}s")
    return bool(health["timed_out"])


def _taken_from(names: Names, building: str) -> dict[str, dict[str, object]]:
    """The action that makes `building` no more the one that is being made; it fails where it is not."""
    return {"remove": {"index": building, "alias": names.building, "must_exist": True}}


def _wait_for_replicas(client: Elasticsearch, index: str) -> None:
    """Raises SearchUnavailable when they take longer than any should."""
    last = time.monotonic() + _LONGEST_REPLICAS_SECONDS
    # That they are not ready within one question's time is answered with 408. A large index needs several.
    asking = client.options(request_timeout=90, ignore_status=408).cluster
    while asking.health(index=index, wait_for_no_initializing_shards=True, timeout=_REPLICAS_WAIT)["timed_out"]:
        if time.monotonic() > last:
            raise SearchUnavailable("the new index's replicas are still being made: run `tin3c index rebuild` again")


def _create(client: Elasticsearch, index: str, alias: str, settings: dict[str, object] | None = None) -> None:
    from elasticsearch import BadRequestError

    try:
        client.indices.create(index=index, aliases={alias: {}}, settings=settings)
    except BadRequestError as error:
        if error.error != "resource_already_exists_exception":  # another process was first
            raise


def _next_number(indices: Indices, names: Names) -> int:
    return max((names.number(index) for index in indices.all), default=0) + 1
