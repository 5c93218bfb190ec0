"""The library of known claims on the console, and a person's word on what a narrative is about."""

from __future__ import annotations

import base64
import html
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

import casework
from casework.claim_csv import write_csv
from records.case import Act
from records.claim import Claim, MatchDecision, SimilarClaim, Verdict
from tests.console.conftest import Desk
from tests.support import console_seed as seed
from tests.support.desk_records import CLAIM

RUMOR = seed.narrative_of("du-du")
PATH = f"/claim/{CLAIM.id}"
FIELDS = {
    "text": "Ăn tỏi chữa <b>cúm</b>",
    "verdict": "false",
    "explanation": "Không có bằng chứng.",
    "sources": "https://moh.example/1\r\nhttps://who.example/2",
    "wordings": "Tỏi trị cúm\r\ntoi tri cum",
    "topic": "epidemic",
    "decided_on": "2026-08-20",
    "valid_until": "",
    "response": "",
}


def _library(desk: Desk, *claims: Claim) -> None:
    for claim in claims or (CLAIM,):
        casework.save_claim(desk.store.casebook, claim, "Trần Bình", seed.NOW, new=True)


def test_an_empty_library_says_what_to_do(empty_desk: Desk) -> None:
    page = empty_desk.page("/claims")
    assert "Chưa có thông tin đã kiểm chứng nào" in page and "/claims/new" not in page
    empty_desk.sit_down("Lê Mai", "verifier")
    assert "/claims/new" in empty_desk.page("/claims")


def test_claims_are_found_by_words_topic_and_verdict(desk: Desk) -> None:
    other = replace(
        CLAIM, id="c2", text="HIV dưới ngưỡng không lây", verdict=Verdict.TRUE, topic="sti_hiv", wordings=()
    )
    _library(desk, CLAIM, other)
    assert "2 thông tin" in desk.page("/claims")
    for query, found in [
        ("q=la+du+du", [CLAIM]),
        ("topic=sti_hiv", [other]),
        ("verdict=true", [other]),
        ("verdict=unverifiable", []),
        ("q=%3Cscript%3E&topic=none&verdict=none&page=99", []),
    ]:
        page = desk.page(f"/claims?{query}", **{"HX-Request": "true"})
        assert "<html" not in page and "<script>" not in page
        assert [claim for claim in (CLAIM, other) if f"/claim/{claim.id}" in page] == found, query
    assert desk.client.get("/claim/none").status_code == 404


def test_a_verifier_adds_and_changes_a_claim(desk: Desk) -> None:
    desk.sit_down("Lê Mai", "verifier")
    added = desk.post("/claims/new", **FIELDS | {"valid_until": "2026-11-30"})
    assert added.status_code == 303
    (claim,) = desk.store.reader.claims()
    assert claim.sources == ("https://moh.example/1", "https://who.example/2") and claim.decided_by == "Lê Mai"
    page = desk.page(added.headers["location"])
    assert "Ăn tỏi chữa &lt;b&gt;cúm&lt;/b&gt;" in page and "toi tri cum" in page
    assert claim.valid_until == datetime(2026, 11, 30, 16, 59, 59, tzinfo=UTC), "to the end of that day in Viet Nam"
    form = desk.page(f"/claim/{claim.id}/edit")
    assert 'name="version" value="1"' in form and 'value="2026-08-20"' in form and 'value="2026-11-30"' in form
    changed = FIELDS | {"verdict": "misleading", "version": "1"}
    assert desk.post(f"/claim/{claim.id}/edit", **changed).status_code == 303
    page = desk.page(f"/claim/{claim.id}")
    assert desk.store.reader.claim(claim.id).decided_at == seed.NOW, "the new verdict is of today"
    assert "Sai sự thật → Gây hiểu lầm" in page and "Các bản trước" in page and "Bản 1" in page
    late = desk.post(f"/claim/{claim.id}/edit", **changed | {"text": "Khác"})
    assert late.status_code == 409 and "Người khác vừa sửa thông tin này" in late.text and ">Khác<" in late.text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": ""}, "Chưa có nội dung thông tin"),
        ({"verdict": ""}, "Hãy chọn kết luận"),
        ({"sources": "javascript:alert(1)"}, "Nguồn phải là địa chỉ"),
        ({"decided_on": "2099-01-01"}, "Ngày kết luận không được sau ngày hôm nay"),
        ({"valid_until": "mai"}, "Không đọc được ngày"),
    ],
)
def test_a_form_that_cannot_be_taken_keeps_what_was_typed(empty_desk: Desk, change: dict[str, str], said: str) -> None:
    empty_desk.sit_down("Lê Mai", "verifier")
    answer = empty_desk.post("/claims/new", **FIELDS | change)
    assert answer.status_code == 422 and said in answer.text and "Không có bằng chứng." in answer.text
    assert empty_desk.store.reader.claims() == ()


