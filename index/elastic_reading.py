"""Which versions an index in Elasticsearch holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from index.elastic_query import NOT_DELETED, Clause
from index.elastic_schema import DELETED
from records.search import IndexedVersion

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

_MOST = 10_000


def indexed(client: Elasticsearch, index: str, after: str, limit: int) -> tuple[IndexedVersion, ...]:
    """What is not deleted, by id, those after `after`. Of what was written since the last refresh, nothing."""
    query: Clause = {"bool": {"filter": [NOT_DELETED, {"range": {"id": {"gt": after}}}]}}
    return _versions(client, index, query, min(limit, _MOST), sort=[{"id": "asc"}])


def versions_of(client: Elasticsearch, index: str, item_ids: Sequence[str]) -> dict[str, IndexedVersion]:
    found: dict[str, IndexedVersion] = {}
    for start in range(0, len(item_ids), _MOST):
        some = list(item_ids[start : start + _MOST])
        found |= {one.id: one for one in _versions(client, index, {"terms": {"id": some}}, len(some))}
    return found


def _versions(client: Elasticsearch, index: str, query: Clause, size: int, **more: Any) -> tuple[IndexedVersion, ...]:
    answer = client.search(
        index=index,
        query=query,
        size=size,
        source=False,
        docvalue_fields=[{"field": "version"}, {"field": "state"}],
        track_total_hits=False,
        ignore_unavailable=True,
        allow_partial_search_results=False,
        **more,
    )
    return tuple(
        IndexedVersion(hit["_id"], hit["fields"]["version"][0], hit["fields"]["state"][0] == DELETED)
        for hit in answer["hits"]["hits"]
    )
