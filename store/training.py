"""What a person judged not health: no evidence any more, and an example to learn from. docs/decisions/0007 says why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from records.item import ItemStage
from records.text import mask_personal
from store import captures
from store.changes import change_item
from store.pages import drop_page, plan_rereads
from store.tables import corrections, item_versions, vectors


def keep_as_example(connection: Connection, item: Row[Any]) -> None:
    """Of an item that a person judged not health, keep what is learnt from: its title and its text, personal numbers
    covered. Captures, earlier wordings and the vector go, but for captures that a case rests on."""
    for table in (vectors, item_versions):
        connection.execute(delete(table).where(table.c.item_id == item.id))
    evidence = captures.keep_as_evidence(connection, item)
    if not evidence:
        captures.forget_archived(connection, [item.id])
    drop_page(connection, item.id)
    change_item(
        connection,
        item.id,
        text=mask_personal(item.text),
        summary=mask_personal(item.summary),
        capture_sha256=evidence,
        narrative_id=None,
        similarity=None,
        near_duplicate_of=None,
    )


def assess_again(connection: Connection, item: Row[Any], now: datetime) -> None:
    """Undo of that: the next run assesses and places its text as it is now, and its page is captured anew."""
    change_item(connection, item.id, stage=ItemStage.COMPLETE.value)
    if not item.whole_in_feed:
        plan_rereads(connection, item.id, now)


def person_said_not_health(connection: Connection, item_id: str) -> bool:
    """Whether a person's last word on its health was no."""
    last = (
        select(corrections.c.person_said)
        .where(corrections.c.item_id == item_id, corrections.c.about == "health")
        .order_by(corrections.c.number.desc())
        .limit(1)
    )
    return str(connection.execute(last).scalar() or "").lower() == "false"
