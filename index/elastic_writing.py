"""Bulk writes to Elasticsearch: every document's answer is checked, and a late older write never wins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from index.accepting import LONGEST_TEXT_CHARACTERS, numbers_of, other_dimensions, problem_of
from index.elastic_schema import DELETED, HEALTH, NOT_HEALTH
from index.query import folded_words_of, words_of
from index.times import microseconds
from records.errors import SearchUnavailable
from records.search import IndexDocument, Rejected
from records.text import normalize

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

_LONGEST_ID_BYTES = 512
_CHUNK_DOCUMENTS = 500
_CHUNK_BYTES = 10_000_000
#: Of what a busy cluster turns down (429): 0.5, 1, 2, 4, 8 seconds later.
_RETRIES = 5
_FIRST_WAIT_SECONDS = 0.5
_LONGEST_WAIT_SECONDS = 8.0
_LONGEST_REASON_CHARACTERS = 300
_CONFLICT = 409
#: Answered with 400, as if it were about the document.
_CLOSED = "index_closed_exception"

Action = dict[str, Any]


def put(client: Elasticsearch, index: str, documents: Sequence[IndexDocument]) -> tuple[Rejected, ...]:
    """Those that cannot be stored, with the reason; the rest is stored.

    Raises SearchUnavailable when any answer is missing or is not about the document itself: then all is to be repeated.
    """
    problems = {(d.id, d.version): problem for d in documents if (problem := _problem(d))}
    good = [document for document in documents if (document.id, document.version) not in problems]
    problems |= _send(client, index, [(d.id, d.version, d) for d in good])
    kept = dict.fromkeys((d.id, d.version) for d in documents)
    return tuple(Rejected(*one, problems[one]) for one in kept if one in problems)


def delete(client: Elasticsearch, index: str, versions: Sequence[tuple[str, int]]) -> None:
    """Leave a mark in the place of each: Elasticsearch itself forgets a deletion's version after a minute."""
    if refused := _send(client, index, [(id, version, None) for id, version in versions]):
        raise SearchUnavailable(f"the search cluster would not delete: {next(iter(refused.values()))}")


def _problem(document: IndexDocument) -> str:
    if problem := problem_of(document):
        return problem
    return f"its id is longer than {_LONGEST_ID_BYTES} bytes" if len(document.id.encode()) > _LONGEST_ID_BYTES else ""


def _send(
    client: Elasticsearch, index: str, writes: Sequence[tuple[str, int, IndexDocument | None]]
) -> dict[tuple[str, int], str]:
    """{(id, version): why it was refused}."""
    from elasticsearch.helpers import streaming_bulk

    version_of = {id: version for id, version, _ in writes}
    refused: dict[tuple[str, int], str] = {}
    answered = 0
    answers = streaming_bulk(
        client,
        _actions(index, writes),
        chunk_size=_CHUNK_DOCUMENTS,
        max_chunk_bytes=_CHUNK_BYTES,
        max_retries=_RETRIES,
        initial_backoff=_FIRST_WAIT_SECONDS,
        max_backoff=_LONGEST_WAIT_SECONDS,
        raise_on_error=False,
    )
    for done, answer in answers:
        answered += 1
        ((_, said),) = answer.items()
        if done or said["status"] == _CONFLICT:  # a newer one is there
            continue
        if said["status"] != 400 or _type(said) == _CLOSED:
            raise SearchUnavailable(f"the search cluster answered {said['status']} {_type(said)} to a document")
        refused[said["_id"], version_of[said["_id"]]] = _reason(said)
    if answered != len(writes):
        raise SearchUnavailable(f"the search cluster answered for {answered} of {len(writes)} documents")
    return refused


def _actions(index: str, writes: Sequence[tuple[str, int, IndexDocument | None]]) -> Iterator[Action]:
    for id, version, document in writes:
        source = {"id": id, "version": version, "state": DELETED} if document is None else _source(document)
        yield {
            "_index": index,
            "_id": id,
            # The same version may be written again: a batch that was cut off is repeated.
            "_version": version,
            "_version_type": "external_gte",
            "_source": source,
        }


def _source(document: IndexDocument) -> dict[str, Any]:
    title, text = normalize(document.title), normalize(document.text[:LONGEST_TEXT_CHARACTERS])
    exact_title, exact_text = words_of(title), words_of(text)
    source: dict[str, Any] = {
        "id": document.id,
        "version": document.version,
        "state": HEALTH if document.health else NOT_HEALTH,
        "time": microseconds(document.published or document.first_seen),
        "title": title,
        "text": text,
        "exact_title": exact_title,
        "exact_text": exact_text,
        "folded_title": folded_words_of(exact_title),
        "folded_text": folded_words_of(exact_text),
        "source_id": document.source_id,
        "owner": document.owner,
        "topic": document.topic,
        "kind": document.kind,
        "stance": document.stance,
        "harm": document.harm,
        "place": list(dict.fromkeys(document.places)),
        "narrative_id": document.narrative_id,
    }
    if document.vector:
        source["vector"] = np.round(numbers_of(document.vector).astype(np.float64), 6).tolist()
    return source


def _type(said: Action) -> str:
    error = said.get("error")
    return str(error.get("type", "")) if isinstance(error, dict) else ""


def _reason(said: Action) -> str:
    """Why a document was refused, without its text: Elasticsearch quotes the value that it could not take."""
    error = said.get("error")
    reason = str(error.get("reason", "")) if isinstance(error, dict) else str(error)
    words = reason.split()
    if "dimensions" in words:
        numbers = [int(word.strip("[]")) for word in words if word.strip("[]").isdecimal()]
        if len(numbers) == 2:
            return other_dimensions(numbers[0], numbers[1])
    return f"{_type(said)}: {reason.partition('Preview of')[0]}"[:_LONGEST_REASON_CHARACTERS].strip()