def test_only_verifiers_change_the_library(desk: Desk) -> None:
    _library(desk)
    acts = {
        "/claims/new": FIELDS,
        f"{PATH}/edit": FIELDS | {"version": "1"},
        f"{PATH}/withdraw": {"reason": "x"},
        "/claims/import": {"content": "eA=="},
    }
    for path, fields in acts.items():
        assert desk.post(path, **fields).status_code == 403
    desk.sit_down("Trần Thị Lan", "officer")
    for path, fields in acts.items():
        answer = desk.post(path, **fields)
        assert answer.status_code == 422 and "Chỉ cán bộ xác minh" in answer.text, path
    assert desk.store.reader.claims() == (CLAIM,)


def test_a_claim_is_withdrawn_with_a_reason_and_brought_back(desk: Desk) -> None:
    _library(desk)
    desk.sit_down("Lê Mai", "verifier")
    refused = desk.post(f"{PATH}/withdraw", reason=" ")
    assert refused.status_code == 422 and "Hãy nêu lý do" in refused.text
    assert desk.post(f"{PATH}/withdraw", reason="Bằng chứng mới").status_code == 303
    page = desk.page(PATH)
    assert "Đã thu hồi" in page and "Bằng chứng mới" in page
    assert PATH not in desk.page("/claims") and PATH in desk.page("/claims?withdrawn=yes")
    assert desk.post(f"{PATH}/bring-back").status_code == 303
    assert PATH in desk.page("/claims")


def test_a_file_is_looked_at_before_it_changes_anything(desk: Desk) -> None:
    _library(desk)
    desk.sit_down("Lê Mai", "verifier")
    opposite = replace(CLAIM, verdict=Verdict.MISLEADING, decided_at=seed.NOW)
    lines = write_csv([opposite, replace(CLAIM, id="c2", text="Mới")])
    data = lines + "x,Hỏng,,Có lẽ,,,,,,,\r\n".encode()
    preview = desk.client.post("/claims/import", data={"token": desk.token}, files={"file": ("a.csv", data)})
    assert preview.status_code == 200
    for said in ("Mới: 1", "Thay đổi: 1", "trước đây: Sai sự thật", "Dòng 4: Không có kết luận này."):
        assert said in preview.text
    assert len(desk.store.reader.claims()) == 1
    content = re.search(r'name="content" value="([^"]+)"', preview.text)
    assert content
    done = desk.post("/claims/import", content=content[1])
    assert done.status_code == 200 and "Đã nhập tệp" in done.text
    assert {claim.verdict for claim in desk.store.reader.claims()} == {Verdict.MISLEADING, Verdict.FALSE}
    again = desk.client.post("/claims/import", data={"token": desk.token}, files={"file": ("a.csv", lines)})
    assert "Không có gì thay đổi." in again.text


def test_an_import_is_undone_by_one_act_and_done_again(desk: Desk) -> None:
    _library(desk)
    hours = iter(range(1, 1000))
    clock = lambda: seed.NOW + timedelta(hours=next(hours))  # noqa: E731
    desk.client.app.state.services = replace(desk.services, clock=clock)  # type: ignore[attr-defined]
    desk.sit_down("Lê Mai", "verifier")
    assert "Các lần nhập tệp gần đây" not in desk.page("/claims/import")
    data = write_csv([replace(CLAIM, explanation="Từ tệp."), replace(CLAIM, id="c2", text="Mới")])
    content = base64.b64encode(data).decode()
    done = desk.post("/claims/import", content=content)
    number = re.search(r'name="number" value="(\d+)"', done.text)
    assert number and "Hoàn tác lần nhập này" in done.text
    officer = desk.other_person()
    officer.sit_down("Trần Thị Lan", "officer")
    assert officer.post("/claims/import/undo", number=number[1]).status_code == 422
    for wrong in ("", "x", "999999"):
        assert desk.post("/claims/import/undo", number=wrong).status_code == 404
    undone = desk.post("/claims/import/undo", number=number[1])
    assert "Đã hoàn tác việc nhập tệp: 2 thông tin trở lại như trước." in undone.text
    assert "Hoàn tác lần nhập này" not in undone.text
    (claim,) = desk.store.reader.claims()
    assert claim.explanation == CLAIM.explanation and "Hoàn tác việc nhập tệp." in desk.page("/claim/c2")
    preview = desk.client.post("/claims/import", data={"token": desk.token}, files={"file": ("a.csv", data)})
    assert "Khôi phục cả 1 thông tin đã thu hồi" in preview.text
    again = desk.post("/claims/import", content=content, bring_back="yes")
    assert "Khôi phục: 1" in again.text and len(desk.store.reader.claims()) == 2


