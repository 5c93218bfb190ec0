"""The inbox: narratives with their cases, highest risk first, then those seen last."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from records.case import Case, CaseStage
from records.narrative import Narrative
from records.risk import Level
from store import rows
from store.tables import cases, narratives

#: Only shown when asked for.
CLOSED = frozenset({CaseStage.SET_ASIDE, CaseStage.MERGED})
_JOINED = narratives.outerjoin(cases, cases.c.narrative_id == narratives.c.id)


def conditions(
    since: datetime | None, topic: str | None, level: Level | None, stages: frozenset[CaseStage] | None
) -> ColumnElement[bool]:
    """A narrative that was merged shows only among merged cases; one that lost all its items not at all.

    Of what a back-fill brought, only what has a case: the inbox is for what is new.
    """
    wanted: list[ColumnElement[bool]] = []
    if stages is None:
        wanted.append(or_(cases.c.stage.is_(None), cases.c.stage.not_in(sorted(CLOSED))))
    else:
        wanted.append(cases.c.stage.in_(sorted(stages)))
    if stages is None or CaseStage.MERGED not in stages:
        wanted.append(narratives.c.merged_into.is_(None))
        wanted.append(or_(and_(narratives.c["items"] > 0, ~narratives.c.quiet), cases.c.id.is_not(None)))
    if since is not None:
        wanted.append(narratives.c.last_seen >= since)
    if topic is not None:
        wanted.append(narratives.c.topic == topic)
    if level is not None:
        wanted.append(narratives.c.level == level.value)
    return and_(*wanted)


def page(
    connection: Connection, wanted: ColumnElement[bool], offset: int, limit: int
) -> tuple[tuple[Narrative, Case | None], ...]:
    statement = (
        select(*rows.prefixed(narratives, "of_"), *rows.prefixed(cases, "case_"))
        .select_from(_JOINED)
        .where(wanted)
        .order_by(narratives.c.level_rank.desc(), narratives.c.last_seen.desc(), narratives.c.id)
        .offset(offset)
        .limit(limit)
    )
    return tuple(_row(row) for row in connection.execute(statement))


def _row(row: Any) -> tuple[Narrative, Case | None]:
    case = rows.part(row, "case_")
    return rows.narrative(rows.part(row, "of_")), rows.case(case) if case["id"] else None


def counts(connection: Connection, wanted: ColumnElement[bool]) -> dict[Level | None, int]:
    level = narratives.c.level
    grouped = select(level, func.count().label("number")).select_from(_JOINED).where(wanted).group_by(level)
    found = {Level(row.level) if row.level else None: row.number for row in connection.execute(grouped)}
    return dict.fromkeys((None, *Level), 0) | found
