"""The Reader port: what console, digests and doctor read. The inbox is in store/inbox.py, the digest in digest.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from records.assessment import Assessment, Correction
from records.case import Case, CaseStage, Statement, StatementStage, TrailEntry
from records.claim import Claim, ClaimMatch, ClaimPair, ClaimVersion
from records.digest import Digest, Period
from records.drift import Week
from records.item import Capture, Item, ItemVersion
from records.narrative import Arrangement, NarratableItem, Narrative, NarrativeMember
from records.risk import Level
from records.search import Interval, TimeCount
from records.source import SourceRecord
from store import arranging, claims, drift, inbox, queries, rows, source_record, trail, training
from store.captures import CaptureFiles
from store.corrected import corrections_of
from store.counting import by_interval, counted_by_hour
from store.counts import counts
from store.database import Database, chunks
from store.digest import digest
from store.sources import SqlSources
from store.tables import (
    captures,
    cases,
    item_versions,
    items,
    narratives,
    notes,
    statements,
    vectors,
)


class SqlReader:
    def __init__(self, database: Database, files: CaptureFiles, sources: SqlSources) -> None:
        self._database = database
        self._files = files
        self._sources = sources

    def inbox(
        self,
        now: datetime,
        *,
        since: datetime | None = None,
        topic: str | None = None,
        level: Level | None = None,
        stages: frozenset[CaseStage] | None = None,
        offset: int = 0,
        limit: int = 50,
    ) -> tuple[tuple[Narrative, Case | None], ...]:
        """`level` is that level alone. The order is that of the risk as last judged: `now` does not move it."""
        conditions = inbox.conditions(since, topic, level, stages)
        with self._database.reading() as connection:
            return inbox.page(connection, conditions, offset, limit)

    def inbox_counts(
        self,
        *,
        since: datetime | None = None,
        topic: str | None = None,
        stages: frozenset[CaseStage] | None = None,
    ) -> dict[Level | None, int]:
        with self._database.reading() as connection:
            return inbox.counts(connection, inbox.conditions(since, topic, None, stages))

    # --- narratives ---------------------------------------------------------------------------------------------------

    def narrative(self, narrative_id: str) -> Narrative:
        with self._database.reading() as connection:
            return queries.narrative(connection, queries.surviving(connection, narrative_id))

    def members(self, narrative_id: str, limit: int = 200) -> tuple[NarrativeMember, ...]:
        with self._database.reading() as connection:
            narrative_id = queries.surviving(connection, narrative_id)
            return queries.members(connection, narrative_id, queries.BY_TIME, limit)

    def narrative_timeline(self, narrative_id: str, interval: Interval) -> tuple[TimeCount, ...]:
        """By published, or else first seen; without the empty ones between."""
        with self._database.reading() as connection:
            member = items.c.narrative_id == queries.surviving(connection, narrative_id)
            return by_interval(counted_by_hour(connection, items.c.moment, member), interval)

    def narratable(self, narrative_id: str, encoder: str, limit: int) -> tuple[NarratableItem, ...]:
        of_encoder = (vectors.c.item_id == items.c.id) & (vectors.c.encoder == encoder)
        statement = select(items, vectors.c.vector).outerjoin(vectors, of_encoder).order_by(*queries.BY_TIME)
        with self._database.reading() as connection:
            member = items.c.narrative_id == queries.surviving(connection, narrative_id)
            found = connection.execute(statement.where(member).limit(limit))
            return tuple(rows.narratable(row._mapping) for row in found)

    def arrangements(self, narrative_id: str, limit: int = 20) -> tuple[Arrangement, ...]:
        with self._database.reading() as connection:
            return arranging.latest(connection, narrative_id, limit)

    # --- casework -----------------------------------------------------------------------------------------------------

    def case(self, case_id: str) -> Case:
        with self._database.reading() as connection:
            return queries.case_by_id(connection, case_id)

    def case_of(self, narrative_id: str) -> Case | None:
        with self._database.reading() as connection:
            return queries.case_of(connection, narrative_id)

    def statements(
        self, *, case_id: str | None = None, waiting_only: bool = False, limit: int = 50
    ) -> tuple[tuple[Statement, Case, Narrative], ...]:
        """Oldest question first where only those that wait are wanted, else the newest first."""
        columns = [
            *rows.prefixed(statements, "said_"),
            *rows.prefixed(cases, "case_"),
            *rows.prefixed(narratives, "of_"),
        ]
        statement = (
            select(*columns)
            .select_from(statements)
            .join(cases, cases.c.id == statements.c.case_id)
            .join(narratives, narratives.c.id == cases.c.narrative_id)
            .limit(limit)
        )
        if case_id is not None:
            statement = statement.where(statements.c.case_id == case_id)
        if waiting_only:
            statement = statement.where(statements.c.stage == StatementStage.ASKED.value)
            statement = statement.order_by(statements.c.asked_at, statements.c.id)
        else:
            statement = statement.order_by(statements.c.asked_at.desc(), statements.c.id)
        with self._database.reading() as connection:
            return tuple(
                (
                    rows.statement(rows.part(row, "said_")),
                    rows.case(rows.part(row, "case_")),
                    rows.narrative(rows.part(row, "of_")),
                )
                for row in connection.execute(statement)
            )

    def note(self, sha256: str) -> str | None:
        with self._database.reading() as connection:
            return connection.execute(select(notes.c.text).where(notes.c.sha256 == sha256)).scalar()

    def trail_of(self, subject: str) -> tuple[TrailEntry, ...]:
        with self._database.reading() as connection:
            return tuple(trail.entries(connection, subject))

    def verify_trail(self) -> int:
        with self._database.reading() as connection:
            return trail.verify(connection)

    # --- items --------------------------------------------------------------------------------------------------------

    def item(self, item_id: str) -> Item:
        with self._database.reading() as connection:
            return queries.item(connection, item_id)

    def items(self, item_ids: Sequence[str]) -> tuple[Item, ...]:
        found: dict[str, Item] = {}
        with self._database.reading() as connection:
            for some in chunks(dict.fromkeys(item_ids)):
                for row in connection.execute(select(items).where(items.c.id.in_(some))):
                    found[row.id] = rows.item(row._mapping)
        return tuple(found[item_id] for item_id in item_ids if item_id in found)

    def versions(self, item_id: str) -> tuple[ItemVersion, ...]:
        """Earlier wordings, oldest first."""
        statement = select(item_versions).where(item_versions.c.item_id == item_id).order_by(item_versions.c.version)
        with self._database.reading() as connection:
            return tuple(rows.item_version(row._mapping) for row in connection.execute(statement))

    def assessment(self, item_id: str) -> Assessment | None:
        with self._database.reading() as connection:
            return queries.assessment(connection, item_id)

    def narrative_of(self, item_id: str) -> str | None:
        with self._database.reading() as connection:
            return connection.execute(select(items.c.narrative_id).where(items.c.id == item_id)).scalar()

    def capture_of(self, item_id: str) -> tuple[Capture, bytes] | None:
        statement = (
            select(captures)
            .join(items, (items.c.id == captures.c.item_id) & (items.c.capture_sha256 == captures.c.sha256))
            .where(items.c.id == item_id)
        )
        with self._database.reading() as connection:
            row = connection.execute(statement).first()
        return (rows.capture(row._mapping), self._files.body(row)) if row else None

    # --- claims -------------------------------------------------------------------------------------------------------

    def claim(self, claim_id: str) -> Claim:
        with self._database.reading() as connection:
            return claims.claim(connection, claim_id)

    def claims(self, *, withdrawn: bool = False) -> tuple[Claim, ...]:
        with self._database.reading() as connection:
            return claims.library(connection, withdrawn)

    def claim_versions(self, claim_id: str) -> tuple[ClaimVersion, ...]:
        with self._database.reading() as connection:
            return claims.versions(connection, claim_id)

    def claims_changed(self, actor: str, at: datetime) -> tuple[str, ...]:
        with self._database.reading() as connection:
            return claims.changed(connection, actor, at)

    def matches(self, narrative_id: str) -> tuple[ClaimMatch, ...]:
        with self._database.reading() as connection:
            return claims.matches(connection, narrative_id)

    def narratives_of_claim(self, claim_id: str, limit: int = 50) -> tuple[Narrative, ...]:
        with self._database.reading() as connection:
            return claims.narratives_of(connection, claim_id)[:limit]

    def responses_to(self, claim_id: str, limit: int = 5) -> tuple[Statement, ...]:
        with self._database.reading() as connection:
            return claims.responses(connection, claim_id, limit)

    def claim_pairs(self) -> tuple[ClaimPair, ...]:
        with self._database.reading() as connection:
            return claims.pairs(connection)

    def source_records(self, source_ids: Sequence[str]) -> dict[str, SourceRecord]:
        with self._database.reading() as connection:
            return source_record.source_records(connection, source_ids)

    def corrections(self) -> tuple[tuple[Correction, Item], ...]:
        with self._database.reading() as connection:
            return training.said(connection)

    def corrected_narratives(self) -> dict[str, str]:
        with self._database.reading() as connection:
            return training.narratives_of_said(connection)

    def words_on(self, item_id: str) -> dict[str, str]:
        with self._database.reading() as connection:
            return dict(corrections_of(connection, item_id))

    def weeks(self, until: datetime, count: int) -> tuple[Week, ...]:
        with self._database.reading() as connection:
            return drift.weeks(connection, until, count)

    def health_texts(self, since: datetime, until: datetime, limit: int) -> tuple[str, ...]:
        with self._database.reading() as connection:
            return drift.health_texts(connection, since, until, limit)

    # --- counts -------------------------------------------------------------------------------------------------------

    def digest(self, period: Period, until: datetime) -> Digest:
        healths = self._sources.health(until)
        with self._database.reading() as connection:
            return digest(connection, period, until, healths)

    def counts(self) -> dict[str, int]:
        with self._database.reading() as connection:
            return counts(connection)
