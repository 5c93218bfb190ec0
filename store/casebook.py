"""The Casebook port: what people and rules do, each act one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from records.assessment import Assessment, Correction, Harm
from records.case import Act, Case, CaseStage, Statement, TrailEntry
from records.claim import Claim, ClaimMatch
from records.errors import NotFound, StoreError
from records.item import Item
from records.message import Address, Channel, Message
from records.narrative import Arrangement, Merge, Narrative, NarrativeMember
from records.risk import Risk
from records.source import SourceRecord
from store import arranging, claims, merging, queries, rows, trail
from store.changes import queue_for_index
from store.coming_back import bring_back
from store.corrected import corrected, corrections_of
from store.database import Database, insert_new, serialize, upsert
from store.outbox import DISCARDED, discard_refused, enqueue, retry_refused
from store.recount import recount
from store.serialize import to_json
from store.source_record import source_records
from store.tables import assessments, cases, corrections, items, narratives, notes, outbox, statements
from store.training import assess_again, keep_as_example


class SqlCasebook:
    def __init__(self, database: Database, secret: bytes) -> None:
        """`secret`: the key of the hashes that are left of discarded messages."""
        self._database = database
        self._secret = secret

    @contextmanager
    def work(self) -> Iterator[SqlWork]:
        with self._database.writing() as connection:
            # Acts are few, and touch the same narratives, cases and threads in orders of their own: one after another.
            serialize(connection, "casework")
            yield SqlWork(connection, self._secret)


class SqlWork:
    """One transaction of casework."""

    def __init__(self, connection: Connection, secret: bytes) -> None:
        self._connection = connection
        self._secret = secret

    def case(self, case_id: str) -> Case:
        return queries.case_by_id(self._connection, case_id)

    def case_of(self, narrative_id: str) -> Case | None:
        return queries.case_of(self._connection, narrative_id)

    def to_look_at_again(self, now: datetime) -> tuple[str, ...]:
        due = cases.c.stage == CaseStage.SET_ASIDE.value, cases.c.look_again_at <= now
        ids = select(cases.c.id).where(*due).order_by(cases.c.look_again_at, cases.c.id)
        return tuple(self._connection.execute(ids).scalars())

    def save_case(self, case: Case) -> None:
        values = rows.case_values(case)
        if case.version == 1:
            saved = insert_new(self._connection, cases, values)
        else:
            before = cases.c.id == case.id, cases.c.version == case.version - 1
            saved = bool(self._connection.execute(update(cases).where(*before).values(**values)).rowcount)
        if not saved:
            raise StoreError(f"case {case.id} was changed by somebody else meanwhile")

    def statement(self, statement_id: str) -> Statement:
        row = self._connection.execute(select(statements).where(statements.c.id == statement_id)).first()
        if row is None:
            raise NotFound("statement", statement_id)
        return rows.statement(row._mapping)

    def statements(self, case_id: str) -> tuple[Statement, ...]:
        return queries.statements_of(self._connection, case_id)

    def save_statement(self, statement: Statement) -> None:
        upsert(self._connection, statements, {name: getattr(statement, name) for name in rows.STATEMENT_FIELDS})

    def narrative(self, narrative_id: str) -> Narrative:
        return queries.narrative(self._connection, narrative_id)

    def members(self, narrative_id: str, limit: int = 50) -> tuple[NarrativeMember, ...]:
        return queries.members(self._connection, narrative_id, queries.BY_ATTENTION, limit)

    def item(self, item_id: str) -> Item:
        return queries.item(self._connection, item_id)

    def assessment(self, item_id: str) -> Assessment | None:
        return queries.assessment(self._connection, item_id)

    def save_risk(self, narrative_id: str, risk: Risk, now: datetime, revision: int | None = None) -> None:
        narrative = queries.narrative_row(self._connection, narrative_id, lock=True)
        values = {
            "risk": to_json(risk),
            "level": risk.level.value,
            "level_rank": risk.level.rank,
            "harm": risk.harm.value,
            "spread": risk.spread.scale,
            "rising": risk.trend.rising,
        }
        # A person may have spoken on harm since the evidence was read: then this is not the last word.
        if risk.harm_set_by == narrative.harm_confirmed_by and narrative.harm_confirmed in {None, risk.harm.value}:
            values["judged_revision"] = narrative.revision if revision is None else revision
        self._change_narrative(narrative_id, **values)

    def confirm_harm(self, narrative_id: str, harm: Harm | None, actor: str, now: datetime) -> None:
        queries.narrative_row(self._connection, narrative_id, lock=True)
        said = (harm.value, actor, now) if harm is not None else (None, None, None)
        names = ("harm_confirmed", "harm_confirmed_by", "harm_confirmed_at")
        self._change_narrative(narrative_id, **dict(zip(names, said, strict=True)), revision=narratives.c.revision + 1)

    def mark_acts(self, narrative_id: str, actor: str | None) -> bool:
        narrative = queries.narrative_row(self._connection, narrative_id, lock=True)
        if (narrative.acts_marked_by is None) == (actor is None):
            return False
        self._change_narrative(narrative_id, acts_marked_by=actor, revision=narratives.c.revision + 1)
        return True

    def correct(self, correction: Correction) -> None:
        item = self._connection.execute(select(items).where(items.c.id == correction.item_id)).first()
        if item is None:
            raise NotFound("item", correction.item_id)
        assessment = self.assessment(item.id)
        self._connection.execute(insert(corrections).values(rows.correction_values(correction)))
        if assessment is None:
            if correction.about != "health":
                raise NotFound("assessment", item.id)
            bring_back(self._connection, item.id, correction.at)
        else:
            said = corrected(assessment, correction.about, correction.person_said)
            if said == assessment:  # the person agrees
                return
            changed = update(assessments).where(assessments.c.item_id == item.id)
            self._connection.execute(changed.values(**rows.assessment_values(said)))
            if not said.health:
                keep_as_example(self._connection, item)
            elif not assessment.health:
                assess_again(self._connection, item, correction.at)
            recount(self._connection, {item.narrative_id} - {None})
        queue_for_index(self._connection, [item.id])

    def words_on(self, item_id: str) -> dict[str, str]:
        return dict(corrections_of(self._connection, item_id))

    def merge_narratives(self, merge: Merge, actor: str, now: datetime) -> None:
        merging.merge_now(self._connection, merge, actor, now)

    def split_narratives(self, narrative_id: str, actor: str, now: datetime) -> None:
        merging.split_now(self._connection, narrative_id, actor, now)

    def move_items(
        self, item_ids: Sequence[str], narrative_id: str, into: str | None, actor: str, now: datetime
    ) -> str:
        return arranging.move(self._connection, item_ids, narrative_id, into, actor, now)

    def take_back_move(self, number: int, actor: str, now: datetime) -> Arrangement:
        return arranging.take_back(self._connection, number, actor, now)

    def arrangements(self, narrative_id: str, limit: int = 20) -> tuple[Arrangement, ...]:
        return arranging.latest(self._connection, narrative_id, limit)

    def rename(self, narrative_id: str, label: str, actor: str) -> bool:
        if label:
            self._change_narrative(narrative_id, label=label, named_by=actor)
            return True
        if queries.narrative_row(self._connection, narrative_id, lock=True).named_by is None:
            return False
        # Counted as changed, so that it is described again. Until then it keeps what it was called.
        self._change_narrative(narrative_id, named_by=None, revision=narratives.c.revision + 1)
        return True

    def claim(self, claim_id: str) -> Claim:
        return claims.claim(self._connection, claim_id)

    def save_claim(self, claim: Claim, actor: str, now: datetime) -> None:
        claims.save(self._connection, claim, actor, now)

    def matches(self, narrative_id: str) -> tuple[ClaimMatch, ...]:
        return claims.matches(self._connection, narrative_id)

    def source_record(self, source_id: str) -> SourceRecord:
        return source_records(self._connection, [source_id])[source_id]

    def narratives_of_claim(self, claim_id: str) -> tuple[Narrative, ...]:
        return claims.narratives_of(self._connection, claim_id)

    def save_match(self, match: ClaimMatch) -> None:
        claims.save_match(self._connection, match)

    def drop_match(self, narrative_id: str, claim_id: str) -> None:
        claims.drop_match(self._connection, narrative_id, claim_id)

    def enqueue(self, message: Message) -> bool:
        return enqueue(self._connection, self._secret, message)

    def addresses(self, thread: str) -> tuple[Address, ...]:
        first = func.min(outbox.c.number)
        found = self._connection.execute(
            select(outbox.c.channel, outbox.c.recipient)
            .where(outbox.c.thread == thread, outbox.c.status != DISCARDED)
            .group_by(outbox.c.channel, outbox.c.recipient)
            .order_by(first)
        )
        return tuple(Address(Channel(row.channel), row.recipient) for row in found)

    def retry_refused(self, now: datetime, key: str | None = None) -> int:
        return retry_refused(self._connection, now, key)

    def discard_refused(self, key: str) -> int | None:
        return discard_refused(self._connection, self._secret, key)

    def keep_note(self, text: str, now: datetime) -> str:
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        insert_new(self._connection, notes, {"sha256": sha256, "text": text, "kept_at": now})
        return sha256

    def trail(self, at: datetime, actor: str, act: Act, subject: str, detail: dict[str, str]) -> TrailEntry:
        return trail.append(self._connection, at, actor, act, subject, detail)

    def _change_narrative(self, narrative_id: str, **values: object) -> None:
        self._connection.execute(update(narratives).where(narratives.c.id == narrative_id).values(**values))
