"""Brings a database to the schema that this code knows. alembic is imported only when there is something to do."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from records.errors import StoreOutOfDate
from store.database import Database, serialize

FOLDER = Path(__file__).parent / "migrations"


def known_versions() -> list[str]:
    """The numbers of the migrations that this code has, oldest first."""
    return sorted(file.name.partition("_")[0] for file in (FOLDER / "versions").glob("[0-9]*.py"))


def stored_version(connection: Connection) -> str | None:
    """None for a database without our tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def migrate(database: Database) -> None:
    """Create the tables or bring them up to date. Raises StoreOutOfDate when they are newer than this code."""
    known = known_versions()
    with database.reading() as connection:
        if stored_version(connection) == known[-1]:
            return
    with database.writing() as connection:
        serialize(connection, "migrate")
        stored = stored_version(connection)  # again: another process may have been quicker
        if stored == known[-1]:
            return
        if stored is not None and stored not in known:
            raise StoreOutOfDate(f"the store has schema {stored}; this program knows {known[-1]}: update the program")
        _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
