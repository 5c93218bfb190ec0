"""Questions that several ports ask, within a transaction of theirs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, Connection, Row, case, select

from records.assessment import Assessment, Kind, Stance
from records.case import Case, Statement
from records.errors import NotFound
from records.item import Item
from records.narrative import Narrative, NarrativeMember
from store import rows
from store.tables import assessments, cases, items, narratives, sources, statements

_ASSERTED_RUMOR = (assessments.c.kind == Kind.RUMOR.value) & (assessments.c.stance == Stance.ASSERTS.value)
#: Members as the desk wants them: rumors that assert first.
BY_ATTENTION = (case((_ASSERTED_RUMOR, 0), else_=1), items.c.moment, items.c.id)
BY_TIME = (items.c.moment, items.c.id)


def item(connection: Connection, item_id: str) -> Item:
    row = connection.execute(select(items).where(items.c.id == item_id)).first()
    if row is None:
        raise NotFound("item", item_id)
    return rows.item(row._mapping)


def assessment(connection: Connection, item_id: str) -> Assessment | None:
    row = connection.execute(select(assessments).where(assessments.c.item_id == item_id)).first()
    return rows.assessment(row._mapping) if row else None


def narrative_row(connection: Connection, narrative_id: str, *, lock: bool = False) -> Row[Any]:
    statement = select(narratives).where(narratives.c.id == narrative_id)
    row = connection.execute(statement.with_for_update(key_share=True) if lock else statement).first()
    if row is None:
        raise NotFound("narrative", narrative_id)
    return row


def narrative(connection: Connection, narrative_id: str) -> Narrative:
    return rows.narrative(narrative_row(connection, narrative_id)._mapping)


def surviving(connection: Connection, narrative_id: str) -> str:
    """The id of the narrative that `narrative_id` was merged into, in however many steps; else itself.

    A narrative that there is not is its own.
    """
    while into := connection.execute(select(narratives.c.merged_into).where(narratives.c.id == narrative_id)).scalar():
        narrative_id = into
    return narrative_id


def followed_cases() -> CTE:
    """Where the items of each case are: `case_on`, its narrative, beside `id`, that one itself and each that it was
    merged into, in however many steps."""
    on = cases.c.narrative_id
    followed = select(on.label("case_on"), on.label("id")).cte("followed_cases", recursive=True)
    step = select(followed.c.case_on, narratives.c.merged_into).join(narratives, narratives.c.id == followed.c.id)
    return followed.union(step.where(narratives.c.merged_into.is_not(None)))


def lock_surviving(connection: Connection, narrative_id: str) -> str:
    """Like `surviving`, with its row locked: until the transaction ends it is merged into none."""
    holder = surviving(connection, narrative_id)
    while True:
        narrative_row(connection, holder, lock=True)
        # On PostgreSQL another transaction may have merged it, or parted it, while this one waited.
        if (found := surviving(connection, narrative_id)) == holder:
            return holder
        holder = found


def members(
    connection: Connection, narrative_id: str, order: tuple[Any, ...], limit: int | None
) -> tuple[NarrativeMember, ...]:
    columns = [*rows.prefixed(items, "item_"), *rows.prefixed(assessments, "said_"), *rows.prefixed(sources, "from_")]
    statement = (
        select(*columns)
        .select_from(items)
        .join(assessments, assessments.c.item_id == items.c.id)
        .join(sources, sources.c.id == items.c.source_id)
        .where(items.c.narrative_id == narrative_id)
        .order_by(*order)
        .limit(limit)
    )
    return tuple(_member(row) for row in connection.execute(statement))


def _member(row: Row[Any]) -> NarrativeMember:
    values = rows.part(row, "item_")
    return NarrativeMember(
        item=rows.item(values),
        assessment=rows.assessment(rows.part(row, "said_")),
        source=rows.source(rows.part(row, "from_")),
        similarity=values["similarity"],
        near_duplicate_of=values["near_duplicate_of"],
    )


def case_by_id(connection: Connection, case_id: str) -> Case:
    row = connection.execute(select(cases).where(cases.c.id == case_id)).first()
    if row is None:
        raise NotFound("case", case_id)
    return rows.case(row._mapping)


def case_of(connection: Connection, narrative_id: str) -> Case | None:
    row = connection.execute(select(cases).where(cases.c.narrative_id == narrative_id)).first()
    return rows.case(row._mapping) if row else None


def statements_of(connection: Connection, case_id: str) -> tuple[Statement, ...]:
    found = connection.execute(
        select(statements).where(statements.c.case_id == case_id).order_by(statements.c.asked_at, statements.c.id)
    )
    return tuple(rows.statement(row._mapping) for row in found)
