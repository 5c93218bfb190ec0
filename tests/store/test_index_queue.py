"""The index is told of every change, in versions that only grow."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

from records.narrative import Placement
from records.search import Rejected
from store import open_store, snapshot
from store.database import Database
from tests.support import stores
from tests.support.desk_records import CLAIM


def _drain(queue):
    documents, deletions = queue.pending(100)
    queue.done([*((document.id, document.version) for document in documents), *deletions])
    return {document.id: document for document in documents}, dict(deletions)


def test_each_change_is_queued_with_a_greater_version(desk, entries):
    queue = desk.store.index_queue
    desk.read(entries("a", text="Nghe nói có dịch"), entries("b", text="Bóng đá"))
    assert queue.pending(10) == ((), ())
    desk.assess("b")
    documents, _ = _drain(queue)
    a, b = documents[desk.item("a").id], documents[desk.item("b").id]
    assert (a.health, a.text, a.places, len(a.vector)) == (True, "Nghe nói có dịch", ("Hà Nội",), 768)
    assert (b.health, b.title, b.text, b.kind, b.vector) == (False, "Tin về sốt xuất huyết", "", None, b"")
    desk.store.narration.save(desk.run, [Placement(a.id, a.id, 1.0)], desk.now)
    documents, _ = _drain(queue)
    assert documents[a.id].narrative_id == a.id
    assert documents[a.id].version > a.version
    assert queue.requeue_all() == 2


def test_what_changed_after_it_was_read_stays_in_the_queue(desk, entries):
    queue = desk.store.index_queue
    desk.read(entries("a", text="Nghe nói có dịch"))
    desk.assess()
    ((old,), _) = queue.pending(10)
    queue.requeue_all()
    queue.done([(old.id, old.version)])
    queue.rejected([Rejected(old.id, old.version, "mapping")], desk.now)
    ((new,), _) = queue.pending(10)
    assert new.version == old.version + 1
    queue.rejected([Rejected(new.id, new.version, "mapping")], desk.now)
    assert queue.pending(10) == ((), ())
    assert desk.store.reader.counts()["index_rejected"] == 1


def test_not_health_goes_after_its_term_and_a_return_is_newer_than_its_deletion(desk, entries):
    desk.read(entries("a", text="Bóng đá"))
    desk.assess("a")
    item_id = desk.item("a").id
    _drain(desk.store.index_queue)
    assert desk.store.keep(desk.now + timedelta(days=89))["not_health"] == 0
    assert desk.store.keep(desk.now + timedelta(days=91))["not_health"] == 1
    documents, deletions = _drain(desk.store.index_queue)
    assert (documents, list(deletions)) == ({}, [item_id])
    desk.begin("run-2", timedelta(days=92))
    desk.read(entries("a", text="Bóng đá"))
    desk.assess("a")
    documents, _ = _drain(desk.store.index_queue)
    assert documents[item_id].version > deletions[item_id]


def test_claims_are_kept(desk):
    desk.store.save_claims([CLAIM])
    desk.store.save_claims([CLAIM])
    assert desk.store.reader.claims() == (CLAIM,)


def test_what_went_and_is_seen_again_after_a_restore_is_newer_than_all_before(desk, entries, desk_class, tmp_path):
    """The index outlives the store, and has what it had before the restore and after."""
    desk.read(entries("a", text="Bóng đá"))
    desk.assess("a")
    known, _ = _drain(desk.store.index_queue)
    taken = tmp_path / "taken"
    taken.mkdir()
    made = snapshot.take(desk.store._database, None, taken)
    restored = tmp_path / "restored"
    restored.mkdir()
    with closing(Database(f"sqlite:///{restored / 'tin3c.db'}")) as database:
        snapshot.load(taken, made, database, taken_at=desk.now, name="taken", now=desk.now + timedelta(hours=1))
    with open_store(None, home=restored, author_key=stores.KEY) as store:
        again = desk_class(store, now=desk.now + timedelta(days=91))
        (document,) = _drain(store.index_queue)[0].values()
        assert document.version > known[document.id].version
        assert store.keep(again.now)["not_health"] == 1
        _, gone = _drain(store.index_queue)
        assert gone[document.id] > document.version
        again.read(entries("a", text="Bóng đá"))
        again.assess("a")
        (back,) = _drain(store.index_queue)[0].values()
        assert back.version > gone[document.id], "an index that remembers the deletion would not take it"
