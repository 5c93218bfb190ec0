"""Narratives: placed in order, counted from their members, merged and split without a loss."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from records.assessment import Correction, Harm, Kind, Stance
from records.calendar import day_start
from records.errors import NotFound, StoreError
from records.judging import judge
from records.narrative import Merge, Placement
from records.search import Interval, TimeCount

HOUR = timedelta(hours=1)


@pytest.fixture
def placed(desk, entries):
    """Four items of an hour each, the last without a date; two narratives of two."""
    for hour, name in enumerate("abc"):
        desk.read(entries(name, text=f"Nội dung {name}", title=f"Tin {name}", published=desk.now - (9 - hour) * HOUR))
    desk.read(entries("d", text="Nội dung d", title="Tin d"), source="cong")
    desk.assess()
    a, b, c, d = ids = [item.id for item in desk.store.narration.waiting()]
    desk.store.narration.save(
        desk.run, [Placement(a, a, 1.0), Placement(b, a, 0.9, a), Placement(c, c, 1.0), Placement(d, c, 0.8)], desk.now
    )
    return ids


def test_items_wait_by_date_and_unknown_dates_come_last(desk, placed):
    assert placed == [desk.item(name).id for name in "abcd"]
    assert desk.store.narration.waiting() == ()
    window = desk.store.narration.window(desk.now - 8 * HOUR)
    assert [one.item.id for one in window] == placed[1:]
    assert [one.narrative_id for one in window] == [placed[0], placed[2], placed[2]]
    assert len(window[0].item.vector) == 768


def test_a_narrative_says_what_its_members_say(desk, placed):
    narrative = desk.store.reader.narrative(placed[2])
    assert (narrative.items, narrative.topic, narrative.places) == (2, "epidemic", ("Hà Nội",))
    assert (narrative.kinds, narrative.stances) == ({Kind.RUMOR: 2}, {Stance.ASSERTS: 2})
    assert narrative.first_source_id == "bao"
    assert narrative.first_published == desk.item("c").published
    timeline = desk.store.reader.narrative_timeline(placed[2], Interval.HOUR)
    assert timeline == (TimeCount(desk.now - 7 * HOUR, 1), TimeCount(desk.now, 1))
    members = desk.store.reader.narratable(placed[2], "encoder-1", 10)
    assert [len(one.vector) for one in members] == [768, 768]
    assert [one.vector for one in desk.store.reader.narratable(placed[2], "another", 1)] == [b""]


def test_the_first_source_is_who_first_told_the_claim(desk, entries):
    """An office's announcement, which a merge brought along, is older than the rumor and did not begin it."""
    desk.read(entries("a", text="Lịch tiêm", published=desk.now - 9 * HOUR), source="cong")
    desk.assess(said=lambda said: replace(said, kind=Kind.NEWS, stance=Stance.NEUTRAL, attention=False))
    (notice,) = [item.id for item in desk.store.narration.waiting()]
    desk.store.narration.save(desk.run, [Placement(notice, notice, 1.0)], desk.now)
    alone = desk.store.reader.narrative(notice)
    assert (alone.first_source_id, alone.first_published) == ("cong", desk.now - 9 * HOUR)
    desk.read(entries("b", text="Tin đồn", published=desk.now - 5 * HOUR))
    desk.assess(said=lambda said: replace(said, attention=True))
    (rumor,) = [item.id for item in desk.store.narration.waiting()]
    desk.store.narration.save(desk.run, [Placement(rumor, notice, 0.9, notice)], desk.now)
    both = desk.store.reader.narrative(notice)
    assert (both.first_source_id, both.first_published) == ("bao", desk.now - 5 * HOUR)
    with desk.store.casebook.work() as work:
        work.correct(Correction(rumor, "stance", "asserts", "neutral", "lan", desk.now))
        work.correct(Correction(rumor, "kind", "rumor", "news", "lan", desk.now))
    report = desk.store.reader.narrative(notice)
    assert report.first_source_id == "bao", "news that wants attention is how it began"
    with desk.store.casebook.work() as work:
        work.correct(Correction(rumor, "attention", "true", "false", "lan", desk.now))
    corrected = desk.store.reader.narrative(notice)
    assert (corrected.first_source_id, corrected.first_published) == ("cong", desk.now - 9 * HOUR)


def test_saving_twice_is_saving_once(desk, placed):
    before = desk.store.reader.narrative(placed[0])
    again = [Placement(placed[0], placed[0], 1.0), Placement(placed[1], placed[0], 0.9, placed[0])]
    assert desk.store.narration.save(desk.run, again, desk.now) == (placed[0],)
    assert desk.store.reader.narrative(placed[0]) == before


