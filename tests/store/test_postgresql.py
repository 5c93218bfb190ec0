"""What PostgreSQL does that SQLite does not: it can be away, refuse, and let two writers meet."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, insert, select, text, update

from records.errors import StoreAway, StoreBusy, StoreError
from records.source import Owner, Source, SourceKind
from store import open_store
from store.database import Database, claim, retried
from store.recount import recount
from store.tables import items, narratives
from tests.support import postgresql
from tests.support.certificates import write_certificates

pytestmark = pytest.mark.postgresql

NOW = datetime(2026, 3, 2, tzinfo=UTC)
PLACES = Table("places", MetaData(), Column("name", String, primary_key=True), Column("taken", Integer))
SOURCE = Source("bao", "Báo Ví Dụ", "https://bao.example/rss", SourceKind.FEED, Owner.PRESS, enabled=True)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Of a database with the table `places`, for all tests here."""
    postgresql.server()
    name = "tin3c_meeting"
    postgresql.drop(name)
    yield postgresql.create(name).render_as_string(hide_password=False)
    postgresql.drop(name)


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    found = Database(address)
    with found.writing() as connection:
        PLACES.drop(connection, checkfirst=True)
        PLACES.create(connection)
        connection.execute(insert(PLACES), [{"name": f"{n:03}", "taken": 0} for n in range(300)])
    yield found
    found.close()


def _meeting(database: Database) -> Callable[[str, str], None]:
    """A function that writes to two rows, the first call of each thread together with the other's."""
    together, met = threading.Barrier(2, timeout=20), threading.local()

    def write(first: str, second: str) -> None:
        with database.writing() as connection:
            connection.execute(update(PLACES).where(PLACES.c.name == first).values(taken=PLACES.c.taken + 1))
            if not hasattr(met, "once"):
                met.once = True
                together.wait()
            connection.execute(update(PLACES).where(PLACES.c.name == second).values(taken=PLACES.c.taken + 1))

    return write


def _outcomes(write: Callable[[str, str], None]) -> list[BaseException | None]:
    with ThreadPoolExecutor(2) as threads:
        return [one.exception() for one in (threads.submit(write, "001", "002"), threads.submit(write, "002", "001"))]


def test_of_two_that_wait_for_each_other_one_gives_way(database: Database) -> None:
    assert sorted(type(one).__name__ for one in _outcomes(_meeting(database))) == ["NoneType", StoreBusy.__name__]


def test_what_gave_way_is_begun_anew(database: Database) -> None:
    assert _outcomes(retried(_meeting(database))) == [None, None]
    with database.reading() as connection:
        assert connection.execute(select(PLACES.c.taken).where(PLACES.c.taken > 0)).scalars().all() == [2, 2]


def test_nothing_is_claimed_twice(database: Database) -> None:
    def claimed(_: int) -> list[str]:
        with database.writing() as connection:
            return claim(connection, PLACES, PLACES.c.taken == 0, (PLACES.c.name,), 20, taken=1)

    with ThreadPoolExecutor(4) as threads:
        found = [name for names in threads.map(claimed, range(16)) for name in names]
    assert len(found) == len(set(found)) == 300


def test_two_that_change_a_narrative_count_what_both_did(tmp_path: Path) -> None:
    name = "tin3c_counting"
    postgresql.drop(name)
    address = postgresql.create(name).render_as_string(hide_password=False)
    with open_store(address, home=tmp_path, author_key=bytes(32)) as store, closing(Database(address)) as database:
        store.sources.save(SOURCE, NOW)
        _narrative_of_two(database)
        first_changed, second_asks = threading.Event(), threading.Event()

        def first() -> None:
            with database.writing() as connection:
                connection.execute(update(items).where(items.c.id == "a").values(narrative_id=None))
                recount(connection, ["a"])
                first_changed.set()
                assert second_asks.wait(20)
                time.sleep(0.3)  # the second is at its counting by now

        def second() -> None:
            assert first_changed.wait(20)
            with database.writing() as connection:
                connection.execute(update(items).where(items.c.id == "b").values(narrative_id=None))
                second_asks.set()
                recount(connection, ["a"])

        with ThreadPoolExecutor(2) as threads:
            for one in [threads.submit(first), threads.submit(second)]:
                one.result()
        assert list(store.problems()) == []
    postgresql.drop(name)