def test_an_import_that_is_not_wholly_undone_says_why_and_can_be_undone_again(desk: Desk) -> None:
    with desk.store.casebook.work() as work:  # as it was taken in before sources were wanted
        work.save_claim(replace(CLAIM, sources=()), "Trần Bình", seed.NOW)
    hours = iter(range(1, 1000))
    clock = lambda: seed.NOW + timedelta(hours=next(hours))  # noqa: E731
    desk.client.app.state.services = replace(desk.services, clock=clock)  # type: ignore[attr-defined]
    desk.sit_down("Lê Mai", "verifier")
    data = write_csv([CLAIM, replace(CLAIM, id="c2", text="Mới")])
    done = desk.post("/claims/import", content=base64.b64encode(data).decode())
    number = re.search(r'name="number" value="(\d+)"', done.text)
    assert number
    undone = desk.post("/claims/import/undo", number=number[1])
    assert "Chưa hoàn tác hết việc nhập tệp: 1 thông tin trở lại như trước." in undone.text
    assert f'href="/claim/{CLAIM.id}"' in undone.text and "ít nhất một nguồn chính thức" in undone.text
    assert "Hoàn tác lần nhập này" in undone.text and "Đã có người sửa" not in undone.text
    changed = replace(desk.store.reader.claim(CLAIM.id), explanation="Sửa tay.")
    casework.save_claim(desk.store.casebook, changed, "Trần Bình", clock())
    undone = desk.post("/claims/import/undo", number=number[1])
    assert "Đã có người sửa thông tin này sau khi nhập tệp." in undone.text
    assert "Hoàn tác lần nhập này" not in undone.text and "Chưa hoàn tác hết" not in undone.text


def test_entries_of_a_claim_review_are_no_lines(empty_desk: Desk) -> None:
    empty_desk.sit_down("Lê Mai", "verifier")
    file = "a.json", b'[{"@type": "ClaimReview", "claimReviewed": "A 0912345678"}]'
    answer = empty_desk.client.post("/claims/import", data={"token": empty_desk.token}, files={"file": file})
    assert "Mục thứ 1: Không có kết luận này." in answer.text and "A [số điện thoại đã che]" in answer.text


@pytest.mark.parametrize(
    ("data", "status", "said"),
    [
        (b"", 422, "Hãy chọn một tệp"),
        (b"\xff\x00", 422, "Tệp không ở dạng UTF-8"),
        (b"a,b\n", 422, "Dòng đầu phải ghi tên các cột"),
        (b"x" * 700_000, 422, "Tệp quá lớn"),
        (b"x" * 1_100_000, 413, ""),
    ],
)
def test_a_file_that_cannot_be_read_says_why(empty_desk: Desk, data: bytes, status: int, said: str) -> None:
    empty_desk.sit_down("Lê Mai", "verifier")
    files = {"file": ("a.csv", data)}
    answer = empty_desk.client.post("/claims/import", data={"token": empty_desk.token}, files=files)
    assert answer.status_code == status and said in answer.text


def test_the_library_is_exported(desk: Desk) -> None:
    _library(desk)
    for path, kind in (
        ("/claims/export.csv", "text/csv"),
        ("/claims/export.csv?separator=semicolon", "text/csv"),
        ("/claims/export.json", "application/ld+json"),
    ):
        answer = desk.client.get(path)
        assert answer.headers["content-type"].startswith(kind)
        assert "attachment" in answer.headers["content-disposition"] and CLAIM.text in answer.text


