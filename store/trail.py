"""The trail: append-only, each entry's hash over its content and the hash before it. It holds ids and hashes only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import fields
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select

from records.case import Act, TrailEntry
from records.errors import StoreError
from store import rows
from store.database import serialize
from store.tables import trail

#: What the first entry follows.
GENESIS = "0" * 64
#: The subject of entries about the store as a whole.
STORE = "store"


def append(
    connection: Connection, at: datetime, actor: str, act: Act, subject: str, detail: dict[str, str]
) -> TrailEntry:
    serialize(connection, "trail")
    last = connection.execute(select(trail.c.number, trail.c.hash).order_by(trail.c.number.desc()).limit(1)).first()
    number, previous = (last.number + 1, last.hash) if last else (1, GENESIS)
    hashed = entry_hash(number, at, actor, act, subject, detail, previous)
    entry = TrailEntry(number, at, actor, act, subject, dict(detail), previous, hashed)
    connection.execute(insert(trail).values({field.name: getattr(entry, field.name) for field in fields(TrailEntry)}))
    return entry


def entry_hash(
    number: int, at: datetime, actor: str, act: Act, subject: str, detail: dict[str, str], previous: str
) -> str:
    """sha256 (hex) over the entry as canonical JSON: sorted keys, no spaces, UTF-8, time in UTC with microseconds."""
    content = {
        "number": number,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": actor,
        "act": act.value,
        "subject": subject,
        "detail": detail,
        "previous_hash": previous,
    }
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def entries(connection: Connection, subject: str | None = None) -> Iterable[TrailEntry]:
    """In order; of one subject where it is given."""
    statement = select(trail).order_by(trail.c.number)
    if subject is not None:
        statement = statement.where(trail.c.subject == subject)
    return (rows.trail_entry(row._mapping) for row in connection.execute(statement))


def verify(connection: Connection) -> int:
    """The number of entries. Raises StoreError that names the first one that was changed, or follows a gap.

    A tail that was cut off, or a trail written anew as a whole, cannot be told from here.
    """
    number, previous = 0, GENESIS
    for entry in entries(connection):
        number += 1
        hashed = entry_hash(number, entry.at, entry.actor, entry.act, entry.subject, entry.detail, entry.previous_hash)
        if entry.number != number or entry.previous_hash != previous or entry.hash != hashed:
            raise StoreError(f"the trail does not verify at entry {entry.number}: it was changed after it was written")
        previous = entry.hash
    return number
