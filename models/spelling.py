"""Chat spelling → plain spelling, for the models only: what is stored and shown stays as it was written."""

from __future__ import annotations

import re

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
_WORD = re.compile(rf"(?<![\w.,/-])(?:{'|'.join(sorted(_PLAIN, key=len, reverse=True))})(?![\w-])")


def plain(text: str) -> str:
    """`text` with chat spellings written out: "bv ko co vx" → "bệnh viện không co vắc xin"."""
    return _WORD.sub(_written_out, text)


def _written_out(match: re.Match[str]) -> str:
    return _PLAIN[match.group()]