def test_a_merge_by_the_narrator_names_the_survivor_and_can_be_undone(desk, entries, placed):
    desk.read(entries("e", text="Nội dung e", published=desk.now))
    desk.assess()
    a, _, c, _ = placed
    (waiting,) = desk.store.narration.waiting()
    joined = Placement(waiting.id, a, 0.7, merges=(Merge(c, a, 0.8, waiting.id),))
    assert desk.store.narration.save(desk.run, [joined], desk.now) == (a,)
    assert desk.store.reader.narrative(c).id == a
    assert desk.store.reader.narrative(a).items == 5
    assert set(desk.store.risk.to_judge()) == {a, c}, "the case of the one that went has to follow"
    with desk.store.casebook.work() as work:
        work.split_narratives(c, "lan", desk.now)
    assert (desk.store.reader.narrative(a).items, desk.store.reader.narrative(c).items) == (3, 2)
    with pytest.raises(NotFound), desk.store.casebook.work() as work:
        work.split_narratives(c, "lan", desk.now)


def test_a_split_after_a_second_merge_takes_its_own_items_back(desk, placed):
    a, b, c, d = placed
    desk.store.narration.save(desk.run, [Placement(b, b, 1.0), Placement(d, d, 1.0)], desk.now)
    for gone, into in ((d, c), (c, a)):
        desk.store.narration.merge(Merge(gone, into, 1.0, None), "lan", desk.now)
    assert desk.store.reader.narrative(d).id == a
    with desk.store.casebook.work() as work:
        work.split_narratives(d, "lan", desk.now)
    assert {name: desk.store.reader.narrative_of(desk.item(name).id) for name in "abcd"} == {
        "a": a,
        "b": b,
        "c": a,
        "d": d,
    }
    with pytest.raises(StoreError):
        desk.store.narration.merge(Merge(c, b, 1.0, None), "lan", desk.now)


def test_a_narrative_is_judged_when_it_changed_and_as_long_as_it_rises(desk, placed):
    a = placed[0]
    assert set(desk.store.risk.to_judge()) == {a, placed[2]}
    evidence = desk.store.risk.evidence(a, desk.now)
    assert [(member.item.id, member.source.name) for member in evidence.members] == [
        (placed[0], "Báo Ví Dụ"),
        (placed[1], "Báo Ví Dụ"),
    ]
    risk = judge(evidence, desk.now)
    with desk.store.casebook.work() as work:
        work.save_risk(a, replace(risk, trend=replace(risk.trend, rising=True)), desk.now)
    assert a in desk.store.risk.to_judge()
    with desk.store.casebook.work() as work:
        work.save_risk(a, replace(risk, trend=replace(risk.trend, rising=False)), desk.now)
    assert a not in desk.store.risk.to_judge()
    with desk.store.casebook.work() as work:
        work.save_risk(a, risk, desk.now, evidence.revision - 1)  # of evidence that was read before the last change
    assert a in desk.store.risk.to_judge()
    with desk.store.casebook.work() as work:
        work.confirm_harm(a, Harm.HIGH, "lan", desk.now)
        work.save_risk(a, risk, desk.now)  # computed before the person spoke
    assert a in desk.store.risk.to_judge()
    evidence = desk.store.risk.evidence(a, desk.now)
    assert (evidence.harm_confirmed, evidence.harm_confirmed_by) == (Harm.HIGH, "lan")


def test_a_topics_items_are_counted_by_the_hour_before_the_window(desk, placed):
    later = desk.now + timedelta(hours=30)
    topic = desk.store.risk.evidence(placed[0], later).topic
    hours = [(desk.now - (9 - n) * HOUR, 1) for n in range(3)] + [(desk.now, 1)]
    assert (topic.hours, topic.narratives, topic.until) == (tuple(hours), 2, later - timedelta(hours=24))
    assert desk.store.risk.evidence(placed[0], desk.now + timedelta(hours=18)).topic.hours == tuple(hours[:3])
    assert desk.store.risk.evidence(placed[0], desk.now + timedelta(weeks=6)).topic.hours == ()


