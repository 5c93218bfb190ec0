"""Brings a database to the schema that this code knows. alembic is imported only when there is something to do."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from records.errors import StoreError, StoreOutOfDate
from store.database import Database, order_by_code_points, serialize

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
    """Create the tables where there are none.

    Raises StoreOutOfDate when they are newer than this code, and when they are older: `upgrade` is for these, after
    a backup.
    """
    known = known_versions()[-1]
    with database.reading() as connection:
        stored = stored_version(connection)
    if stored == known:
        return
    if stored is not None:
        refuse_newer(stored)
        raise StoreOutOfDate(f"the store has schema {stored} and this program wants {known}: run `tin3c upgrade`")
    upgrade(database)


def upgrade(database: Database) -> None:
    """Bring the tables to this code's schema, in one transaction. Raises StoreError after it was rolled back."""
    with database.changing_schema() as connection:
        serialize(connection, "migrate")
        stored = stored_version(connection)  # within the transaction: another process may have been quicker
        if stored == known_versions()[-1]:
            return
        if stored is not None:
            refuse_newer(stored)
        try:
            bring_to(connection, "head")
        except StoreError:
            raise
        except Exception as error:
            cause = getattr(error, "orig", None) or error
            what = f"the change of the schema failed and was rolled back: {type(cause).__name__}: {cause}"
            raise StoreError(f"{what}. The store is as it was (schema {stored or 'none'})") from error


def refuse_newer(stored: str) -> None:
    """Raises StoreOutOfDate for a schema that this code does not know."""
    known = known_versions()
    if stored not in known:
        raise StoreOutOfDate(f"the store has schema {stored}; this program knows {known[-1]}: update the program")


def bring_to(connection: Connection, version: str) -> None:
    """Run the migrations up to `version` in the connection's transaction, which is to be one of `changing_schema`."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, version)
    order_by_code_points(connection)
