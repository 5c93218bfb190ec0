"""What the entries of a feed or a listing page do to the items that they name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any
from urllib.parse import urldefrag

from sqlalchemy import Connection, Row, select

from records.address import canonical_address, is_web_address, item_id
from records.calendar import believed
from records.crawl import CrawlOrder
from records.item import Entry, Fate, ItemStage
from records.text import text_hash
from store import fates
from store.changes import change_item, next_version, revision_at
from store.database import chunks, insert_new, key_text
from store.handles import author_hash
from store.pages import WITHOUT_TEXT, queue_page
from store.recount import recount
from store.tables import items

_COMPLETE = frozenset({ItemStage.COMPLETE, ItemStage.ASSESSED, ItemStage.NOT_HEALTH})


def write_entries(
    connection: Connection, order: CrawlOrder, source_id: str, entries: Iterable[Entry], author_key: bytes
) -> tuple[list[str], int]:
    """Upsert the items and count their fates: (the ids met, in order, and how many are new)."""
    by_id = {item_id(entry.address): entry for entry in reversed(tuple(entries)) if is_web_address(entry.address)}
    ids = list(reversed(by_id))
    pages = {id: page for id in ids if (page := _page_id(by_id[id]))}
    wanted = sorted({*ids, *pages.values()})  # in one order everywhere, so that two writers never wait for each other
    known = {
        row.id: row
        for some in chunks(wanted)
        for row in connection.execute(
            select(items).where(items.c.id.in_(some)).order_by(items.c.id).with_for_update(key_share=True)
        )
    }
    new = 0
    for position, id in enumerate(ids):
        row = known.get(id)
        old = known.get(pages[id]) if row is None and id in pages else None
        if old is not None and old.own_text_hash == text_hash(by_id[id].text):
            ids[position] = old.id
            fate = _seen_again(connection, order.now, old, by_id[id])
            fates.meet(connection, order.run_id, old.id, source_id, fate)
            continue
        if row is None and _insert(connection, order.now, source_id, id, by_id[id], author_key):
            fate = Fate.NEW
            new += 1
        else:
            row = row or connection.execute(select(items).where(items.c.id == id).with_for_update(key_share=True)).one()
            fate = _update(connection, order.now, source_id, row, by_id[id])
        fates.meet(connection, order.run_id, id, source_id, fate)
    return ids, new


def _page_id(entry: Entry) -> str | None:
    """Of a comment: the id of the page that it is on. Comments that came in before a comment's own place counted in its
    id have this one."""
    if not entry.text or "#" not in canonical_address(entry.address):
        return None
    return item_id(urldefrag(entry.address).url)


def _seen_again(connection: Connection, now: datetime, row: Row[Any], entry: Entry) -> Fate:
    """Its feed still shows a comment that came in so: it is the same piece, however its title is read today."""
    change_item(connection, row.id, last_seen=max(row.last_seen, now), **(_engagement(entry) | _placed(row, entry)))
    if row.backfill is not None:
        _heard(connection, row)
    return _fate(row.stage, row.pending_fate)


def _entry_hash(entry: Entry) -> str:
    return text_hash(entry.title, entry.summary, entry.text)


def _insert(connection: Connection, now: datetime, source_id: str, id: str, entry: Entry, author_key: bytes) -> bool:
    published = believed(entry.published, now)
    whole = bool(entry.text)
    values = {
        "id": id,
        "canonical": key_text(canonical_address(entry.address)),
        "source_id": source_id,
        "address": entry.address,
        "title": entry.title,
        "context": entry.context,
        "parent_id": _parent_id(entry),
        "summary": entry.summary,
        "text": entry.text,
        "published": published,
        "first_seen": now,
        "last_seen": now,
        "version": 1,
        "version_seen": now,
        "stage": ItemStage.COMPLETE.value if whole else ItemStage.AWAITING_PAGE.value,
        "text_hash": text_hash(entry.title, entry.text or entry.summary),
        "entry_hash": _entry_hash(entry),
        "own_text_hash": text_hash(entry.text) if whole else None,
        "whole_in_feed": whole,
        "author_hash": author_hash(author_key, entry.author) if entry.author else None,
        "pending_fate": Fate.NEW.value,
        # An item that expired and comes back goes on above the revisions that the index knew of it.
        "revision": revision_at(now),
        "moment": published or now,
    } | _engagement(entry)
    if not insert_new(connection, items, values):
        return False
    if not whole:
        queue_page(connection, id, now)
    return True


def _parent_id(entry: Entry) -> str | None:
    return item_id(entry.parent) if is_web_address(entry.parent) else None


def _engagement(entry: Entry) -> dict[str, int | None]:
    return asdict(entry.engagement) if entry.engagement else {}


def _update(connection: Connection, now: datetime, source_id: str, row: Row[Any], entry: Entry) -> Fate:
    values: dict[str, Any] = {"last_seen": max(row.last_seen, now)} | _engagement(entry)
    if row.published is None and (published := believed(entry.published, now)):
        values |= {"published": published, "moment": published}
    values |= _placed(row, entry)
    if row.source_id != source_id:
        # Two sources word one piece differently: only its own source's word is compared, else it would be edited
        # by every run. The other helps where the item has no text at all.
        values |= _helped(row, entry)
    elif _entry_hash(entry) != row.entry_hash:
        values |= _reworded(connection, now, row, entry)
    change_item(connection, row.id, **values)
    if row.backfill is not None:
        _heard(connection, row)
    return _fate(values.get("stage", row.stage), values.get("pending_fate", row.pending_fate))


def _fate(stage: str, pending: str | None) -> Fate:
    return Fate(pending) if pending and ItemStage(stage) not in WITHOUT_TEXT else Fate.SEEN


def _heard(connection: Connection, row: Row[Any]) -> None:
    """A source shows what a back-fill had brought: from now on it is an item like any other, and may alert."""
    change_item(connection, row.id, backfill=None, quiet=False)
    if row.narrative_id is not None:
        recount(connection, [row.narrative_id])


def _placed(row: Row[Any], entry: Entry) -> dict[str, Any]:
    """What it stands under, where that was not known."""
    found = {"context": entry.context, "parent_id": _parent_id(entry)}
    return {name: value for name, value in found.items() if value and not row._mapping[name]}


def _helped(row: Row[Any], entry: Entry) -> dict[str, Any]:
    own_text = entry.text or entry.summary
    if not own_text or row.text or row.summary or row.stage in _COMPLETE:
        return {}
    values: dict[str, Any] = {"summary": entry.summary, "text": entry.text, "text_hash": text_hash(row.title, own_text)}
    if entry.text:
        values |= {"own_text_hash": text_hash(entry.text), "stage": ItemStage.COMPLETE.value}
    elif row.stage in WITHOUT_TEXT:
        values["stage"] = ItemStage.COMPLETE.value
    return values


def _reworded(connection: Connection, now: datetime, row: Row[Any], entry: Entry) -> dict[str, Any]:
    """The feed says something else than before: the page is read again, and it may be an edit."""
    title = entry.title or row.title
    # A text that came from the page stays the page's; a feed that begins to carry texts does not edit its items.
    whole = bool(entry.text) and (row.whole_in_feed or row.own_text_hash is None)
    own_text_hash = text_hash(entry.text) if whole else row.own_text_hash
    if whole:
        edited = own_text_hash != row.own_text_hash
    else:
        edited = row.own_text_hash is None and row.summary != entry.summary and row.stage != ItemStage.NOT_HEALTH
        queue_page(connection, row.id, now)
    edited = row.stage in _COMPLETE and (edited or title != row.title)
    values: dict[str, Any] = {"entry_hash": _entry_hash(entry), "whole_in_feed": whole}
    if row.stage == ItemStage.NOT_HEALTH and not edited:
        return values  # nothing of it is kept until its page says something else
    text = entry.text if whole else row.text
    values |= {
        "title": title,
        "summary": entry.summary,
        "text": text,
        "own_text_hash": own_text_hash,
        "text_hash": text_hash(title, text or entry.summary),
    }
    if edited:
        values |= next_version(connection, row, now, keep_old=True)
        values["pending_fate"] = row.pending_fate or Fate.EDITED.value
    if edited or row.stage not in _COMPLETE:
        values["stage"] = (ItemStage.COMPLETE if whole else ItemStage.AWAITING_PAGE).value
    return values