def test_each_topic_is_counted_by_itself(desk, entries, placed):
    """Those of one moment are counted together, with them what no topic was found for."""
    told = {"e": "vaccine", "f": "vaccine", "g": None}
    for hour, (name, topic) in enumerate(told.items()):
        desk.read(entries(name, text=f"Nội dung {name}", title=f"Tin {name}", published=desk.now - hour * HOUR))
        desk.assess(said=lambda assessment, topic=topic: replace(assessment, topic=topic))
    e, f, g = (desk.item(name).id for name in told)
    desk.store.narration.save(desk.run, [Placement(e, e, 1.0), Placement(f, e, 0.9), Placement(g, g, 1.0)], desk.now)
    with desk.store.casebook.work() as work:
        work.correct(Correction(placed[3], "topic", "epidemic", "nutrition", "lan", desk.now))
    later = desk.now + timedelta(hours=30)
    of = {one: desk.store.risk.evidence(one, later).topic for one in (placed[0], e, g)}
    assert {one: ([n for _, n in topic.hours], topic.narratives) for one, topic in of.items()} == {
        placed[0]: ([1, 1, 1, 1], 2),
        e: ([1, 1], 1),
        g: ([1], 1),
    }
    assert of[e].hours == ((desk.now - HOUR, 1), (desk.now, 1))
    with desk.store.casebook.work() as work:
        work.correct(Correction(g, "topic", "none", "nutrition", "lan", desk.now))
    then = desk.store.risk.evidence(g, later + HOUR).topic
    assert (then.narratives, then.until) == (1, later - 23 * HOUR), "a narrative's items are of its topic as it is now"


def test_days_on_which_nothing_of_any_source_was_collected_are_outages(desk, entries, placed):
    began = day_start(desk.now)
    desk.begin("run-2", timedelta(days=2))
    desk.read(entries("z", text="Bóng đá", published=desk.now - timedelta(days=1)), source="cong")
    topic = desk.store.risk.evidence(placed[0], desk.now + timedelta(days=2)).topic
    assert topic.outages == (began + timedelta(days=1), began + timedelta(days=3)), "and none before the first item"


def test_a_person_says_that_an_item_is_not_health(desk, placed):
    with desk.store.casebook.work() as work:
        work.correct(Correction(placed[1], "health", "true", "false", "lan", desk.now))
    assert desk.store.reader.narrative_of(placed[1]) is None
    assert desk.store.narration.waiting() == ()
    assert desk.store.reader.narrative(placed[0]).items == 1
    ((correction, item),) = desk.store.reader.corrections()
    assert (correction.person_said, item.text) == ("false", "Nội dung b")  # an example to learn from
    assert desk.store.reader.corrected_narratives() == {}
    with desk.store.casebook.work() as work:
        work.correct(Correction(placed[3], "kind", "rumor", "news", "lan", desk.now))
    assert desk.store.reader.corrected_narratives() == {placed[3]: placed[2]}  # of two items, it is the second
    assert desk.store.reader.capture_of(placed[1]) is None and item.capture_sha256 is None  # and no evidence any more
    documents, _ = desk.store.index_queue.pending(10)
    assert [document.text for document in documents if document.id == placed[1]] == [""]


def test_an_example_covers_personal_numbers_and_survives_an_edit(desk, entries, placed):
    said = Correction(placed[1], "health", "true", "false", "lan", desk.now)
    with desk.store.casebook.work() as work:
        work.correct(said)
    desk.read(entries("b", text="Gọi 0905 123 456 để mua", title="Tin b"))
    desk.assess()
    item = desk.store.reader.item(placed[1])
    assert "0905" not in item.text and "để mua" in item.text
    assert not desk.store.reader.assessment(placed[1]).health
    assert desk.store.narration.waiting() == ()


def test_a_person_takes_back_that_an_item_is_not_health(desk, placed):
    for health in ("false", "true"):
        with desk.store.casebook.work() as work:
            work.correct(Correction(placed[1], "health", "", health, "lan", desk.now))
    desk.assess()
    assert desk.store.reader.assessment(placed[1]).health
    assert [item.id for item in desk.store.narration.waiting()] == [placed[1]]


def test_a_persons_word_stands_when_the_item_is_assessed_again(desk, entries, placed):
    with desk.store.casebook.work() as work:
        work.correct(Correction(placed[0], "kind", "rumor", "question", "lan", desk.now))
    assert desk.store.reader.narrative(placed[0]).kinds == {Kind.QUESTION: 1, Kind.RUMOR: 1}
    desk.read(entries("a", text="Sửa lại", title="Tin a"))
    desk.assess()
    assert desk.store.reader.assessment(placed[0]).kind is Kind.QUESTION
    assert desk.store.reader.narrative_of(placed[0]) == placed[0]
