"""What a day or a week brought, counted from the record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, select

from records.calendar import day_start, week_start
from records.case import Case
from records.digest import Digest, Period
from records.item import ItemStage
from records.narrative import Narrative
from records.search import Interval
from records.source import SourceHealth
from store import rows
from store.counting import by_interval, counted_by_hour
from store.tables import assessments, cases, items, narratives

MOST_NARRATIVES = 50
MOST_CASES = 100
#: A source that gave nothing new for so long is silent, where its own rhythm is not known.
SILENT_AFTER = {Period.DAY: timedelta(days=1), Period.WEEK: timedelta(days=7)}


def period_before(period: Period, moment: datetime) -> tuple[datetime, datetime]:
    """[since, until) of the last whole day or week that ends at or before `moment`."""
    start_of = day_start if period is Period.DAY else week_start
    until = start_of(moment)
    return start_of(until - timedelta(hours=1)), until


def digest(connection: Connection, period: Period, moment: datetime, healths: Sequence[SourceHealth]) -> Digest:
    since, until = period_before(period, moment)
    before = since - (until - since)
    # What a back-fill brought was not said in this period.
    seen = and_(items.c.first_seen >= since, items.c.first_seen < until, ~items.c.quiet)
    judged = assessments.alias()
    judged_health = select(judged.c.item_id).where(judged.c.item_id == items.c.id, judged.c.health).exists()
    health = and_(seen, judged_health)
    health_before = and_(items.c.first_seen >= before, items.c.first_seen < since, judged_health, ~items.c.quiet)
    not_health = and_(seen, items.c.stage == ItemStage.NOT_HEALTH.value)
    interval = Interval.HOUR if period is Period.DAY else Interval.DAY
    silent_since = until - SILENT_AFTER[period]
    return Digest(
        period=period,
        since=since,
        until=until,
        items=_number(connection, health),
        items_before=_number(connection, health_before),
        not_health=_number(connection, not_health),
        timeline=by_interval(counted_by_hour(connection, items.c.first_seen, health), interval),
        topics=_topics(connection, health),
        narratives=_narratives(connection, health),
        cases=_cases(connection, since, until),
        silent_sources=tuple(one for one in healths if _is_silent(one, silent_since)),
        sources_enabled=sum(one.source.enabled for one in healths),
    )


def _number(connection: Connection, wanted: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(items).where(wanted)).scalar_one()


def _topics(connection: Connection, health: ColumnElement[bool]) -> tuple[tuple[str, int], ...]:
    """Most first; items without a topic left out."""
    number = func.count().label("number")
    statement = (
        select(assessments.c.topic, number)
        .select_from(items)
        .join(assessments, assessments.c.item_id == items.c.id)
        .where(health, assessments.c.topic.is_not(None))
        .group_by(assessments.c.topic)
        .order_by(number.desc(), assessments.c.topic)
    )
    return tuple((row.topic, row.number) for row in connection.execute(statement))


def _narratives(connection: Connection, health: ColumnElement[bool]) -> tuple[Narrative, ...]:
    """Those that took items in."""
    grown = (
        select(items.c.narrative_id, func.count().label("number"))
        .where(health, items.c.narrative_id.is_not(None))
        .group_by(items.c.narrative_id)
        .subquery()
    )
    statement = (
        select(narratives)
        .join(grown, grown.c.narrative_id == narratives.c.id)
        .order_by(narratives.c.level_rank.desc(), grown.c.number.desc(), narratives.c.id)
        .limit(MOST_NARRATIVES)
    )
    return tuple(rows.narrative(row._mapping) for row in connection.execute(statement))


def _cases(connection: Connection, since: datetime, until: datetime) -> tuple[Case, ...]:
    """Those opened in the period, newest first."""
    statement = (
        select(cases)
        .where(cases.c.opened_at >= since, cases.c.opened_at < until)
        .order_by(cases.c.opened_at.desc(), cases.c.id)
        .limit(MOST_CASES)
    )
    return tuple(rows.case(row._mapping) for row in connection.execute(statement))


def _is_silent(one: SourceHealth, since: datetime) -> bool:
    return one.source.enabled and (one.last_new_item is None or one.last_new_item < since)
