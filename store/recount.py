"""What a narrative says of its members, counted anew from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, case, func, select, update

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
            func.min(items.c.published, type_=items.c.published.type).label("first_published"),
            func.min(items.c.first_seen, type_=items.c.first_seen.type).label("first_seen"),
            func.max(items.c.first_seen, type_=items.c.first_seen.type).label("last_seen"),
            func.sum(case((items.c.quiet, 0), else_=1)).label("heard"),
        ).where(member)
    ).one()
    if not seen._mapping["items"]:
        return {"items": 0, "kinds": {}, "stances": {}, "places": []}
    first_source = select(items.c.source_id).where(member).order_by(items.c.moment, items.c.id).limit(1)
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
        "first_source_id": connection.execute(first_source).scalar_one(),
        "kinds": dict(sorted(kinds.items())),
        "stances": dict(sorted(stances.items())),
        "topic": next(iter(_most_common(topics)), None),
        "places": _most_common(places),
    }


def _most_common(counts: Counter[str]) -> list[str]:
    return sorted(counts, key=lambda value: (-counts[value], value))
