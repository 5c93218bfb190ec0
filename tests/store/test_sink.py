"""What readings do to items: each met once, counted once, and nothing lost however often it is said."""

from __future__ import annotations

from datetime import timedelta

import pytest

from records.address import item_id
from records.errors import NotFound
from records.item import Engagement, Fate, ItemStage
from records.source import SourceState
from store import author_hash

HOUR = timedelta(hours=1)


def test_a_new_entry_waits_for_its_page_and_a_whole_one_does_not(desk, entries):
    tasks = desk.read(entries("a", summary="Tóm tắt"), entries("b", text="Toàn văn của bài đăng"))
    assert [task.address for task in tasks] == ["https://bao.example/a"]
    assert desk.item("a").stage is ItemStage.AWAITING_PAGE
    assert desk.item("b").stage is ItemStage.COMPLETE
    assert desk.fates() == {Fate.NEW: 2}


def test_the_same_reading_twice_changes_nothing(desk, entries):
    first = entries("a", summary="Tóm tắt", engagement=Engagement(reactions=3))
    desk.read(first)
    desk.page("a", "Nội dung bài báo")
    once = desk.item("a")
    desk.read(first)
    desk.page("a", "Nội dung bài báo")
    assert desk.item("a") == once
    assert desk.fates() == {Fate.NEW: 1}
    assert once.engagement == Engagement(reactions=3)


def test_a_page_that_was_given_out_is_not_given_out_again_in_its_run(desk, entries):
    assert len(desk.read(entries("a"))) == 1
    assert desk.read(entries("a"), source="cong") == ()
    assert desk.store.sink.due_pages(desk.order) == ()
    desk.begin("run-2")
    assert [task.item_id for task in desk.store.sink.due_pages(desk.order)] == [item_id("https://bao.example/a")]


def test_an_item_left_by_a_killed_run_is_new_in_the_run_that_finishes_it(desk, entries):
    desk.read(entries("a"))
    desk.begin("run-2")  # the first never ended
    desk.read(state=SourceState.UNCHANGED)
    desk.page("a", "Nội dung")
    desk.assess()
    report = desk.end()
    assert report.fates[Fate.NEW] == 1
    desk.begin("run-3", HOUR)
    desk.read(entries("a"))
    assert desk.fates() == {Fate.SEEN: 1}


def test_an_item_met_through_two_sources_counts_at_the_first(desk, entries):
    desk.read(entries("a"))
    desk.read(entries("a", title="Tiêu đề khác"), source="cong")
    report = desk.store.runs.report(desk.run)
    assert {count.source_id: count.fates for count in report.sources} == {"bao": {Fate.NEW: 1}, "cong": {}}
    assert desk.item("a").title == "Tin về sốt xuất huyết"
    desk.begin("run-2", HOUR)
    desk.read(entries("a", title="Tiêu đề khác"), source="cong")
    assert desk.fates() == {Fate.NEW: 1}, "it is still unfinished"


def test_a_text_that_arrives_after_its_summary_is_no_edit(desk, entries):
    desk.read(entries("a", summary="Tóm tắt"))
    desk.fail("a")
    assert desk.item("a").stage is ItemStage.COMPLETE
    desk.assess()
    assert desk.end().fates[Fate.NEW] == 1
    desk.begin("run-2", HOUR)
    assert len(desk.store.sink.due_pages(desk.order)) == 1
    desk.page("a", "Nội dung đầy đủ của bài")
    desk.assess()
    assert desk.fates() == {Fate.SEEN: 1}
    assert desk.item("a").text == "Nội dung đầy đủ của bài"
    assert desk.store.reader.versions(desk.item("a").id) == ()


def test_a_changed_title_is_an_edit_and_the_old_wording_is_kept(desk, entries):
    desk.read(entries("a"))
    desk.page("a", "Nội dung")
    desk.assess()
    desk.end()
    desk.begin("run-2", HOUR)
    assert len(desk.read(entries("a", title="Đính chính về sốt xuất huyết"))) == 1
    assert desk.item("a").stage is ItemStage.AWAITING_PAGE
    desk.unchanged("a")
    item = desk.item("a")
    assert (item.stage, item.version, item.text) == (ItemStage.COMPLETE, 2, "Nội dung")
    (old,) = desk.store.reader.versions(item.id)
    assert (old.version, old.title, old.text) == (1, "Tin về sốt xuất huyết", "Nội dung")
    assert desk.fates() == {Fate.EDITED: 1}
    desk.assess("a")
    assert desk.fates() == {Fate.NOT_HEALTH: 1}
    assert desk.store.reader.versions(item.id) == (), "of what is not health no text is kept"


