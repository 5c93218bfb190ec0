"""What the machine said week by week: counts over the items first seen on each day, and the corrections made in it.

A day that is over is counted once, and its counts are kept: to ask for weeks is cheap however many items there are, and
what becomes of old items (another look at them, the end of their time) does not change what was said of them then.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, func, literal_column, select

from records.calendar import day_start
from records.drift import Week
from records.item import ItemStage
from records.text import EXCERPT_CHARACTERS
from store.database import Database, insert_new
from store.tables import assessments, corrections, counted_days, items

_DAY = timedelta(days=1)
_WEEK = 7 * _DAY
#: So far back days are looked for that are not counted yet: as far as anybody asks for weeks.
_LOOKED_BACK = 9 * _WEEK
#: An item that waits for its page or for the models longer than this after its day is not waited for.
_PATIENCE = 7 * _DAY
_WAITS = ItemStage.AWAITING_PAGE.value, ItemStage.COMPLETE.value
_ASSESSED, _NOT_HEALTH = ItemStage.ASSESSED.value, ItemStage.NOT_HEALTH.value
#: Not the bare column: SQLite would look for all items of a stage, in whatever year, and not for those of a day.
_STAGE = items.c.stage.concat(literal_column("''"))

#: Field → the items in which persons corrected it.
Corrected = Mapping[str, set[str]]


@dataclass(frozen=True, slots=True)
class _Day:
    """As `Week`, of one day."""

    health: int = 0
    not_health: int = 0
    attention: int = 0
    kinds: Mapping[str, int] = field(default_factory=dict)


def weeks(connection: Connection, until: datetime, count: int) -> tuple[Week, ...]:
    """The `count` weeks of seven whole days before the day of `until`, oldest first."""
    end = day_start(until)
    starts = [end - number * _WEEK for number in range(count, 0, -1)]
    known = select(counted_days).where(counted_days.c.day >= end - count * _WEEK, counted_days.c.day < end)
    days = {row.day: _Day(row.health, row.not_health, row.attention, row.kinds) for row in connection.execute(known)}
    return tuple(
        _week(start, [days.get(day) or _count(connection, day) for day in _days(start, start + _WEEK)], corrected)
        for start, corrected in zip(starts, _corrected(connection, starts, end), strict=True)
    )


def count_days(database: Database, now: datetime) -> int:
    """Count the days that are over and on which something was first seen, and keep the counts; how many were counted.

    A day with items that still wait to be judged is left for the next call.
    """
    end = day_start(now)
    with database.reading() as connection:
        wanted = select(counted_days.c.day).where(counted_days.c.day >= end - _LOOKED_BACK)
        known = set(connection.execute(wanted).scalars())
        over = [day for day in _days(end - _LOOKED_BACK, end) if day not in known]
        found = {day: _count(connection, day) for day in over if _is_settled(connection, day, now)}
    counted = {day: one for day, one in found.items() if one.health or one.not_health}
    if counted:
        with database.writing() as connection:
            for day, one in counted.items():
                insert_new(connection, counted_days, {"day": day, **asdict(one)})
    return len(counted)


def health_texts(connection: Connection, since: datetime, until: datetime, limit: int) -> tuple[str, ...]:
    """Title and beginning of the own text of health items first seen from `since` until `until`, the newest `limit`."""
    beginning = func.substr(items.c.text, 1, EXCERPT_CHARACTERS)
    wanted = (
        select(items.c.title, beginning.label("text"), items.c.summary)
        .where(items.c.first_seen >= since, items.c.first_seen < until, _STAGE == _ASSESSED)
        .order_by(items.c.first_seen.desc(), items.c.id)
        .limit(limit)
    )
    return tuple(f"{row.title} {row.text or row.summary}" for row in connection.execute(wanted))


def _days(start: datetime, end: datetime) -> list[datetime]:
    return [start + number * _DAY for number in range((end - start) // _DAY)]


def _week(since: datetime, days: Sequence[_Day], corrected: Corrected) -> Week:
    kinds: Counter[str] = Counter()
    for day in days:
        kinds.update(day.kinds)
    return Week(
        since=since,
        health=sum(day.health for day in days),
        not_health=sum(day.not_health for day in days),
        attention=sum(day.attention for day in days),
        kinds=dict(sorted(kinds.items())),
        corrected={about: len(those) for about, those in sorted(corrected.items())},
    )


def _corrected(connection: Connection, starts: Sequence[datetime], end: datetime) -> list[Corrected]:
    """Of the week that begins at each of `starts`, which follow each other up to `end`."""
    found: list[defaultdict[str, set[str]]] = [defaultdict(set) for _ in starts]
    if starts:
        made = select(corrections.c.at, corrections.c.about, corrections.c.item_id)
        made = made.where(corrections.c.person_said != corrections.c.model_said)
        for row in connection.execute(made.where(corrections.c.at >= starts[0], corrections.c.at < end)):
            found[(row.at - starts[0]) // _WEEK][row.about].add(row.item_id)
    return list(found)


def _is_settled(connection: Connection, day: datetime, now: datetime) -> bool:
    seen = items.c.first_seen >= day, items.c.first_seen < day + _DAY
    waiting = select(items.c.id).where(*seen, _STAGE.in_(_WAITS)).limit(1)
    return now >= day + _DAY + _PATIENCE or connection.execute(waiting).first() is None


def _count(connection: Connection, day: datetime) -> _Day:
    seen = and_(items.c.first_seen >= day, items.c.first_seen < day + _DAY)
    judged = seen, _STAGE.in_([_ASSESSED, _NOT_HEALTH])
    stages = select(_STAGE.label("stage"), func.count().label("number")).where(*judged).group_by(_STAGE)
    number = {row.stage: row.number for row in connection.execute(stages)}
    if not number.get(_ASSESSED):
        return _Day(not_health=number.get(_NOT_HEALTH, 0))
    of_day = and_(seen, _STAGE == _ASSESSED, assessments.c.health)
    said = (
        select(assessments.c.attention, assessments.c.kind, func.count().label("number"))
        .select_from(items)
        .join(assessments, assessments.c.item_id == items.c.id)
        .where(of_day)
        .group_by(assessments.c.attention, assessments.c.kind)
    )
    found = connection.execute(said).all()
    kinds: Counter[str] = Counter()
    for row in found:
        kinds[row.kind] += row.number
    # As the machine said before persons corrected some: the first correction of an item tells.
    corrected = (
        select(corrections.c.item_id, corrections.c.model_said, assessments.c.kind)
        .select_from(corrections)
        .join(items, items.c.id == corrections.c.item_id)
        .join(assessments, assessments.c.item_id == corrections.c.item_id)
        .where(of_day, corrections.c.about == "kind")
        .order_by(corrections.c.number.desc())
    )
    for machine, person in {row.item_id: (row.model_said, row.kind) for row in connection.execute(corrected)}.values():
        kinds[machine] += 1
        kinds[person] -= 1
    return _Day(
        health=sum(row.number for row in found),
        not_health=number.get(_NOT_HEALTH, 0),
        attention=sum(row.number for row in found if row.attention),
        kinds={kind: number for kind, number in sorted(kinds.items()) if number > 0},
    )
