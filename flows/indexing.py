"""The index catches up with the store, which is the record."""

from __future__ import annotations

from datetime import datetime

from flows.parts import Parts

BATCH_ITEMS = 1_000


def catch_up(parts: Parts, now: datetime) -> int:
    """Bring the index up to date; the number of documents written. Raises SearchUnavailable when it is away."""
    queue, index = parts.store.index_queue, parts.index
    written = 0
    while True:
        documents, deletions = queue.pending(BATCH_ITEMS)
        if not documents and not deletions:
            return written
        if documents:
            rejected = index.put(documents)
            if rejected:
                queue.rejected(rejected, now)
            aside = {(one.id, one.version) for one in rejected}
            queue.done([(d.id, d.version) for d in documents if (d.id, d.version) not in aside])
        if deletions:
            index.delete(deletions)
            queue.done(deletions)
        written += len(documents)