def _narrative_of_two(database: Database) -> None:
    moments = dict.fromkeys(("first_seen", "last_seen"), NOW)
    story = {"id": "a", "label": "", "words": [], "places": [], "items": 2, "first_source_id": SOURCE.id, "kinds": {}}
    story |= {"stances": {}, "level_rank": -1, "revision": 0, "judged_revision": 0} | moments
    one = {"source_id": SOURCE.id, "title": "", "summary": "", "text": "", "version": 1, "version_seen": NOW}
    one |= {"stage": "assessed", "text_hash": "", "entry_hash": "", "whole_in_feed": True, "revision": 1} | moments
    one |= {"moment": NOW, "narrative_id": "a"}
    with database.writing() as connection:
        connection.execute(insert(narratives).values(story))
        connection.execute(insert(items), [one | {"id": id, "canonical": id, "address": id} for id in "ab"])


def test_a_connection_that_is_cut_is_away_and_the_next_one_works(database: Database) -> None:
    with pytest.raises(StoreAway), database.writing() as connection:
        connection.execute(update(PLACES).values(taken=7))
        _cut("tin3c_meeting")
        connection.execute(select(PLACES))
    with database.reading() as connection:
        assert set(connection.execute(select(PLACES.c.taken)).scalars()) == {0}
    _cut("tin3c_meeting")  # those that wait in the pool are not noticed until they are used
    with database.reading() as connection:
        assert connection.execute(select(PLACES.c.name)).first() is not None


def _cut(name: str) -> None:
    with postgresql.connect(postgresql.server()) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


def test_an_error_says_neither_values_nor_the_password(database: Database) -> None:
    with pytest.raises(StoreError) as refused, database.writing() as connection:
        connection.execute(insert(PLACES).values(name="001", taken=3))
    assert "unique constraint" in str(refused.value)
    assert "(001)" not in str(refused.value)
    with_another = postgresql.server().set(password="mat-khau-sai").render_as_string(hide_password=False)
    with closing(Database(with_another)) as wrong, pytest.raises(StoreAway) as away, wrong.reading():
        pass
    assert "password authentication failed" in str(away.value)
    assert "mat-khau-sai" not in str(away.value)


def test_the_server_s_certificate_is_verified(address: str, tmp_path: Path) -> None:
    asked = text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    verified = f"{address}?sslmode=verify-full&sslrootcert="
    with closing(Database(f"{verified}{postgresql.authority()}")) as right, right.reading() as connection:
        assert connection.execute(asked).scalar() is True
    other = write_certificates(tmp_path)
    with (
        closing(Database(f"{verified}{other}")) as wrong,
        pytest.raises(StoreAway, match="certificate"),
        wrong.reading(),
    ):
        pass


def test_a_store_that_was_away_goes_on(tmp_path: Path) -> None:
    """The same store object: cut in the middle of an act, which then never was, and used again."""
    name = "tin3c_going_on"
    postgresql.drop(name)
    url = postgresql.create(name).render_as_string(hide_password=False)
    with open_store(url, home=tmp_path, author_key=b"k") as store:
        store.sources.save(SOURCE, NOW)
        with pytest.raises(StoreAway), store.casebook.work() as work:
            work.keep_note("Gọi lại cho trạm", NOW)
            _cut(name)
            work.keep_note("Đã gọi", NOW)
        assert store.sources.get("bao") == SOURCE
        with store.casebook.work() as work:
            kept = work.keep_note("Gọi lại cho trạm", NOW)
        assert store.reader.note(kept) == "Gọi lại cho trạm"
    postgresql.drop(name)
