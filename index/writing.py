"""What writing does to the index's tables, inside a transaction that the caller holds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

from index.accepting import LONGEST_TEXT_CHARACTERS, other_dimensions, problem_of
from index.query import folded_words_of, words_of
from index.times import microseconds
from records.search import IndexDocument, Rejected
from records.text import normalize


class Writer:
    """Made for one transaction, in which every row that it touches gets the same new change number."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute("UPDATE state SET change = change + 1")
        self._change, self._dimensions = connection.execute("SELECT change, dimensions FROM state").fetchone()

    def put(self, documents: Sequence[IndexDocument]) -> tuple[Rejected, ...]:
        """Insert or replace each whose stored version is not higher; those that cannot be stored, with the reason."""
        rejected = []
        for document in documents:
            if problem := self._problem(document):
                rejected.append(Rejected(document.id, document.version, problem))
            else:
                self._put(document)
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
        if row is not None and row[2] is not None:
            self._take_out(row[0], row[3], row[4])
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
        for table, columns in _copies(title, text):
            sql = f"INSERT INTO {table} (rowid, title, text) VALUES (?, ?, ?)"  # noqa: S608
            self._connection.execute(sql, (key, *columns))
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
                    self._take_out(row[0], row[3], row[4])
                self._connection.execute(
                    "UPDATE documents SET version = ?, change = ?, health = NULL, time = NULL, title = '', text = '',"
                    " source_id = NULL, owner = NULL, topic = NULL, kind = NULL, stance = NULL, harm = NULL,"
                    " places = NULL, narrative_id = NULL WHERE key = ?",
                    (version, self._change, row[0]),
                )
                self._drop_vector(row[0], still_searched=False)

    def clear(self) -> None:
        for table in ("exact", "folded"):
            self._connection.execute(f"INSERT INTO {table} ({table}) VALUES ('delete-all')")  # noqa: S608
        self._connection.execute("DELETE FROM documents")
        self._connection.execute("DELETE FROM vectors")
        self._connection.execute("UPDATE state SET generation = generation + 1, dimensions = 0, approximate_change = 0")

    def _take_out(self, key: int, title: str, text: str) -> None:
        for table, columns in _copies(title, text):
            sql = f"INSERT INTO {table} ({table}, rowid, title, text) VALUES ('delete', ?, ?, ?)"  # noqa: S608
            self._connection.execute(sql, (key, *columns))

    def _drop_vector(self, key: int, still_searched: bool) -> None:
        dropped = self._connection.execute("DELETE FROM vectors WHERE key = ?", (key,)).rowcount
        if dropped and still_searched:
            # Readers hold it in memory under a key that their filters still let through.
            self._connection.execute("UPDATE state SET generation = generation + 1")


def _copies(title: str, text: str) -> Iterable[tuple[str, tuple[str, str]]]:
    exact = words_of(title), words_of(text)
    return ("exact", exact), ("folded", (folded_words_of(exact[0]), folded_words_of(exact[1])))
