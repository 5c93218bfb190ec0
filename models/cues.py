"""Explicit signs in a text that a person can check: denials, questions, hearsay, offers, sources, dangers.

Looked for in the folded text, so that unmarked writing counts as much; shown as they stand in the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from models.reading import Reading
from models.spelling import plain
from records.source import Owner
from records.text import fold

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Reason's code → folded phrases, as regular expressions.
_PHRASES: dict[str, str] = {
    "denial": (
        r"bac bo|cai chinh|dinh chinh|tin gia|sai su that|tin that thiet|khong dung su that|khong co chuyen|khong chinh xac"
        r"|khong co can cu|khong co co so|thong tin sai|tin sai|xu phat|bi phat|da go bai|xin loi|khong he|hoan toan khong"
        r"|lam ro|chua co bang chung|khong co bang chung|dung tin|tin don|thuc hu|su that la|moi len lam viec"
        r"|khong phai (?:la )?(?:do|vi)|dau co|lam gi co|nham nhi|vo can cu|boc phet|bia dat"
    ),
    "question": (
        r"co that|co dung|co phai|dung khong|that khong|phai khong|thiet hong|co sao khong|the nao|nhu the nao|tai sao|vi sao"
        r"|cho hoi|cho em hoi|xin hoi|ai biet|co ai|la gi|o dau|bao nhieu|khi nao|bao gio|co nen|co duoc|lieu co|hay khong"
        r"|khong a\b|khong vay|khong nhi|ha moi nguoi|chua a\b|mn oi cho|biet khong"
    ),
    "hearsay": (
        r"nghe noi|nghe dau|nghe don|nghe bao|nghe ke|nghe tin|nguoi ta noi|nguoi ta bao|nguoi ta don|thay bao|hinh nhu"
        r"|theo mot nguon tin|giau ten|nguoi quen|chi ho|ba con ke|ban em lam|nguoi nha lam|tren mang|trong nhom|co nguoi noi"
        r"|duoc biet|cho hay thi|noi bo|ro ri|bi giau|giau nhem|giau dich|bung bit|im di|che giau"
    ),
    "urging": (
        r"chia se (?:ngay|gap|cho|rong|de)|share (?:ngay|gap|cho|manh|de)|lan toa|bao cho|nhan cho|hay truyen|truyen tay"
        r"|moi nguoi (?:oi|dung|can|nen|nho)|dung cho con|dung cho be|dung di|dung tiem|dung mua|dung an|canh bao|khan cap"
        r"|truoc khi bi xoa|luu lai|cac me (?:oi|dung|nho|nen)|tay chay|bao nhau"
    ),
    "selling": (
        r"giam gia|khuyen mai|mua \d|tang \d|dat hang|nhan tin|lien he|hotline|zalo 0|freeship|mien phi ship|chinh hang"
        r"|lieu trinh|cam ket|uu dai|gia chi|chot don|dai ly|san pham|combo|giao hang|tu van mien phi|mua ngay|xa kho|\d+k\b"
        r"|dat lich|phong kham .{0,30}uu dai|dong gia"
    ),
    "cited_source": (
        r"bo y te|so y te|cuc y te|cuc an toan thuc pham|cuc quan ly duoc|vien pasteur|vien ve sinh dich te|cdc|who\b"
        r"|to chuc y te the gioi|trung tam kiem soat benh tat|trung tam y te|benh vien bach mai|benh vien cho ray|ubnd"
        r"|uy ban nhan dan|cong an (?:tinh|xa|phuong|thanh pho|huyen|tp)|thong tu|nghi dinh|cong van|quyet dinh so"
    ),
    "danger": (
        r"vo sinh|tu ky|chet nguoi|tu vong|bo (?:thuoc|dieu tri|hoa tri|insulin|tiem)|ngung thuoc|dung thuoc|khong can (?:tiem|"
        r"di vien|thuoc|bac si|benh vien|mo|phau thuat)|khoi (?:han|benh|ung thu)|chua khoi|khoi can|thay (?:thuoc|hoa tri)|dap la"
        r"|thuoc doc|gay ung thu|doi gen|dot quy|liet|nuoc la|bai thuoc|thay lang|truc doc|tay doc|thai doc|dung tiem|thu nghiem"
    ),
    "incident": (
        r"ngo doc|nhap vien|cap cuu|tu vong|phan ung sau tiem|soc phan ve|non oi|bat tinh|hon me|nguy kich|co giat"
        r"|hanh hung|danh (?:bac si|dieu duong|nhan vien)|bo quen|mo nham|tiem nham|cap nham|tac trach|tai bien"
    ),
}
_PATTERNS = {code: re.compile(rf"\b(?:{phrases})") for code, phrases in _PHRASES.items()}
_OWNERS = tuple(Owner)
_LETTER = re.compile(r"[^\W\d_]")
_OFFICIAL = re.compile(
    r"\.gov\.vn|bo y te|so y te|\bcdc\b|trung tam (?:y te|kiem soat)|cong thong tin|ubnd|cuc |benh vien"
)
_PRESS = re.compile(
    r"\bbao\b|\bdai\b|vnexpress|tuoi ?tre|thanh ?nien|dan ?tri|vietnamnet|suckhoedoisong|lao ?dong|vtv|ttxvn|bnews|tap chi"
)
_SOCIAL = re.compile(r"facebook|tiktok|youtube|zalo|threads|instagram|mastodon|bluesky|fanpage|mang xa hoi")
_FORUM = re.compile(r"dien dan|forum|webtretho|voz|otofun|reddit")
#: Numbers in a row of `cue_matrix`.
CUES = len(_PATTERNS) * 2 + len(_OWNERS) + 8


def owner_of(reading: Reading) -> Owner | None:
    """The owner as given, else as the source's name or address tells; None when it tells nothing."""
    if reading.owner or not reading.source:
        return reading.owner
    name = fold(reading.source)
    if name in {owner.value for owner in Owner}:
        return Owner(name)
    for pattern, owner in (
        (_SOCIAL, Owner.SOCIAL),
        (_FORUM, Owner.FORUM),
        (_OFFICIAL, Owner.OFFICIAL),
        (_PRESS, Owner.PRESS),
    ):
        if pattern.search(name):
            return owner
    return None


