"""A person's word on harm and on items, and captures that are opened on record."""

from __future__ import annotations

import pytest

import casework
from casework import refusals
from models.examples import desk_rows
from records.address import item_id
from records.assessment import Harm, Kind
from records.case import Act
from records.crawl import CrawlLimits, CrawlOrder, FetchState, PageReading, SourceReading
from records.errors import AssessmentChanged, InputError, NotFound
from records.item import CapturedPage, Entry
from records.risk import Level
from records.source import SourceState
from tests.casework.conftest import Newsroom
from tests.support.desk_records import source

WHO = "Trần Bình"


def test_harm_is_confirmed_with_a_reason_and_the_level_follows(room: Newsroom) -> None:
    id = room.item("a")
    room.judge()
    book = room.store.casebook
    with pytest.raises(InputError, match=refusals.REASON_MISSING):
        casework.confirm_harm(book, id, Harm.LOW, "", WHO, room.now)
    casework.confirm_harm(book, id, Harm.LOW, "Ít người tin.", WHO, room.now)
    room.judge(id)
    casework.confirm_harm(book, id, Harm.LOW, "Ít người tin.", WHO, room.now)
    risk = room.store.reader.narrative(id).risk
    assert risk is not None and (risk.harm, risk.harm_set_by, risk.level) == (Harm.LOW, WHO, Level.LOW)
    entries = room.store.reader.trail_of(id)
    assert [e.act for e in entries] == [Act.CONFIRM_HARM]
    assert room.store.reader.note(entries[0].detail["note_sha256"]) == "Ít người tin."
    casework.confirm_harm(book, id, None, "Để hệ thống gợi ý lại.", WHO, room.now)
    room.judge()
    risk = room.store.reader.narrative(id).risk
    assert risk is not None and (risk.harm, risk.harm_set_by) == (Harm.HIGH, None)


def test_a_correction_is_kept_as_a_training_row(room: Newsroom) -> None:
    id = room.item("a")
    book, reader = room.store.casebook, room.store.reader
    for _ in range(2):
        casework.correct(book, id, "kind", "news", "Là tin báo.", WHO, room.now)
    assessment = reader.assessment(id)
    assert assessment is not None and assessment.kind is Kind.NEWS
    ((correction, item),) = reader.corrections()
    assert (correction.model_said, correction.person_said, correction.actor, item.id) == ("rumor", "news", WHO, id)
    assert room.acts(id) == [Act.CORRECT]


def test_what_a_person_finds_right_is_a_training_row_and_stands(room: Newsroom) -> None:
    id = room.item("a")
    book, reader = room.store.casebook, room.store.reader
    casework.correct(book, id, "kind", "news", "Là tin báo.", WHO, room.now)
    room.judge()
    before, revisions = reader.assessment(id), room.store.risk.to_judge()
    stance = {"stance": "asserts"}
    for shown in ({"kind": "news", **stance, "attention": "false"}, stance):  # the second says nothing that is new
        casework.agree(book, id, shown, "Lê Mai", room.now)
    assert reader.assessment(id) == before and room.store.risk.to_judge() == revisions
    rows = [(said.about, said.model_said, said.person_said) for said, _ in reader.corrections()]
    assert rows == [("kind", "rumor", "news"), ("attention", "false", "false"), ("stance", "asserts", "asserts")]
    assert reader.words_on(id) == {"kind": "news", "stance": "asserts", "attention": "false"}
    assert room.acts(id) == [Act.CORRECT, Act.AGREE]
    assert reader.trail_of(id)[1].detail == {"attention": "false", "stance": "asserts"}
    for shown in ({}, {"kind": "news", "places": ""}):
        with pytest.raises(InputError, match="cannot be corrected"):
            casework.agree(book, id, shown, WHO, room.now)


def test_nobody_finds_right_what_they_did_not_see(room: Newsroom) -> None:
    id = room.item("a")
    book, reader = room.store.casebook, room.store.reader
    casework.correct(book, id, "kind", "news", "Là tin báo.", "Lê Mai", room.now)
    with pytest.raises(AssessmentChanged) as refused:
        casework.agree(book, id, {"kind": "rumor", "stance": "asserts"}, WHO, room.now)
    assert refused.value.about == ("kind",)
    assert reader.words_on(id) == {"kind": "news"} and room.acts(id) == [Act.CORRECT], "nothing of it is kept"


def test_a_correction_overwrites_nothing_that_was_not_shown(room: Newsroom) -> None:
    id = room.item("a")
    book, reader = room.store.casebook, room.store.reader
    casework.correct(book, id, "kind", "news", "Là tin báo.", "Lê Mai", room.now)

    def correct(kind: str) -> None:
        shown = {"kind": "rumor", "stance": "asserts"}
        casework.correct_as_shown(book, id, {"stance": "asks", "kind": kind}, shown, "Xem lại.", WHO, room.now)

    with pytest.raises(AssessmentChanged):
        correct("advert")
    assert reader.words_on(id) == {"kind": "news"}, "nothing of it is kept"
    correct("news")  # both say the same of it
    assert reader.words_on(id) == {"kind": "news", "stance": "asks"}


