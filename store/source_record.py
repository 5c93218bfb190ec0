"""What people have found a source's items to be so far: a source's record, counted from what they said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select

from records.assessment import Kind, Stance
from records.case import CaseStage, SetAsideReason
from records.claim import MatchDecision, Verdict
from records.source import SourceRecord
from store.database import chunks
from store.queries import followed_cases
from store.tables import assessments, cases, claim_matches, claims, corrections, items, narratives

_UNTRUE = (Verdict.FALSE.value, Verdict.MISLEADING.value)


def source_records(connection: Connection, source_ids: Sequence[str]) -> dict[str, SourceRecord]:
    """Of each source; a source of which no item is known has an empty record."""
    found: dict[str, SourceRecord] = {}
    for some in chunks(dict.fromkeys(source_ids)):
        ours = items.c.source_id.in_(some)
        kinds, away = _corrected(connection, ours)
        away |= _set_aside(connection, ours)
        judged = {one[1] for those in kinds.values() for one in those}
        spread = _of_untrue_claims(connection, ours)
        for kind, those in spread.items():
            kinds[kind] |= {one for one in those if one[1] not in judged}
        spans = _spans(connection, ours)
        for source_id in some:
            number, since, until = spans.get(source_id, (0, None, None))
            found[source_id] = SourceRecord(
                rumors=_number(source_id, kinds[Kind.RUMOR] - away),
                corrections=_number(source_id, kinds[Kind.CORRECTION] - away),
                not_health=_number(source_id, away),
                items=number,
                since=since,
                until=until,
            )
    return found


#: (source, item)
_Pair = tuple[str, str]


def _number(source_id: str, pairs: Iterable[_Pair]) -> int:
    return sum(one == source_id for one, _ in pairs)


def _spans(connection: Connection, ours: ColumnElement[bool]) -> dict[str, tuple[int, datetime, datetime]]:
    seen = items.c.first_seen
    counted = select(items.c.source_id, func.count(), func.min(seen), func.max(seen)).where(ours)
    return {row[0]: (row[1], row[2], row[3]) for row in connection.execute(counted.group_by(items.c.source_id))}


def _corrected(connection: Connection, ours: ColumnElement[bool]) -> tuple[defaultdict[str, set[_Pair]], set[_Pair]]:
    """(kind → items of which a person said it, items that a person said are not about health). A person's word stands
    in the assessment, so that the last one counts."""
    said = (
        select(items.c.source_id, items.c.id, corrections.c.about, assessments.c.health, assessments.c.kind)
        .select_from(corrections)
        .join(items, items.c.id == corrections.c.item_id)
        .join(assessments, assessments.c.item_id == items.c.id)
        .where(ours, corrections.c.about.in_(["health", "kind"]))
        .distinct()
    )
    kinds: defaultdict[str, set[_Pair]] = defaultdict(set)
    away: set[_Pair] = set()
    for row in connection.execute(said):
        if row.about == "kind":
            kinds[row.kind].add((row.source_id, row.id))
        elif not row.health:
            away.add((row.source_id, row.id))
    return kinds, away


def _of_untrue_claims(connection: Connection, ours: ColumnElement[bool]) -> dict[str, set[_Pair]]:
    """Items of narratives that a person confirmed to be about a false or misleading claim: those that assert it are
    taken for rumors, those that deny it for corrections."""
    on = claim_matches.c.narrative_id
    confirmed = (
        select(on.label("id"), claims.c.id.label("claim_id"))
        .join(claims, claims.c.id == claim_matches.c.claim_id)
        .where(
            claim_matches.c.decision == MatchDecision.CONFIRMED.value,
            claims.c.verdict.in_(_UNTRUE),
            claims.c.withdrawn_at.is_(None),
        )
        .cte("confirmed", recursive=True)
    )
    step = select(narratives.c.merged_into, confirmed.c.claim_id).join(confirmed, confirmed.c.id == narratives.c.id)
    confirmed = confirmed.union(step.where(narratives.c.merged_into.is_not(None)))
    # A narrative's own word on a claim goes before that of one that was merged into it.
    rejected = select(claim_matches.c.claim_id).where(
        on == confirmed.c.id,
        claim_matches.c.claim_id == confirmed.c.claim_id,
        claim_matches.c.decision == MatchDecision.REJECTED.value,
    )
    stances = {Stance.ASSERTS.value: Kind.RUMOR, Stance.REFUTES.value: Kind.CORRECTION}
    those = (
        select(items.c.source_id, items.c.id, assessments.c.stance)
        .join(assessments, assessments.c.item_id == items.c.id)
        .join(confirmed, confirmed.c.id == items.c.narrative_id)
        .where(ours, assessments.c.stance.in_(list(stances)), ~rejected.exists())
        .distinct()
    )
    found: dict[str, set[_Pair]] = {kind: set() for kind in stances.values()}
    for row in connection.execute(those):
        found[stances[row.stance]].add((row.source_id, row.id))
    return found


def _set_aside(connection: Connection, ours: ColumnElement[bool]) -> set[_Pair]:
    """Items of narratives whose case was set aside as not about health, and still is."""
    followed = followed_cases()
    those = (
        select(items.c.source_id, items.c.id)
        .join(followed, followed.c.id == items.c.narrative_id)
        .join(cases, cases.c.narrative_id == followed.c.case_on)
        .where(
            ours,
            cases.c.stage == CaseStage.SET_ASIDE.value,
            cases.c.set_aside_reason == SetAsideReason.NOT_HEALTH.value,
        )
    )
    return {(row.source_id, row.id) for row in connection.execute(those)}
