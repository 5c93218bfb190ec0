"""From nothing to the newest schema, and no further than this code knows."""

from __future__ import annotations

import multiprocessing
import secrets
import subprocess
import sys
from contextlib import closing, contextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import JSON, create_engine, insert, text

from records.errors import StoreError, StoreOutOfDate
from store import open_store
from store.database import Database
from store.migrate import bring_to, known_versions, upgrade
from tests.support import postgresql


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url(request, tmp_path):
    """The address of a new, empty database of either kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new.db'}"
        return
    name = f"tin3c_new_{secrets.token_hex(6)}"
    yield postgresql.create(name).render_as_string(hide_password=False)
    postgresql.drop(name)


def _open(url, home):
    open_store(url, home=home, author_key=b"k").close()


@contextmanager
def _connection(url):
    engine = create_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def _default_differs(context, inspected, column, inspected_default, default, rendered):
    """None leaves it to alembic, which asks PostgreSQL whether the two are equal: of JSON it cannot tell."""
    if not isinstance(column.type, JSON) or inspected_default is None or rendered is None:
        return None
    return inspected_default.partition("::")[0] != rendered


def test_the_migrations_make_the_tables_that_the_code_has(url, tmp_path):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from store.tables import metadata

    _open(url, tmp_path)
    with _connection(url) as connection:
        opts = {"compare_type": True, "compare_server_default": _default_differs}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, metadata) == []
        if connection.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"


def test_what_waited_for_its_judgement_waits_after_an_upgrade(url, tmp_path):
    from store.tables import narratives

    now = datetime(2026, 3, 2, tzinfo=UTC)
    story = {"label": "Luồng tin", "words": [], "places": [], "items": 1, "first_seen": now, "last_seen": now}
    story |= {"first_source_id": "bao", "kinds": {}, "stances": {}, "level_rank": 0}
    ways = {"changed": (2, 1, False), "judged": (2, 2, False), "new": (1, 0, False), "rising": (2, 2, True)}
    with closing(Database(url)) as database:
        with database.changing_schema() as connection:
            bring_to(connection, "0009")
        with database.writing() as connection:
            for id, (revision, judged, rising) in ways.items():
                mark = {"id": id, "revision": revision, "judged_revision": judged, "rising": rising}
                connection.execute(insert(narratives).values(story | mark))
        upgrade(database)
    with open_store(url, home=tmp_path, author_key=b"k") as store:
        assert store.risk.to_judge() == ("changed", "new", "rising")


@pytest.mark.postgresql
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_postgresql_orders_every_text_by_code_points(url, tmp_path):
    _open(url, tmp_path)
    with _connection(url) as connection:
        ours = text(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND data_type IN ('text', 'character varying') AND collation_name IS DISTINCT FROM 'C'"
        )
        assert connection.execute(ours).all() == []


def test_the_newest_migration_is_the_one_that_alembic_names():
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from store.migrate import FOLDER

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    assert ScriptDirectory.from_config(config).get_heads() == [known_versions()[-1]]


def test_a_newer_store_is_not_touched(url, tmp_path):
    _open(url, tmp_path)
    with _connection(url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreOutOfDate, match="9999"):
        _open(url, tmp_path)


def test_two_processes_can_create_one_store(url, tmp_path):
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=_open, args=(url, tmp_path), daemon=True) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join(60)
    assert [process.exitcode for process in both] == [0, 0]


def test_importing_and_opening_a_store_that_is_up_to_date_does_not_import_alembic(tmp_path):
    _open(None, tmp_path)
    program = (
        "import sys, pathlib, store; store.open_store(None, home=pathlib.Path(sys.argv[1]), author_key=b'k').close();"
        "sys.exit(any(name in sys.modules for name in ('alembic', 'warcio', 'numpy')))"
    )
    assert subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False).returncode == 0


@pytest.mark.parametrize("url", ["mysql://host/x", "not a url", "sqlite:////nowhere/at/all/tin3c.db"])
def test_a_store_that_cannot_be_opened_says_so_without_its_password(tmp_path, url):
    with pytest.raises(StoreError):
        open_store(url, home=tmp_path, author_key=b"k")
