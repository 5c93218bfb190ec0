"""The store of each test's home: SQLite in it, or, with TIN3C_TEST_STORE=postgresql, a PostgreSQL database of its own.

Every test that opens a store asks here for its URL, so that one suite runs on both.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import secrets
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, create_engine, select, text

from store import Store, open_store
from store.core import FILE_NAME
from tests.support import postgresql

ON_POSTGRESQL = os.environ.get("TIN3C_TEST_STORE", "sqlite") == "postgresql"
KEY = b"a key for tests"
#: Names of one session's databases begin with this: a running server may be used by several sessions.
_PREFIX = f"tin3c_test_{secrets.token_hex(4)}_"
_made: set[str] = set()


def url_of(home: Path) -> str | None:
    """What store.url is to be for `home`; None where its default is right. The database is there, and migrated."""
    if not ON_POSTGRESQL:
        return None
    name = _name(home)
    if name not in _made:
        postgresql.create(name, _template())
        _made.add(name)
    return _text(name)


def section(home: Path) -> dict[str, str]:
    """The section [store] of the settings for `home`."""
    url = url_of(home)
    return {"url": url} if url else {}


def environment(home: Path) -> dict[str, str]:
    """What a child needs in its environment to open the store of `home`."""
    url = url_of(home)
    return {"TIN3C_STORE__URL": url} if url else {}


def use_here(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """Have this process take `home` as its own, as a command run in it does."""
    for name, value in {"TIN3C_HOME": str(home), **environment(home)}.items():
        monkeypatch.setenv(name, value)


def open_at(home: Path, key: bytes = KEY) -> Store:
    """The store of `home`, empty at first."""
    prepare(home)
    return open_store(url_of(home), home=home, author_key=key)


def prepare(home: Path) -> None:
    """Put an empty, migrated store into `home`, if none is there: migrating takes longer than most tests."""
    home.mkdir(parents=True, exist_ok=True)
    if not ON_POSTGRESQL and not (home / FILE_NAME).exists():
        (home / FILE_NAME).write_bytes(_empty_file())


def copy(old: Path, new: Path) -> None:
    """Give `new` the database of `old`. Its files (captures, index) are the caller's to copy."""
    new.mkdir(parents=True, exist_ok=True)
    if ON_POSTGRESQL:
        url_of(old)
        discard({_name(new)} & _made)
        postgresql.create(_name(new), _name(old))
        _made.add(_name(new))
        return
    with sqlite3.connect(old / FILE_NAME) as source, sqlite3.connect(new / FILE_NAME) as target:
        source.backup(target)
    source.close()
    target.close()


@contextmanager
def rows(home: Path) -> Iterator[Any]:
    """A function that reads: a statement in, the rows as plain tuples out. For what no port tells."""
    engine = create_engine(url_of(home) or f"sqlite:///{home / FILE_NAME}")
    try:
        with engine.connect() as connection:
            yield lambda statement: [tuple(row) for row in connection.execute(text(statement))]
    finally:
        engine.dispose()


def texts(home: Path) -> Iterator[tuple[str, str]]:
    """(table, text) of every text in every row, those inside JSON included."""
    engine = create_engine(url_of(home) or f"sqlite:///{home / FILE_NAME}")
    try:
        with engine.connect() as connection:
            metadata = MetaData()
            metadata.reflect(connection)
            for table in metadata.sorted_tables:
                for row in connection.execute(select(table)):
                    for value in row:
                        if isinstance(value, str | list | dict):
                            yield table.name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    finally:
        engine.dispose()


def made() -> frozenset[str]:
    """The databases that are there now, for `discard`."""
    return frozenset(_made)


def discard(names: set[str] | frozenset[str]) -> None:
    for name in names & _made:
        postgresql.drop(name)
        _made.discard(name)


def discard_all() -> None:
    discard(made())
    if _template.cache_info().currsize:
        postgresql.drop(_template())


def _name(home: Path) -> str:
    return _PREFIX + hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:16]


def _text(name: str) -> str:
    return postgresql.server().set(database=name).render_as_string(hide_password=False)


@functools.cache
def _template() -> str:
    name = _PREFIX + "template"
    postgresql.create(name)
    _migrate(_text(name))
    return name


@functools.cache
def _empty_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        _migrate(f"sqlite:///{Path(folder) / FILE_NAME}")
        return (Path(folder) / FILE_NAME).read_bytes()


def _migrate(url: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        open_store(url, home=Path(folder), author_key=KEY).close()
