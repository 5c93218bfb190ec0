"""Chat spelling → plain spelling, for the models only: what is stored and shown stays as it was written.

Many a chat word is also a name, a unit or part of a term: "c" is chị, and vitamin C; "k" is không, and the hospital K;
"hong" is không, and a throat without its marks. A table of neighbors decides. In doubt a word stays as it is: a
pronoun that was not read costs less than an illness that was rewritten.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from models.diacritics import lacks_marks, with_marks
from records.text import PART, fold

#: Written in lower case only: "K" is cancer and "BS" may be a make, "k" and "bs" are not.
_PLAIN = {
    "bv": "bệnh viện",
    "bvđk": "bệnh viện đa khoa",
    "bs": "bác sĩ",
    "bsi": "bác sĩ",
    "vx": "vắc xin",
    "vxin": "vắc xin",
    "vacxin": "vắc xin",
    "vaccine": "vắc xin",
    "vaccin": "vắc xin",
    "vắcxin": "vắc xin",
    "vac-xin": "vắc xin",
    "bhyt": "bảo hiểm y tế",
    "sxh": "sốt xuất huyết",
    "tcm": "tay chân miệng",
    "xn": "xét nghiệm",
    "ytế": "y tế",
    "yte": "y tế",
    "atvstp": "an toàn vệ sinh thực phẩm",
    "attp": "an toàn thực phẩm",
    "tphcm": "tp hcm",
    "ko": "không",
    "k": "không",
    "hok": "không",
    "hong": "không",
    "hông": "không",
    "khum": "không",
    "kh": "không",
    "kô": "không",
    "dc": "được",
    "đc": "được",
    "đx": "được",
    "mn": "mọi người",
    "mng": "mọi người",
    "m n": "mọi người",
    "ng": "người",
    "vs": "với",
    "ms": "mới",
    "cx": "cũng",
    "cg": "cũng",
    "j": "gì",
    "z": "vậy",
    "v": "vậy",
    "r": "rồi",
    "rùi": "rồi",
    "ntn": "như thế nào",
    "ib": "nhắn tin",
    "inbox": "nhắn tin",
    "bik": "biết",
    "bít": "biết",
    "trc": "trước",
    "ck": "chồng",
    "vk": "vợ",
    "e": "em",
    "a": "anh",
    "c": "chị",
    "m": "mình",
    "t": "tôi",
    "thg": "thằng",
    "lm": "làm",
    "nx": "nữa",
    "lun": "luôn",
    "hqua": "hôm qua",
    "hnay": "hôm nay",
    "đt": "điện thoại",
    "sđt": "số điện thoại",
    "vn": "việt nam",
    "hn": "hà nội",
    "hcm": "hồ chí minh",
}
_LETTERS = "".join(word for word in _PLAIN if len(word) == 1)
_LONGER = "|".join(sorted((word for word in _PLAIN if len(word) > 1), key=len, reverse=True))
#: A chat word stands alone; one letter is also no part of an abbreviation ("t.ư", "a/c", "[c]") nor a face (":v").
_WORD = re.compile(
    rf"(?<![\w.,/-])(?:{_LONGER})(?![\w-])|(?<![\w.,/'’\[:=-])[{_LETTERS}](?![\w/'’\]-]|\.\w)",
)
#: Characters beside a word in which its neighbors are looked for.
_NEAR = 40


def _any(phrases: str) -> str:
    """Any of the phrases, whole, with their marks or without."""
    return rf"(?<!\w)(?:{'|'.join(dict.fromkeys([*phrases.split('|'), *fold(phrases).split('|')]))})(?!\w)"


class _Neighbors(NamedTuple):
    """Words, and what stands right before and right after them, in lower case; None stands for anything."""

    words: frozenset[str]
    before: re.Pattern[str] | None
    after: re.Pattern[str] | None

    def beside(self, before: str, after: str) -> bool:
        return not (self.before and not self.before.search(before)) and not (self.after and not self.after.match(after))


def _where(words: str, *, before: str = "", after: str = "") -> _Neighbors:
    """`words` with spaces between them; `before` and `after` are patterns."""
    return _Neighbors(
        frozenset(words.split()),
        re.compile(rf"(?:{before})\s*$") if before else None,
        re.compile(rf"\s*(?:{after})") if after else None,
    )


#: What is told apart by a letter, or by several: "viêm gan b, c và e".
_LETTERED = _any(
    "vitamin|vit|viêm gan|siêu vi|virus|vi rút|vi-rút|hepatitis|cúm|nhóm máu|máu|nhóm|típ|týp|tuýp|type|chủng|mô cầu"
    "|liên cầu|liên cầu khuẩn|hemophilia|protein|botulinum|lympho|tế bào|troponin|yếu tố|giai đoạn|loại|hạng|điểm|khối"
    "|lớp|khu|dãy|tòa|phòng|đội|bảng|phương án|mô hình|size|serie"
)
_LIST = r"\s+(?:[a-z]{1,2}\d{0,3}(?:\s?[,/&+-]\s?|\s(?:và|va|hay|hoặc|hoac)\s))*"
#: No date and no "covid-19", which a chat word may follow.
_NUMBER = r"(?<![\w/.,-])(?<!covid )\d+(?:[.,–-]\d+)*"
_NAMED_K = _any("bv|viện|tế bào|tầm soát|sàng lọc|vitamin|vit|thông điệp")
_ORGANS = _any(
    "gan|phổi|vú|dạ dày|đại tràng|trực tràng|giáp|tuyến giáp|tuyến tiền liệt|vòm|cổ tử cung|tử cung|buồng trứng|di căn"
    "|thực quản|tụy|lưỡi|bàng quang|hạch"
)
#: What "không" stands before: "bv k nhận", but "bv k cơ sở 2".
_DENIED = _any(
    "còn|nên|phải|được|đc|dc|biết|thể|cần|cho|nhận|chịu|làm|báo|nói|dám|muốn|thấy|bị|đúng|đủ|hề|khám|thu|trả|chữa|ai"
    "|tiêm|tốt|hết|kịp|mổ|thèm|bao giờ|có thuốc|có vắc xin|có vx|có bác sĩ|có bs|có ai|có gì|có j|có máu|có tiền"
)
#: Where a word is no chat word, although it is written like one.
_KEPT = (
    _where("a c e m t v", before=_LETTERED + _LIST),
    _where("a c e k m t v", before=_NUMBER),  # "50 k", "1,5 m", "lớp 3 a", "ngày 2 v"
    _where("k", before=_NAMED_K + _LIST, after=rf"(?!\s|{_DENIED})"),
    _where("k", after=_ORGANS),  # "k gan": ung thư gan
    # Without marks it is as often the "ạ" or the "á" of a question's end.
    _where("a", before=_any("không|ko|k|hok|kh|chưa|dạ|vâng|rồi|thế|vậy|gì|được")),
    _where("a", after=r"$|[.,?!;:…)]"),
    _where("a", before=_any("châu|đông|nam|bắc|việt|league|từ")),
    _where("z", before=_any("gen|thế hệ|a đến|a tới")),
    _where("c", before=_any("độ")),
    _where("e", after=r"\.?\s?coli\b"),
    _where("c", after=r"\.?\s?diff"),
    _where("v", after=r"\.*\s*v\b"),  # "v. v."
    _where("v", before=r"\bv\.*"),
    _where("a c k m t v", before=_any("ông|bà|anh|chị|cháu|bé|cô|chú|nạn nhân|bệnh nhân"), after=r"\."),
    _where("ng", before=_NUMBER, after=r"/|m?l\b|teq\b"),  # nanogram
    _where("t", after=r"[2-7]\b(?!\s*(?:đứa|người|cháu|con|lần))"),  # thứ
    _where("thg", before=_NUMBER),  # tháng
    _where("thg", after=r"\d"),
    _where("đt", before=r"\bgd(?:\s*[-&]|\s+v[àa])?"),  # giáo dục và đào tạo
    _where("đc dc", after=":"),  # địa chỉ
    _where("bs", after=_any("canxi|sắt|kẽm|vitamin|vit|vi chất|dha|thêm|d3|dinh dưỡng|lợi khuẩn")),  # bổ sung
    _where("bv", before=_any("chú|bác|anh|ông|tổ|đội")),  # bảo vệ
    _where("bv", after=_any("môi trường|trẻ em|tổ quốc|bản thân|sức khỏe")),
    _where("mn", before=_any("trường|lớp|giáo viên|gv|cô giáo|trẻ|bậc")),  # mầm non
    _where("kh", before=_any("nhà|các|quý|theo")),  # khoa học, khách hàng, kế hoạch
    _where("kh", after=_any("hàng|học|hoạch")),
    _where("ck", after=_any("vô|vào|qua|trước|trc|tiền|cọc|khoản|stk") + r"|\d"),  # chuyển khoản
    _where("lun", before=_any("thấp|người")),  # lùn
)
#: What is more often an ordinary word ("hông", "họng", "hồng", "bít") is a chat word only here.
_ONLY = (
    _where("hong hông", before=_any("thiệt|thật|đúng|phải|được|đc|dc|biết|hiểu|nghe|chịu|giờ|cũng")),
    _where("hong hông", after=_any("biết|bít|thấy|hiểu|dám|thèm|chịu|sao đâu|có gì")),
    _where("bít", before=_any("không|ko|k|hok|hông|chưa|ai|ai cũng|cho")),
)
_DOUBTFUL = frozenset[str]().union(*(row.words for row in _KEPT))
_SELDOM = frozenset[str]().union(*(row.words for row in _ONLY))


#: The tone's mark on the last vowel of an open syllable, as one school writes it: "hoá", "khoẻ", "thuỷ".
_LAST_VOWEL = re.compile(r"(?<!q)(?:o[àáảãạèéẻẽẹ]|u[ỳýỷỹỵ])(?!\w)", re.IGNORECASE)


def placed(text: str) -> str:
    """`text`, NFC, with the tone's mark where most write it: "hoá", "thuỷ" → "hóa", "thủy". Its length stays."""
    return _LAST_VOWEL.sub(_moved, text)


