"""The library of known claims, and what people said of narratives and claims, within a transaction of others."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from records.case import Statement, StatementStage
from records.claim import Claim, ClaimMatch, ClaimPair, ClaimVersion, MatchDecision
from records.errors import NotFound, StoreError
from records.narrative import Narrative
from store import rows
from store.database import insert_new, upsert
from store.queries import surviving
from store.serialize import from_json, to_json
from store.tables import cases, claim_matches, claim_versions, claims, narratives, statements


def claim(connection: Connection, claim_id: str) -> Claim:
    row = connection.execute(select(claims).where(claims.c.id == claim_id)).first()
    if row is None:
        raise NotFound("claim", claim_id)
    return rows.claim(row._mapping)


def library(connection: Connection, withdrawn: bool) -> tuple[Claim, ...]:
    statement = select(claims).order_by(claims.c.id)
    if not withdrawn:
        statement = statement.where(claims.c.withdrawn_at.is_(None))
    return tuple(rows.claim(row._mapping) for row in connection.execute(statement))


def save(connection: Connection, new: Claim, actor: str, now: datetime) -> None:
    values = rows.claim_values(new)
    if new.version == 1:
        saved = insert_new(connection, claims, values)
    else:
        _keep_first(connection, new.id, now)
        before = claims.c.id == new.id, claims.c.version == new.version - 1
        saved = bool(connection.execute(update(claims).where(*before).values(**values)).rowcount)
    if not saved:
        raise StoreError(f"claim {new.id} was changed by somebody else meanwhile")
    _keep_version(connection, new, actor, now)


def _keep_first(connection: Connection, claim_id: str, now: datetime) -> None:
    """Of a claim that no act put into the library: what it was before its first change."""
    known = claim(connection, claim_id)
    if known.version == 1 and not versions(connection, claim_id):
        _keep_version(connection, known, known.decided_by, known.decided_at)


def _keep_version(connection: Connection, kept: Claim, actor: str, at: datetime) -> None:
    values = {"claim_id": kept.id, "version": kept.version, "claim": to_json(kept), "actor": actor, "at": at}
    connection.execute(insert(claim_versions).values(values))


def versions(connection: Connection, claim_id: str) -> tuple[ClaimVersion, ...]:
    of = claim_versions.c.claim_id == claim_id
    found = connection.execute(select(claim_versions).where(of).order_by(claim_versions.c.version.desc()))
    return tuple(ClaimVersion(from_json(Claim, row.claim), row.actor, row.at) for row in found)


def changed(connection: Connection, actor: str, at: datetime) -> tuple[str, ...]:
    those = claim_versions.c.actor == actor, claim_versions.c.at == at
    found = connection.execute(select(claim_versions.c.claim_id).where(*those).distinct())
    return tuple(sorted(found.scalars()))


# --- narratives and claims --------------------------------------------------------------------------------------------


def _family(connection: Connection, narrative_id: str) -> list[str]:
    """The narrative that holds the items of `narrative_id` now, and those of its past of which somebody spoke."""
    survivor = surviving(connection, narrative_id)
    merged = (
        select(claim_matches.c.narrative_id)
        .join(narratives, narratives.c.id == claim_matches.c.narrative_id)
        .where(narratives.c.merged_into.is_not(None))
        .distinct()
    )
    gone = connection.execute(merged.order_by(claim_matches.c.narrative_id)).scalars().all()
    return [survivor, *(one for one in gone if surviving(connection, one) == survivor)]


def matches(connection: Connection, narrative_id: str) -> tuple[ClaimMatch, ...]:
    """The narrative's own word on a claim goes before that of one that was merged into it, then the latest."""
    family = _family(connection, narrative_id)
    columns = [*rows.prefixed(claim_matches, "said_"), *rows.prefixed(claims, "claim_")]
    statement = (
        select(*columns)
        .select_from(claim_matches)
        .join(claims, claims.c.id == claim_matches.c.claim_id)
        .where(claim_matches.c.narrative_id.in_(family))
        .order_by(claim_matches.c.at.desc(), claim_matches.c.claim_id)
    )
    found: dict[str, ClaimMatch] = {}
    for row in connection.execute(statement):
        said = rows.part(row, "said_")
        match = ClaimMatch(
            narrative_id=said["narrative_id"],
            claim=rows.claim(rows.part(row, "claim_")),
            decision=MatchDecision(said["decision"]),
            actor=said["actor"],
            at=said["at"],
            similarity=said["similarity"],
        )
        known = found.get(match.claim.id)
        if known is None or (match.narrative_id == family[0] and known.narrative_id != family[0]):
            found[match.claim.id] = match
    return tuple(sorted(found.values(), key=lambda match: (-match.at.timestamp(), match.claim.id)))


def save_match(connection: Connection, match: ClaimMatch) -> None:
    values = {
        "narrative_id": match.narrative_id,
        "claim_id": match.claim.id,
        "decision": match.decision.value,
        "actor": match.actor,
        "at": match.at,
        "similarity": match.similarity,
    }
    upsert(connection, claim_matches, values)


def drop_match(connection: Connection, narrative_id: str, claim_id: str) -> None:
    those = claim_matches.c.narrative_id.in_(_family(connection, narrative_id)), claim_matches.c.claim_id == claim_id
    connection.execute(delete(claim_matches).where(*those))


def narratives_of(connection: Connection, claim_id: str) -> tuple[Narrative, ...]:
    confirmed = claim_matches.c.claim_id == claim_id, claim_matches.c.decision == MatchDecision.CONFIRMED.value
    ids = connection.execute(select(claim_matches.c.narrative_id).where(*confirmed)).scalars().all()
    survivors = sorted({surviving(connection, one) for one in ids})
    found = connection.execute(select(narratives).where(narratives.c.id.in_(survivors)))
    those = [rows.narrative(row._mapping) for row in found]
    return tuple(sorted(those, key=lambda one: (-one.last_seen.timestamp(), one.id)))


def responses(connection: Connection, claim_id: str, limit: int) -> tuple[Statement, ...]:
    of = [narrative.id for narrative in narratives_of(connection, claim_id)]
    statement = (
        select(statements)
        .join(cases, cases.c.id == statements.c.case_id)
        .where(cases.c.narrative_id.in_(of), statements.c.stage == StatementStage.APPROVED.value)
        .order_by(statements.c.decided_at.desc(), statements.c.id)
        .limit(limit)
    )
    return tuple(rows.statement(row._mapping) for row in connection.execute(statement))


def pairs(connection: Connection) -> tuple[ClaimPair, ...]:
    columns = [*rows.prefixed(claims, "claim_"), claim_matches.c.decision, narratives.c.label]
    statement = (
        select(*columns)
        .select_from(claim_matches)
        .join(claims, claims.c.id == claim_matches.c.claim_id)
        .join(narratives, narratives.c.id == claim_matches.c.narrative_id)
        .order_by(claim_matches.c.at, claim_matches.c.narrative_id, claim_matches.c.claim_id)
    )
    return tuple(
        ClaimPair(row.label, rows.claim(rows.part(row, "claim_")), row.decision == MatchDecision.CONFIRMED.value)
        for row in connection.execute(statement)
    )
