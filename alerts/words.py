"""The Vietnamese of messages and digests: one word for one thing, times and numbers as Viet Nam writes them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from records.assessment import Harm
from records.calendar import local
from records.case import CaseStage
from records.claim import Verdict
from records.message import Notice, NoticeKind
from records.places import shown
from records.risk import Level, Risk, Spread, Trend
from records.source import SourceState

LEVEL = {Level.LOW: "thấp", Level.MEDIUM: "trung bình", Level.HIGH: "cao", Level.CRITICAL: "rất cao"}
HARM = {Harm.NONE: "không có", Harm.LOW: "thấp", Harm.MEDIUM: "trung bình", Harm.HIGH: "cao"}
SPREAD = {
    1: "một nền tảng, một cộng đồng",
    2: "nhiều nền tảng hoặc nhiều cộng đồng",
    3: "nhiều nền tảng và nhiều cộng đồng",
    4: "đã lên báo chí",
    5: "được tài khoản có ảnh hưởng lớn đăng lại",
    6: "đã dẫn đến hành động hoặc phản hồi chính thức",
}
EVENT = {
    NoticeKind.CASE_OPENED: "Vụ việc mới",
    NoticeKind.LEVEL_RAISED: "Mức rủi ro tăng",
    NoticeKind.STATEMENT_ASKED: "Xin ý kiến người phát ngôn",
    NoticeKind.STATEMENT_RETURNED: "Người phát ngôn trả lại nội dung",
    NoticeKind.STATEMENT_APPROVED: "Nội dung phát ngôn đã được duyệt",
    NoticeKind.CASE_MERGED: "Luồng tin được gộp, vụ việc tiếp tục",
    NoticeKind.CASE_CLOSED: "Vụ việc được gác lại",
    NoticeKind.LOOK_AGAIN: "Đến hạn xem lại vụ việc đã gác",
}
NOTE = {
    NoticeKind.STATEMENT_ASKED: "Nội dung dự thảo",
    NoticeKind.STATEMENT_RETURNED: "Ý kiến của người phát ngôn",
    NoticeKind.STATEMENT_APPROVED: "Nội dung được duyệt",
    NoticeKind.LOOK_AGAIN: "Ghi chú khi gác lại",
}
STAGE = {
    CaseStage.DETECTED: "mới phát hiện",
    CaseStage.ACKNOWLEDGED: "đã tiếp nhận",
    CaseStage.SET_ASIDE: "đã gác lại",
    CaseStage.ASKED: "chờ người phát ngôn",
    CaseStage.APPROVED: "đã duyệt nội dung phát ngôn",
    CaseStage.MERGED: "đã gộp",
}
SOURCE_STATE = {
    SourceState.NEVER: "chưa đọc lần nào",
    SourceState.WORKING: "đọc được, nhưng không có tin mới",
    SourceState.UNCHANGED: "không thay đổi",
    SourceState.EMPTY: "không có tin nào",
    SourceState.NOT_A_FEED: "không phải nguồn cấp tin",
    SourceState.CHALLENGE: "chặn đọc tự động",
    SourceState.REFUSED: "bị từ chối truy cập",
    SourceState.FAILING: "đang lỗi",
}
VERDICT = {
    Verdict.FALSE: "sai sự thật",
    Verdict.MISLEADING: "gây hiểu lầm",
    Verdict.TRUE: "đúng",
    Verdict.UNVERIFIABLE: "chưa thể kiểm chứng",
}
UNKNOWN = "chưa rõ"
UNKNOWN_TIME = "chưa rõ thời gian"
#: Names listed before "và n nguồn khác".
_NAMES_SHOWN = 3


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def moment(at: datetime | None) -> str:
    return local(at).strftime("%H:%M ngày %d/%m/%Y") if at else UNKNOWN_TIME


def day(at: datetime) -> str:
    return local(at).strftime("%d/%m/%Y")


def number(value: float) -> str:
    """With the comma before decimals and the point between thousands: 1.234,5."""
    text = f"{value:,.1f}".removesuffix(".0")
    return text.translate(str.maketrans(",.", ".,"))


def names(values: Sequence[str]) -> str:
    shown, more = values[:_NAMES_SHOWN], len(values) - _NAMES_SHOWN
    return ", ".join(shown) + (f" và {more} nguồn khác" if more > 0 else "")


def harm(risk: Risk) -> str:
    return f"{HARM[risk.harm]} ({'đã có người xác nhận' if risk.harm_set_by else 'hệ thống gợi ý'})"


def spread(of: Spread) -> str:
    """The number and its words, without names: those come from the web, and are escaped where they are shown."""
    return f"{of.scale}/6 – {SPREAD[of.scale]}"


def spread_evidence(of: Spread) -> tuple[tuple[str, str], ...]:
    """(label, text) for where it spreads, the loudest first, and for what followed."""
    loudest_first = dict.fromkeys((*of.prominent, *of.press, *of.communities))
    found = (
        ("Nơi lan truyền", names([name for name in loudest_first if name not in of.official])),
        ("Phản hồi chính thức", names(of.official)),
        ("Đã dẫn đến hành động", f"{of.marked_by} ghi nhận" if of.marked_by else ""),
    )
    return tuple((label, text) for label, text in found if text)


def trend(of: Trend) -> str:
    usual = "chưa đủ số liệu so sánh" if of.chance is None else f"bình thường vào giờ này khoảng {number(of.usual)}"
    word = "đang tăng" if of.rising else "không tăng"
    return f"{word}: {number(of.recent)} tin trong {of.window_hours} giờ qua ({usual})"


def topic_and_places(topic: str, places: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """(label, text) for what is known of them."""
    found = (("Chủ đề", topic), ("Địa bàn", shown(places, 5)))
    return tuple((label, text) for label, text in found if text)


def source_record(notice: Notice) -> tuple[tuple[str, str], ...]:
    """(label, text) of what people found the first source's items to be; nothing where they found nothing."""
    record = notice.first_source_record
    if record is None or not record.known:
        return ()
    found = (
        (record.rumors, "tin đồn hoặc tin sai"),
        (record.corrections, "tin cải chính"),
        (record.not_health, "tin không thuộc lĩnh vực y tế"),
    )
    told = ", ".join(f"{number(count)} {what}" for count, what in found if count)
    since = f" (trong {number(record.items)} tin thu thập từ {day(record.since)})" if record.since else ""
    return (("Lịch sử nguồn đầu tiên", f"cán bộ đã xác định {told}{since}"),)


def known_claim(notice: Notice) -> tuple[tuple[str, str], ...]:
    """(label, text) of the known claim that it is about; what the machine suggests is said to be that."""
    if not notice.claim or notice.claim_verdict is None:
        return ()
    said = f"“{notice.claim}” – kết luận: {VERDICT[notice.claim_verdict]}"
    if notice.claim_confirmed:
        return (("Thông tin đã kiểm chứng", said),)
    return (("Giống thông tin đã kiểm chứng", f"{said} (hệ thống gợi ý, cần người xác nhận)"),)