def test_a_changed_summary_has_the_page_read_again_and_is_an_edit_only_if_that_changed(desk, entries):
    desk.read(entries("a", summary="Tóm tắt"))
    desk.page("a", "Nội dung")
    desk.assess()
    desk.end()
    for number, (text, fate) in enumerate([("Nội dung", Fate.SEEN), ("Nội dung đã sửa", Fate.EDITED)], 2):
        desk.begin(f"run-{number}", HOUR)
        assert len(desk.read(entries("a", summary=f"Tóm tắt {number}"))) == 1
        desk.page("a", text)
        assert desk.fates() == {fate: 1}


def test_a_post_whose_own_text_changed_is_edited_at_once(desk, entries):
    desk.read(entries("a", text="Nghe nói có dịch"))
    desk.assess()
    desk.end()
    desk.begin("run-2", HOUR)
    assert desk.read(entries("a", text="Đã kiểm tra, không có dịch")) == ()
    assert (desk.item("a").stage, desk.item("a").version) == (ItemStage.COMPLETE, 2)
    assert desk.fates() == {Fate.EDITED: 1}


def test_what_is_not_health_leaves_no_text_and_is_seen_the_next_time(desk, entries):
    first = entries("a", summary="Tóm tắt")
    desk.read(first)
    desk.page("a", "Bóng đá")
    desk.assess("a")
    item = desk.item("a")
    assert (item.stage, item.text, item.summary, item.capture_sha256) == (ItemStage.NOT_HEALTH, "", "", None)
    assert desk.store.reader.assessment(item.id) is None
    assert desk.end().fates[Fate.NOT_HEALTH] == 1
    desk.begin("run-2", HOUR)
    assert desk.read(first) == ()
    assert desk.fates() == {Fate.SEEN: 1}


def test_not_health_whose_summary_changed_is_read_again_and_kept_out_while_its_page_is_the_same(desk, entries):
    desk.read(entries("a", summary="Tóm tắt"))
    desk.page("a", "Bóng đá")
    desk.assess("a")
    desk.end()
    desk.begin("run-2", HOUR)
    (task,) = desk.read(entries("a", summary="Khác"))
    assert task.fetch is not None
    desk.page("a", "Bóng đá")
    assert (desk.item("a").stage, desk.item("a").summary) == (ItemStage.NOT_HEALTH, "")
    assert desk.fates() == {Fate.SEEN: 1}
    desk.begin("run-3", HOUR)
    desk.read(entries("a", summary="Khác nữa"))
    desk.page("a", "Cầu thủ bị sốt xuất huyết")
    assert desk.item("a").stage is ItemStage.COMPLETE
    assert desk.fates() == {Fate.EDITED: 1}


@pytest.mark.parametrize("fate", [Fate.FAILED, Fate.REFUSED, Fate.UNREADABLE])
def test_without_any_text_the_page_decides_the_fate_each_time_it_is_tried(desk, entries, fate):
    desk.read(entries("a"))
    desk.fail("a", fate)
    assert (desk.item("a").stage, desk.fates()) == (fate.value, {fate: 1})
    desk.end()
    desk.begin("run-2", timedelta(minutes=9))
    desk.read(entries("a"))
    assert desk.fates() == {Fate.SEEN: 1}
    desk.begin("run-3", timedelta(minutes=1))
    assert len(desk.store.sink.due_pages(desk.order)) == 1
    desk.fail("a", fate)
    assert desk.fates() == {fate: 1}
    desk.begin("run-4", timedelta(minutes=20))
    assert len(desk.store.sink.due_pages(desk.order)) == 1
    desk.page("a", "Có rồi")
    assert desk.fates() == {Fate.NEW: 1}


def test_a_page_is_tried_six_times_and_a_permanent_failure_once(desk, entries):
    desk.read(entries("a"), entries("b"))
    desk.fail("b", permanent=True)
    tries = 1
    desk.fail("a")
    for number in range(2, 20):
        desk.begin(f"run-{number}", timedelta(days=1))
        for task in desk.store.sink.due_pages(desk.order):
            assert task.attempts == tries
            tries += 1
            desk.fail("a")
    assert tries == 6


def test_an_empty_page_leaves_the_summary_or_nothing(desk, entries):
    desk.read(entries("a", summary="Tóm tắt"), entries("b"))
    desk.page("a", "")
    desk.page("b", "")
    assert (desk.item("a").stage, desk.item("b").stage) == (ItemStage.COMPLETE, ItemStage.UNREADABLE)
    assert desk.fates() == {Fate.NEW: 1, Fate.UNREADABLE: 1}


