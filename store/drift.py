"""What the machine said week by week: counts over the items first seen in each, and the corrections made in it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, select

from records.drift import Week
from records.item import ItemStage
from store.tables import assessments, corrections, items

_WEEK = timedelta(days=7)


def weeks(connection: Connection, until: datetime, count: int) -> tuple[Week, ...]:
    """The `count` weeks of seven days that end at `until`, oldest first."""
    return tuple(_week(connection, until - (number + 1) * _WEEK) for number in reversed(range(count)))


def _week(connection: Connection, since: datetime) -> Week:
    until = since + _WEEK
    seen = (items.c.first_seen >= since) & (items.c.first_seen < until)
    said = (
        select(assessments.c.health, assessments.c.attention, assessments.c.kind, func.count().label("number"))
        .select_from(items)
        .join(assessments, assessments.c.item_id == items.c.id)
        .where(seen, items.c.stage == ItemStage.ASSESSED.value)
        .group_by(assessments.c.health, assessments.c.attention, assessments.c.kind)
    )
    found = [row for row in connection.execute(said) if row.health]
    kinds: Counter[str] = Counter()
    for row in found:
        kinds[row.kind] += row.number
    kinds.update(_as_the_machine_said(connection, seen))
    not_health = select(func.count()).select_from(items).where(seen, items.c.stage == ItemStage.NOT_HEALTH.value)
    corrected = (
        select(corrections.c.about, func.count(corrections.c.item_id.distinct()).label("number"))
        .where(corrections.c.at >= since, corrections.c.at < until)
        .group_by(corrections.c.about)
    )
    return Week(
        since=since,
        health=sum(row.number for row in found),
        not_health=connection.execute(not_health).scalar_one(),
        attention=sum(row.number for row in found if row.attention),
        kinds={kind: number for kind, number in sorted(kinds.items()) if number > 0},
        corrected={row.about: row.number for row in connection.execute(corrected)},
    )


def health_texts(connection: Connection, since: datetime, until: datetime, limit: int) -> tuple[str, ...]:
    """Title and own text of health items first seen from `since` until `until`, the newest `limit`."""
    wanted = (
        select(items.c.title, items.c.text, items.c.summary)
        .where(items.c.first_seen >= since, items.c.first_seen < until, items.c.stage == ItemStage.ASSESSED.value)
        .order_by(items.c.first_seen.desc(), items.c.id)
        .limit(limit)
    )
    return tuple(f"{row.title} {row.text or row.summary}" for row in connection.execute(wanted))


def _as_the_machine_said(connection: Connection, seen: ColumnElement[bool]) -> dict[str, int]:
    """Kind → how many more, or fewer, there were before persons corrected some."""
    said = (
        select(corrections.c.item_id, corrections.c.model_said, assessments.c.kind)
        .select_from(corrections)
        .join(items, items.c.id == corrections.c.item_id)
        .join(assessments, assessments.c.item_id == corrections.c.item_id)
        .where(seen, items.c.stage == ItemStage.ASSESSED.value, assessments.c.health, corrections.c.about == "kind")
        .order_by(corrections.c.number.desc())
    )
    first = {row.item_id: (row.model_said, row.kind) for row in connection.execute(said)}
    moved: Counter[str] = Counter()
    for machine, person in first.values():
        moved[machine] += 1
        moved[person] -= 1
    return dict(moved)
