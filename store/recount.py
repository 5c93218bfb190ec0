"""What a narrative says of its members, counted anew from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, case, func, or_, select, update

from records.assessment import Kind, Stance
from store.tables import assessments, items, narratives


def recount(connection: Connection, narrative_ids: Iterable[str]) -> None:
    """Bring counts, times, topic and places up to date, and have the risk judged again."""
    for narrative_id in sorted(set(narrative_ids)):
        # On PostgreSQL another may be counting it too: who counts last must see what both changed.
        this = select(narratives.c.id).where(narratives.c.id == narrative_id)
        connection.execute(this.with_for_update(key_share=True))
        values = {"revision": narratives.c.revision + 1} | _figures(connection, narrative_id)
        connection.execute(update(narratives).where(narratives.c.id == narrative_id).values(**values))


def _figures(connection: Connection, narrative_id: str) -> dict[str, Any]:
    member = items.c.narrative_id == narrative_id
    seen = connection.execute(
        select(
            func.count().label("items"),
            func.min(items.c.first_seen, type_=items.c.first_seen.type).label("first_seen"),
            func.max(items.c.first_seen, type_=items.c.first_seen.type).label("last_seen"),
            func.sum(case((items.c.quiet, 0), else_=1)).label("heard"),
        ).where(member)
    ).one()
    if not seen._mapping["items"]:
        return {"items": 0, "kinds": {}, "stances": {}, "places": []}
    # First is who tells the claim, asks about it or reports what wants attention: what a merge brings along may be
    # older, and tell another thing.
    tells = or_(
        assessments.c.kind.in_((Kind.RUMOR, Kind.QUESTION)),
        assessments.c.stance.in_((Stance.ASSERTS, Stance.ASKS)),
        assessments.c.attention,
    )
    first = connection.execute(
        select(items.c.source_id, items.c.published)
        .join(assessments, items.c.id == assessments.c.item_id, isouter=True)
        .where(member)
        .order_by(case((tells, 0), else_=1), items.c.moment, items.c.id)
        .limit(1)
    ).one()
    kinds: Counter[str] = Counter()
    stances: Counter[str] = Counter()
    topics: Counter[str] = Counter()
    places: Counter[str] = Counter()
    columns = assessments.c.kind, assessments.c.stance, assessments.c.topic, assessments.c.places
    for row in connection.execute(select(*columns).join(items, items.c.id == assessments.c.item_id).where(member)):
        kinds[row.kind] += 1
        stances[row.stance] += 1
        topics.update([row.topic] if row.topic else [])
        places.update(set(row.places))
    figures = dict(seen._mapping)
    return {
        "quiet": not figures.pop("heard"),
        **figures,
        "first_source_id": first.source_id,
        "first_published": first.published,
        "kinds": dict(sorted(kinds.items())),
        "stances": dict(sorted(stances.items())),
        "topic": next(iter(_most_common(topics)), None),
        "places": _most_common(places),
    }


def _most_common(counts: Counter[str]) -> list[str]:
    return sorted(counts, key=lambda value: (-counts[value], value))