def test_health_pages_are_read_again_after_6_hours_24_hours_and_7_days(desk, entries):
    desk.read(entries("a"), entries("b"), entries("c", text="Bài đăng"))
    desk.page("a", "Nội dung")
    desk.page("b", "Bóng đá")
    desk.assess("b")
    read_at = []
    start = desk.now
    for hour in (1, 5, 6, 7, 12, 23, 24, 25, 100, 167, 168, 169, 400):
        desk.begin(f"hour-{hour}", start + hour * HOUR - desk.now)
        for task in desk.store.sink.due_pages(desk.order):
            assert task.item_id == desk.item("a").id
            assert task.fetch is not None
            desk.unchanged("a")
            read_at.append((desk.now - start) // HOUR)
            assert desk.fates() == {Fate.SEEN: 1}
    assert read_at == [6, 24, 24 * 7]


def test_dates_that_cannot_be_stay_unknown_until_the_page_has_one(desk, entries):
    desk.read(entries("a", published=desk.now + timedelta(days=2)), entries("b", published=desk.now - HOUR))
    assert desk.item("a").published is None
    desk.page("a", "Nội dung", published=desk.now - 2 * HOUR)
    desk.page("b", "Nội dung", published=desk.now - 2 * HOUR)
    assert desk.item("a").published == desk.now - 2 * HOUR
    assert desk.item("b").published == desk.now - HOUR


def test_of_an_author_only_the_keyed_hash_is_kept(desk, entries, tmp_path):
    desk.read(entries("a", author="nguyen.van.a"))
    assert desk.item("a").author_hash == author_hash(b"a key for tests", "nguyen.van.a")
    desk.store.close()
    assert b"nguyen.van.a" not in b"".join(path.read_bytes() for path in tmp_path.glob("tin3c.db*"))
    with pytest.raises(ValueError, match="key"):
        author_hash(b"", "nguyen.van.a")


def test_states_of_sources_are_kept_with_their_silence(desk, entries):
    desk.read(entries("a"))
    desk.begin("run-2", HOUR)
    desk.read(state=SourceState.FAILING)
    desk.begin("run-3", HOUR)
    desk.read(state=SourceState.FAILING)
    health = {one.source.id: one for one in desk.store.sources.health(desk.now)}
    bao = health["bao"]
    assert (bao.state, bao.failures_in_a_row, bao.items) == (SourceState.FAILING, 2, 1)
    assert bao.last_new_item == desk.now - 2 * HOUR
    assert bao.state_since == desk.now - HOUR
    assert health["cong"].state is SourceState.NEVER
    assert desk.store.sink.fetch_state("https://bao.example/rss").etag == '"1"', "a failure forgets nothing"
    assert [source.id for source in desk.store.sources.due(desk.now)] == ["cong"]
    assert [source.id for source in desk.store.sources.due(desk.now + HOUR)] == ["bao", "cong"]


def test_undo_brings_back_what_a_filter_judged_wrong(desk, entries):
    first = entries("a", summary="Tóm tắt")
    desk.read(first, entries("b"))
    desk.page("a", "Ngộ độc")
    desk.page("b", "Bóng đá")
    desk.assess("a", "b")
    desk.end()
    found = desk.store.assessment_queue.judged_not_health(0.0, 10)
    assert {item.id for item, _ in found} == {desk.item("a").id, desk.item("b").id}
    assert desk.store.assessment_queue.judged_not_health(1.0, 10) == ()
    assert desk.store.assessment_queue.undo_not_health([desk.item("a").id, "unknown"], desk.now) == 1
    desk.begin("run-2")
    (task,) = desk.store.sink.due_pages(desk.order)
    assert task.fetch is None
    desk.page("a", "Ngộ độc")
    desk.assess()
    assert (desk.item("a").stage, desk.item("a").text) == (ItemStage.ASSESSED, "Ngộ độc")
    assert desk.fates() == {Fate.NEW: 1}


def test_an_assessment_of_an_older_wording_is_left_for_the_next_call(desk, entries):
    desk.read(entries("a", text="Cũ"))
    (old,) = desk.store.assessment_queue.waiting(10)
    desk.read(entries("a", text="Mới"))
    (new,) = desk.store.assessment_queue.waiting(10)
    assert (old.version, new.version) == (1, 2)
    from_models = desk.store.assessment_queue.save
    from_models(desk.run, [_answer(old)], desk.now)
    assert desk.item("a").stage is ItemStage.COMPLETE
    from_models(desk.run, [_answer(new)], desk.now)
    assert desk.item("a").stage is ItemStage.ASSESSED
    assert desk.fates() == {Fate.NEW: 1}, "it was never reported, so it is no edit"


def _answer(item):
    from records.assessment import AssessedItem, Assessment, Harm, Kind, Stance

    said = Assessment(True, False, None, Kind.NEWS, Stance.NEUTRAL, Harm.NONE, {"health": 1.0}, (), (), "test")
    return AssessedItem(item.id, item.version, said)


def test_what_a_comment_stands_under_is_learnt_once_and_edits_nothing(desk, entries):
    desk.read(entries("bai#comment-1", "Nhà mình", text="Nhà mình uống rồi.", parent="https://bao.example/bai"))
    assert desk.item("bai#comment-1").context == ""
    for context in ("Lá đu đủ", "Tên khác"):
        desk.read(entries("bai#comment-1", "Nhà mình", text="Nhà mình uống rồi.", context=context))
    item = desk.item("bai#comment-1")
    assert (item.context, item.version, item.stage) == ("Lá đu đủ", 1, ItemStage.COMPLETE)


def test_a_comment_comes_back_with_its_feed_and_not_from_the_page_that_it_is_on(desk, entries):
    said = entries("bai#comment-1", "Nhà mình", text="Nhà mình uống rồi.", context="Lá đu đủ")
    desk.read(said)
    desk.assess("bai#comment-1")
    item = desk.item("bai#comment-1")
    assert (item.stage, item.text) == (ItemStage.NOT_HEALTH, "")
    desk.store.assessment_queue.undo_not_health([item.id], desk.now)
    assert desk.store.sink.due_pages(desk.order) == ()
    desk.read(said)
    again = desk.item("bai#comment-1")
    assert (again.stage, again.text) == (ItemStage.COMPLETE, said.text)


def test_a_comment_that_no_feed_shows_again_waits_for_a_week(desk, entries):
    said = entries("bai#comment-1", "Nhà mình", text="Nhà mình uống rồi.", parent="https://bao.example/bai")
    desk.read(said, entries("b"))
    desk.page("b", "Bóng đá")
    desk.assess("bai#comment-1", "b")
    desk.end()
    desk.store.assessment_queue.undo_not_health([desk.item("bai#comment-1").id, desk.item("b").id], desk.now)
    for day, stage in ((7, ItemStage.AWAITING_PAGE), (8, ItemStage.NOT_HEALTH)):
        desk.store.keep(desk.now + timedelta(days=day))
        assert desk.item("bai#comment-1").stage is stage
    assert desk.item("b").stage is ItemStage.AWAITING_PAGE, "its page is still to be read"
    desk.begin("run-2", timedelta(days=9))
    desk.read(said)
    again = desk.item("bai#comment-1")
    assert (again.stage, again.text) == (ItemStage.COMPLETE, said.text), "it is never too late"
    assert desk.fates() == {Fate.EDITED: 1}


def test_an_answer_to_a_comment_stands_under_what_that_stands_under(desk, entries):
    desk.read(
        entries("bai", "Lá đu đủ", text="Lá đu đủ chữa bệnh?"),
        entries("bai#comment-1", "Nhà mình", text="Nhà mình uống rồi.", parent="https://bao.example/bai"),
        entries("bai#comment-2", "Thật không", text="Thật không?", parent="https://bao.example/bai#comment-1"),
        entries("bai#comment-4", "Đúng", text="Đúng.", parent="https://bao.example/xa#comment-3"),
        entries("xa#comment-3", "Cả nhà", text="Cả nhà khỏi.", parent="https://bao.example/khong-co"),
    )
    desk.store.assessment_queue.claim(10, "one", HOUR)
    found = {name: desk.item(name).context for name in ("bai", "bai#comment-1", "bai#comment-2", "bai#comment-4")}
    assert found == {"bai": "", "bai#comment-1": "Lá đu đủ", "bai#comment-2": "Lá đu đủ", "bai#comment-4": ""}


def test_a_comment_that_came_in_by_its_page_s_address_does_not_come_in_again(desk, entries):
    said = "Nhà mình uống rồi."
    desk.read(entries("bai", "By: Lan", text=said))
    desk.assess()
    before = desk.item("bai")
    desk.end()
    desk.begin("run-2", HOUR)
    desk.read(
        entries("bai#comment-1", said, text=said, context="Lá đu đủ"),
        entries("bai#comment-2", "Không khỏi.", text="Không khỏi.", context="Lá đu đủ"),
    )
    assert desk.fates() == {Fate.SEEN: 1, Fate.NEW: 1}
    item = desk.item("bai")
    assert (item.context, item.last_seen) == ("Lá đu đủ", desk.now)
    assert (item.title, item.version, item.stage) == (before.title, before.version, ItemStage.ASSESSED)
    assert desk.item("bai#comment-2").text == "Không khỏi."
    with pytest.raises(NotFound):
        desk.item("bai#comment-1")
