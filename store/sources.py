"""The Sources port: the places we read, and how they do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, or_, select, update

from records.errors import NotFound
from records.source import Source, SourceHealth, SourceState
from records.text import sort_key
from store import rows
from store.database import Database, chunks, retried, upsert
from store.tables import items, sources

_WEEK = timedelta(days=7)
#: When crawling processes ended so often at a host, in a row, its sources are left alone …
MOST_DEATHS = 3
#: … for so long, doubled each time it happens again.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(hours=1), timedelta(days=1)
_WELL: dict[str, Any] = {"deaths": 0, "apart_until": None}


def source_values(source: Source) -> dict[str, Any]:
    """The row of a source that was never read."""
    values = {name: getattr(source, name) for name in rows.SOURCE_FIELDS}
    unread = {"state": SourceState.NEVER.value, "detail": "", "failures_in_a_row": 0, "removed_at": None}
    return values | unread | _WELL


class SqlSources:
    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[Source, ...]:
        with self._database.reading() as connection:
            found = connection.execute(select(sources).where(sources.c.removed_at.is_(None)))
            return tuple(sorted((rows.source(row._mapping) for row in found), key=_by_name))

    def get(self, source_id: str) -> Source:
        with self._database.reading() as connection:
            row = connection.execute(
                select(sources).where(sources.c.id == source_id, sources.c.removed_at.is_(None))
            ).first()
        if row is None:
            raise NotFound("source", source_id)
        return rows.source(row._mapping)

    @retried
    def save(self, source: Source, now: datetime) -> None:
        with self._database.writing() as connection:
            known = connection.execute(
                select(sources).where(sources.c.id == source.id).with_for_update(key_share=True)
            ).first()
            values = source_values(source)
            if (
                known is not None
                and known.removed_at is None
                and rows.source(known._mapping).read_address == (source.read_address)
            ):
                values = {name: values[name] for name in rows.SOURCE_FIELDS}  # how it was read stays true
                if source.enabled and not known.enabled:
                    values |= _WELL  # somebody wants it to be tried now
            elif known is not None:
                values |= {"state_since": now, "last_read": None}
            if known is None:
                upsert(connection, sources, values)
            else:
                connection.execute(update(sources).where(sources.c.id == source.id).values(**values))

    @retried
    def remove(self, source_id: str) -> None:
        with self._database.writing() as connection:
            found = connection.execute(
                update(sources)
                .where(sources.c.id == source_id, sources.c.removed_at.is_(None))
                .values(removed_at=func.current_timestamp(), enabled=False)
            )
            if not found.rowcount:
                raise NotFound("source", source_id)

    def health(self, now: datetime) -> tuple[SourceHealth, ...]:
        of_source = items.c.source_id == sources.c.id
        total = select(func.count()).where(of_source).scalar_subquery()
        week = select(func.count()).where(of_source, items.c.first_seen > now - _WEEK).scalar_subquery()
        columns = [*sources.columns, total.label("items"), week.label("items_last_week")]
        with self._database.reading() as connection:
            found = connection.execute(select(*columns).where(sources.c.removed_at.is_(None))).all()
        healths = (
            SourceHealth(
                source=rows.source(row._mapping),
                state=SourceState(row.state),
                detail=row.detail,
                state_since=row.state_since,
                last_read=row.last_read,
                last_new_item=row.last_new_item,
                failures_in_a_row=row.failures_in_a_row,
                items=row._mapping["items"],
                items_last_week=row.items_last_week,
            )
            for row in found
        )
        return tuple(sorted(healths, key=lambda health: _by_name(health.source)))

    def readable(self, now: datetime) -> tuple[Source, ...]:
        return tuple(rows.source(row._mapping) for row in self._readable(now))

    def due(self, now: datetime) -> tuple[Source, ...]:
        return tuple(
            rows.source(row._mapping)
            for row in self._readable(now)
            if row.last_read is None or row.last_read + timedelta(minutes=row.every_minutes) <= now
        )

    def _readable(self, now: datetime) -> list[Row[Any]]:
        apart = sources.c.apart_until > now
        wanted = sources.c.enabled, sources.c.removed_at.is_(None), or_(sources.c.apart_until.is_(None), ~apart)
        with self._database.reading() as connection:
            found = connection.execute(select(sources).where(*wanted)).all()
        return sorted(found, key=lambda row: _by_name(rows.source(row._mapping)))

    @retried
    def crawler_died(self, source_ids: Iterable[str], now: datetime) -> datetime | None:
        these = sources.c.id.in_(sorted(source_ids))
        with self._database.writing() as connection:
            connection.execute(update(sources).where(these).values(deaths=sources.c.deaths + 1))
            deaths = connection.execute(select(func.max(sources.c.deaths)).where(these)).scalar() or 0
            if deaths < MOST_DEATHS:
                return None
            until: datetime = now + min(FIRST_PAUSE * 2 ** min(deaths - MOST_DEATHS, 10), LONGEST_PAUSE)
            connection.execute(update(sources).where(these).values(deaths=deaths, apart_until=until))
            return until

    @retried
    def crawled(self, source_ids: Iterable[str]) -> None:
        with self._database.writing() as connection:
            for some in chunks(sorted(source_ids)):
                suspected = sources.c.id.in_(some), sources.c.deaths > 0
                connection.execute(update(sources).where(*suspected).values(**_WELL))

    def suspects(self) -> frozenset[str]:
        with self._database.reading() as connection:
            return frozenset(connection.execute(select(sources.c.id).where(sources.c.deaths > 0)).scalars())


def _by_name(source: Source) -> tuple[object, ...]:
    return sort_key(source.name), source.id
