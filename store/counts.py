"""How much there is of everything, for doctor and the console's foot."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from records.case import OPEN_STAGES
from records.item import ItemStage
from store.failures import was_given_up
from store.tables import assessments, cases, index_queue, index_rejected, items, narratives, outbox


def counts(connection: Connection) -> dict[str, int]:
    """The counts that records/ports names. Health is what was judged health and is not being read again."""
    grouped = select(items.c.stage, func.count().label("number")).group_by(items.c.stage)
    stages = {row.stage: row.number for row in connection.execute(grouped)}
    messages = select(outbox.c.status, func.count().label("number")).group_by(outbox.c.status)
    statuses = {row.status: row.number for row in connection.execute(messages)}
    unplaced = (
        select(func.count())
        .select_from(items)
        .join(assessments, assessments.c.item_id == items.c.id)
        .where(items.c.stage == ItemStage.ASSESSED.value, items.c.narrative_id.is_(None), assessments.c.health)
    )
    live = (
        select(func.count())
        .select_from(narratives)
        .where(narratives.c.merged_into.is_(None), narratives.c["items"] > 0)
    )
    unassessable = (
        select(func.count()).select_from(items).where(items.c.stage == ItemStage.COMPLETE.value, was_given_up())
    )
    open_cases = select(func.count()).select_from(cases).where(cases.c.stage.in_(sorted(OPEN_STAGES)))
    queued = select(func.count()).select_from(index_queue)
    rejected = select(func.count()).select_from(index_rejected)
    aside = connection.execute(unassessable).scalar_one()
    return {
        "items": sum(stages.values()),
        "health": stages.get(ItemStage.ASSESSED.value, 0),
        "not_health": stages.get(ItemStage.NOT_HEALTH.value, 0),
        "awaiting_page": stages.get(ItemStage.AWAITING_PAGE.value, 0),
        "to_assess": stages.get(ItemStage.COMPLETE.value, 0) - aside,
        "not_assessable": aside,
        "to_narrate": connection.execute(unplaced).scalar_one(),
        "narratives": connection.execute(live).scalar_one(),
        "open_cases": connection.execute(open_cases).scalar_one(),
        "index_queue": connection.execute(queued).scalar_one(),
        "index_rejected": connection.execute(rejected).scalar_one(),
        "messages_waiting": statuses.get("waiting", 0),
        "messages_refused": statuses.get("refused", 0),
    }
