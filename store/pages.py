"""The page queue, and what a page that was read, or was not, does to its item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, or_, select, update

from records.calendar import believed
from records.crawl import CrawlOrder, FetchState, PageFailure, PageReading, PageTask
from records.item import Fate, ItemStage
from records.text import text_hash
from store import captures, fates
from store.changes import change_item, next_version
from store.database import chunks, insert_new, key_text, upsert
from store.handles import author_hash
from store.leases import is_dead, this_process
from store.rows import fetch_state
from store.tables import fetch_states, items, page_queue, sources

#: A health item's page is read again so long after it was first assessed.
REREAD_AFTER = (timedelta(hours=6), timedelta(hours=24), timedelta(days=7))
FIRST_RETRY = timedelta(minutes=10)  # doubled each time
#: However long a site asks to wait, its page is asked for again after this.
LONGEST_RETRY = timedelta(days=1)
MOST_ATTEMPTS = 6
#: Stages of an item that has no text of any kind.
WITHOUT_TEXT = frozenset({ItemStage.UNREADABLE, ItemStage.REFUSED, ItemStage.FAILED})


def queue_page(connection: Connection, item_id: str, now: datetime) -> None:
    """Have the item's page read now; the readings that are planned for later stay planned."""
    new = {"item_id": item_id, "due_at": now, "attempts": 0, "handed_to": None, "rereads": 0}
    if not insert_new(connection, page_queue, new):
        now_due = {"due_at": now, "attempts": 0, "handed_to": None}
        connection.execute(update(page_queue).where(page_queue.c.item_id == item_id).values(**now_due))


def plan_rereads(connection: Connection, item_id: str, now: datetime) -> None:
    """Have a health item's page read again later. A page that is in the queue for another try keeps its turn."""
    new = {"item_id": item_id, "due_at": now + REREAD_AFTER[0], "attempts": 0, "reread_from": now, "rereads": 0}
    if not insert_new(connection, page_queue, new):
        connection.execute(update(page_queue).where(page_queue.c.item_id == item_id).values(reread_from=now))


def drop_page(connection: Connection, item_id: str) -> None:
    connection.execute(delete(page_queue).where(page_queue.c.item_id == item_id))


def hand_out(connection: Connection, order: CrawlOrder, item_ids: Sequence[str] | None = None) -> tuple[PageTask, ...]:
    """The pages that are due, by (due, id), of `item_ids` or of all sources that may be read; each once a run."""
    conditions: list[Any] = [
        page_queue.c.due_at <= order.now,
        or_(page_queue.c.handed_to.is_(None), page_queue.c.handed_to != order.run_id),
    ]
    if item_ids is None:
        ordered = [source.id for source in order.sources]
        readable = and_(sources.c.enabled, sources.c.removed_at.is_(None))
        conditions.append(or_(sources.c.id.in_(ordered), readable))
        if order.pages_of is not None:
            conditions.append(sources.c.id.in_(sorted(order.pages_of)))
        conditions[1] = or_(conditions[1], page_queue.c.handed_by.in_(_dead_crawls(connection, order.run_id)))
        rows = _due(connection, conditions)
    else:
        rows = [row for some in chunks(item_ids) for row in _due(connection, [*conditions, items.c.id.in_(some)])]
    rows.sort(key=lambda row: (row.due_at, row.id))
    for some in chunks([row.id for row in rows]):
        handed = {"handed_to": order.run_id, "handed_by": this_process()}
        connection.execute(update(page_queue).where(page_queue.c.item_id.in_(some)).values(**handed))
    return tuple(_task(connection, row) for row in rows)


def _dead_crawls(connection: Connection, run_id: str) -> list[str]:
    """Crawling processes of this run that are no more: what they had not read is to be read by another."""
    handed = page_queue.c.handed_to == run_id, page_queue.c.handed_by.is_not(None)
    holders = connection.execute(select(page_queue.c.handed_by).where(*handed).distinct()).scalars()
    return [holder for holder in holders if is_dead(holder)]


def _due(connection: Connection, conditions: list[Any]) -> list[Row[Any]]:
    joined = page_queue.join(items, items.c.id == page_queue.c.item_id).join(sources, sources.c.id == items.c.source_id)
    columns = page_queue.c.due_at, page_queue.c.attempts, items.c.id, items.c.source_id, items.c.address
    statement = select(*columns, items.c.stage, items.c.text).select_from(joined).where(*conditions)
    return list(connection.execute(statement))


def _task(connection: Connection, row: Row[Any]) -> PageTask:
    # "Unchanged" is an answer only where the text is at hand, or where it was judged not health as it stands.
    conditional = bool(row.text) or row.stage == ItemStage.NOT_HEALTH
    fetch = known_fetch(connection, row.address) if conditional else None
    return PageTask(row.id, row.source_id, row.address, fetch, row.attempts)


# --- fetch states -----------------------------------------------------------------------------------------------------


def known_fetch(connection: Connection, address: str) -> FetchState | None:
    row = connection.execute(select(fetch_states).where(fetch_states.c.address == key_text(address))).first()
    return replace(fetch_state(row._mapping), address=address) if row else None


def remember_fetch(connection: Connection, fetch: FetchState, *, unchanged: bool) -> None:
    """An answer of "unchanged" need not repeat what it is unchanged from."""
    values = {
        "address": key_text(fetch.address),
        "etag": fetch.etag,
        "last_modified": fetch.last_modified,
        "body_sha256": fetch.body_sha256,
        "fetched_at": fetch.fetched_at,
    }
    if unchanged:
        values = {name: value for name, value in values.items() if value is not None}
    upsert(connection, fetch_states, values)


