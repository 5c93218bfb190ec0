"""An upgrade holds as a whole or not at all, and its backup brings the old program's store back."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.cli.main import app
from flows import backup, upgrade, wiring
from flows.restore import Restoring, way_back
from flows.settings import Settings, build
from records.address import item_id
from records.errors import InputError, StoreError, StoreOutOfDate
from store import migrate
from store.table_copy import TableFigures, figures
from tests.support import busy_store
from tests.support.databases import KINDS, database

_FAILS = "raise RuntimeError('half-way')"
#: What SQLite can only do by building the table anew, which other tables refer to.
_MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{before}"


def upgrade() -> None:
    op.execute(sa.text("UPDATE items SET title = 'another'"))
    with op.batch_alter_table("items") as table:
        table.alter_column("summary", new_column_name="abstract")
    {end}
"""


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("TIN3C_") and not n.startswith("TIN3C_TEST")]:
        monkeypatch.delenv(name)


def newer_program(folder: Path, end: str) -> Path:
    """The migrations of a program that has one more."""
    before = migrate.known_versions()[-1]
    shutil.copytree(migrate.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9999_next.py").write_text(_MIGRATION.format(before=before, end=end))
    return folder


def rows(settings: Settings) -> dict[str, TableFigures]:
    with closing(wiring.database(settings)) as one, one.reading() as connection:
        return figures(connection)


@pytest.mark.parametrize("kind", KINDS)
def test_upgraded_or_as_it_was(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with database(kind) as url, database(kind) as empty:
        settings = build({"home": tmp_path / "home", "store": {"url": url} if url else {}})
        with closing(wiring.open_store(settings)) as store:
            store.sources.save(busy_store.SOURCE, busy_store.NOW)
            busy_store.write_round(store, 0)
        before, old = rows(settings), migrate.FOLDER
        assert upgrade.upgrade(settings) is None

        monkeypatch.setattr(migrate, "FOLDER", newer_program(tmp_path / "fails", _FAILS))
        with pytest.raises(StoreOutOfDate, match="tin3c upgrade"):
            wiring.open_store(settings)
        with pytest.raises(StoreError, match=r"half-way.*as it was.*old program.*upgrades"):
            upgrade.upgrade(settings)
        assert rows(settings) == before
        monkeypatch.setattr(migrate, "FOLDER", old)
        wiring.open_store(settings).close()

        monkeypatch.setattr(migrate, "FOLDER", newer_program(tmp_path / "works", "pass"))
        made = upgrade.upgrade(settings, tmp_path / "before")
        assert made is not None
        after = rows(settings)
        assert after.pop("items") != (items := before.pop("items"))
        # What refers to the table that was built anew is still there.
        assert after == before

        monkeypatch.setattr(migrate, "FOLDER", old)
        with pytest.raises(StoreOutOfDate, match="update the program"):
            wiring.open_store(settings)
        Restoring(settings.home, made.path, to_store=empty, replace=True).carry_out(busy_store.NOW)
        settings = build({"home": settings.home, "store": {"url": empty} if empty else {}})
        assert rows(settings)["items"].rows == items.rows
        with closing(wiring.open_store(settings)) as store:
            item = store.reader.item(item_id(busy_store.address(1)))
            assert item.title == "Tin về sốt xuất huyết số 1"
            # Captures were not touched by the upgrade, nor by going back.
            assert store.reader.capture_of(item.id) is not None


def test_an_index_of_another_program_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIN3C_HOME", str(tmp_path))

    def said(*options: str) -> str:
        answer = CliRunner().invoke(app, ["upgrade", *options])
        assert answer.exit_code == 0
        return answer.stdout

    assert json.loads(said("--json"))["index_rebuild"] is False and not (tmp_path / "index").exists()
    wiring.open_index(build({"home": tmp_path})).clear()
    assert "index rebuild" not in said()
    with closing(sqlite3.connect(tmp_path / "index" / "index.db")) as index:
        index.execute("PRAGMA user_version = 2")
    assert "`tin3c index rebuild`" in said("--dry-run")
    assert json.loads(said("--json"))["index_rebuild"] is True
    wiring.open_store(build({"home": tmp_path})).close()
    assert CliRunner().invoke(app, ["index", "rebuild"]).exit_code == 0
    assert json.loads(said("--json"))["index_rebuild"] is False


def test_a_store_that_was_opened_and_not_used_is_empty(tmp_path: Path) -> None:
    """As a console leaves it that was started before anybody thought of the backup."""
    settings = build({"home": tmp_path / "home"})
    with closing(wiring.open_store(settings)) as store:
        store.sources.save(busy_store.SOURCE, busy_store.NOW)
    made = backup.make(settings, tmp_path / "backups")
    with database("postgresql") as url:
        other = build({"home": tmp_path / "other", "store": {"url": url}})
        wiring.open_store(other).close()
        Restoring(other.home, made.path, to_store=url, replace=True).carry_out(busy_store.NOW)
        with closing(wiring.open_store(other)) as store:
            assert store.sources.all() == (busy_store.SOURCE,)


def test_the_way_back_is_one_that_can_be_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://tin3c@localhost/tin3c"
    assert way_back(build({"home": tmp_path}), tmp_path) == f"`tin3c restore {tmp_path} --replace`"
    elsewhere = build({"home": tmp_path, "store": {"url": url}})
    assert f"`tin3c restore {tmp_path} --to-store ITS_URL`" in way_back(elsewhere, tmp_path)
    monkeypatch.setenv("TIN3C_STORE__URL", url)
    assert way_back(elsewhere, tmp_path).endswith(f"let TIN3C_STORE__URL name it, and run `tin3c restore {tmp_path}`")


def test_what_is_not_empty_is_not_restored_into(tmp_path: Path) -> None:
    settings = build({"home": tmp_path / "home"})
    wiring.open_store(settings).close()
    made = backup.make(settings, tmp_path / "backups")
    with database("postgresql") as url:
        other = build({"home": tmp_path / "other", "store": {"url": url}})
        with closing(wiring.open_store(other)) as store:
            store.sources.save(busy_store.SOURCE, busy_store.NOW)
            with pytest.raises(StoreError, match="not empty"):
                Restoring(tmp_path / "new", made.path, to_store=url).plan()
    with pytest.raises(InputError, match="not empty"):
        Restoring(settings.home, made.path).plan()
