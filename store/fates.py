"""What became of each item in a run: one row an item a run, at the source that met it first."""

from __future__ import annotations

from sqlalchemy import Connection, update

from records.item import Fate
from store.database import insert_new
from store.tables import run_fates


def meet(connection: Connection, run_id: str, item_id: str, source_id: str, fate: Fate) -> None:
    """Count an item that a source showed. What was counted before stands, unless it was merely seen."""
    if not _first(connection, run_id, item_id, source_id, fate) and fate is not Fate.SEEN:
        _replace(connection, run_id, item_id, fate, only=Fate.SEEN)


def settle(connection: Connection, run_id: str, item_id: str, source_id: str, fate: Fate) -> None:
    """Count an item by its page or its assessment, over what its entry alone was counted as."""
    if not _first(connection, run_id, item_id, source_id, fate):
        _replace(connection, run_id, item_id, fate)


def _first(connection: Connection, run_id: str, item_id: str, source_id: str, fate: Fate) -> bool:
    values = {"run_id": run_id, "item_id": item_id, "source_id": source_id, "fate": fate.value}
    return insert_new(connection, run_fates, values)


def _replace(connection: Connection, run_id: str, item_id: str, fate: Fate, only: Fate | None = None) -> None:
    statement = update(run_fates).where(run_fates.c.run_id == run_id, run_fates.c.item_id == item_id)
    if only is not None:
        statement = statement.where(run_fates.c.fate == only.value)
    connection.execute(statement.values(fate=fate.value))
