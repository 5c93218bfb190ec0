"""The AssessmentQueue port: what the models have to judge, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, delete, func, select, update

from records.assessment import AssessableItem, AssessedItem, Assessment, AssessmentFailure
from records.item import Fate, Item, ItemStage
from records.source import Owner
from store import captures, deaths, failures, fates, rows
from store.captures import CaptureFiles
from store.changes import UNCLAIMED, change_item, queue_for_index
from store.coming_back import bring_back
from store.corrected import corrected, corrections_of
from store.database import Database, chunks, claim, retried, upsert
from store.leases import is_dead
from store.pages import drop_page, plan_rereads
from store.recount import recount
from store.tables import assessment_deaths, assessments, item_versions, items, sources, vectors
from store.training import keep_as_example, person_said_not_health

_WAITS = items.c.stage == ItemStage.COMPLETE.value, ~failures.was_given_up()
_IN_ORDER = items.c.first_seen, items.c.id
_ASSESSABLE = select(items, sources.c.name.label("source_name"), sources.c.owner, deaths.number().label("deaths")).join(
    sources, sources.c.id == items.c.source_id
)


class SqlAssessmentQueue:
    def __init__(self, database: Database, files: CaptureFiles) -> None:
        self._database = database
        self._files = files

    def waiting(self, limit: int) -> tuple[AssessableItem, ...]:
        statement = _ASSESSABLE.where(*_WAITS).order_by(*_IN_ORDER).limit(limit)
        with self._database.reading() as connection:
            return tuple(_assessable(row) for row in connection.execute(statement))

    @retried
    def claim(
        self, limit: int, holder: str, length: timedelta, backfill: str | None = None
    ) -> tuple[AssessableItem, ...]:
        now = datetime.now(UTC)
        free = and_(*_WAITS, _brought_by(backfill), items.c.claimed_by.is_(None))
        values = {"claimed_by": holder, "claimed_until": now + length}
        with self._database.writing() as connection:
            keys = claim(connection, items, and_(free, ~deaths.is_suspect()), _IN_ORDER, limit, **values)
            if not keys:
                # All else comes first, and the least suspect before the others: what ends processes holds up nothing.
                deaths.note(connection, now)
                order = deaths.number(), *_IN_ORDER
                keys = claim(connection, items, and_(free, deaths.is_suspect()), order, 1, **values)
            for some in chunks(keys):
                _find_contexts(connection, some)
            rows = [
                row
                for some in chunks(keys)
                for row in connection.execute(_ASSESSABLE.where(items.c.id.in_(some)).order_by(*_IN_ORDER))
            ]
        return tuple(_assessable(row) for row in rows)

    def suspects(self) -> bool:
        statement = select(items.c.id).join(assessment_deaths).where(*_WAITS, deaths.is_suspect()).limit(1)
        with self._database.reading() as connection:
            return connection.execute(statement).first() is not None

    @retried
    def let_go(self, holder: str) -> None:
        mine = items.c.stage == ItemStage.COMPLETE.value, items.c.claimed_by == holder
        with self._database.writing() as connection:
            connection.execute(update(items).where(*mine).values(**UNCLAIMED))

    def at_work(self, but: str, backfill: str | None = None) -> tuple[str, ...]:
        claimed = items.c.claimed_until > datetime.now(UTC), items.c.claimed_by != but
        statement = select(items.c.claimed_by).where(*_WAITS, *claimed, _brought_by(backfill)).distinct()
        with self._database.reading() as connection:
            return tuple(sorted(one for one in connection.execute(statement).scalars() if not is_dead(one)))

    @retried
    def save(self, run_id: str, assessed: Sequence[AssessedItem], now: datetime) -> int:
        narratives: set[str] = set()
        saved: list[str] = []
        unstage: list[tuple[str, str]] = []
        with self._database.writing() as connection:
            for one in sorted(assessed, key=lambda one: one.item_id):
                item = connection.execute(
                    select(items).where(items.c.id == one.item_id).with_for_update(key_share=True)
                ).first()
                if item is None or item.version != one.version or item.stage != ItemStage.COMPLETE:
                    continue
                said = one.assessment
                for about, person_said in corrections_of(connection, item.id):
                    said = corrected(said, about, person_said)
                if said.health:
                    if self._keep(connection, item, one, said, now):
                        unstage.append((item.id, item.capture_sha256))
                elif person_said_not_health(connection, item.id):
                    _put_by(connection, item, one, said, now)
                else:
                    _forget(connection, item, said, now)
                unstage += [(item.id, sha256) for sha256 in captures.forget_staged(connection, item.id)]
                failures.forget(connection, item.id)
                _count(connection, run_id, item, said.health)
                narratives |= {item.narrative_id} - {None}
                saved.append(item.id)
            deaths.forget(connection, saved)
            recount(connection, narratives)
            queue_for_index(connection, saved)
        for item_id, sha256 in unstage:
            self._files.unstage(item_id, sha256)
        return len(saved)

    def _keep(self, connection: Connection, item: Row[Any], one: AssessedItem, said: Assessment, now: datetime) -> bool:
        """Keep a health item with all that belongs to it; whether its capture went to the archive."""
        known = connection.execute(select(assessments.c.item_id).where(assessments.c.item_id == item.id)).first()
        _write_assessment(connection, item, one, said, now)
        if one.vector:
            vector = {"item_id": item.id, "version": one.version, "encoder": one.encoder_version, "vector": one.vector}
            upsert(connection, vectors, vector)
        if known is None and not item.whole_in_feed:
            plan_rereads(connection, item.id, now)
        return item.capture_sha256 is not None and self._files.archive(connection, item.id, item.capture_sha256)

    @retried
    def give_up(self, run_id: str, failed: Sequence[AssessmentFailure], now: datetime) -> int:
        with self._database.writing() as connection:
            deaths.forget(connection, [failure.item_id for failure in failed])
            return sum(failures.give_up(connection, run_id, failure, now) for failure in failed)

    def failures(self, limit: int = 100) -> tuple[AssessmentFailure, ...]:
        with self._database.reading() as connection:
            return failures.listed(connection, limit)

    @retried
    def try_again(self, but: str | None = None) -> int:
        with self._database.writing() as connection:
            return failures.try_again(connection, but)

    def judged_not_health(self, least_probability: float, limit: int) -> tuple[tuple[Item, float], ...]:
        statement = (
            select(items)
            .where(items.c.stage == ItemStage.NOT_HEALTH.value, items.c.health_probability >= least_probability)
            .order_by(items.c.health_probability.desc(), items.c.id)
            .limit(limit)
        )
        with self._database.reading() as connection:
            found = connection.execute(statement).mappings()
            return tuple((rows.item(row), float(row["health_probability"])) for row in found)

    @retried
    def undo_not_health(self, item_ids: Sequence[str], now: datetime) -> int:
        back = 0
        with self._database.writing() as connection:
            for some in chunks(sorted(set(item_ids))):
                wanted = items.c.id.in_(some), items.c.stage == ItemStage.NOT_HEALTH.value
                for item_id in connection.execute(select(items.c.id).where(*wanted)).scalars().all():
                    bring_back(connection, item_id, now)
                    back += 1
        return back


def _find_contexts(connection: Connection, item_ids: Sequence[str]) -> None:
    """Of comments that name only what they answer: its title, where that item is there by now. What a comment stands
    under, its answers stand under, too: its own title is no more than how its text begins."""
    answered = items.alias()
    stands_under = case(
        (answered.c.context != "", answered.c.context), (answered.c.parent_id.is_(None), answered.c.title), else_=""
    )
    found = func.coalesce(select(stands_under).where(answered.c.id == items.c.parent_id).scalar_subquery(), "")
    lacking = items.c.id.in_(item_ids), items.c.context == "", items.c.parent_id.is_not(None), found != ""
    learn = update(items).where(*lacking).values(context=found)
    while connection.execute(learn).rowcount:
        pass  # answers to those that have just learnt theirs


def _brought_by(backfill: str | None) -> ColumnElement[bool]:
    return items.c.backfill.is_(None) if backfill is None else items.c.backfill == backfill


def _assessable(row: Row[Any]) -> AssessableItem:
    return AssessableItem(
        id=row.id,
        text=row.text or row.summary,
        title=row.title,
        context=row.context,
        source=row.source_name,
        owner=Owner(row.owner),
        published=row.published,
        version=row.version,
        deaths=row.deaths,
    )


def _write_assessment(
    connection: Connection, item: Row[Any], one: AssessedItem, said: Assessment, now: datetime
) -> None:
    row = {"item_id": item.id, "version": one.version, "assessed_at": now} | rows.assessment_values(said)
    upsert(connection, assessments, row)
    change_item(
        connection,
        item.id,
        stage=ItemStage.ASSESSED.value,
        pending_fate=None,
        health_probability=None,
        judged_at=None,
        **UNCLAIMED,
    )


def _put_by(connection: Connection, item: Row[Any], one: AssessedItem, said: Assessment, now: datetime) -> None:
    """An item that a person judged not health was edited: it stays an example, with the text that it has now."""
    _write_assessment(connection, item, one, said, now)
    keep_as_example(connection, item)


def _forget(connection: Connection, item: Row[Any], said: Assessment, now: datetime) -> None:
    """Of an item that is not health, keep address, title, date, probability and hashes: no text, no capture.

    Captures that were archived while it was judged health stay when a case rests on them: they are its evidence.
    """
    for table in (assessments, vectors, item_versions):
        connection.execute(delete(table).where(table.c.item_id == item.id))
    evidence = captures.keep_as_evidence(connection, item)
    if not evidence:
        captures.forget_archived(connection, [item.id])
    drop_page(connection, item.id)
    change_item(
        connection,
        item.id,
        stage=ItemStage.NOT_HEALTH.value,
        summary="",
        text="",
        capture_sha256=evidence,
        pending_fate=None,
        health_probability=said.probabilities.get("health"),
        judged_at=now,
        narrative_id=None,
        similarity=None,
        near_duplicate_of=None,
        **UNCLAIMED,
    )


def _count(connection: Connection, run_id: str, item: Row[Any], health: bool) -> None:
    if not health:
        fates.settle(connection, run_id, item.id, item.source_id, Fate.NOT_HEALTH)
    else:
        fates.meet(connection, run_id, item.id, item.source_id, Fate(item.pending_fate or Fate.SEEN))
