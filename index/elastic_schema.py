"""The index template for Elasticsearch, and the names under which its indices are known.

An index holds each item as SQLite's does: title and text to be shown, their words with marks (`exact_*`) and without
(`folded_*`), cut and folded in Python, so that Elasticsearch splits them at spaces and nowhere else. What can be
computed again stays out of `_source`: the store is the record, and a new template is filled from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: Written into the template and every index made from it. Raise it with any change of `_PROPERTIES`.
SCHEMA_VERSION = 1

HEALTH, NOT_HEALTH, DELETED = "health", "not_health", "deleted"
TITLE_WEIGHT, TEXT_WEIGHT = 4.0, 1.0

_LABEL = {"type": "keyword"}
_KEPT = {"type": "keyword", "index": False, "doc_values": False}
_WORDS = {"type": "text", "analyzer": "whitespace"}
_PROPERTIES: dict[str, Any] = {
    "id": _LABEL,
    "version": {"type": "long", "index": False},
    "state": _LABEL,  # deleted: kept so that a late older write does not bring it back
    "time": {"type": "long"},  # microseconds since 1970, published or else first seen
    "title": _KEPT,
    "text": _KEPT,
    "exact_title": _WORDS,
    "exact_text": _WORDS,
    "folded_title": _WORDS,
    "folded_text": _WORDS,
    **dict.fromkeys(("source_id", "owner", "topic", "kind", "stance", "harm", "place", "narrative_id"), _LABEL),
    # Its dimensions are those of the first vector: 384 with the built-in encoder.
    "vector": {"type": "dense_vector", "index": True, "similarity": "cosine", "index_options": {"type": "int8_hnsw"}},
}


@dataclass(frozen=True, slots=True)
class Names:
    """`live` is the alias that is searched, `building` the one of an index that is being made beside it."""

    prefix: str

    @property
    def live(self) -> str:
        return f"{self.prefix}-items"

    @property
    def building(self) -> str:
        return f"{self.live}-next"

    @property
    def pattern(self) -> str:
        """Of the indices themselves."""
        return f"{self.live}-0*"

    def index(self, number: int) -> str:
        return f"{self.live}-{number:06d}"

    def number(self, index: str) -> int:
        return int(index.removeprefix(f"{self.live}-"))


def template(names: Names, shards: int, replicas: int) -> dict[str, Any]:
    """The arguments of put_index_template."""
    return {
        "name": names.live,
        "index_patterns": [names.pattern],
        "priority": 500,
        "version": SCHEMA_VERSION,
        # A write to an index that was just replaced must fail, not make an index that nobody knows.
        "allow_auto_create": False,
        "template": {
            "settings": {
                "number_of_shards": shards,
                **copies(replicas),
                # The newest first without looking at the rest.
                "sort.field": ["time", "id"],
                "sort.order": ["desc", "asc"],
            },
            "mappings": {
                "dynamic": "strict",
                "_meta": {"schema": SCHEMA_VERSION},
                "_source": {"excludes": ["exact_*", "folded_*", "vector"]},
                "properties": _PROPERTIES,
            },
        },
    }


def copies(replicas: int) -> dict[str, Any]:
    """Settings for as many replicas as there are other nodes, and no more than `replicas`: one node alone is not a
    defect."""
    if not replicas:
        return {"auto_expand_replicas": False, "number_of_replicas": 0}
    return {"auto_expand_replicas": f"0-{replicas}"}


def schema_of(description: dict[str, Any]) -> int | None:
    """The schema version of an index, from what `indices.get` says of it."""
    found = description.get("mappings", {}).get("_meta", {}).get("schema")
    return found if isinstance(found, int) else None