def test_attention_is_corrected(room: Newsroom) -> None:
    id = room.item("a")
    casework.correct(room.store.casebook, id, "attention", "true", "Cần xem ngay.", WHO, room.now)
    assessment = room.store.reader.assessment(id)
    assert assessment is not None and assessment.attention
    ((correction, item),) = room.store.reader.corrections()
    (row,) = desk_rows([(correction, item)])
    assert row.labels == {"attention": "yes"} and row.item.owner is not None and row.item.owner is correction.owner


def test_a_confirmed_harm_is_a_word_on_the_items_that_gave_it(room: Newsroom) -> None:
    id = room.item("a")
    room.judge()
    book, reader = room.store.casebook, room.store.reader
    casework.confirm_harm(book, id, Harm.HIGH, "Nhiều người tin.", WHO, room.now)
    ((agreed, item),) = reader.corrections()
    assert (agreed.about, agreed.model_said, agreed.person_said, item.id) == ("harm", "high", "high", id)
    assert reader.corrected_narratives() == {id: id}
    casework.confirm_harm(book, id, Harm.LOW, "Ít người tin.", WHO, room.now)
    ((corrected, _),) = reader.corrections()
    assert (corrected.model_said, corrected.person_said) == ("high", "low")
    weights = [desk_rows([(said, item)])[0].weight for said in (agreed, corrected)]
    assert weights == [1.0, 2.0]
    casework.correct(book, id, "harm", "medium", "", "Lê Mai", room.now)
    ((own, _),) = reader.corrections()
    assert own.person_said == "medium", "a word on the item itself goes before it"
    casework.confirm_harm(book, id, None, "Để hệ thống gợi ý lại.", WHO, room.now)
    assert [said.person_said for said, _ in reader.corrections()] == ["medium"]


@pytest.mark.parametrize(
    ("about", "value"),
    [("kind", "rumour"), ("health", "yes"), ("places", "Huế"), ("harm", ""), ("topic", "no such topic")],
)
def test_only_known_fields_and_values(room: Newsroom, about: str, value: str) -> None:
    id = room.item("a")
    with pytest.raises(InputError, match="cannot be corrected"):
        casework.correct(room.store.casebook, id, about, value, "", WHO, room.now)


def test_correcting_what_was_never_assessed(room: Newsroom) -> None:
    with pytest.raises(NotFound):
        casework.correct(room.store.casebook, "khong-co", "kind", "news", "", WHO, room.now)


def test_a_capture_is_opened_on_record(room: Newsroom, capture: CapturedPage) -> None:
    origin = source()
    room.store.sources.save(origin, room.now)
    room.store.runs.start("run-1", room.now, room.now)
    order = CrawlOrder("run-1", room.now, (origin,), CrawlLimits("Tin3C test"))
    entry = Entry(capture.address, "Nghe nói", published=room.now)
    fetch = FetchState(origin.address)
    room.store.sink.source_read(order, SourceReading(origin.id, SourceState.WORKING, "", fetch, (entry,)))
    id = item_id(capture.address)
    page = PageReading(id, origin.id, FetchState(capture.address), text="Nghe nói thế.", capture=capture)
    room.store.sink.page_read(order, page)
    book, reader = room.store.casebook, room.store.reader
    without = room.item("another")
    with pytest.raises(NotFound):
        casework.open_capture(book, reader, without, WHO, "xác minh", room.now)
    assert room.acts(without) == []
    with pytest.raises(InputError, match=refusals.REASON_MISSING):
        casework.open_capture(book, reader, id, WHO, " ", room.now)
    kept, body = casework.open_capture(book, reader, id, WHO, "xác minh", room.now)
    assert body == capture.body
    (entry_of_trail,) = reader.trail_of(id)
    assert (entry_of_trail.act, entry_of_trail.actor) == (Act.OPEN_CAPTURE, WHO)
    assert entry_of_trail.detail["capture_sha256"] == kept.sha256


def test_acts_that_followed_are_marked_and_taken_back_on_record(room: Newsroom) -> None:
    id = room.item("a")
    room.judge()
    book = room.store.casebook

    def spread() -> tuple[int, str | None]:
        room.judge()
        risk = room.store.reader.narrative(id).risk
        assert risk is not None
        return risk.spread.scale, risk.spread.marked_by

    before = spread()
    assert before == (1, None)
    with pytest.raises(InputError, match=refusals.REASON_MISSING):
        casework.mark_acts(book, id, True, " ", WHO, room.now)
    for who in (WHO, WHO, "Lê Mai"):  # a double click, and a second person: the first mark stands
        casework.mark_acts(book, id, True, "Hai trường vắng học sinh ngày tiêm.", who, room.now)
    assert spread() == (6, WHO)
    casework.mark_acts(book, id, False, "Nhà trường cho biết nghỉ vì mưa lũ.", "Lê Mai", room.now)
    assert spread() == before
    casework.mark_acts(book, id, False, "Bấm lại.", "Lê Mai", room.now)
    assert room.acts(id) == [Act.MARK_ACTS, Act.UNMARK_ACTS]
    with pytest.raises(NotFound):
        casework.mark_acts(book, "khong-co", True, "x", WHO, room.now)
