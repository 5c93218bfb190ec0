"""What writing does to the index's tables, inside a transaction that the caller holds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from index import common
from index.accepting import LONGEST_TEXT_CHARACTERS, other_dimensions, problem_of
from index.query import folded_words_of, words_of
from index.times import microseconds
from records.search import IndexDocument, Rejected
from records.text import normalize

_COPIES = ("exact", "folded")
_Text = tuple[str, str]  # title, text


class Writer:
    """Made for one transaction, in which every row that it touches gets the same new change number."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute("UPDATE state SET change = change + 1")
        self._change, self._dimensions, blocks = connection.execute(
            "SELECT change, dimensions, blocks FROM state"
        ).fetchone()
        #: The keys below have bitmaps.
        self._in_bitmaps = blocks * common.BLOCK

    def put(self, documents: Sequence[IndexDocument]) -> tuple[Rejected, ...]:
        """Insert or replace each whose stored version is not higher; those that cannot be stored, with the reason."""
        rejected = []
        for document in documents:
            if problem := self._problem(document):
                rejected.append(Rejected(document.id, document.version, problem))
            else:
                self._put(document)
        common.extend(self._connection)
        return tuple(rejected)

    def _problem(self, document: IndexDocument) -> str:
        if (problem := problem_of(document)) or not document.vector:
            return problem
        given = len(document.vector) // 2
        if self._dimensions and given != self._dimensions:
            return other_dimensions(given, self._dimensions)
        if not self._dimensions:
            self._dimensions = given
            self._connection.execute("UPDATE state SET dimensions = ?", (self._dimensions,))
        return ""

    def _put(self, document: IndexDocument) -> None:
        row = self._connection.execute(
            "SELECT key, version, health, title, text FROM documents WHERE id = ?", (document.id,)
        ).fetchone()
        if row is not None and row[1] > document.version:
            return
        before = (row[3], row[4]) if row is not None and row[2] is not None else None
        title, text = normalize(document.title), normalize(document.text[:LONGEST_TEXT_CHARACTERS])
        time = microseconds(document.published or document.first_seen)
        values = (
            document.id, document.version, self._change, document.health, time, title, text,
            document.source_id, document.owner, document.topic, document.kind, document.stance, document.harm,
            json.dumps(document.places, ensure_ascii=False) if document.places else None, document.narrative_id,
        )  # fmt: skip
        (key,) = self._connection.execute(
            "INSERT INTO documents (id, version, change, health, time, title, text, source_id, owner, topic, kind,"
            " stance, harm, places, narrative_id) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
            " ON CONFLICT (id) DO UPDATE SET version = excluded.version, change = excluded.change,"
            " health = excluded.health, time = excluded.time, title = excluded.title, text = excluded.text,"
            " source_id = excluded.source_id, owner = excluded.owner, topic = excluded.topic, kind = excluded.kind,"
            " stance = excluded.stance, harm = excluded.harm, places = excluded.places,"
            " narrative_id = excluded.narrative_id RETURNING key",
            values,
        ).fetchone()
        self._replace_words(key, before, (title, text))
        if document.vector:
            self._connection.execute(
                "INSERT INTO vectors VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE"
                " SET change = excluded.change, vector = excluded.vector",
                (key, self._change, document.vector),
            )
        elif row is not None:
            self._drop_vector(key, still_searched=document.health)

    def delete(self, versions: Sequence[tuple[str, int]]) -> None:
        """Take out each whose stored version is not higher, and remember its version."""
        for id, version in versions:
            row = self._connection.execute(
                "SELECT key, version, health, title, text FROM documents WHERE id = ?", (id,)
            ).fetchone()
            if row is None:
                sql = "INSERT INTO documents (id, version, change) VALUES (?, ?, ?)"
                self._connection.execute(sql, (id, version, self._change))
            elif row[1] <= version:
                if row[2] is not None:
                    self._replace_words(row[0], (row[3], row[4]), None)
                self._connection.execute(
                    "UPDATE documents SET version = ?, change = ?, health = NULL, time = NULL, title = '', text = '',"
                    " source_id = NULL, owner = NULL, topic = NULL, kind = NULL, stance = NULL, harm = NULL,"
                    " places = NULL, narrative_id = NULL WHERE key = ?",
                    (version, self._change, row[0]),
                )
                self._drop_vector(row[0], still_searched=False)

    def clear(self) -> None:
        for copy in _COPIES:
            self._connection.execute(f"INSERT INTO {copy} ({copy}) VALUES ('delete-all')")  # noqa: S608
        for table in ("documents", "vectors", "common", "bitmaps", "snapshot"):
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608
        self._connection.execute(
            "UPDATE state SET generation = generation + 1, dimensions = 0, approximate_change = 0, blocks = 0,"
            " snapshot_change = 0"
        )

    def _replace_words(self, key: int, before: _Text | None, after: _Text | None) -> None:
        """Of (title, text) `before`, the words of `after` in both copies; None: there is, or was, no document."""
        if before == after:
            return
        gone, come = _copies(before), _copies(after)
        for copy in _COPIES:
            if copy in gone:
                sql = f"INSERT INTO {copy} ({copy}, rowid, title, text) VALUES ('delete', ?, ?, ?)"  # noqa: S608
                self._connection.execute(sql, (key, *gone[copy]))
            if copy in come:
                sql = f"INSERT INTO {copy} (rowid, title, text) VALUES (?, ?, ?)"  # noqa: S608
                self._connection.execute(sql, (key, *come[copy]))
            if key < self._in_bitmaps:
                had, has = ({*" ".join(copies.get(copy, ())).split()} for copies in (gone, come))
                common.change(self._connection, copy, key, had, has)

    def _drop_vector(self, key: int, still_searched: bool) -> None:
        dropped = self._connection.execute("DELETE FROM vectors WHERE key = ?", (key,)).rowcount
        if dropped and still_searched:
            # Readers hold it in memory under a key that their filters still let through.
            self._connection.execute("UPDATE state SET generation = generation + 1")


def _copies(text: _Text | None) -> dict[str, _Text]:
    """By copy: the words of the title, and of the text."""
    if text is None:
        return {}
    title, body = words_of(text[0]), words_of(text[1])
    return {"exact": (title, body), "folded": (folded_words_of(title), folded_words_of(body))}
