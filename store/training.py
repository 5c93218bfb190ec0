"""What persons said of items, to learn from. What they judged not health is no evidence any more, and an example:
docs/decisions/0007 says why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, or_, select

from records.assessment import Correction
from records.item import Item, ItemStage
from records.judging import may_hurt
from records.text import mask_personal
from store import captures, rows
from store.changes import change_item
from store.database import chunks
from store.pages import drop_page, plan_rereads
from store.tables import assessments, corrections, item_versions, items, narratives, sources, vectors

#: Of a narrative whose harm a person confirmed, so many items speak: one click is not to outweigh many corrections.
_SPEAK_FOR_IT = 3
_CONFIRMED = narratives.c.harm_confirmed.is_not(None)


def said(connection: Connection) -> tuple[tuple[Correction, Item], ...]:
    """Persons' words on items that are still there, oldest first: those on an item itself, and a harm confirmed of its
    narrative."""
    found = [
        (rows.correction(rows.part(row, "said_"), row.owner), rows.item(rows.part(row, "item_")))
        for row in connection.execute(
            select(*rows.prefixed(corrections, "said_"), *rows.prefixed(items, "item_"), sources.c.owner)
            .select_from(corrections)
            .join(items, items.c.id == corrections.c.item_id)
            .join(sources, sources.c.id == items.c.source_id)
            .order_by(corrections.c.number)
        )
    ]
    # Of those of one time the order stays.
    return tuple(sorted(found + _confirmed_harms(connection), key=lambda pair: pair[0].at))


def _confirmed_harms(connection: Connection) -> list[tuple[Correction, Item]]:
    """A person's word on a narrative's harm is one on the items that gave the suggestion, the first ones that they
    could see. A person's word on an item's own harm goes before it. Taken back, it is no word."""
    own_word = select(corrections.c.item_id).where(corrections.c.about == "harm")
    giving: dict[str, list[Row[Any]]] = {}
    for row in connection.execute(
        select(
            assessments,
            items.c.narrative_id,
            narratives.c.harm_confirmed,
            narratives.c.harm_confirmed_by,
            narratives.c.harm_confirmed_at,
        )
        .join(items, items.c.id == assessments.c.item_id)
        .join(narratives, narratives.c.id == items.c.narrative_id)
        .where(_CONFIRMED, items.c.first_seen <= narratives.c.harm_confirmed_at, items.c.id.not_in(own_word))
        .order_by(narratives.c.id, items.c.moment, items.c.id)
    ):
        if may_hurt(rows.assessment(row._mapping)):
            giving.setdefault(row.narrative_id, []).append(row)
    words = {}
    for those in giving.values():
        highest = max(rows.assessment(row._mapping).harm for row in those)
        for row in [row for row in those if row.harm == highest][:_SPEAK_FOR_IT]:
            words[row.item_id] = row
    found = []
    for some in chunks(sorted(words)):
        spoken = select(items, sources.c.owner.label("source_owner")).join(sources, sources.c.id == items.c.source_id)
        for item in connection.execute(spoken.where(items.c.id.in_(some)).order_by(items.c.id)):
            word = words[item.id]
            by, at = word.harm_confirmed_by, word.harm_confirmed_at
            values = {"item_id": item.id, "about": "harm", "model_said": word.harm, "person_said": word.harm_confirmed}
            correction = rows.correction({**values, "actor": by, "at": at, "reason": ""}, item.source_owner)
            found.append((correction, rows.item(item._mapping)))
    return found


def narratives_of_said(connection: Connection) -> dict[str, str]:
    """Item → narrative, of the items on which persons have spoken, or on whose narrative's harm."""
    confirmed = select(narratives.c.id).where(_CONFIRMED)
    spoken = or_(items.c.id.in_(select(corrections.c.item_id)), items.c.narrative_id.in_(confirmed))
    statement = select(items.c.id, items.c.narrative_id).where(spoken, items.c.narrative_id.is_not(None))
    return {row.id: row.narrative_id for row in connection.execute(statement.order_by(items.c.id))}


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
