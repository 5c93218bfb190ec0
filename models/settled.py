"""Rumors that an office or a newspaper plainly denies, or tells were dealt with: corrections, whatever the heads say.

An official page that asserts a falsehood exists, and the heads have learnt to see it; these words leave no doubt. The
rule rather misses: what it leaves, the heads judge, and what it takes wrongly loses its attention. So it reads only how
a text begins, in a text with marks only words with their marks, and nothing of a text that tells of people harmed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from models.quotations import quotations
from models.reading import Reading
from records.source import ANSWERABLE, Owner
from records.text import fold

#: Title and the first sentences: what an item is about stands there; further down articles speak of many things.
_LEAD_CHARACTERS = 400
_SHOWN_CHARACTERS = 80
_QUOTES = '"“”‘’«»'
_SENTENCE = re.compile(r"(?:[^.!?…\n]|[.](?=\w))+[?]?")

#: Patterns look into one sentence at a time. What was spread; "thông tin" in a record or on a label was not.
_SPREAD = (
    r"(?:(?:thông tin|tin đồn|tin nhắn|tin|lời đồn|lời rao|bài đăng|bài viết|bản tin|clip|video|quảng cáo|nhận định"
    r"|quan niệm|chuyện|câu chuyện|đồn đoán)\b(?! (?:rằng|tưởng|vào|cậy|học))"
    rf"|(?:nội dung|hình ảnh|bức ảnh|danh sách|thông báo|công văn|văn bản)"
    rf" (?:[{_QUOTES}]|này\b|đăng|lan|phát|trên mạng|trên loa|đang|về|được chia sẻ))"
)
_FALSE = (
    r"(?:(?:hoàn toàn )?(?:sai(?: sự thật| hoàn toàn)?|bịa(?: đặt)?|giả mạo|không đúng(?: sự thật)?|không chính xác"
    r"|không có thật|không có cơ sở|vô căn cứ|xuyên tạc)|tin giả|tin đồn(?: thất thiệt| cũ)?|tin thất thiệt)\b"
    # What is no falsehood told, but a fault ("sai phạm", "không đúng quy định"), or a doubt ("là sai hay đúng").
    r"(?! (?:phạm|sót|lầm|lệch|số|quy|phép|tuyến|liều|cách|đối tượng|thẩm quyền|hạn|chuẩn|hướng|lúc|thời điểm|giờ|hay"
    r"|hoặc|chăng|không)\b)"
)
_DENIED = (
    # "Thông tin … là bịa đặt", "“…” là tin giả", "điều này không đúng"
    rf"\b{_SPREAD}[^:;]{{0,140}}\b(?:là|đều|hoàn toàn) {_FALSE}",
    rf"[{_QUOTES}]x*[{_QUOTES}],? (?:là|đều là) {_FALSE}",
    # A fact check's own line, and nothing more in it: "Kết luận: sai"
    r"^[^\w]*(?:kết luận|phán quyết|xếp hạng|kết quả kiểm chứng) ?: ?(?:đây là |thông tin |tin )?(?:hoàn toàn )?"
    r"(?:sai(?: sự thật| hoàn toàn)?|không đúng(?: sự thật)?|không chính xác|bịa đặt|giả|không có cơ sở|vô căn cứ)"
    r"[^\w]*$",
    rf"\b(?:{_SPREAD}|điều) (?:này|trên|đó|nói trên|kể trên)(?: là| đều)? {_FALSE}",
    # "Bác bỏ tin …", "đính chính nội dung …"; not what is asked for ("yêu cầu đính chính"), left open, or a paper's.
    r"(?<!không )(?<!chưa )(?<!thể )(?<!cầu )(?<!nghị )(?<!phải )(?<!buộc )(?<!dẫn )(?<!tục )"
    r"\b(?:bác bỏ|phản bác|cải chính|đính chính) (?:các |những |toàn bộ )?"
    rf"(?:{_SPREAD}|nội dung|thông báo|mẹo|lợi ích|bài phát thanh|mục|[{_QUOTES}]x)"
    r"(?!.{0,30}\b(?:cá nhân|hộ tịch|căn cước|vneid|thẻ|hồ sơ|tuyển dụng|thầu|thi tuyển|cáo buộc|thông tư"
    r"|nghị định)\b)",
    rf"\bbác (?:thông tin|tin đồn|tin [{_QUOTES}])",
    r"\bxin (?:lỗi và )?(?:đính chính|cải chính)\b",
    rf"\b(?:{_SPREAD}|nội dung)\b.{{0,100}}\b(?:đã|vừa) bị (?!tòa).{{0,40}}\bbác bỏ\b",
    # "Không thu thêm tiền như tin đồn"
    r"\b(?:không|chưa)\b.{0,120}\bnhư (?:tin đồn|lời đồn|đồn thổi|đồn đoán|thông tin (?:lan truyền|đồn thổi))\b",
    # "Clip …: hình ảnh bị cắt ghép", "Fact-check: … không chữa được", "Vắc xin không gây tự kỷ"
    r"\b(?:clip|video|hình ảnh|bức ảnh|bài đăng)\b.{0,140}\b(?:là|bị|được|do|vì|clip|nội dung|hình ảnh) ?(?:sản phẩm )?"
    r"(?:cắt ghép|dàn dựng)\b",
    r"^[^\w]*(?:fact[- ]?check|kiểm chứng(?: thông tin)?)[^\w].{0,120}\bkhông (?:thể |hề |có tác dụng |giúp )?"
    r"(?:chữa|trị|gây|làm|khiến|liên quan|phải)\b",
    # "“Phát thuốc tận nhà”; bệnh viện khẳng định không có chương trình này", "Lời đồn “…” khiến nhiều người chủ quan"
    rf"[{_QUOTES}]x*[{_QUOTES}].{{0,60}}\b(?:khẳng định|cho biết|xác nhận|thông báo) (?:\w+ ){{0,4}}?(?:không|chưa)"
    r" (?:hề |từng )?(?:có|tổ chức|phát|thu|bán|triển khai|ban hành)\b",
    rf"\b(?:lời đồn|tin đồn|tin giả|tin thất thiệt):? (?:rằng )?[{_QUOTES}]x*[{_QUOTES}](?!.{{0,60}}\b(?:đúng|thật)\b)",
    # "“…”? Bác sĩ trả lời: không, …"
    r"\b(?:bác sĩ|dược sĩ|chuyên gia|trạm y tế|bệnh viện|sở y tế)\b[^.:]{0,30}\b(?:trả lời|đáp)[:,]? không[,.]",
    r"\b(?:vắc xin|tiêm chủng)\b[^,;:]{0,40}\bkhông (?:hề |thể )?(?:gây|làm|khiến|dẫn đến|liên quan)\b[^,;:]{0,30}"
    r"\b(?:tự kỷ|vô sinh|ung thư|biến đổi gen|tử vong)\b",
)
#: What is no denial though it has its words: negated, in doubt, under a condition, granted, or taken back.
_OPEN = (
    r"\b(?:nếu|hay không|hay chưa|hay đúng|có phải|xem có|chứng minh|thừa nhận|không phủ nhận"
    r"|(?:đang|chờ|cần|để|sẽ|vẫn|chưa) (?:\w+ ){0,2}(?:xác minh|làm rõ|kiểm tra)"
    r"|(?:không|chẳng|chưa|đâu) (?:phải|hề) (?:là|mọi|tất cả|hoàn toàn|tin|bịa|sai)"
    r"|ban đầu|lúc đầu|thoạt đầu)\b"
)
#: Advice against care or a cure of its own: who denies so may deny what is true. Such a text is for the heads.
_AGAINST_CARE = (
    r"\b(?:(?:không|chẳng|đừng|khỏi|miễn)(?: nên| cần| phải| việc gì| cho)*(?: con| trẻ| bé| ai)?(?: phải)?"
    r" (?:tiêm|chích|uống thuốc|đi viện|đến viện|nhập viện|đi khám|xét nghiệm|hóa trị|phẫu thuật|mổ|điều trị|sàng lọc)"
    r"|chỉ cần (?:đắp|uống|ăn|xông|bôi|nhịn|ở nhà|xoa|ngâm|chườm)|(?:là|tự) (?:khỏi|hết|đủ|chết|tự kỷ)|để bán"
    r"|(?<!không gây )(?<!không liên quan đến )tự kỷ|tự chữa|bỏ thuốc)\b"
)
#: What may be false indeed: a record, and what an office said or called safe is no rumor.
_NO_RUMOR = (
    r"\b(?:trong|trên|ghi|theo|tại) (?:hồ sơ|bệnh án|nhãn|bao bì|hộp|vỏ|tem|giấy|thẻ|sổ|phiếu|hóa đơn|đơn|chứng từ"
    r"|báo cáo)\b|\b(?:của|do) (?:sở|bộ|cdc|who|bệnh viện|ngành y tế|trạm|cơ quan|chính phủ)\b"
    r"|\b(?:công bố|đưa ra|cung cấp|an toàn|hiệu quả)\b"
)
#: "Đây là thông tin sai sự thật", "đây là tin giả": of what was said to be spread shortly before.
_THIS = (
    r"\bđây (?:chỉ |đều |hoàn toàn )?là (?:một )?(?:(?:thông tin|nội dung|quan niệm|quan điểm|lời đồn|tin|hình ảnh|clip"
    rf"|video|bài viết|thông báo|văn bản) )?{_FALSE}"
)
_SHORTLY_BEFORE = 200  # characters
#: That it was spread, and not said, advised or shown.
_BY_MANY = (
    r"\b(?:lan truyền|lan rộng|chia sẻ|mạng xã hội|trên mạng|tin đồn|lời đồn|đồn|tin nhắn|truyền tay|truyền miệng"
    r"|rỉ tai|nhóm zalo|facebook|tiktok|youtube)\b"
)
_SPREADING = (
    r"\b(?:tung|phao|bịa) tin\b|\bbịa chuyện\b|\bngười (?:đăng|tung|phát|loan) (?:tin|bài)\b"
    r"|\b(?:đăng|chia sẻ|phát tán|lan truyền|đăng tải|phát|loan)\b[^,;]{0,30}\b(?:tin|bài|clip|video|nội dung)"
    r" (?:đồn|giả|sai|bịa|thất thiệt|xuyên tạc|không đúng|không có thật|cắt ghép)\b(?! phạm| sót)"
    r"|\b(?:vì|do) (?:livestream|đăng|chia sẻ|phát tán|loan)\b[^,;]{0,20}\b(?:nói|tin|bài|clip|video|bịa|đồn)\b"
    r"|\bđã (?:đính chính|cải chính)\b"
    r"|\bquảng cáo\b.{0,60}\b(?:chữa khỏi|trị khỏi|trị dứt|chữa bách bệnh|sai sự thật)\b"
)
_DEALT_WITH = (
    r"\b(?:bị|đã|vừa|tuyên) (?:xử )?phạt\b|\bphạt (?:\w+ ){0,3}\d[\d.,]* (?:triệu|nghìn|ngàn|đồng)\b|\bnộp phạt\b"
    r"|\b(?:mời|triệu tập)\b.{0,60}\b(?:làm việc|người|chủ)\b"
    r"|\b(?:bị|đã)(?: được)?.{0,20} (?:nhắc nhở|xử lý|lập biên bản|phê bình|triệu tập|mời lên)\b"
    r"|\b(?:nhắc nhở|xử lý|xử phạt) (?:\w+ ){0,3}(?:người|chủ|đối tượng|trang|tài khoản|cơ sở|phòng khám)\b"
    r"|\b(?:xin lỗi|thừa nhận)\b|\b(?:đã|buộc) gỡ (?:bài|bỏ|clip)\b"
    r"|\b(?:bị|đã|vừa) (?:công an |cơ quan )?(?:triệu tập|mời lên)\b|\blàm rõ (?:đối tượng|người|kẻ|chủ)\b"
)
#: … or will be, may be, ought to be.
_NOT_YET = (
    r"\b(?:nếu|(?<!chia )sẽ|có thể|đề xuất|đề nghị|dự thảo|dự kiến|kiến nghị|mức phạt|khung|quy định (?:mức|xử)|từ ngày"
    r"|(?:cần|phải) (?:xử|phạt|bị))\b"
)
_WARNED = (
    r"\b(?:không|đừng)(?: nên)? tin(?: vào| theo)?(?: những| các)? (?:tin đồn|lời đồn|tin giả|tin thất thiệt)\b"
    # "Không chia sẻ clip … vì nội dung cắt ghép", "yêu cầu gỡ video sai sự thật"
    r"|\b(?:không|đừng|ngừng|dừng)(?: nên)? (?:chia sẻ|lan truyền|phát tán|đăng lại)\b.{0,100}\b(?:cắt ghép|sai sự thật"
    r"|tin giả|bịa đặt|không đúng sự thật|giả mạo)\b"
    r"|\b(?:gỡ|xóa|hạ)(?: bỏ)? (?:tin|bài|clip|video|nội dung)\b[^,;]{0,40}\b(?:sai sự thật|giả mạo|bịa đặt|xuyên tạc"
    r"|cắt ghép)\b"
)

#: A newspaper denies nothing itself: it says who does, or calls what was checked by its name.
_AUTHORITY = (
    r"\b(?:sở|bộ|cục|chi cục|viện|bệnh viện|trung tâm|cdc|trạm y tế|ubnd|ủy ban|công an|cơ quan|chính quyền|chủ tịch"
    r"|ngành y tế|ngành giáo dục|bác sĩ|chuyên gia|hiệp hội|bảo hiểm xã hội|who|tổ chức y tế thế giới|đoàn kiểm tra"
    r"|thanh tra|nhà trường|trường|phường|xã|thứ trưởng|bộ trưởng|kiểm chứng"
    r"|dược sĩ|bóc tin|fact[- ]?check|(?:là|bị) (?:tin giả|cắt ghép|dàn dựng)|clip cắt ghép"
    r"|vắc xin\b[^,;:]{0,40} không (?:hề )?gây)\b"
)
#: Who has something at stake denies too …
_OTHERS = (
    r"\b(?:gia đình|người nhà|người thân|phụ huynh|nạn nhân|luật sư|nguyên đơn|bị cáo|bị can|nhân chứng|công ty"
    r"|doanh nghiệp|chủ quán|chủ cơ sở|người dân)\b.{0,80}"
    r"\b(?:khẳng định|cho rằng|nói|phản ánh|tố|tố cáo|phủ nhận|bác bỏ|bức xúc|tin rằng)\b"
)
#: … and mockers repeat denials.
_MOCKED = (
    r"\bnhưng (?:thực tế|thực ra|sự thật|ai cũng|dân|người dân|bà con)\b|\bai (?:mà )?tin\b"
    r"|\b(?:vẫn|cứ|toàn|lại) (?:cố )?(?:giấu|bưng bít|che giấu|nói dối|lấp liếm)\b"
)

_HARM = (
    r"(?:tử vong|thiệt mạng|chết|qua đời|không qua khỏi|ngộ độc|nguy kịch|hôn mê|sốc phản vệ|phản vệ|nhập viện|cấp cứu"
    r"|tai biến|co giật|bị liệt|mù|bỏng|nôn ói|mổ nhầm|tiêm nhầm|truyền nhầm|bỏ quên|hành hung|vây đánh|bị đánh|bị trói"
    r"|đột tử|suy gan|suy thận)\b"
)
_PEOPLE = (
    r"(?:\d+|một|hai|ba|bốn|năm|sáu|bảy|tám|chín|mười|hàng|nhiều|các|những|nữ|nam|bé|cháu|trẻ|sản phụ|thai phụ"
    r"|bệnh nhân|nạn nhân|người đàn ông|người phụ nữ|cụ|học sinh|công nhân|vụ|ca|trường hợp|thêm)"
)
_INCIDENT = (
    rf"\b{_PEOPLE}\b[^;:]{{0,70}}\b{_HARM}|^[^\w]*{_HARM} (?:vì|do|sau|khi|tại|ở|trong)\b|\bkhiến\b.{{0,40}}\b{_HARM}"
)
#: Harm that did not happen, or might.
_NO_HARM = (
    r"\b(?:không (?!qua khỏi)|chưa|chẳng|bác bỏ|có thể|nguy cơ|dễ|tránh|phòng|ngừa|nếu|giảm|giả|tin|thông tin|tung|đồn"
    r"|clip|video)\b"
)
#: What comes after it did happen, also in a sentence that denies something of it.
_HAPPENED = rf"\b(?:sau khi|sau vụ|trong vụ|liên quan|từ vụ|vụ)\b.{{0,70}}\b{_HARM}"


@dataclass(frozen=True, slots=True)
class Settled:
    """`words`: what says so, as it stands in the text. `denied`: a claim is denied, so that the item refutes one."""

    words: str
    denied: bool


class _Rule:
    """The patterns, all with marks or all without."""

    def __init__(self, marked: bool) -> None:
        def compiled(pattern: str) -> re.Pattern[str]:
            # "Bia" without marks is a drink.
            return re.compile(pattern if marked else fold(pattern.replace("|bịa(?: đặt)?|", "|bịa đặt|")))

        self.denied, self.no_rumor = [compiled(pattern) for pattern in _DENIED], compiled(_NO_RUMOR)
        self.this, self.spread, self.by_many = compiled(_THIS), compiled(rf"\b{_SPREAD}"), compiled(_BY_MANY)
        self.open, self.against_care = compiled(_OPEN), compiled(_AGAINST_CARE)
        self.spreading, self.dealt_with, self.not_yet = map(compiled, (_SPREADING, _DEALT_WITH, _NOT_YET))
        self.warned, self.authority = compiled(_WARNED), compiled(_AUTHORITY)
        self.others, self.mocked = compiled(_OTHERS), compiled(_MOCKED)
        self.incident, self.no_harm, self.happened = map(compiled, (_INCIDENT, _NO_HARM, _HAPPENED))


_MARKED, _UNMARKED = _Rule(True), _Rule(False)


def settle(reading: Reading, owner: Owner | None) -> Settled | None:
    """What says that something spread is false, or that its spreader was dealt with; None where nothing plainly does.

    Only an office's and a newspaper's word counts, and none where people were harmed: such an item is for the heads.
    """
    if owner not in ANSWERABLE:
        return None
    lead = reading.own[:_LEAD_CHARACTERS]
    if len(lead.lower()) != len(lead):  # no Vietnamese letter does that, and places would not agree
        return None
    rule = _UNMARKED if fold(lead) == lead.casefold() else _MARKED
    # What is quoted is not said: neither a quoted denial counts nor what is quoted of the dead. Places stay.
    said = lead.lower()
    for start, end in quotations(said, least=1):
        said = said[:start] + "x" * (end - start) + said[end:]
    if rule.mocked.search(said) or rule.against_care.search(said):
        return None
    heard = owner is Owner.OFFICIAL or bool(rule.authority.search(said))
    sentences = list(_SENTENCE.finditer(said))
    for sentence in sentences:
        found = _found(sentence.group(), said[: sentence.start()], rule, heard)
        if found and not _is_of_harm(sentence, sentences, rule):
            match, denied = found
            return Settled(
                _shown(lead[: sentence.end()], sentence.start() + match.start(), match.end() - match.start()), denied
            )
    return None


def _found(sentence: str, before: str, rule: _Rule, heard: bool) -> tuple[re.Match[str], bool] | None:
    """(what says so, whether it denies a claim). `heard`: who denies, if anybody does, is an office or knows."""
    if sentence.endswith("?") or rule.others.search(sentence):
        return None
    denies = heard and not rule.open.search(sentence)
    for pattern in rule.denied if denies else ():
        match = pattern.search(sentence)
        if match and not rule.no_rumor.search(match.group()):
            return match, True
    this = rule.this.search(sentence) if denies else None
    if this and _was_spread((before + sentence[: this.start()])[-_SHORTLY_BEFORE:], rule):
        return this, True
    spreading = rule.spreading.search(sentence)
    if spreading and not rule.not_yet.search(sentence) and rule.dealt_with.search(sentence):
        return spreading, False
    return (warned, False) if (warned := rule.warned.search(sentence)) else None


def _was_spread(text: str, rule: _Rule) -> bool:
    *_, last = [None, *rule.spread.finditer(text)]
    return last is not None and bool(rule.by_many.search(text)) and not rule.no_rumor.search(text, last.start())


def _shown(text: str, start: int, length: int) -> str:
    """What stands there, and where it is short with the words after it, as they stand in the text."""
    if length >= _SHOWN_CHARACTERS or len(text) <= start + _SHOWN_CHARACTERS:
        return text[start : start + max(length, _SHOWN_CHARACTERS)].strip()
    return text[start : start + _SHOWN_CHARACTERS].rpartition(" ")[0]


def _is_of_harm(denying: re.Match[str], sentences: list[re.Match[str]], rule: _Rule) -> bool:
    """Whether people were harmed. In the sentence that denies, the harm is most often what is denied."""
    others = (sentence.group() for sentence in sentences if sentence is not denying)
    return bool(rule.happened.search(denying.group())) or any(
        not rule.no_harm.search(sentence[: match.end()])
        for sentence in others
        for match in rule.incident.finditer(sentence)
    )