# --- readings ---------------------------------------------------------------------------------------------------------


def page_read(
    connection: Connection, order: CrawlOrder, reading: PageReading, sha256: str | None, author_key: bytes
) -> bool:
    """Put a page that was read into its item; whether its capture, staged as `sha256`, belongs to the item now."""
    item = _item(connection, reading.item_id)
    if item is None:
        return False
    remember_fetch(connection, reading.fetch, unchanged=reading.unchanged)
    if not reading.unchanged and not reading.text:
        _no_text(connection, order, item, reading.source_id, Fate.UNREADABLE)
        drop_page(connection, item.id)
        return False
    text_hash_now = item.own_text_hash if reading.unchanged else text_hash(reading.text)
    taken = text_hash_now != item.own_text_hash or (item.stage == ItemStage.AWAITING_PAGE and not reading.unchanged)
    if taken:
        _take(connection, order, item, reading, text_hash_now, author_key)
        if reading.capture is not None and sha256 is not None:
            captures.remember(connection, item.id, sha256, reading.capture)
            change_item(connection, item.id, capture_sha256=sha256)
    elif item.stage == ItemStage.AWAITING_PAGE:
        stage = ItemStage.COMPLETE if item.text or item.summary else ItemStage.UNREADABLE
        change_item(connection, item.id, stage=stage)
    fate = connection.execute(select(items.c.pending_fate).where(items.c.id == item.id)).scalar()
    count = fates.settle if fate else fates.meet
    count(connection, order.run_id, item.id, reading.source_id, Fate(fate or Fate.SEEN))
    _next_reading(connection, item.id, order.now)
    return taken


def _take(
    connection: Connection,
    order: CrawlOrder,
    item: Row[Any],
    reading: PageReading,
    own_text_hash: str | None,
    author_key: bytes,
) -> None:
    """The page's text becomes the item's. An edit, unless it is the first text or its title was edited already."""
    values: dict[str, Any] = {}
    judged_as_it_was = item.stage not in {ItemStage.AWAITING_PAGE, *WITHOUT_TEXT}
    edited = judged_as_it_was and item.own_text_hash is not None
    if judged_as_it_was:
        # Models may be at work on the wording so far: what they say of it must not pass for this one's.
        values |= next_version(connection, item, order.now, keep_old=edited)
    if edited:
        values["pending_fate"] = item.pending_fate or Fate.EDITED.value
    if item.published is None and (published := believed(reading.published, order.now)):
        values |= {"published": published, "moment": published}
    if item.author_hash is None and reading.author:
        values["author_hash"] = author_hash(author_key, reading.author)
    title = item.title or reading.title
    change_item(
        connection,
        item.id,
        **values,
        title=title,
        text=reading.text,
        own_text_hash=own_text_hash,
        text_hash=text_hash(title, reading.text),
        stage=ItemStage.COMPLETE.value,
        last_seen=max(item.last_seen, order.now),
    )


def _next_reading(connection: Connection, item_id: str, now: datetime) -> None:
    row = connection.execute(select(page_queue).where(page_queue.c.item_id == item_id)).first()
    if row is None:
        return
    done = row.rereads
    if row.reread_from is not None:
        while done < len(REREAD_AFTER) and row.reread_from + REREAD_AFTER[done] <= now:
            done += 1
    if row.reread_from is None or done == len(REREAD_AFTER):
        drop_page(connection, item_id)
        return
    values = {"due_at": row.reread_from + REREAD_AFTER[done], "rereads": done, "attempts": 0, "problem": None}
    connection.execute(update(page_queue).where(page_queue.c.item_id == item_id).values(**values))


def page_failed(connection: Connection, order: CrawlOrder, failure: PageFailure) -> None:
    """Note a page that gave nothing: its item lives on what the feed said, or waits, or is given up for now."""
    item = _item(connection, failure.item_id)
    if item is None:
        return
    _no_text(connection, order, item, failure.source_id, failure.fate)
    row = connection.execute(select(page_queue).where(page_queue.c.item_id == item.id)).first()
    if row is None:
        return
    attempts = row.attempts + 1
    if failure.permanent or attempts >= MOST_ATTEMPTS:
        drop_page(connection, item.id)
        return
    asked = min(failure.retry_after_seconds or 0.0, LONGEST_RETRY.total_seconds())
    wait = max(FIRST_RETRY * 2**row.attempts, timedelta(seconds=asked))
    values = {"due_at": order.now + wait, "attempts": attempts, "problem": failure.detail}
    connection.execute(update(page_queue).where(page_queue.c.item_id == item.id).values(**values))


def _no_text(connection: Connection, order: CrawlOrder, item: Row[Any], source_id: str, fate: Fate) -> None:
    if item.stage not in {ItemStage.AWAITING_PAGE, *WITHOUT_TEXT}:
        fates.meet(connection, order.run_id, item.id, source_id, Fate.SEEN)
    elif item.text or item.summary:
        change_item(connection, item.id, stage=ItemStage.COMPLETE.value)
        fates.meet(connection, order.run_id, item.id, source_id, Fate(item.pending_fate or Fate.SEEN))
    else:
        change_item(connection, item.id, stage=fate.value)
        fates.settle(connection, order.run_id, item.id, source_id, fate)


def _item(connection: Connection, item_id: str) -> Row[Any] | None:
    return connection.execute(select(items).where(items.c.id == item_id).with_for_update(key_share=True)).first()
