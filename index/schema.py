"""The index's own SQLite file: its tables, and how it is opened.

A document is a row of `documents` and, while it is not deleted, a row of each of two contentless FTS5 tables: `exact`
holds its words with their marks, `folded` without. Contentless tables keep no text: what has to be taken out is
computed again from the title and text in `documents`. Both tables hold words cut by Python, one space apart, so that
FTS5's ascii tokenizer splits them at the spaces and nowhere else. What the commonest words' documents are is held a
second time, as bitmaps (index/common.py), and what is filtered by, as columns (index/columns.py).

A document's `key` is its rowid in the FTS5 tables too. Small numbers, one after the other, take two thirds of the space
there and half of a common word's time, against rowids that follow the documents' times.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from records.errors import SearchUnavailable

FILE_NAME = "index.db"
SCHEMA_VERSION = 3
BUSY_SECONDS = 30.0
_APPLICATION_ID = 0x74336378

_TABLES = """
CREATE TABLE documents (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    change INTEGER NOT NULL,
    health INTEGER,         -- NULL: deleted, and kept so that a late older write does not bring it back
    time INTEGER,           -- microseconds since 1970, published or else first seen
    source_id TEXT, owner TEXT, topic TEXT, kind TEXT, stance TEXT, harm TEXT,
    places TEXT,            -- a JSON list, NULL when there is none
    narrative_id TEXT,
    title TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT ''  -- last: what stands behind a long one is slow to read
);
CREATE INDEX documents_change ON documents (change);
CREATE TABLE vectors (key INTEGER PRIMARY KEY, change INTEGER NOT NULL, vector BLOB NOT NULL);
CREATE INDEX vectors_change ON vectors (change);
-- The commonest words of each copy (a table's name below), and which documents of a block of keys have them.
CREATE TABLE common (number INTEGER PRIMARY KEY, copy TEXT NOT NULL, word TEXT NOT NULL, UNIQUE (copy, word));
CREATE TABLE bitmaps (number INTEGER NOT NULL, block INTEGER NOT NULL, bits BLOB NOT NULL,
                      PRIMARY KEY (number, block)) WITHOUT ROWID;
-- The columns of index/columns.py as they were at one change: no row, or one.
CREATE TABLE snapshot (held BLOB NOT NULL);
-- change: counts writing transactions. generation: grows when what was read before must be forgotten.
-- dimensions: of all vectors, 0 before the first.
-- approximate_change: up to which change the vectors are in the usearch file.
-- blocks: so many blocks of keys have their bitmaps. snapshot_change: of the snapshot, 0 before the first.
CREATE TABLE state (change INTEGER NOT NULL, generation INTEGER NOT NULL, dimensions INTEGER NOT NULL,
                    approximate_change INTEGER NOT NULL, blocks INTEGER NOT NULL, snapshot_change INTEGER NOT NULL);
INSERT INTO state VALUES (0, 0, 0, 0, 0, 0);
CREATE VIRTUAL TABLE exact USING fts5(title, text, content='', tokenize="ascii tokenchars '_'");
CREATE VIRTUAL TABLE folded USING fts5(title, text, content='', tokenize="ascii tokenchars '_'");
"""


def connect(folder: Path) -> sqlite3.Connection:
    """Open the index in `folder`, making it where there is none.

    Raises SearchUnavailable when the file is not ours, of another version, damaged or cannot be written.
    """
    path = folder / FILE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise SearchUnavailable(f"the search index {path} cannot be opened: {error}") from error
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # NORMAL could lose the last transaction with the power, when the store's queue already counts it as done.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -65536")
        _create_once(connection)
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (application,) = connection.execute("PRAGMA application_id").fetchone()
    except sqlite3.Error as error:
        connection.close()
        raise SearchUnavailable(f"the search index {path} cannot be used: {error}") from error
    if (version, application) != (SCHEMA_VERSION, _APPLICATION_ID):
        connection.close()
        raise SearchUnavailable(f"the search index {path} is of another version: run `tin3c index rebuild`")
    return connection


def is_of_another_version(folder: Path) -> bool:
    """Whether the index in `folder` is one that `connect` refuses for its version. Changes nothing; of a file that
    cannot be read nothing is known."""
    path = folder / FILE_NAME
    if not path.is_file() or not path.stat().st_size:
        return False
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", timeout=BUSY_SECONDS, uri=True)
        ) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (application,) = connection.execute("PRAGMA application_id").fetchone()
    except sqlite3.Error:
        return False
    return bool((version, application) != (SCHEMA_VERSION, _APPLICATION_ID))


def _is_empty(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_schema").fetchone() is None


def _create_once(connection: sqlite3.Connection) -> None:
    if not _is_empty(connection):
        return  # before the lock: whoever only searches must not wait for a batch that is being written
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _is_empty(connection):
            # executescript would commit first; the statements are split where SQLite says that one is complete.
            statement = ""
            for line in _TABLES.splitlines():
                statement += line + "\n"
                if sqlite3.complete_statement(statement):
                    connection.execute(statement)
                    statement = ""
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
