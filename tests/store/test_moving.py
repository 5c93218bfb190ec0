"""The store moves to another database: every row is there, the numbers go on, and half a move is none."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from records.assessment import Correction
from records.case import Act
from records.errors import StoreError, StoreMoved
from store import open_store, table_copy
from store.database import Database
from store.moving import Copied, copy, counted, reopen
from tests.support import postgresql, stores

ITEMS = 50
NOW = datetime(2026, 3, 3, 2, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_copy, "BATCH", 20)


@pytest.fixture
def source(open_here: Callable[[], object], desk_class: type, entries: Callable[..., object], tmp_path: Path) -> Path:
    """The home of a store with something in most of its tables."""
    desk = desk_class(open_here())
    desk.read(
        *(entries(f"tin-{n}", f"Tin số {n}", text=f"Ở xã Hòa Lạc, ngày thứ {n}. \U0001f600") for n in range(ITEMS))
    )
    desk.read(entries("trang"))
    desk.page("trang", "Chữ của trang, và một chữ \0 không ai đọc được")
    desk.assess("tin-1", "tin-2")
    with desk.store.casebook.work() as work:
        work.correct(Correction(desk.item("tin-3").id, "attention", "false", "true", "Trần Bình", desk.now, "thử"))
        work.keep_note("Đã hỏi trạm y tế", desk.now)
        for number in range(5):
            work.trail(desk.now, "Trần Bình", Act.OPEN, f"vụ-{number}", {"mức": "cao"})
    desk.end()
    desk.store.close()
    return tmp_path


@pytest.fixture
def other() -> Iterator[str]:
    """A new database of the other kind than the one before: PostgreSQL."""
    name = f"tin3c_moved_{secrets.token_hex(6)}"
    yield postgresql.create(name).render_as_string(hide_password=False)
    postgresql.drop(name)


def _url(home: Path) -> str:
    return stores.url_of(home) or f"sqlite:///{home / 'tin3c.db'}"


def _moved(old: str, new: str) -> Copied:
    with closing(Database(old)) as source, closing(Database(new)) as target:
        return copy(source, target, lambda _, __: None, NOW)


def _reopen(url: str) -> str | None:
    with closing(Database(url)) as database:
        return reopen(database)


@pytest.mark.postgresql
def test_there_and_back_everything_is_the_same(source: Path, other: str, tmp_path: Path) -> None:
    there = _moved(_url(source), other)
    assert there.tables["items"].rows == ITEMS + 1
    assert there.trail_entries == 5
    assert "leases" not in there.tables
    back = _moved(other, f"sqlite:///{tmp_path / 'back.db'}")
    assert back == there
    _reopen(other)
    with open_store(other, home=source, author_key=stores.KEY) as store:
        assert list(store.problems()) == []
        found = store.assessment_queue.waiting(1)
        assert found == ()
        with store.casebook.work() as work:
            # The numbers go on behind those that were copied.
            (correction, item), *_ = store.reader.corrections()
            work.correct(correction)
            assert work.trail(correction.at, "Trần Bình", Act.OPEN, "vụ-9", {}).number == 6
        assert len(store.reader.corrections()) == 2
        assert item.text.endswith("\U0001f600")


@pytest.mark.postgresql
def test_a_database_that_holds_something_is_left_alone(source: Path, other: str) -> None:
    _moved(_url(source), other)
    _reopen(_url(source))
    with pytest.raises(StoreError, match="is not empty"):
        _moved(_url(source), other)


@pytest.mark.postgresql
def test_a_strange_table_is_something(source: Path, other: str) -> None:
    with closing(Database(other)) as target, target.writing() as connection:
        connection.execute(text("CREATE TABLE somebody_else (number integer)"))
    with pytest.raises(StoreError, match="is not empty"):
        _moved(_url(source), other)


@pytest.mark.postgresql
def test_a_copy_that_is_cut_off_leaves_nothing_and_can_be_begun_anew(source: Path, other: str) -> None:
    def cut(table: str, _: int) -> None:
        if table == "items":
            raise KeyboardInterrupt

    with closing(Database(_url(source))) as old, closing(Database(other)) as new:
        with pytest.raises(KeyboardInterrupt):
            copy(old, new, cut, NOW)
        assert counted(old, new)["items"] == ITEMS + 1  # it could be copied there: nothing is in it
        assert copy(old, new, lambda _, __: None, NOW).tables["items"].rows == ITEMS + 1


@pytest.mark.postgresql
def test_what_comes_out_differently_is_not_kept(source: Path, other: str) -> None:
    open_store(other, home=source, author_key=stores.KEY).close()
    with closing(Database(other)) as new, new.writing() as connection:
        function = "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.title = 'khác'; RETURN NEW; END $$"
        connection.execute(text(f"CREATE FUNCTION another() {function}"))
        connection.execute(text("CREATE TRIGGER one BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION another()"))
    with pytest.raises(StoreError, match="items came out differently"):
        _moved(_url(source), other)
    with closing(Database(_url(source))) as old, closing(Database(other)) as new:
        counted(old, new)  # raises when anything is in it


@pytest.mark.postgresql
def test_writers_wait_until_it_is_copied_and_are_then_refused(source: Path, other: str) -> None:
    ended, begun, refused = threading.Event(), threading.Event(), list[StoreMoved]()

    def write() -> None:
        """As a console does that was open before."""
        begun.set()
        try:
            with store.casebook.work() as work:
                work.keep_note("Viết trong lúc chép", NOW)
        except StoreMoved as error:
            refused.append(error)
        ended.set()

    def looked(table: str, _: int) -> None:
        if table == "items" and not writer.is_alive():
            writer.start()
            assert begun.wait(20)
            assert not ended.wait(0.3)

    writer = threading.Thread(target=write)
    store = open_store(stores.url_of(source), home=source, author_key=stores.KEY)
    with store, closing(Database(_url(source))) as old, closing(Database(other)) as new:
        copied = copy(old, new, looked, NOW)
        writer.join(20)
    assert ended.is_set() and len(refused) == 1, "what is written now would be lost"
    assert copied.tables["notes"].rows == 1


def test_a_store_that_was_moved_is_not_worked_on_until_somebody_says_so(source: Path, tmp_path: Path) -> None:
    open_before = open_store(stores.url_of(source), home=source, author_key=stores.KEY)
    new = f"sqlite:///{tmp_path / 'new.db'}"
    _moved(_url(source), new)
    for attempt in (
        lambda: open_store(stores.url_of(source), home=source, author_key=stores.KEY),
        lambda: open_before.leases.acquire("run", "somebody", timedelta(minutes=1)),
        lambda: open_before.operations.check(),
        lambda: _moved(_url(source), f"sqlite:///{tmp_path / 'third.db'}"),
    ):
        with pytest.raises(StoreMoved, match=r"new\.db at 2026-03-03 02:05 UTC.*tin3c store reopen"):
            attempt()
    assert open_before.reader.counts()["items"] == ITEMS + 1, "it can still be looked at"
    open_store(new, home=tmp_path / "new", author_key=stores.KEY).close()
    assert (_reopen(_url(source)) or "").endswith("new.db")
    assert _reopen(_url(source)) is None
    with open_before:
        assert open_before.leases.acquire("run", "somebody", timedelta(minutes=1))


def test_what_does_not_hold_together_is_said(source: Path) -> None:
    with open_store(stores.url_of(source), home=source, author_key=stores.KEY) as store:
        with store._database.changing_schema() as connection:
            connection.execute(text("UPDATE warc_files SET bytes = bytes + 1000"))
            connection.execute(text("UPDATE trail SET actor = 'Ai đó' WHERE number = 3"))
        problems = list(store.problems())
    assert len(problems) == 2
    assert "the store knows of" in problems[0]
    assert "entry 3" in problems[1]
