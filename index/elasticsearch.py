"""The search index in Elasticsearch: the SearchIndex port on a cluster.

Two aliases say which index is searched and which one is being built beside it; both are written. Nothing is made before
the first write, so that a console with the right to read can ask an index that is not there yet.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from index import elastic_writing as writing
from index.accepting import unit_length
from index.distinguishing import SAMPLE, distinguishing
from index.elastic_building import Building, Indices, ensure, given_up
from index.elastic_connection import Access, Connection
from index.elastic_query import (
    BEST_FIRST,
    NEWEST_FIRST,
    NOT_DELETED,
    Clause,
    exact_among,
    filters,
    matching,
    ranked,
    time_line,
)
from index.elastic_reading import indexed, versions_of
from index.elastic_request import count_search, first_searches, is_ranked, nearest_search, page_bounds, page_search
from index.elastic_response import (
    cosines_of,
    facets_of,
    frequencies_of,
    hits_of,
    shown_hits,
    text_of,
    time_counts_of,
    total_of,
)
from index.elastic_schema import Names
from index.fusion import CANDIDATES, fused, of_words
from index.query import ParsedQuery, parse
from index.showing import MOST_HITS
from records.errors import SearchUnavailable
from records.search import (
    Facet,
    IndexDocument,
    IndexedVersion,
    IndexState,
    Interval,
    Rejected,
    SearchFilter,
    SearchQuery,
    SearchResults,
    TimeCount,
)
from records.text import fold

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

_Answer = TypeVar("_Answer")

_SHOWN = ["title", "text"]
_REACHABLE_SECONDS = 1.0
_REACHABLE_KNOWN_SECONDS = 10.0
_VECTORS_KNOWN_SECONDS = 10.0
#: An index that is not there yet answers nothing; a shard that cannot answer is an error, not fewer hits.
_WHOLE: dict[str, Any] = {"ignore_unavailable": True, "allow_partial_search_results": False}
#: What is answered when a node goes while it is asked: its shards are on another one a moment later.
_NODE_GONE = frozenset({502, 503, 504})


@dataclass(frozen=True)
class Layout:
    """`prefix` begins the names of all that is ours in the cluster. `replicas`: as many as other nodes allow."""

    prefix: str = "tin3c"
    shards: int = 1
    replicas: int = 1


class ElasticsearchIndex:
    """Safe for threads and for any number of processes."""

    def __init__(self, access: Access, layout: Layout | None = None) -> None:
        self._connection = Connection(access)
        self._layout = layout or Layout()
        self._names = Names(self._layout.prefix)
        self._wrote = False
        self._schema_is_ours = False
        self._reached: tuple[float, bool] = (-_REACHABLE_KNOWN_SECONDS, False)
        self._vectors_known: tuple[float, int | None] = (0.0, None)

    # --- writing ------------------------------------------------------------------------------------------------------

    def put(self, documents: Sequence[IndexDocument]) -> tuple[Rejected, ...]:
        answers = self._write(lambda client, index: writing.put(client, index, documents))
        return tuple({(one.id, one.version): one for refused in answers for one in refused}.values())

    def delete(self, versions: Sequence[tuple[str, int]]) -> None:
        self._write(lambda client, index: writing.delete(client, index, versions))

    def clear(self) -> None:
        with self._connection.writing() as client:
            for index in Indices.read(client, self._names).all:
                client.indices.delete(index=index, ignore_unavailable=True)

    def rebuild(self) -> Building:
        with self._connection.writing() as client:
            index = Building.begin(client, self._names, self._layout.shards, self._layout.replicas)
        return Building(self._connection, self._names, index, self._layout.replicas)

    def _write(self, write: Callable[[Elasticsearch, str], _Answer]) -> list[_Answer]:
        """What `write` answers of the live index and, while there is one that can be written, of the one being made."""
        live, *building = self._targets()
        with self._connection.writing() as client:
            self._wrote = True
            answers = [write(client, live)]
            return answers + [write(client, one) for one in building if not given_up(client, self._names, one)]

    def _targets(self) -> list[str]:
        # A short question first: a cluster that hangs must not hold up a run for as long as a bulk write may take.
        with self._connection.searching() as client:
            indices = Indices.read(client, self._names).checked()
        if indices.live is None:
            with self._connection.writing() as client:
                indices = ensure(client, self._names, self._layout.shards, self._layout.replicas)
        return indices.written

    # --- reading ------------------------------------------------------------------------------------------------------

    def search(self, query: SearchQuery) -> SearchResults:
        """The hits of one page. Exact matches come first, then those on the folded copy, each by BM25.

        `score` falls along the ranking: 1 and more is exact, below 1 is folded; it compares hits of one query only.
        At most 1,000 hits a page, and none beyond the first 10,000. Raises QueryError for text that cannot be read.
        """
        parsed = parse(query.text)
        with self._reading() as client:
            answers = self._each(client, first_searches(parsed, query, _SHOWN))
            return self._results(client, parsed, query, _SHOWN, answers)

    def timeline(self, query: SearchQuery, interval: Interval) -> tuple[TimeCount, ...]:
        """Hours, days or weeks that have a hit, oldest first; those without one are left out."""
        with self._reading() as client:
            answer = client.search(
                index=self._names.live,
                query=matching(parse(query.text), query.filter),
                aggregations={"line": time_line(interval)},
                size=0,
                track_total_hits=False,
                **_WHOLE,
            )
        return time_counts_of(answer, "line")

    def similar(self, vector: NDArray[np.float32], limit: int, filter: SearchFilter) -> tuple[tuple[str, float], ...]:
        with self._reading() as client:
            asked = self._nearest(client, vector, min(limit, MOST_HITS), filters(filter))
            answers = self._each(client, asked) if asked else []
        return tuple(pair for answer in answers for pair in cosines_of(answer))

    def hybrid(self, query: SearchQuery, vector: NDArray[np.float32]) -> SearchResults:
        parsed, words = parse(query.text), of_words(query)
        with self._reading() as client:
            passing = [matching(parsed, query.filter, wanted=False)]
            nearest = self._nearest(client, vector, CANDIDATES, passing)
            # Of the words' hits only the order is wanted, so that no text is fetched for hundreds.
            answers = self._each(client, [*nearest, *first_searches(parsed, words, None)])
            near = [id for answer in answers[: len(nearest)] for id, _ in cosines_of(answer)]
            by_words = self._results(client, parsed, words, None, answers[len(nearest) :])
        return fused(parsed, query, by_words, near, self._texts)

    def distinguishing(self, query: SearchQuery, limit: int = 20) -> tuple[tuple[str, int], ...]:
        parsed = parse(query.text)
        with self._reading() as client:
            answer = client.search(
                index=self._names.live,
                query=matching(parsed, query.filter),
                sort=NEWEST_FIRST,
                size=SAMPLE,
                source_includes=["text"],
                track_total_hits=False,
                **_WHOLE,
            )
            texts = [text_of(hit)[1] for hit in hits_of(answer)]
            return distinguishing(texts, parsed, lambda words: self._frequencies(client, words), limit)

    def suggest(self, facet: Facet, prefix: str, limit: int = 10) -> tuple[str, ...]:
        """Values of `facet` among health documents that begin with `prefix`, marks or not, most frequent first."""
        start = fold(prefix.strip())
        counted = self.search(SearchQuery(limit=0, facets=(facet,))).facets[facet]
        return tuple(value for value, _ in counted if fold(value).startswith(start))[: max(limit, 0)]

    def count(self) -> int:
        """Documents, those that are not health among them."""
        with self._reading() as client:
            # Not `count`, which leaves out without a word what is on a shard that does not answer.
            answer = client.search(index=self._names.live, query=NOT_DELETED, size=0, track_total_hits=True, **_WHOLE)
            return total_of(answer)

    def versions(self, after: str, limit: int) -> tuple[IndexedVersion, ...]:
        with self._reading(fresh=True) as client:
            return indexed(client, self._names.live, after, limit)

    def versions_of(self, item_ids: Sequence[str]) -> dict[str, IndexedVersion]:
        with self._reading(fresh=True) as client:
            return versions_of(client, self._names.live, item_ids)

    def state(self) -> IndexState:
        documents = self.count()
        with self._connection.searching() as client:
            indices = Indices.read(client, self._names)
            health = client.cluster.health(index=indices.live, timeout="1s") if indices.live else None
        if health is None:
            return IndexState("elasticsearch", 0, True, "Elasticsearch answers; nothing was indexed yet")
        detail = f"Elasticsearch, {health['number_of_nodes']} nodes, {indices.live} is {health['status']}"
        return IndexState(
            "elasticsearch", documents, health["status"] != "red", detail, rebuilding=indices.building is not None
        )

    def reachable(self) -> bool:
        asked, answer = self._reached
        if time.monotonic() - asked >= _REACHABLE_KNOWN_SECONDS:
            try:
                with self._connection.searching() as client:
                    client.options(request_timeout=_REACHABLE_SECONDS).indices.exists_alias(name=self._names.live)
                answer = True
            except SearchUnavailable:
                answer = False
            self._reached = time.monotonic(), answer
        return answer

    def close(self) -> None:
        self._connection.close()

    # --- inside -------------------------------------------------------------------------------------------------------

    @contextmanager
    def _reading(self, *, fresh: bool = False) -> Iterator[Elasticsearch]:
        """A client for one question, which finds what this object wrote; `fresh`: what any process wrote.

        Else, where store and index are compared, what a run wrote just now would be missing.
        """
        with self._connection.searching() as client:
            if not self._schema_is_ours:
                self._schema_is_ours = Indices.read(client, self._names).checked().live is not None
            if self._wrote or fresh:
                self._wrote = False
                client.indices.refresh(index=self._names.live, ignore_unavailable=True)
            yield client

    def _each(self, client: Elasticsearch, searches: Sequence[Clause]) -> list[dict[str, Any]]:
        """The answers of `searches`, asked in one request."""
        header = {"index": self._names.live, **_WHOLE}
        lines = [line for search in searches for line in (header, search)]
        answers: list[dict[str, Any]] = client.msearch(searches=lines)["responses"]
        # One search the client would ask again by itself; of several it sees only that the whole was answered.
        if any(answer.get("status") in _NODE_GONE for answer in answers):
            answers = client.msearch(searches=lines)["responses"]
        for answer in answers:
            if "error" in answer:
                raise SearchUnavailable(f"the search cluster answered {answer['status']} {answer['error'].get('type')}")
        return answers

    def _results(
        self,
        client: Elasticsearch,
        parsed: ParsedQuery,
        query: SearchQuery,
        fields: list[str] | None,
        answers: Sequence[dict[str, Any]],
    ) -> SearchResults:
        """The `answers` to what `first_searches` asks, as the port has them."""
        counted, *pages = answers
        total = total_of(counted)
        found = hits_of(pages[0]) if pages else []
        by_score = is_ranked(parsed, query)
        if by_score:
            exact = {hit["_id"] for hit in found}
            if pages:
                found = found + self._folded(client, parsed, query, fields, len(found), total)
        else:
            exact = self._exact_among(client, parsed, [hit["_id"] for hit in found])
        return SearchResults(
            shown_hits(parsed, found, exact, by_score=by_score), total, facets_of(counted, query.facets)
        )

    def _folded(
        self,
        client: Elasticsearch,
        parsed: ParsedQuery,
        query: SearchQuery,
        fields: list[str] | None,
        found: int,
        total: int,
    ) -> list[dict[str, Any]]:
        """What follows on the page when it has `found` exact matches: the hits on the folded copy, if it has room."""
        first, limit = page_bounds(query)
        if found == limit or first + found >= total:
            return []
        exact = first + found
        if first and not found:
            counting = count_search(ranked(parsed, query.filter, exact=True))
            exact = total_of(self._each(client, [counting])[0])
        folded = ranked(parsed, query.filter, exact=False)
        page = page_search(folded, BEST_FIRST, first + found - exact, limit - found, fields)
        return hits_of(self._each(client, [page])[0])

    def _nearest(
        self, client: Elasticsearch, vector: NDArray[np.float32], limit: int, passing: list[Clause]
    ) -> list[Clause]:
        """The search for the `limit` nearest; none when the index' vectors are not such as this one."""
        wanted = unit_length(vector)
        if wanted is None or limit < 1 or self._dimensions(client) != len(wanted):
            return []
        return [nearest_search(wanted, limit, passing)]

    def _dimensions(self, client: Elasticsearch) -> int | None:
        """Of the live index' vectors. Known for a while: they change only where another encoder's index takes over."""
        asked, known = self._vectors_known
        if known is None or time.monotonic() - asked >= _VECTORS_KNOWN_SECONDS:
            known = Indices.read(client, self._names).dimensions
            self._vectors_known = time.monotonic(), known
        return known

    def _texts(self, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """(title, text) by id."""
        if not ids:
            return {}
        with self._reading() as client:
            query: Clause = {"bool": {"filter": [{"terms": {"id": list(ids)}}, NOT_DELETED]}}
            answer = client.search(index=self._names.live, query=query, size=len(ids), source_includes=_SHOWN, **_WHOLE)
        return {hit["_id"]: text_of(hit) for hit in hits_of(answer)}

    def _exact_among(self, client: Elasticsearch, parsed: ParsedQuery, ids: list[str]) -> set[str]:
        if not parsed.wanted or not ids:
            return set(ids)
        query = exact_among(parsed, ids)
        answer = client.search(index=self._names.live, query=query, size=len(ids), source=False, **_WHOLE)
        return {hit["_id"] for hit in hits_of(answer)}

    def _frequencies(self, client: Elasticsearch, words: Sequence[str]) -> tuple[dict[str, int], int]:
        """By the statistics of one shard, which stands for the others: it holds a random part of the documents."""
        answer = client.termvectors(
            index=self._names.live,
            doc={"exact_text": " ".join(words)},
            fields=["exact_text"],
            term_statistics=True,
            positions=False,
            offsets=False,
        )
        return frequencies_of(answer, "exact_text")