def _moved(match: re.Match[str]) -> str:
    first, last = match.group()[0], unicodedata.normalize("NFD", match.group()[1])
    return unicodedata.normalize("NFC", first + last[1]) + last[0]


def plain(text: str) -> str:
    """`text` with chat spellings written out: "bv ko co vx" → "bệnh viện không co vắc xin"."""
    parts, at = [], 0
    for start, end, written in changes(text):
        parts += [text[at:start], written]
        at = end
    return "".join([*parts, text[at:]])


def spelled(text: str) -> str:
    """`plain`, with each tone's mark in its place, and with all marks put back in the parts that lack them.

    Parts, as a title and what stands below it, have PART between them.
    """
    parts = zip(text.split(PART), placed(plain(text)).split(PART), strict=True)
    return PART.join(with_marks(written) if lacks_marks(part, written) else written for part, written in parts)


def changes(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, written out) of each chat word of `text`, in their order."""
    for match in _WORD.finditer(text):
        word, start, end = match.group(), match.start(), match.end()
        if word in _DOUBTFUL or word in _SELDOM:
            before, after = text[max(0, start - _NEAR) : start].lower(), text[end : end + _NEAR].lower()
            if any(word in row.words and row.beside(before, after) for row in _KEPT):
                continue
            if word in _SELDOM and not any(word in row.words and row.beside(before, after) for row in _ONLY):
                continue
        yield start, end, _PLAIN[word]
