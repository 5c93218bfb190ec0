"""Narrate: items about the same claim become narratives. One leased writer; begins when collection has ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count

from flows.parts import Parts
from records.narrative import NarratableItem
from records.ports import Narrator

#: The lease is renewed before each batch is saved, so this is the longest that placing one may take.
LEASE_LENGTH = timedelta(minutes=10)
BATCH_ITEMS = 2_000
FARTHEST_WINDOWS = 3
#: Enough of a large narrative to choose its label and words from.
DESCRIBED_MEMBERS = 60
DESCRIBED_BETWEEN_RENEWALS = 100


def narrate(parts: Parts, run_id: str, now: datetime, holder: str, most_batches: int | None = None) -> int:
    """Place all waiting items in their order, or the first batches; the number of narratives that changed.

    Batches are committed in the order of the items and each reads its window from the store, so that a run that was
    killed half way goes on to the same narratives.
    """
    store, narrator = parts.store, parts.narrator
    lease = store.leases.acquire("narrate", holder, LEASE_LENGTH)
    try:
        changed: set[str] = set()
        for _ in count() if most_batches is None else range(most_batches):
            batch = _batch(store.narration.waiting(BATCH_ITEMS), FARTHEST_WINDOWS * narrator.window)
            if not batch:
                break
            window = store.narration.window(*_window_of(batch, narrator))
            placements = tuple(narrator.place(window, batch, store.narration.persons_words()))
            # Placing takes its time: a run that stood still meanwhile must not write beside the one that took over.
            lease = store.leases.renew(lease, LEASE_LENGTH)
            grown = store.narration.save(run_id, placements, now, lease)
            names = {item.id: item.begins or item.id for item in batch}
            begun = {one.narrative_id for one in placements if one.narrative_id == names[one.item_id]}
            new = len(begun.intersection(grown))
            store.runs.note(run_id, narratives_new=new, narratives_grown=len(grown) - new)
            changed.update(grown)
        # Not `changed`: a run that was killed between placing and describing left some without their label.
        for number, narrative_id in enumerate(store.risk.to_judge()):
            if number % DESCRIBED_BETWEEN_RENEWALS == 0:
                lease = store.leases.renew(lease, LEASE_LENGTH)
            describe(parts, narrative_id)
        return len(changed)
    finally:
        store.leases.release(lease)


def _batch(waiting: Sequence[NarratableItem], span: timedelta) -> Sequence[NarratableItem]:
    """The first of them that are no more than `span` apart: one wrong date must not read the whole history."""
    if not waiting:
        return waiting
    earliest = latest = waiting[0].when
    for number, item in enumerate(waiting):
        earliest, latest = min(earliest, item.when), max(latest, item.when)
        if latest - earliest > span:
            return waiting[:number]
    return waiting


def _window_of(batch: Sequence[NarratableItem], narrator: Narrator) -> tuple[datetime, datetime]:
    """All that any of them can be compared with. Old items compare with what is about as old, whenever they come."""
    times = [item.when for item in batch]
    return min(times) - narrator.window, max(times) + narrator.window


def describe(parts: Parts, narrative_id: str) -> None:
    """Give a narrative its label and its words; one that another took in keeps the last that it had."""
    narrative = parts.store.reader.narrative(narrative_id)
    if narrative.id != narrative_id:
        return
    members = parts.store.reader.members(narrative_id, limit=DESCRIBED_MEMBERS)
    items = [
        NarratableItem(m.item.id, m.item.title, m.item.own_text, m.item.published, m.item.first_seen, b"")
        for m in members
    ]
    if items:
        parts.store.narration.describe(narrative_id, *parts.narrator.describe(items, label=narrative.label))