def test_a_suggestion_is_confirmed_and_brings_the_response_along(desk: Desk) -> None:
    _library(desk)
    services = replace(desk.services, similar_claims=lambda _: (SimilarClaim(CLAIM, 0.91, CLAIM.wordings[0], True),))
    desk.client.app.state.services = services  # type: ignore[attr-defined]
    assert "để xác nhận gợi ý" in desk.page(f"/narratives/{RUMOR}")
    desk.sit_down("Trần Thị Lan")
    page = desk.page(f"/narratives/{RUMOR}")
    assert "Đúng là thông tin này" in page and "rất có thể" in page and CLAIM.wordings[0] in page
    desk.post(f"/narratives/{RUMOR}/acknowledge")
    assert CLAIM.response not in desk.page(f"/narratives/{RUMOR}")
    said = desk.post(f"/narratives/{RUMOR}/claim", claim=CLAIM.id, word_on="confirmed")
    assert said.status_code == 303 and said.headers["location"].endswith("#claims")
    page = desk.page(f"/narratives/{RUMOR}")
    assert page.count(CLAIM.response) == 2, "with the claim, and as the draft"
    assert "Dự thảo là nội dung đã được duyệt trước đây" in page and "Đúng là thông tin này" in page
    (match,) = desk.store.reader.matches(RUMOR)
    assert (match.decision, match.actor, match.similarity) == (MatchDecision.CONFIRMED, "Trần Thị Lan", 0.91)
    assert CLAIM.text in desk.page(PATH) and f"/narratives/{RUMOR}" in desk.page(PATH)
    desk.post(f"/narratives/{RUMOR}/claim", claim=CLAIM.id, word_on="undecided")
    assert desk.store.reader.matches(RUMOR) == ()


def test_a_rejection_is_remembered_and_can_be_taken_back(desk: Desk) -> None:
    _library(desk)
    desk.sit_down("Trần Thị Lan")
    desk.post(f"/narratives/{RUMOR}/claim", claim=CLAIM.id, word_on="rejected")
    page = desk.page(f"/narratives/{RUMOR}")
    assert "đã được xác nhận là không trùng" in page and "Bỏ xác nhận này" in page
    assert desk.post(f"/narratives/{RUMOR}/claim", claim=CLAIM.id, word_on="maybe").status_code == 422
    assert desk.post(f"/narratives/{RUMOR}/claim", claim="none", word_on="confirmed").status_code == 404
    acts = [entry.act for entry in desk.store.reader.trail_of(RUMOR)]
    assert acts[-1] is Act.REJECT_CLAIM


def test_what_was_approved_on_another_narrative_is_offered(desk: Desk) -> None:
    _library(desk, replace(CLAIM, response=""))
    desk.sit_down("Trần Thị Lan")
    other = seed.narrative_of("vac-xin")
    for narrative in (RUMOR, other):
        desk.post(f"/narratives/{narrative}/acknowledge")
        desk.post(f"/narratives/{narrative}/claim", claim=CLAIM.id, word_on="confirmed")
    desk.post(f"/narratives/{other}/ask", text="Đã duyệt: không tự chữa bằng lá.")
    statement = desk.store.reader.statements(waiting_only=True)[0][0]
    casework.approve(desk.store.casebook, statement.id, "Phạm Hòa", seed.NOW)
    assert _draft(desk) == "Đã duyệt: không tự chữa bằng lá."
    assert "Người duyệt: Phạm Hòa" in desk.page(PATH)
    later = seed.NOW + timedelta(hours=1)
    changed = replace(desk.store.reader.claim(CLAIM.id), verdict=Verdict.TRUE)
    casework.save_claim(desk.store.casebook, changed, "Trần Bình", later)
    assert _draft(desk) == "", "what was approved while it was held to be false is not said of what is true"


def _draft(desk: Desk) -> str:
    """What stands in the form for the spokesperson, without anybody having typed it."""
    found = re.search(r'<textarea id="draft"[^>]*>([^<]*)</textarea>', desk.page(f"/narratives/{RUMOR}"))
    assert found
    return html.unescape(found[1])


