"""Documents for the index's tests, and an index on each engine."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index.elastic_connection import Access
from index.elasticsearch import ElasticsearchIndex, Layout
from index.sqlite import SqliteIndex
from records.ports import SearchIndex
from records.search import IndexDocument
from records.source import Owner
from tests.support.elasticsearch_node import Running

NOW = datetime(2026, 8, 1, tzinfo=UTC)

Make = Callable[..., IndexDocument]
#: Another object on the same index, as another process has it.
Open = Callable[[], SearchIndex]

ENGINES = [
    "sqlite",
    pytest.param("elasticsearch", marks=[pytest.mark.elasticsearch, pytest.mark.timeout(400)]),
]


def sqlite_at(folder: Path, stack: ExitStack) -> Open:
    return lambda: stack.enter_context(closing(SqliteIndex(folder / "index")))


def elasticsearch_at(running: Running, stack: ExitStack, shards: int = 1, replicas: int = 1) -> Open:
    """Under a prefix of its own, and gone with the test."""
    layout = Layout(f"tin3c_{secrets.token_hex(4)}", shards, replicas)
    login = running.login
    access = Access(login.addresses, login.user, login.password, ca_file=login.ca_file)
    stack.callback(running.forget, layout.prefix)
    return lambda: stack.enter_context(closing(ElasticsearchIndex(access, layout)))


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What SQLite's index does for every few thousand documents, it does for every few here."""
    monkeypatch.setattr("index.common.BLOCK", 16)
    monkeypatch.setattr("index.columns.LARGEST_TAIL", 20)


@pytest.fixture(params=ENGINES)
def open_index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    with ExitStack() as stack:
        if request.param == "sqlite":
            yield sqlite_at(tmp_path, stack)
        else:
            yield elasticsearch_at(request.getfixturevalue("elasticsearch"), stack)


@pytest.fixture
def index(open_index: Open) -> SearchIndex:
    return open_index()


@pytest.fixture
def make() -> Make:
    def document(id: str, title: str = "", text: str = "", minutes: float = 0, **fields: Any) -> IndexDocument:
        known = {
            "version": 1,
            "source_id": "bao",
            "owner": Owner.PRESS,
            "published": NOW + timedelta(minutes=minutes),
            "first_seen": NOW,
            "health": True,
        }
        return IndexDocument(id=id, title=title, text=text, **(known | fields))

    return document


@pytest.fixture
def vectors() -> Callable[[int, int], np.ndarray]:
    """(n, d) float16 of length 1, always the same for the same numbers."""

    def random(count: int, seed: int) -> np.ndarray:
        values = np.random.default_rng(seed).normal(size=(count, 32))
        return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype("<f2")

    return random
