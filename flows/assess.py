"""Assess: what is complete gets its assessment and vector, batch by batch."""

from __future__ import annotations

from datetime import datetime

from flows.parts import Parts


def assess_batch(parts: Parts, run_id: str, now: datetime) -> int:
    """Assess the next batch; the number of items in it, 0 when none waits. Each batch is one transaction."""
    items = parts.store.assessment_queue.waiting(parts.settings.models.batch_items)
    if items:
        parts.store.assessment_queue.save(run_id, parts.assessor.assess(items, cascade=True), now)
    return len(items)