def test_a_claim_that_was_not_suggested_is_found_and_confirmed_by_hand(desk: Desk) -> None:
    _library(desk, CLAIM, replace(CLAIM, id="gone", text="Lá đu đủ đã thu hồi", wordings=()))
    casework.withdraw_claim(desk.store.casebook, "gone", "Cũ", "Trần Bình", seed.NOW)
    desk.client.app.state.services = replace(desk.services, similar_claims=None)  # type: ignore[attr-defined]
    path, confirm = f"/narratives/{RUMOR}/claims", {"claim": CLAIM.id, "word_on": "confirmed"}
    assert "để xác nhận thông tin" in desk.page(path) and "Đúng là thông tin này" not in desk.page(path)
    assert desk.post(f"/narratives/{RUMOR}/claim", **confirm).status_code == 403
    desk.sit_down("Trần Thị Lan")
    assert f'action="{path}"' in desk.page(f"/narratives/{RUMOR}")
    for query, said, is_found in [
        ("la du du", "Đúng là thông tin này", True),
        ("", "Đúng là thông tin này", True),
        ("lá đu đủ thần kỳ", "Những thông tin gần nhất", True),
        ("<b>xe máy", "Không có thông tin nào có các từ này", False),
    ]:
        page = desk.page(f"{path}?{urlencode({'q': query})}", **{"HX-Request": "true"})
        assert "<html" not in page and "<b>" not in page and "/claim/gone" not in page
        assert said in page and (PATH in page) is is_found, query
    desk.post(f"/narratives/{RUMOR}/acknowledge")
    assert _draft(desk) == ""
    waiting = desk.store.outbox.counts()
    assert desk.post(f"/narratives/{RUMOR}/claim", **confirm).status_code == 303
    assert _draft(desk) == CLAIM.response, "ready to be changed"
    assert desk.store.reader.statements() == () and desk.store.outbox.counts() == waiting, "and nothing is sent by it"
    (match,) = desk.store.reader.matches(RUMOR)
    assert (match.actor, match.similarity) == ("Trần Thị Lan", None)
    assert "Xác nhận là thông tin đã kiểm chứng" in desk.page(f"/narratives/{RUMOR}")
    assert "Đã được xác nhận cho luồng tin này" in desk.page(path)
    desk.post(f"/narratives/{RUMOR}/claim", claim=CLAIM.id, word_on="undecided")
    assert _draft(desk) == "" and "Bỏ ý kiến về thông tin đã kiểm chứng" in desk.page(f"/narratives/{RUMOR}")
    desk.post(f"/narratives/{RUMOR}/claim", **confirm)
    desk.post(f"/narratives/{RUMOR}/ask", text="Bản đã sửa.")
    ((statement, _, _),) = desk.store.reader.statements(waiting_only=True)
    assert (statement.text, statement.drafted_by) == ("Bản đã sửa.", "Trần Thị Lan")
    assert desk.client.get("/narratives/none/claims").status_code == 404


def test_a_new_claim_is_made_of_a_narrative(desk: Desk) -> None:
    form, story = f"/claims/new?narrative={RUMOR}", f"/narratives/{RUMOR}"
    desk.sit_down("Trần Thị Lan", "officer")
    assert form not in desk.page(story) and "Cán bộ xác minh có thể thêm" in desk.page(story)
    assert desk.post("/claims/new", **FIELDS | {"narrative": RUMOR}).status_code == 422
    desk.sit_down("Lê Mai", "verifier")
    assert form in desk.page(story)
    page = desk.page(form)
    official = next(piece for piece in seed.PIECES if piece.source == "soyte")
    assert seed.address_of(official) in page and desk.store.reader.narrative(RUMOR).label in page
    assert '<option value="epidemic" selected>' in page and f"{story}#claims" in page
    for wrong, status in (({"narrative": "none"}, 404), ({"narrative": RUMOR, "sources": ""}, 422)):
        assert desk.post("/claims/new", **FIELDS | wrong).status_code == status
    assert desk.store.reader.claims() == (), "both or neither"
    assert "Cho luồng tin:" in desk.post("/claims/new", **FIELDS | {"narrative": RUMOR, "verdict": ""}).text
    saved = desk.post("/claims/new", **FIELDS | {"narrative": RUMOR})
    assert saved.headers["location"] == f"{story}#claims"
    (match,) = desk.store.reader.matches(RUMOR)
    assert match.decision is MatchDecision.CONFIRMED and match.claim.text == FIELDS["text"]
    assert desk.client.get("/claims/new?narrative=none").status_code == 404
