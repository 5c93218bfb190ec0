"""The RiskStore port: what risk is computed from, and for which narratives it has to be."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select

from records.assessment import Harm
from records.narrative import NarrativeEvidence
from store import queries
from store.database import Database
from store.tables import items, narratives

_FOUR_WEEKS = timedelta(weeks=4)


class SqlRisk:
    """`trend_window` is the settings' risk.trend_window_hours: a topic's baseline is counted per window."""

    def __init__(self, database: Database, trend_window: timedelta = timedelta(hours=24)) -> None:
        self._database = database
        self._window = trend_window

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
                topic_baseline=self._topic_baseline(connection, narrative.topic, now),
                harm_confirmed=Harm(confirmed) if confirmed else None,
                harm_confirmed_by=narrative.harm_confirmed_by,
                acts_marked_by=narrative.acts_marked_by,
                revision=narrative.revision,
            )

    def _topic_baseline(self, connection: Connection, topic: str | None, now: datetime) -> float:
        """Items that one narrative of the topic takes in per window, mean of the four weeks before this window."""
        end = now - self._window
        since = end - _FOUR_WEEKS
        same_topic = narratives.c.topic == topic if topic is not None else narratives.c.topic.is_(None)
        counted = connection.execute(
            select(func.count().label("taken"), func.count(narratives.c.id.distinct()).label("by"))
            .select_from(items)
            .join(narratives, narratives.c.id == items.c.narrative_id)
            .where(same_topic, items.c.moment >= since, items.c.moment < end)
        ).one()
        windows = _FOUR_WEEKS / self._window
        return counted.taken / counted.by / windows if counted.by else 0.0
