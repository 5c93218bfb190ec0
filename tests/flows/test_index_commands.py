"""The index made anew from the store, compared with it and repaired, on both engines."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from flows import doctor, index_check, rebuilding
from flows.indexing import catch_up
from flows.parts import Parts, use
from flows.rebuilding import rebuild
from flows.settings import build
from records.search import IndexedVersion, SearchQuery
from store.tables import vectors
from tests.support import console_seed as seed
from tests.support import stores
from tests.support.command_line import CommandLine

NOW = datetime(2026, 8, 24, tzinfo=UTC)
ENGINES = ["sqlite", pytest.param("elasticsearch", marks=[pytest.mark.elasticsearch, pytest.mark.timeout(400)])]


@dataclass(frozen=True)
class Desk:
    parts: Parts
    command: CommandLine

    def check(self, *arguments: str) -> tuple[int, dict[str, int]]:
        done = self.command.run("index", "check", "--json", *arguments)
        return done.status, json.loads(done.output)


@pytest.fixture(params=ENGINES)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A home with items that no index has yet."""
    values: dict[str, Any] = {}
    if request.param == "elasticsearch":
        running = request.getfixturevalue("elasticsearch")
        prefix = f"tin3c_{secrets.token_hex(4)}"
        request.addfinalizer(lambda: running.forget(prefix))
        login = running.login
        values = {
            "engine": "elasticsearch",
            "addresses": json.dumps(login.addresses),
            "user": login.user,
            "password": login.password,
            "prefix": prefix,
        } | ({"ca_file": str(login.ca_file)} if login.ca_file else {})
    variables = {f"INDEX__{name.upper()}": value for name, value in values.items()}
    addresses = {"addresses": tuple(json.loads(values["addresses"]))} if values else {}
    stores.prepare(tmp_path)
    given = {"home": tmp_path, "store": stores.section(tmp_path), "index": values | addresses}
    with closing(use(build(given))) as parts:
        seed.collect(parts.store)
        yield Desk(parts, CommandLine(tmp_path, variables))


def quiet(looked_at: int, written: int) -> None:
    """No progress."""


def test_a_rebuild_that_was_cut_off_goes_on_and_search_answers_throughout(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "PAGE_ITEMS", 5)
    parts = desk.parts
    whole = rebuild(parts, NOW, quiet)
    assert (whole.kept, whole.rejected) == (0, 0)
    assert whole.written == parts.index.count() > 10
    assert parts.store.index_queue.waiting() == 0
    parts.index.put([seed_document(parts, "surplus", version=3)])

    def cut_off(looked_at: int, written: int) -> None:
        assert parts.index.search(SearchQuery("")).total > 0
        if written >= 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(parts, NOW, cut_off)
    assert parts.index.state().rebuilding
    again = rebuild(parts, NOW, quiet)
    assert again.kept >= 10 and again.written + again.kept == whole.written
    assert not parts.index.state().rebuilding
    assert parts.index.count() == whole.written  # what the store has not is gone


def test_what_differs_is_found_and_put_right(desk: Desk) -> None:
    parts = desk.parts
    rebuild(parts, NOW, quiet)
    first, second, third, *_ = parts.index.versions("", 10)
    parts.index.delete([(first.id, first.version + 7)])
    parts.index.put([seed_document(parts, second.id, version=second.version + 5)])  # as after a restored backup
    parts.index.put([seed_document(parts, "ma", version=1)])
    status, counts = desk.check()
    assert (status, counts["missing"], counts["stale"], counts["surplus"]) == (1, 1, 1, 1)
    assert desk.check("--repair") == (0, counts | {"repaired": 3})
    again = index_check.compare(parts.store.index_queue, parts.index)
    assert (again.differences, again.waiting, again.rejected) == (0, 0, 0)
    there = parts.index.versions_of([first.id, second.id, third.id, "ma"])
    assert there[first.id].version > first.version + 7 and not there[first.id].deleted
    assert there[second.id].version > second.version + 5
    assert (there[third.id], there["ma"].deleted) == (IndexedVersion(third.id, third.version), True)


def test_what_was_put_aside_is_so_no_more_when_a_new_index_has_it(desk: Desk) -> None:
    parts = desk.parts
    store = parts.store
    # As an encoder left it whose vectors were shorter.
    parts.index.put([replace(seed_document(parts, "ma", version=1), vector=bytes.fromhex("003c") + bytes(2 * 31))])
    first = next(one for one in store.index_queue.pending(100)[0] if one.vector)
    set_vector(parts, first.id, bytes(768))
    catch_up(store.index_queue, parts.index, NOW)
    said, rejected = told_aside(parts)
    assert rejected > 10 and f"would not take {rejected} documents" in said[0] and "32" in said[0]
    found = index_check.compare(store.index_queue, parts.index)
    assert (found.rejected, [*found.missing, *found.stale]) == (rejected, [])

    assert rebuild(parts, NOW, quiet).rejected == 1
    said, rejected = told_aside(parts)
    assert rejected == 1 and f"{first.id}: its vector is not of length 1" in said[0]
    found = index_check.compare(store.index_queue, parts.index)
    assert (found.rejected, found.waiting, found.differences) == (1, 0, 0)
    assert parts.index.count() == found.compared - 1

    set_vector(parts, first.id, first.vector)
    assert rebuild(parts, NOW, quiet).rejected == 0
    assert told_aside(parts) == ([], 0)
    assert parts.index.count() == found.compared


def told_aside(parts: Parts) -> tuple[list[str], int]:
    """What `doctor` finds bad about the index, and how many documents the metrics count as put aside."""
    bad = [finding.what for finding in doctor._index(parts) if finding.health is doctor.Health.BAD]
    return bad, parts.store.operations.workload(NOW).index_rejected


def set_vector(parts: Parts, item_id: str, vector: bytes) -> None:
    with parts.store._database.writing() as connection:
        connection.execute(update(vectors).where(vectors.c.item_id == item_id).values(vector=vector))


def test_what_waits_is_no_difference(desk: Desk) -> None:
    queue = desk.parts.store.index_queue
    found = index_check.compare(queue, desk.parts.index)
    assert found.differences == 0
    assert found.waiting == found.compared == queue.waiting() > 10


def seed_document(parts: Parts, id: str, version: int) -> Any:
    some = parts.store.index_queue.stored("", 1)[0]
    (document,) = parts.store.index_queue.documents([some.id])
    return replace(document, id=id, version=version)
