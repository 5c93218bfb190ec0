"""From nothing to the newest schema, and no further than this code knows."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys

import pytest
from sqlalchemy import create_engine, text

from records.errors import StoreError, StoreOutOfDate
from store import open_store
from store.migrate import known_versions


def _open(home):
    open_store(None, home=home, author_key=b"k").close()


def _engine(home):
    return create_engine(f"sqlite:///{home / 'tin3c.db'}")


def test_the_migrations_make_the_tables_that_the_code_has(tmp_path):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from store.tables import metadata

    _open(tmp_path / "new")
    engine = _engine(tmp_path / "new")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    engine.dispose()


def test_the_newest_migration_is_the_one_that_alembic_names():
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from store.migrate import FOLDER

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    assert ScriptDirectory.from_config(config).get_heads() == [known_versions()[-1]]


def test_a_newer_store_is_not_touched(tmp_path):
    _open(tmp_path)
    engine = _engine(tmp_path)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreOutOfDate, match="9999"):
        _open(tmp_path)


def test_two_processes_can_create_one_store(tmp_path):
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=_open, args=(tmp_path,), daemon=True) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    assert [process.exitcode for process in both] == [0, 0]


def test_importing_and_opening_a_store_that_is_up_to_date_does_not_import_alembic(tmp_path):
    _open(tmp_path)
    program = (
        "import sys, pathlib, store; store.open_store(None, home=pathlib.Path(sys.argv[1]), author_key=b'k').close();"
        "sys.exit(any(name in sys.modules for name in ('alembic', 'warcio', 'numpy')))"
    )
    assert subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False).returncode == 0


@pytest.mark.parametrize("url", ["mysql://host/x", "not a url", "sqlite:////nowhere/at/all/tin3c.db"])
def test_a_store_that_cannot_be_opened_says_so_without_its_password(tmp_path, url):
    with pytest.raises(StoreError):
        open_store(url, home=tmp_path, author_key=b"k")
