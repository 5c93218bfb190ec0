"""The RiskStore port: what risk is computed from, and for which narratives it has to be."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select

from records.assessment import Harm
from records.calendar import day_start
from records.narrative import NarrativeEvidence, TopicHours
from store import queries
from store.counting import counted_by_hour
from store.database import Database
from store.tables import items, narratives

_FOUR_WEEKS = timedelta(weeks=4)
_DAY = timedelta(days=1)
#: So many days back it is asked whether anything was collected: the four weeks, the windows before them, and some.
_OUTAGE_DAYS = 42


class SqlRisk:
    """`trend_window` is the settings' risk.trend_window_hours: a topic's baseline is counted per window."""

    def __init__(self, database: Database, trend_window: timedelta = timedelta(hours=24)) -> None:
        self._database = database
        self._window = trend_window
        self._counted: tuple[datetime | None, dict[str | None, TopicHours]] = (None, {})
        self._outages: tuple[datetime, ...] = ()

    def to_judge(self) -> tuple[str, ...]:
        waiting = or_(narratives.c.revision > narratives.c.judged_revision, narratives.c.rising)
        with self._database.reading() as connection:
            return tuple(connection.execute(select(narratives.c.id).where(waiting).order_by(narratives.c.id)).scalars())

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
        """Of the four weeks before this window. All narratives of a run are judged at one "now": each topic is counted
        once for it."""
        counted_at, counted = self._counted
        if counted_at != now:
            counted = {}
            self._counted = now, counted
            self._outages = _outages(connection, now)
        if topic not in counted:
            counted[topic] = _count(connection, topic, now - self._window, self._outages)
        return counted[topic]


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


def _count(connection: Connection, topic: str | None, until: datetime, outages: tuple[datetime, ...]) -> TopicHours:
    same_topic = narratives.c.topic == topic if topic is not None else narratives.c.topic.is_(None)
    wanted = (
        items.c.narrative_id.in_(select(narratives.c.id).where(same_topic)),
        items.c.moment >= until - _FOUR_WEEKS,
        items.c.moment < until,
        # When an undated item of an archive was read says nothing of when it happened.
        ~items.c.quiet | items.c.published.is_not(None),
    )
    hours = counted_by_hour(connection, items.c.moment, *wanted)
    taking = connection.execute(select(func.count(items.c.narrative_id.distinct())).where(*wanted)).scalar_one()
    return TopicHours(tuple(sorted(hours.items())), taking, until, outages)
