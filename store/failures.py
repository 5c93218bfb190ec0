"""Items that an assessor could not take: out of the queue, but not out of sight."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, select

from records.assessment import AssessmentFailure
from records.item import Fate, ItemStage
from store import fates
from store.changes import UNCLAIMED, change_item
from store.database import upsert
from store.tables import assessment_failures, items


def was_given_up() -> ColumnElement[bool]:
    """Of a row of `items`: whether its newest wording cannot be assessed."""
    same = assessment_failures.c.item_id == items.c.id, assessment_failures.c.version == items.c.version
    return select(assessment_failures.c.item_id).where(*same).correlate(items).exists()


def give_up(connection: Connection, run_id: str, failure: AssessmentFailure, now: datetime) -> bool:
    """Whether it was: not one that has a newer wording by now, or was assessed meanwhile."""
    item = connection.execute(
        select(items).where(items.c.id == failure.item_id).with_for_update(key_share=True)
    ).first()
    if item is None or item.version != failure.version or item.stage != ItemStage.COMPLETE:
        return False
    row = {
        "item_id": item.id,
        "version": failure.version,
        "model_version": failure.model_version,
        "problem": failure.problem,
        "at": now,
        "fate": item.pending_fate,
    }
    upsert(connection, assessment_failures, row)
    change_item(connection, item.id, pending_fate=None, **UNCLAIMED)
    fates.settle(connection, run_id, item.id, item.source_id, Fate.FAILED)
    return True


def listed(connection: Connection, limit: int) -> tuple[AssessmentFailure, ...]:
    found = connection.execute(
        select(assessment_failures)
        .join(items, items.c.id == assessment_failures.c.item_id)
        .where(items.c.stage == ItemStage.COMPLETE.value, items.c.version == assessment_failures.c.version)
        .order_by(assessment_failures.c.at, assessment_failures.c.item_id)
        .limit(limit)
    )
    return tuple(AssessmentFailure(row.item_id, row.version, row.model_version, row.problem) for row in found)


def try_again(connection: Connection, but: str | None) -> int:
    """See the AssessmentQueue port."""
    chosen = select(assessment_failures)
    if but is not None:
        chosen = chosen.where(assessment_failures.c.model_version != but)
    found = connection.execute(chosen.order_by(assessment_failures.c.item_id)).all()
    for row in found:
        # A new wording has a fate of its own by now.
        same = items.c.id == row.item_id, items.c.version == row.version, items.c.pending_fate.is_(None)
        if row.fate and connection.execute(select(items.c.id).where(*same)).first():
            change_item(connection, row.item_id, pending_fate=row.fate)
        forget(connection, row.item_id)
    return len(found)


def forget(connection: Connection, item_id: str) -> None:
    """The item was assessed after all, or is to be tried again."""
    connection.execute(delete(assessment_failures).where(assessment_failures.c.item_id == item_id))
