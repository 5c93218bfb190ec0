"""Known claims in files: CSV as spreadsheets write it, and ClaimReview."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

import casework
from casework import refusals
from casework.claim_csv import _lost_marks, read_csv, write_csv
from casework.claim_files import LIBRARY, Change, Undoing, apply, imports, plan, problems, undo_import
from casework.claim_review import read_claim_reviews, write_claim_reviews
from casework.claim_words import addresses_of, end_of, moment_of
from records.case import Act
from records.claim import Claim, Verdict, claim_id
from records.errors import InputError, NotFound, StoreBusy
from records.ports import Casebook, Work
from tests.casework.conftest import Newsroom
from tests.support import desk_records
from tests.support.desk_records import NOW

CLAIM = replace(
    desk_records.CLAIM,
    id="c001",
    text='Uống nước "lá đu đủ"; chữa khỏi sốt xuất huyết',
    explanation="Chưa có bằng chứng.\nTự chữa làm chậm việc cấp cứu.",
    sources=("https://soyte.example/khuyen-cao", "https://cdc.example/1"),
    wordings=("Lá đu đủ trị sốt xuất huyết", "la du du tri sxh"),
    valid_until=NOW + timedelta(days=365),
)
HOSTILE = replace(CLAIM, id="c002", text='=HYPERLINK("https://x.example")', wordings=("@cmd", "'+1"), response="-1+1")
#: Harmless where it is opened as it was written; every one of these begins a cell, or a line, under another separator.
TRICKY = replace(
    CLAIM,
    id="c003",
    text='Uống nước;"=1+1" khỏi bệnh, -2 ngày',
    explanation="- một\n=2+2\ngiảm; +5",
    wordings=("a, @b", "x;'=3"),
    response="＝1",
)


def test_a_csv_comes_back_as_it_was() -> None:
    data = write_csv([CLAIM, HOSTILE, replace(CLAIM, id="gone", withdrawn_at=NOW)])
    assert data.startswith(b"\xef\xbb\xbfM\xc3\xa3,")
    made = plan(data, (), "Lê Mai", NOW)
    assert [row.claim for row in made.rows] == [CLAIM, HOSTILE] and not made.faults
    again = plan(data, [CLAIM, HOSTILE], "Lê Mai", NOW)
    assert [row.change for row in again.rows] == [Change.UNCHANGED] * 2


@pytest.mark.parametrize("day", ["30/11/2026", "2026-11-30"])
def test_a_claim_holds_to_the_end_of_its_last_day(day: str) -> None:
    rating = {"alternateName": "Sai"}
    review = {"@type": "ClaimReview", "claimReviewed": "A", "url": "https://a.example", "reviewRating": rating}
    last = datetime(2026, 11, 30, 16, 59, 59, tzinfo=UTC)  # in Viet Nam one second before midnight
    for data in (
        f"text,verdict,sources,valid_until\nA,Sai,https://a.example,{day}\n".encode(),
        json.dumps(review | {"expires": day}).encode(),
    ):
        (row,) = plan(data, (), "Lê Mai", NOW).rows
        assert row.claim.valid_until == last
        for again in (write_csv([row.claim]), write_claim_reviews([row.claim], "Lê Mai")):
            assert [one.change for one in plan(again, [row.claim], "Lê Mai", NOW).rows] == [Change.UNCHANGED]


@pytest.mark.parametrize("separator", [",", ";"])
def test_no_cell_is_a_formula_with_whatever_separator_it_is_opened(separator: str) -> None:
    data = write_csv([HOSTILE, TRICKY], separator)
    text = data.decode("utf-8-sig")
    assert "'=HYPERLINK" in text and "'@cmd" in text and "'-1+1" in text
    for line in text.splitlines()[1:]:
        for cell in re.split("[,;\t]", line):
            assert not cell.lstrip(' "').startswith(("=", "+", "-", "@", "＝")), cell
    assert [row.claim for row in plan(data, (), "Lê Mai", NOW).rows] == [HOSTILE, TRICKY]


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        (
            "nội dung;KẾT LUẬN;Nguồn;Ngày\nLá đu đủ chữa sốt;Sai;https://a.example;05/01/2026\n".encode("utf-8-sig"),
            ["Lá đu đủ chữa sốt"],
        ),
        (b"text\tverdict\tsources\nA\ttrue\thttps://a.example\n", ["A"]),
        (
            'claim,rating,url,ghi chú\r\n"Nhiều\r\ndòng, và phẩy",Fake.,https://a.example | https://b.example,x\r\n'.encode(
                "utf-16"
            ),
            ["Nhiều dòng, và phẩy"],
        ),
        (
            "sep=;\r\ntext;verdict;sources;date\r\nA;Sai;https://a.example; 05/01/2026 14:30\r\n".encode("utf-8-sig"),
            ["A"],
        ),
        (
            "text,verdict,sources\rMột “quá” nhiều có hại không? Có,Sai,https://a.example?b=c\r".encode(),
            ["Một “quá” nhiều có hại không? Có"],
        ),
    ],
)
def test_spreadsheets_write_in_their_ways(data: bytes, texts: list[str]) -> None:
    made = plan(data, (), "Lê Mai", NOW)
    assert not made.faults
    assert [row.claim.text for row in made.rows] == texts
    assert all(row.claim.id == claim_id(row.claim.text) and row.claim.decided_by == "Lê Mai" for row in made.rows)


def test_each_faulty_line_is_named_and_the_rest_is_taken() -> None:
    lines = [
        "Nội dung,Kết luận,Nguồn chính thức,Chủ đề,Ngày kết luận",
        "Một,Sai,https://a.example,epidemic,2026-01-05",
        "Hai,Có lẽ,https://a.example,,",
        ",Sai,https://a.example,,",
        '"Ba\nhai dòng",Sai,javascript:alert(1),,',
        "Bốn,Sai,https://a.example,Bói toán,",
        "Năm,Sai,https://a.example,,31/02/2026",
        "Sáu,Sai,,,",
        "Bảy,Sai,https://a.example,,,thừa",
        "một,Đúng,https://a.example,,",
        "Tám,Gây hiểu lầm,https://a.example,Y tế trường học,",
    ]
    made = plan("\n".join(lines).encode(), (), "Lê Mai", NOW)
    assert [(row.claim.text, row.claim.topic) for row in made.rows] == [("Một", "epidemic"), ("Tám", "school_health")]
    assert [(fault.line, fault.problem) for fault in made.faults] == [
        (3, refusals.CLAIM_VERDICT_UNKNOWN),
        (4, refusals.CLAIM_TEXT_MISSING),
        (5, refusals.CLAIM_SOURCE_NOT_WEB),
        (6, refusals.CLAIM_TOPIC_UNKNOWN),
        (7, refusals.CLAIM_TIME_UNREADABLE),
        (8, refusals.CLAIM_SOURCE_MISSING),
        (9, refusals.ROW_TOO_LONG),
        (10, refusals.CLAIM_TWICE),
    ], "as a spreadsheet counts, whose row has two lines where a cell has"
    assert [fault.text for fault in made.faults][:4] == ["Hai", "", "Ba\nhai dòng", "Bốn"]


def test_what_a_quotation_mark_swallows_is_named_and_what_is_before_it_is_taken() -> None:
    data = 'text,verdict,sources\nMột,Sai,https://a.example\n"Hai,Sai,https://a.example\nBa,Sai,https://a.example\n'
    made = plan(data.encode(), (), "Lê Mai", NOW)
    assert [row.claim.text for row in made.rows] == ["Một"]
    assert [(fault.line, fault.problem) for fault in made.faults] == [(3, refusals.FILE_BROKEN_OFF)]


@pytest.mark.parametrize("text", ["U?ng l? ?u ?? ch?a s?t", "Lá đu đủ chữa sốt".encode().decode("cp1252"), "Lá �u đủ"])
def test_a_text_that_lost_its_marks_on_the_way_is_not_taken(text: str) -> None:
    data = f"text;verdict;sources\n{text};Sai;https://a.example\n".encode("utf-8-sig")
    (fault,) = plan(data, (), "Lê Mai", NOW).faults
    assert (fault.line, fault.problem, fault.text) == (2, refusals.CLAIM_MARKS_LOST, text)


@pytest.mark.parametrize(
    "text",
    [
        "Clip youtube.com/watch?v=abc nói ăn muối chữa ung thư",
        "Clip youtube.com/watch?v=abc quay trong nhà",
        "Ăn muối gây bệnh?không",
        "«Ăn cá», nói",
        "«Trái cá», bác nói",
    ],
)
def test_a_good_text_with_question_marks_and_quotation_marks_is_taken(text: str) -> None:
    data = f'text;verdict;sources\n"{text}";Sai;https://a.example\n'.encode()
    made = plan(data, (), "Lê Mai", NOW)
    assert not made.faults and [row.claim.text for row in made.rows] == [text]


@pytest.mark.parametrize("text", ["Tiêm v?c xin gây b?nh", "áº¥y"])
def test_marks_are_lost_where_letters_are_left_that_other_languages_have(text: str) -> None:
    (fault,) = plan(f"text;verdict;sources\n{text};Sai;https://a.example\n".encode(), (), "Lê Mai", NOW).faults
    assert fault.problem == refusals.CLAIM_MARKS_LOST


@pytest.mark.parametrize("read", [addresses_of, _lost_marks])
@pytest.mark.parametrize("unit", [",", "a.", "-", "a?", "»"])
def test_a_cell_of_nothing_but_separators_takes_no_more_than_its_length(
    read: Callable[[str], object], unit: str
) -> None:
    def took(length: int) -> float:
        cell = unit * (length // len(unit)) + "x"
        started = time.process_time()
        read(cell)
        return time.process_time() - started

    short = min(took(2_000) for _ in range(5))
    # Eight times the length took 64 times as long. A clock that shows next to nothing for the short one is no ruler.
    assert took(16_000) < 30 * max(short, 0.001)


def test_days_and_addresses_as_people_write_them() -> None:
    assert moment_of(" 5.1.2026 ") == datetime(2026, 1, 4, 17, tzinfo=UTC)
    assert moment_of("05/01/2026 14:30") == end_of("05/01/2026 14:30") == datetime(2026, 1, 5, 7, 30, tzinfo=UTC)
    for written in ("31/12/26", "46027", "31/12/9999", "9999-12-31T23:59:59Z", "0001-01-01", "mai", ""):
        with pytest.raises(InputError, match="date"):
            moment_of(written)
    written = "https://a.example/x,y; https://b.example|https://c.example,\nhttps://d.example/?a=1;b"
    assert addresses_of(written) == (
        "https://a.example/x,y",
        "https://b.example",
        "https://c.example",
        "https://d.example/?a=1;b",
    )


def test_a_new_verdict_is_not_put_down_to_who_decided_the_old_one() -> None:
    changed = replace(CLAIM, verdict=Verdict.TRUE)
    made = plan(write_csv([changed]), [CLAIM], "Lê Mai", NOW)
    assert [(fault.line, fault.problem) for fault in made.faults] == [(2, refusals.CLAIM_DECIDER_OLD)]
    without = f"id,text,verdict\n{CLAIM.id},Khác,Đúng\n".encode()
    (row,) = plan(without, [CLAIM], "Lê Mai", NOW).rows
    assert (row.claim.decided_by, row.claim.decided_at) == ("Lê Mai", NOW)
    assert row.claim.response == "", "what was approved of the old verdict is not said of the new one"
    assert [one.change for one in plan(without, [row.claim], "Phạm Hòa", NOW).rows] == [Change.UNCHANGED]


def test_two_claims_do_not_get_one_text() -> None:
    known = [replace(CLAIM, text="Một"), replace(CLAIM, id="c9", text="Hai")]
    renamed = plan(b"id,text\nc9,M\xe1\xbb\x99t\n", known, "Lê Mai", NOW)
    assert [fault.problem for fault in renamed.faults] == [refusals.CLAIM_KNOWN]
    twice = b"id,text,verdict,sources\na1,X,Sai,https://a.example\na2,x,Sai,https://a.example\n"
    assert [fault.problem for fault in plan(twice, (), "Lê Mai", NOW).faults] == [refusals.CLAIM_TWICE]
    same = [known[0], replace(known[0], id="c9")]
    assert [one.change for one in plan(write_csv(same), same, "Lê Mai", NOW).rows] == [Change.UNCHANGED] * 2


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", refusals.FILE_HEADER),
        (b"a,b\n1,2\n", refusals.FILE_HEADER),
        (b"text,claim\n1,2\n", refusals.FILE_HEADER),
        (b"N\xf4i dung\n", refusals.FILE_NOT_UTF8),
        ("text\n\ud800\n".encode("utf-8", "surrogatepass"), refusals.FILE_NOT_UTF8),
        (b"\xff\xfe" + "text\n\ud800\n".encode("utf-16-le", "surrogatepass"), refusals.FILE_NOT_UTF8),
        (b"[" * 100_000, refusals.FILE_UNREADABLE),
        (b'{"a": ', refusals.FILE_UNREADABLE),
        (b'{"@type": "Article"}', refusals.FILE_WITHOUT_REVIEWS),
        (b"x" * 8_000_001, refusals.FILE_TOO_LARGE),
        (b'"text\n', refusals.FILE_UNREADABLE),
    ],
)
def test_a_file_that_cannot_be_read_says_why(data: bytes, problem: str) -> None:
    with pytest.raises(InputError) as raised:
        plan(data, (), "Lê Mai", NOW)
    assert str(raised.value) == problem


def test_claim_reviews_come_back_as_they_were() -> None:
    data = write_claim_reviews([CLAIM, replace(CLAIM, id="gone", withdrawn_at=NOW)], "Sở Y tế")
    made = plan(data, (), "Lê Mai", NOW)
    assert not made.faults
    # What schema.org has no word for stays out; whose review it is, is the department's.
    assert [row.claim for row in made.rows] == [replace(CLAIM, response="", decided_by="Sở Y tế")]
    (again,) = plan(data, [CLAIM], "Lê Mai", NOW).rows
    assert again.change is Change.UNCHANGED and again.claim == CLAIM, "who decided it stays, and the response"
    (other,) = plan(data, [replace(CLAIM, verdict=Verdict.MISLEADING)], "Lê Mai", NOW).rows
    assert other.change is Change.CHANGED and other.claim.decided_by == "Sở Y tế", "whose verdict it is now"
    graph = json.loads(data)["@graph"]
    assert graph[0]["reviewRating"]["ratingValue"] == 1 and graph[0]["reviewRating"]["bestRating"] == 5


@pytest.mark.parametrize(
    ("rating", "verdict"),
    [
        ({"alternateName": "Sai sự thật"}, Verdict.FALSE),
        ({"alternateName": [{"@value": "Missing context"}]}, Verdict.MISLEADING),
        (
            {"alternateName": "Bốn mũi Pinocchio", "ratingValue": "1", "worstRating": 1, "bestRating": "5"},
            Verdict.FALSE,
        ),
        ({"alternateName": "?", "ratingValue": 3, "worstRating": 1, "bestRating": 5}, Verdict.MISLEADING),
        ({"ratingValue": 5, "worstRating": 1, "bestRating": 5}, Verdict.TRUE),
        ({"ratingValue": 7, "worstRating": 1, "bestRating": 5}, None),
        ({"ratingValue": 1, "worstRating": 1, "bestRating": 1}, None),
        ({"ratingValue": 10**400, "worstRating": 1, "bestRating": 5}, None),
        ({"ratingValue": 5, "worstRating": 1, "bestRating": math.inf}, None),
        ({"ratingValue": 5, "worstRating": "-Infinity", "bestRating": 5}, None),
        ({"ratingValue": math.inf, "worstRating": 1, "bestRating": math.inf}, None),
        ({"ratingValue": math.nan, "worstRating": 1, "bestRating": 5}, None),
        ({"ratingValue": 5, "worstRating": -1.7e308, "bestRating": 1.7e308}, None),
        ("False", None),
    ],
)
def test_ratings_of_others_are_understood_or_named(rating: object, verdict: Verdict | None) -> None:
    review = {"@type": ["Review", "ClaimReview"], "claimReviewed": "Một", "reviewRating": rating}
    rows, faults = read_claim_reviews(json.dumps([{"@graph": [review]}]).encode())
    assert [row.values["verdict"] for row in rows] == ([verdict] if verdict else [])
    assert [fault.problem for fault in faults] == ([] if verdict else [refusals.CLAIM_VERDICT_UNKNOWN])


def test_a_hostile_review_is_cleaned() -> None:
    review = {
        "@type": "ClaimReview",
        "identifier": {"value": "<b>x</b>" + "y" * 500},
        "claimReviewed": "<script>alert(1)</script>Lá &lt;img src=x onerror=alert(1)&gt; chữa khỏi\u202e bệnh",
        "reviewBody": ["<p>Không</p><p>đúng</p>", "two"],
        "reviewRating": {"alternateName": "false"},
        "url": "javascript:alert(1)",
        "citation": ["https://a.example/", {"url": "https://b.example/"}, 7, None, "file:///etc/passwd"] * 60,
        "itemReviewed": {"alternateName": ["<i>Cách</i> khác", {"no": 1}, "x" * 10_000]},
        "about": {"identifier": "none such"},
        "datePublished": "2026-01-05",
        "author": {"name": "A" * 400},
    }
    rows, faults = read_claim_reviews(json.dumps(review).encode())
    assert not faults
    values = rows[0].values
    assert values["text"] == "Lá chữa khỏi bệnh" and values["explanation"] == "Không\nđúng"
    assert values["sources"] == ("https://a.example/", "https://b.example/")
    assert values["wordings"][0] == "Cách khác" and "topic" not in values
    assert values["decided_at"] == datetime(2026, 1, 4, 17, tzinfo=UTC), "days are Viet Nam's"
    assert len(values["id"]) <= 200 and len(rows[0].publisher) <= 100


@pytest.mark.parametrize(
    "broken",
    [
        {"claimReviewed": "Hai \ud800"},
        {"claimReviewed": "<b>Hai</b> \udfff"},
        {"reviewBody": ["Không \udc00 đúng"]},
        {"itemReviewed": {"alternateName": ["Cách", "khác \ud800"]}},
        {"reviewRating": {"alternateName": "\ud800", "ratingValue": 1, "worstRating": 1, "bestRating": 5}},
        {"author": {"name": "A\ud800"}},
    ],
)
def test_a_review_with_half_a_character_is_named_and_the_rest_is_taken(broken: dict[str, object]) -> None:
    good = {"@type": "ClaimReview", "claimReviewed": "Một 😀", "reviewRating": {"alternateName": "Sai"}}
    rows, faults = read_claim_reviews(json.dumps([good, {**good, "claimReviewed": "Hai", **broken}]).encode())
    assert [row.values["text"] for row in rows] == ["Một 😀"], "both halves are a character"
    assert [(fault.line, fault.problem) for fault in faults] == [(2, refusals.CLAIM_CHARACTER_BROKEN)]
    assert faults[0].text.encode().startswith(b"Hai"), "a person can find it"


def test_an_import_is_done_once_and_says_what_it_left(room: Newsroom) -> None:
    book, reader = room.store.casebook, room.store.reader
    data = write_csv([CLAIM, HOSTILE])
    for change in (Change.NEW, Change.UNCHANGED):
        made = plan(data, reader.claims(withdrawn=True), "Lê Mai", room.now)
        done, faults = apply(book, made, "Lê Mai", room.now)
        assert done == {change: 2} and faults == []
    opposite = replace(CLAIM, verdict=Verdict.TRUE, decided_by="Lê Mai", decided_at=room.now)
    changed = plan(write_csv([opposite]), reader.claims(), "Lê Mai", room.now)
    assert changed.counts[Change.CHANGED] == 1
    apply(book, changed, "Lê Mai", room.now)
    _, faults = apply(book, changed, "Lê Mai", room.now)  # the same again, planned on what was
    assert faults == [] and reader.claim(CLAIM.id).version == 2
    assert len(read_csv(write_csv(reader.claims()))[0]) == 2


def test_an_import_is_taken_back_but_not_what_somebody_changed_since(room: Newsroom) -> None:
    book, reader = room.store.casebook, room.store.reader
    added, later = replace(CLAIM, id="c2", text="Mới"), replace(CLAIM, id="c3", text="Về sau")
    for claim in (CLAIM, later):
        casework.save_claim(book, claim, "Trần Bình", room.now, new=True)
    data = write_csv([replace(CLAIM, explanation="Từ tệp."), added, replace(later, explanation="Từ tệp.")])
    room.later(hours=1)
    apply(book, plan(data, reader.claims(), "Lê Mai", room.now), "Lê Mai", room.now)
    room.later(hours=1)
    casework.save_claim(book, replace(reader.claim("c3"), explanation="Sửa tay."), "Trần Bình", room.now)
    (done,) = imports(reader)
    assert (done.actor, done.undone) == ("Lê Mai", False)
    room.later(hours=1)
    undoing = undo_import(book, reader, done.number, "Nhầm tệp", "Trần Bình", room.now)
    assert undoing.count == 2 and undoing.whole
    assert [(one.claim.id, one.reason) for one in undoing.left] == [("c3", refusals.CLAIM_CHANGED_SINCE)]
    assert reader.claim(CLAIM.id).explanation == CLAIM.explanation and reader.claim("c2").withdrawn_at == room.now
    assert undo_import(book, reader, done.number, "Nhầm tệp", "Trần Bình", room.now).count == 0, "nothing is left to do"
    assert imports(reader)[0].undone and room.acts(LIBRARY) == [Act.IMPORT_CLAIMS, Act.UNDO_IMPORT]
    with pytest.raises(NotFound):
        undo_import(book, reader, 99_999, "Nhầm tệp", "Trần Bình", room.now)
    # The file again: what is withdrawn comes back when it is said so, and can be taken back as well.
    room.later(hours=1)
    plain = plan(data, reader.claims(withdrawn=True), "Lê Mai", room.now)
    assert plain.counts[Change.WITHDRAWN] == 1 and plain.counts[Change.CHANGED] == 2
    again = plan(data, reader.claims(withdrawn=True), "Lê Mai", room.now, bring_back=True)
    done_again, faults = apply(book, again, "Lê Mai", room.now)
    assert done_again[Change.BROUGHT_BACK] == 1 and not faults and reader.claim("c2").withdrawn_at is None
    room.later(hours=1)
    assert undo_import(book, reader, imports(reader)[0].number, "Nhầm tệp", "Lê Mai", room.now) == Undoing(3)
    assert reader.claim("c2").withdrawn_at == room.now and reader.claim("c3").explanation == "Sửa tay."


@pytest.mark.parametrize("by_hand", ["nothing", "between", "changed", "changed back", "withdrawn and back"])
def test_imports_are_undone_from_the_last_to_the_first_but_for_what_a_person_changed(
    room: Newsroom, by_hand: str
) -> None:
    book, reader = room.store.casebook, room.store.reader

    def taken_in(claim: Claim) -> int:
        room.later(hours=1)
        apply(book, plan(write_csv([claim]), reader.claims(withdrawn=True), "Lê Mai", room.now), "Lê Mai", room.now)
        return imports(reader)[0].number

    def edited(explanation: str) -> None:
        room.later(hours=1)
        casework.save_claim(book, replace(reader.claim(CLAIM.id), explanation=explanation), "Lê Mai", room.now)

    first = taken_in(CLAIM)
    if by_hand == "between":
        edited("Sửa tay.")
    last = taken_in(replace(CLAIM, explanation="Từ tệp sau."))
    room.later(hours=1)
    assert undo_import(book, reader, last, "Nhầm tệp", "Lê Mai", room.now) == Undoing(1)
    if by_hand in ("changed", "changed back"):
        edited("Sửa tay.")
    if by_hand == "changed back":
        edited(CLAIM.explanation)
    if by_hand == "withdrawn and back":
        room.later(hours=1)
        casework.withdraw_claim(book, CLAIM.id, "Đã cũ", "Lê Mai", room.now)
        casework.bring_back_claim(book, CLAIM.id, "Lê Mai", room.now)
    room.later(hours=1)
    undoing = undo_import(book, reader, first, "Nhầm tệp", "Lê Mai", room.now)
    left = [] if by_hand == "nothing" else [refusals.CLAIM_CHANGED_SINCE]
    assert (undoing.count, [one.reason for one in undoing.left]) == (1 - len(left), left)
    assert (reader.claim(CLAIM.id).withdrawn_at is None) == bool(left)
    again = undo_import(book, reader, last, "Nhầm tệp", "Lê Mai", room.now)
    assert again.count == 0, "what is undone stays so"


@dataclass
class BreakingCasebook:
    """Its transaction of number `at`, from 1, is not begun: `error` comes instead."""

    casebook: Casebook
    at: int
    error: BaseException
    begun: int = 0

    def work(self) -> AbstractContextManager[Work]:
        self.begun += 1
        if self.begun == self.at:
            raise self.error
        return self.casebook.work()


def test_undoing_an_import_goes_on_wherever_it_was_killed(room: Newsroom) -> None:
    book, reader = room.store.casebook, room.store.reader
    for claim in (CLAIM, replace(CLAIM, id="c2", text="Mới")):
        casework.save_claim(book, claim, "Trần Bình", room.now, new=True)
        casework.withdraw_claim(book, claim.id, "Đã cũ", "Trần Bình", room.now)
    data = write_csv(
        [replace(claim, explanation="Từ tệp.", withdrawn_at=None) for claim in reader.claims(withdrawn=True)]
    )
    room.later(hours=1)
    apply(book, plan(data, reader.claims(withdrawn=True), "Lê Mai", room.now, bring_back=True), "Lê Mai", room.now)
    (done,) = imports(reader)
    room.later(hours=1)
    for at in (2, 2):  # before the second claim; before it is written down that all is undone
        killed = BreakingCasebook(book, at, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            undo_import(killed, reader, done.number, "Nhầm tệp", "Trần Bình", room.now)  # type: ignore[arg-type]
        assert not imports(reader)[0].undone
    assert undo_import(book, reader, done.number, "Nhầm tệp", "Trần Bình", room.now) == Undoing(0)
    assert imports(reader)[0].undone
    for claim in reader.claims(withdrawn=True):
        assert claim.withdrawn_at == room.now and claim.explanation == CLAIM.explanation


def test_what_could_not_be_put_back_has_its_reason_and_the_import_can_be_undone_again(room: Newsroom) -> None:
    book, reader = room.store.casebook, room.store.reader
    with book.work() as work:  # as it was taken in before sources were wanted
        work.save_claim(replace(CLAIM, sources=()), "Trần Bình", room.now)
    added = replace(CLAIM, id="c2", text="Mới")
    room.later(hours=1)
    apply(book, plan(write_csv([CLAIM, added]), reader.claims(), "Lê Mai", room.now), "Lê Mai", room.now)
    (done,) = imports(reader)
    room.later(hours=1)
    busy = BreakingCasebook(book, 1, StoreBusy("meanwhile"))
    undoing = undo_import(busy, reader, done.number, "Nhầm tệp", "Trần Bình", room.now)  # type: ignore[arg-type]
    assert [(one.claim.id, one.reason) for one in undoing.left] == [
        (CLAIM.id, refusals.CLAIM_SOURCE_MISSING),
        ("c2", refusals.CLAIM_NOT_PUT_BACK),
    ]
    assert undoing.count == 0 and not undoing.whole and not imports(reader)[0].undone
    again = undo_import(book, reader, done.number, "Nhầm tệp", "Trần Bình", room.now)
    assert again.count == 1 and not again.whole and reader.claim("c2").withdrawn_at == room.now
    casework.save_claim(book, replace(reader.claim(CLAIM.id), explanation="Sửa tay."), "Trần Bình", room.now)
    last = undo_import(book, reader, done.number, "Nhầm tệp", "Trần Bình", room.now)
    assert [one.reason for one in last.left] == [refusals.CLAIM_CHANGED_SINCE]
    assert last.whole and imports(reader)[0].undone


def test_what_is_wrong_with_the_library_is_found() -> None:
    ended = replace(CLAIM, id="a", valid_until=NOW - timedelta(days=1), explanation="")
    shared = replace(CLAIM, id="b", text="Khác", wordings=(CLAIM.text.upper(),))
    found = [(claim.id, problem) for claim, problem in problems([ended, shared], NOW)]
    assert found == [
        ("a", refusals.CLAIM_HAS_ENDED),
        ("a", refusals.CLAIM_UNEXPLAINED),
        ("b", refusals.CLAIM_WORDING_SHARED),
    ]