def found(text: str, most: int = 3) -> dict[str, tuple[str, ...]]:
    """Code → at most `most` different phrases of `text` (normalized), as written there, in their order."""
    # Character by character the folded text of composed Vietnamese is as long as the text: places agree.
    folded = fold(text)
    aligned = len(folded) == len(text)
    hits: dict[str, tuple[str, ...]] = {}
    for code, pattern in _PATTERNS.items():
        phrases: dict[str, str] = {}
        for match in pattern.finditer(folded):
            end = match.end()
            while end < len(folded) and folded[end].isalnum():
                end += 1
            written = (text if aligned else folded)[match.start() : end].strip()
            phrases.setdefault(written.casefold(), written)
            if len(phrases) == most:
                break
        if phrases:
            hits[code] = tuple(phrases.values())
    if "question" not in hits and "?" in text:
        hits["question"] = ("?",)
    return hits


def cue_matrix(readings: Sequence[Reading], owners: Sequence[Owner | None]) -> NDArray[np.float32]:
    """(n, CUES) float32, each number about 0 to 1."""
    matrix = np.zeros((len(readings), CUES), np.float32)
    for row, reading, owner in zip(matrix, readings, owners, strict=True):
        text = reading.own
        folded = fold(plain(text))
        length = max(1, len(folded))
        values: list[float] = []
        for pattern in _PATTERNS.values():
            matches = [match.start() for match in pattern.finditer(folded)]
            values += [min(3, len(matches)) / 3, 1 - matches[0] / length if matches else 0.0]
        values += [float(owner is each) for each in _OWNERS]
        letters = len(_LETTER.findall(text))
        values += [
            min(3, text.count("?")) / 3,
            float(text.rstrip().endswith("?")),
            min(3, text.count("!")) / 3,
            min(1.0, np.log1p(len(text)) / 8),
            sum(letter.isupper() for letter in text) / max(1, letters),
            float(sum(map(len, text)) > 20 and text.isascii()),
            min(1.0, sum(sign in "\"“”'‘’" for sign in text) / 6),
            min(1.0, sum(digit.isdigit() for digit in text) / 20),
        ]
        row[:] = values
    return matrix
