"""The NarrationStore port: what the narrator reads, and where it put each item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, or_, select, update

from records.item import ItemStage
from records.narrative import Merge, NarratableItem, NarrativePair, PersonsWords, PlacedItem, Placement
from records.run import Lease
from store import rows, words
from store.arranging import first_values, name_to_begin
from store.backfill import may_be_narrated
from store.changes import change_item, queue_for_index
from store.database import Database, insert_new, retried
from store.leases import require_held
from store.merging import NARRATOR, apply_merge, merge_now
from store.queries import lock_surviving, narrative_row, surviving
from store.recount import recount
from store.tables import assessments, items, narratives, vectors

#: Items in the narrator's order: by time published, unknown ones last, then by id.
_IN_ORDER = (items.c.published.is_(None), items.c.published, items.c.id)


def _narratable() -> Select[Any]:
    return (
        select(items, vectors.c.vector)
        .join(assessments, assessments.c.item_id == items.c.id)
        .outerjoin(vectors, vectors.c.item_id == items.c.id)
        .order_by(*_IN_ORDER)
    )


class SqlNarration:
    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self, limit: int | None = None) -> tuple[NarratableItem, ...]:
        waits = items.c.stage == ItemStage.ASSESSED.value, items.c.narrative_id.is_(None), assessments.c.health
        # An item that is placed anew may have left a narrative that it began and that goes on without it.
        named = or_(narratives.c["items"] > 0, narratives.c.merged_into.is_not(None)).label("named")
        statement = _narratable().add_columns(named).outerjoin(narratives, narratives.c.id == items.c.id)
        with self._database.reading() as connection:
            found = connection.execute(statement.where(*waits, may_be_narrated()).limit(limit)).all()
            return tuple(
                replace(item, begins=name_to_begin(connection, item.id)) if row.named else item
                for row in found
                for item in [rows.narratable(row._mapping)]
            )

    def window(self, since: datetime, until: datetime | None = None) -> tuple[PlacedItem, ...]:
        statement = _narratable().where(items.c.moment >= since, items.c.narrative_id.is_not(None))
        if until is not None:
            statement = statement.where(items.c.moment <= until)
        with self._database.reading() as connection:
            found = connection.execute(statement)
            return tuple(PlacedItem(rows.narratable(row._mapping), row.narrative_id) for row in found)

    @retried
    def save(
        self, run_id: str, placements: Sequence[Placement], now: datetime, lease: Lease | None = None
    ) -> tuple[str, ...]:
        with self._database.writing() as connection:
            if lease is not None:
                require_held(connection, lease)
            touched: set[str] = set()
            moved: set[str] = set()
            for placement in placements:
                if (narrative_id := _place(connection, placement)) is None:
                    continue
                touched.add(narrative_id)
                moved.add(placement.item_id)
                for merge in placement.merges:
                    gone, into = lock_surviving(connection, merge.narrative_id), surviving(connection, merge.into)
                    if gone != merge.narrative_id or words.are_apart(connection, gone, into):
                        continue  # a person spoke while the narrator was at work
                    moved.update(apply_merge(connection, merge, NARRATOR, now))
                    touched.add(merge.narrative_id)
                    touched.add(merge.into)
            changed = {surviving(connection, narrative_id) for narrative_id in touched}
            recount(connection, touched | changed)
            queue_for_index(connection, moved)
        return tuple(sorted(changed))

    def persons_words(self) -> PersonsWords:
        with self._database.reading() as connection:
            return words.for_narrator(connection)

    def pairs(self) -> tuple[NarrativePair, ...]:
        with self._database.reading() as connection:
            return words.pairs(connection)

    @retried
    def describe(self, narrative_id: str, label: str, distinguishing: Sequence[str]) -> None:
        with self._database.writing() as connection:
            named = narrative_row(connection, narrative_id, lock=True).named_by is not None
            values = {"words": list(distinguishing)} | ({} if named else {"label": label})
            connection.execute(update(narratives).where(narratives.c.id == narrative_id).values(**values))

    @retried
    def merge(self, merge: Merge, actor: str, now: datetime) -> None:
        with self._database.writing() as connection:
            merge_now(connection, merge, actor, now)


def _place(connection: Connection, placement: Placement) -> str | None:
    """Put an item into its narrative, which may be new; the narrative's id, or None when the item is not health any
    more."""
    item = connection.execute(
        select(items).where(items.c.id == placement.item_id).with_for_update(key_share=True)
    ).first()
    if item is None or item.stage == ItemStage.NOT_HEALTH:
        return None
    narrative_id = surviving(connection, placement.narrative_id)
    insert_new(connection, narratives, first_values(narrative_id, item))
    where = {
        "narrative_id": narrative_id,
        "similarity": placement.similarity,
        "near_duplicate_of": placement.near_duplicate_of,
    }
    change_item(connection, item.id, **where)
    return narrative_id
