"""The RiskStore port: what risk is computed from, and for which narratives it has to be."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from records.assessment import Harm
from records.calendar import day_start
from records.narrative import NarrativeEvidence, TopicHours
from store import queries
from store.counting import hour_start
from store.database import Database, local_hour
from store.tables import TO_JUDGE, items, narratives

#: Of each topic that took any in: (start of the hour, items) by time, and how many narratives took them.
_Counted = dict[str | None, tuple[tuple[tuple[datetime, int], ...], int]]

_FOUR_WEEKS = timedelta(weeks=4)
_DAY = timedelta(days=1)
#: So many days back it is asked whether anything was collected: the four weeks, the windows before them, and some.
_OUTAGE_DAYS = 42


class SqlRisk:
    """`trend_window` is the settings' risk.trend_window_hours: a topic's baseline is counted per window."""

    def __init__(self, database: Database, trend_window: timedelta = timedelta(hours=24)) -> None:
        self._database = database
        self._window = trend_window
        self._counted: tuple[datetime, tuple[datetime, ...], _Counted] | None = None

    def to_judge(self) -> tuple[str, ...]:
        statement = select(narratives.c.id).where(TO_JUDGE).order_by(narratives.c.id)
        with self._database.reading() as connection:
            return tuple(connection.execute(statement).scalars())

    def evidence(self, narrative_id: str, now: datetime) -> NarrativeEvidence:
        with self._database.reading() as connection:
            narrative = queries.narrative_row(connection, narrative_id)
            confirmed = narrative.harm_confirmed
            return NarrativeEvidence(
                narrative_id=narrative_id,
                members=queries.members(connection, narrative_id, queries.BY_TIME, limit=None),
                topic=self._topic_hours(connection, narrative.topic, now),
                harm_confirmed=Harm(confirmed) if confirmed else None,
                harm_confirmed_by=narrative.harm_confirmed_by,
                acts_marked_by=narrative.acts_marked_by,
                revision=narrative.revision,
            )

    def _topic_hours(self, connection: Connection, topic: str | None, now: datetime) -> TopicHours:
        """Of the four weeks before this window. All narratives of a run are judged at one "now": the topics are counted
        once for it, together."""
        until = now - self._window
        known = self._counted
        if known is None or known[0] != now:
            self._counted = known = now, _outages(connection, now), _count(connection, until)
        _, outages, counted = known
        hours, taking = counted.get(topic, ((), 0))
        return TopicHours(hours, taking, until, outages)


def _outages(connection: Connection, now: datetime) -> tuple[datetime, ...]:
    """The whole days before `now`, by their first moment in Viet Nam, on which no item of any source was first seen.
    The days before the first of all items are none: nobody collected yet."""
    days = [day_start(now) - number * _DAY for number in range(_OUTAGE_DAYS, 0, -1)]
    seen = items.c.first_seen
    # The first item of each day or after it: one look into the index, however many there are.
    firsts = [select(func.min(seen, type_=seen.type)).where(seen >= day).scalar_subquery() for day in days]
    began = select(func.min(seen, type_=seen.type)).scalar_subquery()
    earliest, *found = connection.execute(select(began, *firsts)).one()
    return tuple(
        day
        for day, first in zip(days, found, strict=True)
        if earliest is not None and earliest < day and (first is None or first >= day + _DAY)
    )


def _count(connection: Connection, until: datetime) -> _Counted:
    """Through the items of the four weeks, whatever their topics: the narratives of a topic become ever more."""
    topic, hour, number = narratives.c.topic, local_hour(items.c.moment).label("hour"), func.count().label("number")
    wanted = (
        items.c.narrative_id.is_not(None),
        items.c.moment >= until - _FOUR_WEEKS,
        items.c.moment < until,
        # When an undated item of an archive was read says nothing of when it happened.
        ~items.c.quiet | items.c.published.is_not(None),
    )
    placed = items.join(narratives, narratives.c.id == items.c.narrative_id)
    hours: dict[str | None, list[tuple[datetime, int]]] = defaultdict(list)
    by_hour = select(topic, hour, number).select_from(placed).where(*wanted).group_by(topic, hour)
    for row in connection.execute(by_hour):
        hours[row.topic].append((hour_start(row.hour), row.number))
    taking = select(topic, func.count(items.c.narrative_id.distinct()).label("number"))
    found = connection.execute(taking.select_from(placed).where(*wanted).group_by(topic))
    return {row.topic: (tuple(sorted(hours[row.topic])), row.number) for row in found}
