"""What people do from the pages: each act changes the record once, and says so."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

import casework
from records.assessment import AssessedItem, Assessment, Harm, Kind, Stance
from records.case import Act, Case, CaseStage, StatementStage
from records.crawl import CrawlLimits, CrawlOrder, FetchState, SourceReading
from records.item import Entry, ItemStage
from records.source import Owner, SourceState
from tests.console.conftest import Desk
from tests.support import console_seed as seed

RUMOR = seed.narrative_of("du-du")
POISONING = seed.narrative_of("ngo-doc")


def _case(desk: Desk, narrative: str = RUMOR) -> Case:
    case = desk.store.reader.case_of(narrative)
    assert case is not None
    return case


def _acts(desk: Desk, subject: str) -> list[Act]:
    return [entry.act for entry in desk.store.reader.trail_of(subject)]


def test_acts_need_a_name(desk: Desk) -> None:
    response = desk.post(f"/narratives/{RUMOR}/acknowledge")
    assert response.status_code == 403 and "Cần cho biết người thực hiện" in response.text
    assert _case(desk).stage is CaseStage.DETECTED


@pytest.mark.parametrize("fields", [{"name": " ", "role": "officer"}, {"name": "Lan", "role": "king"}, {}])
def test_a_person_needs_a_name_and_a_role(desk: Desk, fields: dict[str, str]) -> None:
    response = desk.post("/person", **fields)
    assert response.status_code == 422 and "Hãy" in response.text


def test_acknowledge_by_form_and_by_htmx(desk: Desk) -> None:
    desk.sit_down("Trần Thị Lan")
    response = desk.post(f"/narratives/{RUMOR}/acknowledge")
    assert response.status_code == 303 and response.headers["location"] == f"/narratives/{RUMOR}#case"
    again = desk.post(f"/narratives/{RUMOR}/acknowledge", htmx=True)  # a double click
    assert again.status_code == 200 and "Đã tiếp nhận" in again.text and "<html" not in again.text
    assert _acts(desk, _case(desk).id).count(Act.ACKNOWLEDGE) == 1
    other = desk.other_person()
    other.sit_down("Lê Thị Mai")
    refused = other.post(f"/narratives/{RUMOR}/acknowledge", htmx=True)
    assert refused.status_code == 409 and "Người khác đã tiếp nhận vụ việc này." in refused.text
    assert _case(desk).owner == "Trần Thị Lan"


def test_a_narrative_without_a_case_is_taken_at_once(desk: Desk) -> None:
    desk.sit_down("Trần Thị Lan")
    desk.post(f"/narratives/{POISONING}/acknowledge")
    assert _case(desk, POISONING).stage is CaseStage.ACKNOWLEDGED
    assert desk.post("/narratives/x/acknowledge").status_code == 404


def test_set_aside_and_reopen(desk: Desk) -> None:
    desk.sit_down("Trần Thị Lan")
    path = f"/narratives/{RUMOR}/set-aside"
    for fields, words in [
        ({}, "Hãy chọn lý do"),
        ({"reason": "watch", "look_again": "mai"}, "Không đọc được ngày"),
    ]:
        response = desk.post(path, htmx=True, **fields)
        assert response.status_code == 422 and words in response.text
    refused = desk.post(path, htmx=True, reason="watch", note="theo dõi thêm")
    assert refused.status_code == 409 and "Hãy chọn ngày xem lại" in refused.text and "theo dõi thêm" in refused.text
    assert desk.post(path, reason="watch", note="theo dõi thêm", look_again="2026-08-26").status_code == 303
    case = _case(desk)
    assert case.stage is CaseStage.SET_ASIDE and case.look_again_at is not None
    assert "26/8/2026" in desk.page(f"/narratives/{RUMOR}")
    assert "lá đu đủ" not in desk.page("/") and "lá đu đủ" in desk.page("/?stage=set_aside")
    assert desk.post(f"/narratives/{RUMOR}/reopen").status_code == 303
    assert _case(desk).stage is CaseStage.DETECTED
    assert "theo dõi thêm" in desk.page(f"/narratives/{RUMOR}")  # the reason stays in the history


def test_acts_that_followed_are_marked_and_taken_back(desk: Desk) -> None:
    desk.sit_down("Trần Thị Lan")
    path = f"/narratives/{POISONING}/acts"
    assert "Ghi nhận đã dẫn đến hành động" in desk.page(f"/narratives/{POISONING}")
    assert desk.post(path, htmx=True, followed="yes").status_code == 422  # no reason
    assert desk.post(path, htmx=True, followed="maybe", reason="x").status_code == 422
    response = desk.post(path, htmx=True, followed="yes", reason="Phụ huynh giữ con ở nhà")
    assert response.status_code == 200 and "Bỏ ghi nhận đã dẫn đến hành động" in response.text
    risk = desk.store.reader.narrative(POISONING).risk
    assert risk is not None and (risk.spread.scale, risk.spread.marked_by) == (6, "Trần Thị Lan")
    assert "Phụ huynh giữ con ở nhà" in desk.page(f"/narratives/{POISONING}")  # in its history
    response = desk.post(path, htmx=True, followed="no", reason="Tin nhầm")
    assert response.status_code == 200 and "Đã bỏ ghi nhận" in response.text
    risk = desk.store.reader.narrative(POISONING).risk
    assert risk is not None and risk.spread.marked_by is None
    assert _acts(desk, POISONING)[-2:] == [Act.MARK_ACTS, Act.UNMARK_ACTS]


def test_a_case_that_is_back_to_look_at_again_is_marked_in_the_inbox(desk: Desk) -> None:
    desk.sit_down("Trần Thị Lan")
    desk.post(f"/narratives/{RUMOR}/set-aside", reason="watch", note="theo dõi thêm", look_again="2026-08-26")
    when = _case(desk).look_again_at
    assert when is not None and "lá đu đủ" not in desk.page("/")
    casework.look_again(desk.store.casebook, when)
    inbox = desk.page("/")
    assert "lá đu đủ" in inbox and "Đến hạn xem lại từ 26/8/2026" in inbox
    assert "Đến hạn xem lại" in desk.page(f"/narratives/{RUMOR}")
    desk.post(f"/narratives/{RUMOR}/acknowledge")
    assert "Đến hạn xem lại từ" not in desk.page("/")


def test_harm_is_a_persons_word(desk: Desk) -> None:
    desk.sit_down("Trần Thị Lan")
    path = f"/narratives/{POISONING}/harm"
    assert desk.post(path, htmx=True, harm="high").status_code == 422  # no reason
    assert desk.post(path, htmx=True, harm="huge", reason="x").status_code == 422
    response = desk.post(path, htmx=True, harm="high", reason="Có trẻ em phải cấp cứu")
    assert response.status_code == 200 and "tính lại mức rủi ro" in response.text
    assert 'hx-swap-oob="true"' in response.text and "Người xác nhận: Trần Thị Lan" in response.text
    risk = desk.store.reader.narrative(POISONING).risk
    assert risk is not None and risk.harm is Harm.HIGH and risk.harm_set_by == "Trần Thị Lan"


def test_a_statement_goes_to_the_spokesperson_and_back(desk: Desk) -> None:
    desk.sit_down("Trần Thị Lan", "spokesperson")
    ask = f"/narratives/{RUMOR}/ask"
    early = desk.post(ask, htmx=True, text="Sớm quá")
    assert early.status_code == 409 and "Hãy tiếp nhận vụ việc trước." in early.text
    desk.post(f"/narratives/{RUMOR}/acknowledge")
    empty = desk.post(ask, htmx=True, text="  ")
    assert empty.status_code == 422 and "Nội dung phát ngôn còn trống." in empty.text
    too_long = desk.post(ask, htmx=True, text="dài " * 600)
    assert too_long.status_code == 422 and "dài dài" in too_long.text
    assert desk.post(ask, text="Chưa có bằng chứng <b>nào</b>.").status_code == 303
    page = desk.page("/statements")
    assert "&lt;b&gt;nào" in page and "Người soạn không được tự duyệt" in page
    [(statement, _, _)] = desk.store.reader.statements(waiting_only=True)
    own = desk.post(f"/statements/{statement.id}/approve", htmx=True)
    assert own.status_code == 409 and "Người duyệt nội dung phát ngôn phải khác người soạn." in own.text

    officer = desk.other_person()
    officer.sit_down("Phạm Văn Nam")
    refused = officer.post(f"/statements/{statement.id}/approve", htmx=True)
    assert refused.status_code == 422 and "Chỉ người phát ngôn" in refused.text

    spokesperson = desk.other_person()
    spokesperson.sit_down("Nguyễn Văn Hùng", "spokesperson")
    assert spokesperson.post(f"/statements/{statement.id}/return", htmx=True).status_code == 422
    sent_back = spokesperson.post(f"/statements/{statement.id}/return", htmx=True, note="Thêm số đường dây nóng")
    assert sent_back.status_code == 200 and "Thêm số đường dây nóng" in sent_back.text
    # The drafter finds the text again, and the next draft is approved.
    assert "Chưa có bằng chứng &lt;b&gt;nào&lt;/b&gt;.</textarea>" in desk.page(f"/narratives/{RUMOR}")
    desk.post(ask, text="Chưa có bằng chứng. Đường dây nóng đã mở.")
    [(second, _, _)] = desk.store.reader.statements(waiting_only=True)
    for _ in range(2):  # a double click
        assert spokesperson.post(f"/statements/{second.id}/approve", htmx=True).status_code == 200
    stages = {row[0].stage for row in desk.store.reader.statements()}
    assert stages == {StatementStage.RETURNED, StatementStage.APPROVED}
    assert _acts(desk, _case(desk).id).count(Act.APPROVE) == 1
    assert spokesperson.post("/statements/x/approve").status_code == 404


def test_an_assessment_is_corrected(desk: Desk) -> None:
    desk.sit_down("Lê Thị Mai", "verifier")
    path = f"/items/{RUMOR}/correct"
    said = {"health": "true", "topic": "epidemic", "kind": "rumor", "stance": "asserts", "harm": "high"}
    said["shown"] = _shown(desk, RUMOR)
    unchanged = desk.post(path, htmx=True, **said, reason="x")
    assert unchanged.status_code == 422 and "Chưa có nội dung nào khác" in unchanged.text
    silent = desk.post(path, htmx=True, **(said | {"kind": "advert"}))
    assert silent.status_code == 422 and "Hãy nêu lý do sửa" in silent.text
    response = desk.post(path, htmx=True, **(said | {"kind": "advert"}), reason="Có bán hàng ở cuối bài")
    assert response.status_code == 200 and "Đã lưu nội dung sửa" in response.text
    assessment = desk.store.reader.assessment(RUMOR)
    assert assessment is not None and assessment.kind is Kind.ADVERT
    assert "Có bán hàng ở cuối bài" in desk.page(f"/items/{RUMOR}")
    said["shown"] = _shown(desk, RUMOR)
    desk.post(path, htmx=True, **(said | {"kind": "advert", "attention": "true"}), reason="Cần xem ngay")
    assessment = desk.store.reader.assessment(RUMOR)
    assert assessment is not None and assessment.attention
    impossible = desk.post(path, htmx=True, **(said | {"harm": "huge"}), reason="x")
    assert impossible.status_code == 422 and "giá trị không hợp lệ" in impossible.text


def _shown(desk: Desk, item_id: str) -> list[str]:
    """What the form of a correction says that it showed."""
    return re.findall(r'type="hidden" name="shown" value="([^"]*)"', desk.page(f"/items/{item_id}"))


@pytest.mark.parametrize("said", [{"harm": "none"}, {"health": "false"}])
def test_the_narrative_of_a_corrected_item_is_judged_at_once(desk: Desk, said: dict[str, str]) -> None:
    desk.sit_down("Lê Thị Mai", "verifier")
    members = desk.store.reader.members(POISONING, limit=50)
    before = desk.store.reader.narrative(POISONING).risk
    assert before is not None and before.harm is Harm.MEDIUM and len(members) == 2
    for id in (member.item.id for member in members):
        response = desk.post(f"/items/{id}/correct", **said, shown=_shown(desk, id), reason="x")
        assert response.status_code == 303
    after = desk.store.reader.narrative(POISONING).risk
    assert after is not None and after.harm is Harm.NONE and after.level < before.level


def test_a_denial_of_what_nobody_asserts_is_shown_not_to_count_in_the_spread(desk: Desk) -> None:
    desk.sit_down("Lê Thị Mai", "verifier")
    members = desk.store.reader.members(POISONING, limit=50)
    first, second = sorted(members, key=lambda m: m.source.owner is Owner.PRESS)
    denial = {"kind": "correction", "stance": "refutes", "attention": "false"}
    talk = {"kind": "news", "stance": "neutral", "attention": "true", "harm": "high"}
    claim = talk | {"kind": "rumor", "stance": "asserts"}
    reason = "Không tính 1 tin bác bỏ hoặc đính chính: không tin nào trong luồng khẳng định"
    said_in_turn = ((second, claim, False), (first, denial, False), (second, talk, True), (second, claim, False))
    for id, said, shown in ((member.item.id, said, shown) for member, said, shown in said_in_turn):
        fields = {"shown": _shown(desk, id), "reason": "x"}
        assert desk.post(f"/items/{id}/correct", **said, **fields).status_code == 303
        assert (reason in desk.page(f"/narratives/{POISONING}")) is shown


def test_a_kind_is_not_corrected_to_stand_where_it_never_does(desk: Desk) -> None:
    desk.sit_down("Lê Thị Mai")
    path = f"/items/{RUMOR}/correct"
    said = {"kind": "rumor", "stance": "asserts", "shown": _shown(desk, RUMOR)}
    refused = desk.post(path, htmx=True, **(said | {"stance": "refutes"}), reason="x")
    assert refused.status_code == 422 and desk.store.reader.words_on(RUMOR) == {}
    assert "Với loại “Tin đồn”, hãy chọn quan điểm: “Khẳng định”; hoặc chọn loại tin khác." in refused.text
    refused = desk.post(path, htmx=True, **(said | {"kind": "question"}), reason="x")
    assert refused.status_code == 422 and "chọn quan điểm: “Hỏi”, “Không nêu quan điểm”;" in refused.text
    both = said | {"kind": "correction", "stance": "refutes"}
    assert desk.post(path, htmx=True, **both, reason="x").status_code == 200
    # Saved before by other means, it hinders no correction of something else.
    casework.correct(desk.store.casebook, RUMOR, "kind", "rumor", "", "Lan", seed.NOW)
    said = {"harm": "low", "shown": _shown(desk, RUMOR)}
    assert desk.post(path, htmx=True, **said, reason="x").status_code == 200


def test_an_old_page_of_an_item_overwrites_nothing(desk: Desk) -> None:
    desk.sit_down("Lê Thị Mai", "verifier")
    path = f"/items/{RUMOR}"
    old = {"health": "true", "topic": "epidemic", "kind": "rumor", "stance": "asserts", "harm": "high"}
    old["shown"] = _shown(desk, RUMOR)
    casework.correct(desk.store.casebook, RUMOR, "kind", "advert", "", "Lan", seed.NOW)
    new = {"kind": "news", "stance": "neutral", "harm": "low"}
    late = desk.post(f"{path}/correct", htmx=True, **(old | new), reason="Xem lại")
    assert late.status_code == 409 and "các nội dung sau đã thay đổi: Loại tin." in late.text
    assert desk.store.reader.words_on(RUMOR) == {"kind": "advert"}
    agreed = desk.post(f"{path}/agree", htmx=True, shown=["kind=rumor", "stance=asserts"])
    assert agreed.status_code == 409 and "các nội dung sau đã thay đổi: Loại tin." in agreed.text
    assert desk.post(f"{path}/correct", htmx=True, **(old | {"harm": "low"}), reason="Ít tin").status_code == 200
    assert desk.store.reader.words_on(RUMOR) == {"kind": "advert", "harm": "low"}, "what was left alone stays as it is"


def test_what_was_found_right_stands_over_a_later_model(desk: Desk) -> None:
    desk.sit_down("Lê Thị Mai")
    path = f"/items/{RUMOR}"
    assert "do cán bộ xác định" not in desk.page(path)
    desk.post(f"{path}/agree", shown=["kind=rumor"])
    assert "do cán bộ xác định" in desk.page(path), "no chance and no reasons of another answer stand beside it"


def test_an_assessment_is_found_right(desk: Desk) -> None:
    path = f"/items/{RUMOR}"
    assert "Nhận định đúng" not in desk.page(path), "only who has a name may say so"
    desk.sit_down("Lê Thị Mai")
    assert "Nhận định đúng" in desk.page(path)
    nothing = desk.post(f"{path}/agree", htmx=True)
    assert nothing.status_code == 422 and "Hãy chọn nội dung đúng" in nothing.text
    assert desk.post(f"{path}/agree", shown=["health=true", "kind=rumor"]).status_code == 303
    assert desk.store.reader.words_on(RUMOR) == {"health": "true", "kind": "rumor"}
    page = desk.page(path)
    assert "Xác nhận nhận định đúng" in page, "the history tells it"
    box = 'type="checkbox" name="shown" value='
    assert f'{box}"kind=' not in page and f'{box}"stance=asserts"' in page
    assert desk.post(f"{path}/agree", htmx=True, shown=["places="]).status_code == 422


def test_what_was_judged_not_health_is_brought_back_by_a_person(desk: Desk) -> None:
    (item, _), *_ = desk.store.assessment_queue.judged_not_health(0.0, 1)
    desk.sit_down("Lê Thị Mai")
    path = f"/items/{item.id}"
    assert "Tin này về sức khỏe" in desk.page(path)
    said = {"health": "true", "shown": _shown(desk, item.id)}
    assert desk.post(f"{path}/correct", htmx=True, **said).status_code == 422, "not without a reason"
    for _ in range(2):  # a double click
        assert desk.post(f"{path}/correct", htmx=True, **said, reason="Nói về dịch").status_code == 200
    assert desk.store.reader.item(item.id).stage is ItemStage.AWAITING_PAGE
    assert _acts(desk, item.id) == [Act.CORRECT]


def test_a_comment_that_is_brought_back_waits_for_its_feed_and_the_page_says_so(desk: Desk) -> None:
    at, said = "https://bao.example/bai#comment-1", "Đá hay quá."
    sources = desk.store.sources.due(seed.NOW) or tuple(one.source for one in desk.store.sources.health(seed.NOW))
    desk.store.runs.start("run-c", seed.NOW, seed.NOW)
    order = CrawlOrder("run-c", seed.NOW, sources, CrawlLimits("Tin3C test"))
    entry = Entry(at, said, text=said, context="Chung kết")
    fetch = FetchState("https://bao.example/feed")
    reading = SourceReading(sources[0].id, SourceState.WORKING, "", fetch, (entry,))
    desk.store.sink.source_read(order, reading)
    (waiting,) = [one for one in desk.store.assessment_queue.waiting(100) if one.text == said]
    away = Assessment(False, False, None, Kind.CHATTER, Stance.NEUTRAL, Harm.NONE, {"health": 0.1}, (), (), "test")
    desk.store.assessment_queue.save("run-c", [AssessedItem(waiting.id, waiting.version, away)], seed.NOW)
    desk.sit_down("Lê Thị Mai")
    path = f"/items/{waiting.id}"
    page = desk.page(path)
    assert "Tin này là bình luận" in page and "trong 7 ngày" in page
    back = {"health": "true", "shown": ["health=false"], "reason": "Nói về dịch"}
    assert desk.post(f"{path}/correct", **back).status_code == 303
    assert "Đang chờ nguồn cấp tin đăng lại" in desk.page(path)
    desk.store.keep(seed.NOW + timedelta(days=8))
    page = desk.page(path)
    assert "không nguồn cấp tin nào còn đăng" in page and "Tin này về sức khỏe" in page
    assert desk.post(f"{path}/correct", **back).status_code == 303
    assert desk.store.reader.item(waiting.id).stage is ItemStage.AWAITING_PAGE, "it can be brought back once more"


@pytest.mark.parametrize("role", ["officer", "spokesperson", "leader"])
def test_a_capture_is_for_verifiers(desk: Desk, role: str) -> None:
    path = f"/items/{RUMOR}/capture"
    desk.sit_down("Trần Thị Lan", role)
    page = desk.page(path)
    assert "Chỉ cán bộ xác minh được mở bản lưu" in page and "<iframe" not in page
    refused = desk.post(path, reason="Xem thử")
    assert refused.status_code == 422 and "Chỉ cán bộ xác minh" in refused.text
    assert Act.OPEN_CAPTURE not in _acts(desk, RUMOR)


def test_a_refused_message_is_seen_with_its_reason_and_tried_again(desk: Desk) -> None:
    assert "thông báo chưa gửi được" not in desk.page("/")
    assert "Không có thông báo nào bị ách lại" in desk.page("/messages")
    first, second = desk.store.outbox.due(seed.NOW)[:2]
    desk.store.outbox.refused(first.key, "Slack, chat.postMessage: not_in_channel", seed.NOW)
    desk.store.outbox.delayed(second.key, "mail: TimeoutError", seed.NOW + timedelta(minutes=5))
    assert "1 thông báo chưa gửi được." in desk.page("/") and "1 thông báo" in desk.page("/sources")
    page = desk.page("/messages")
    for said in (first.to.recipient, "Hãy mời ứng dụng vào kênh", "not_in_channel", "mail: TimeoutError"):
        assert said in page, said
    assert "Để cho gửi lại, trước hết hãy khai họ tên." in page
    assert desk.post("/messages/retry").status_code == 403
    desk.sit_down("Trần Thị Lan")
    assert desk.post("/messages/retry").status_code == 303
    assert desk.store.outbox.counts()["refused"] == 0
    assert first.key in {message.key for message in desk.store.outbox.due(seed.NOW)}
    assert _acts(desk, casework.OUTBOX) == [Act.RETRY_MESSAGES]
    assert "Đã cho gửi lại thông báo bị từ chối" in desk.page("/messages")
    desk.post("/messages/retry")  # nothing is left to do, and nothing is written
    assert _acts(desk, casework.OUTBOX) == [Act.RETRY_MESSAGES]


def test_a_refused_message_is_discarded_with_a_reason_or_tried_again_alone(desk: Desk) -> None:
    first, second = desk.store.outbox.due(seed.NOW)[:2]
    for one in (first, second):
        desk.store.outbox.refused(one.key, "mail: 550 (recipient)", seed.NOW)
    assert "Hủy thông báo này" not in desk.page("/messages"), "first say who you are"
    assert desk.post("/messages/discard", key=first.key, reason="Sai địa chỉ").status_code == 403
    desk.sit_down("Trần Thị Lan")
    assert "Hủy thông báo này" in desk.page("/messages")
    assert desk.post("/messages/discard", key=first.key, reason=" ").status_code == 422
    assert desk.post("/messages/discard", key=first.key, reason="Sai địa chỉ").status_code == 303
    gone = desk.post("/messages/discard", key=first.key, reason="Sai địa chỉ")
    assert gone.status_code == 409 and "không còn trong danh sách bị từ chối" in gone.text
    assert desk.post("/messages/retry", key=second.key).status_code == 303
    assert desk.store.outbox.counts()["refused"] == 0
    assert second.key in {message.key for message in desk.store.outbox.due(seed.NOW)}
    assert set(_acts(desk, casework.OUTBOX)) == {Act.DISCARD_MESSAGE, Act.RETRY_MESSAGES}
    page = desk.page("/messages")
    assert "Hủy một thông báo bị từ chối" in page and "Sai địa chỉ" in page


def test_a_capture_is_opened_with_a_reason(desk: Desk) -> None:
    path = f"/items/{RUMOR}/capture"
    assert "Lý do mở bản lưu" not in desk.page(path)
    desk.sit_down("Lê Thị Mai", "verifier")
    assert 'sandbox=""' in desk.page(path)
    assert desk.post(path, reason=" ").status_code == 422
    assert Act.OPEN_CAPTURE not in _acts(desk, RUMOR)
    response = desk.post(path, reason="Đối chiếu")
    assert response.status_code == 200 and "Nguyên văn trên trang." in response.text
    for gone in ("<script", "xau.example", "onclick", "http-equiv", "<iframe", "preconnect", "chay"):
        assert gone not in response.text
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox;") and "default-src 'none'" in policy and "frame-ancestors 'self'" in policy
    assert _acts(desk, RUMOR).count(Act.OPEN_CAPTURE) == 1
    without = next(piece for piece in seed.PIECES if piece is not seed.PIECES[0])
    assert desk.client.get(f"/items/{seed.id_of(without)}/capture").status_code == 404
