"""What was judged not health is looked at once more: nothing of its text is kept, so that it is read again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, or_, select

from records.item import Fate, ItemStage
from records.retention import COMMENT_COMES_BACK_WITHIN
from store.changes import change_item, queue_for_index
from store.pages import queue_page
from store.tables import items, page_queue


def bring_back(connection: Connection, item_id: str, now: datetime) -> None:
    """Have the page of an item that was judged not health fetched again, for another look.

    The page of a comment is that of what it stands under: it comes back when its feed shows it again.
    """
    item = connection.execute(select(items.c.context, items.c.parent_id).where(items.c.id == item_id)).one()
    is_comment = bool(item.context or item.parent_id)
    change_item(
        connection,
        item_id,
        stage=ItemStage.AWAITING_PAGE.value,
        own_text_hash=None,
        whole_in_feed=False,
        pending_fate=Fate.NEW.value,
        # What its feed says next is compared with nothing: a text that only the feed carries comes back with it.
        entry_hash="",
        judged_at=now if is_comment else None,
    )
    if not is_comment:
        queue_page(connection, item_id, now)


def stop_waiting(connection: Connection, now: datetime) -> int:
    """Let go again the comments that no feed has shown since they were to come back; how many.

    One that its feed shows later all the same is then an item with a new text, and assessed.
    """
    is_comment = or_(items.c.context != "", items.c.parent_id.is_not(None))
    has_page_to_read = select(page_queue.c.item_id).where(page_queue.c.item_id == items.c.id).exists()
    waiting = items.c.stage == ItemStage.AWAITING_PAGE.value, is_comment, ~has_page_to_read
    late = items.c.judged_at < now - COMMENT_COMES_BACK_WITHIN
    found = select(items.c.id).where(*waiting, late).order_by(items.c.id).with_for_update()
    ids = connection.execute(found).scalars().all()
    for item_id in ids:
        change_item(connection, item_id, stage=ItemStage.NOT_HEALTH.value, pending_fate=None)
    queue_for_index(connection, ids)
    return len(ids)
