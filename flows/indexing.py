"""The index catches up with the store, which is the record."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime

from flows import wiring
from flows.background import every
from flows.parts import Parts
from records.errors import SearchError, StoreError
from records.ports import IndexQueue, SearchIndex

BATCH_ITEMS = 1_000
#: How often `tin3c up`, with or without a schedule of its own, looks whether something waits: after an outage search is
#: whole again soon, not at the next run.
KEEP_UP_SECONDS = 30.0

log = logging.getLogger(__name__)


def catch_up(queue: IndexQueue, index: SearchIndex, now: datetime) -> int:
    """Bring the index up to date; the number of documents written. Raises SearchUnavailable when it is away."""
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


@contextmanager
def keeping_up(parts: Parts, every_seconds: float = KEEP_UP_SECONDS) -> Iterator[None]:
    """While the block runs, catch up in the background whenever something waits and the engine answers."""
    queue = parts.store.index_queue

    def look() -> None:
        try:
            # Rows of a run that is under way are its own to write; a repeated write changes nothing.
            if queue.waiting() and index.reachable():
                catch_up(queue, index, datetime.now(UTC))
        except (SearchError, StoreError) as error:
            log.warning("search could not catch up: %s", error)

    # An index of its own: a search in this process would wait for the parts' one while that is written.
    with closing(wiring.open_index(parts.settings)) as index, every(every_seconds, look, "keeping-up"):
        yield
