"""Chat spelling is written out, and what only looks like it stays: terms, units, names, and words without marks."""

from __future__ import annotations

import numpy as np
import pytest

from models.spelling import changes, placed, plain
from models.topical import topic_matrix
from records.topics import TOPICS

#: Terms with a letter, with marks and without, alone and among others.
TERMS = """
vitamin c
vitamin e
vitamin a, c, e và k
bs ơi vitamin k2
vit c
viêm gan c
viem gan b
viem gan c
viêm gan vi rút c
viem gan b, c va e
cúm a
cum a
cúm a và cúm b
cum a va b
test cum a
nhóm máu a
nhom mau o
nhom mau a, b
bệnh viện k
viện k
benh vien k tan trieu
bệnh viện k cơ sở 2
tế bào k
mắc k giáp
k phổi
k da day
tế bào t
t 2 đi tiêm
hom t 7 moi mo cua
vi khuẩn e coli
e. coli
liên cầu khuẩn nhóm a
hạng c
huyet khang doc to
omega 3
kit viet a
châu a
lop 3 a
"""
#: Numbers with units, and abbreviations of medicine that no chat word may take.
UNITS = """
giá 50 k
gia 50 k
50 - 70 k
5 k
ngày 2 v
dài 1,5 m
17-18 m
sốt 38.5 độ c
uong 5 ml
500 mg
2 kg
3 h sáng
10 km
3 p
5 cc
0,03 ng/ml
49,11 ng / ml
3 thg
thg 5
hiv
ldl
pcr
ct
mri
hba1c
F0
covid-19
"""
#: Ordinary words, names and other abbreviations.
WORDS = """
K gan, 5k, BS
đau hông
đau hai bên hông
viem hong
dau hong co sao ko ta?
muoi hong
tai mui hong
ung thu vom hong
bưng bít
bít kín đường thở
v.v.
v. v.
v v
t.ư
ông t. ở xã dưới
từ a đến z
gen z
sở gd và đt
nhà kh
kh học
chú bv ngoài cổng
trường mn hoa sen
bs canxi
ck vô stk
thap lun
đc: 12 lê lợi
co sao khong a
co sao khong a?
duoc a, cam on
a/c
[[k]]
:v
"""
CHAT = {
    "bv ko có vx": "bệnh viện không có vắc xin",
    "bv k có thuốc": "bệnh viện không có thuốc",
    "bv k nhan": "bệnh viện không nhan",
    "e k biết": "em không biết",
    "k phải k gan": "không phải k gan",
    "a ơi cho e hỏi": "anh ơi cho em hỏi",
    "c ơi vitamin c uống j": "chị ơi vitamin c uống gì",
    "uống 50 k, k đủ": "uống 50 k, không đủ",
    "covid-19 k có thuốc": "covid-19 không có thuốc",
    "f0 k có ai": "f0 không có ai",
    "ngày 8/3 e trực": "ngày 8/3 em trực",
    "sốt 39 r": "sốt 39 rồi",
    "10 ng thì 9 ng bỏ": "10 người thì 9 người bỏ",
    "xn pcr": "xét nghiệm pcr",
    "bé bị sxh hay tcm": "bé bị sốt xuất huyết hay tay chân miệng",
    "thẻ bhyt": "thẻ bảo hiểm y tế",
    "co thiet hong": "co thiet không",
    "hông biết": "không biết",
    "ko bít": "không biết",
    "bs bảo": "bác sĩ bảo",
    "ck e": "chồng em",
    "mn ơi": "mọi người ơi",
    "m n ơi": "mọi người ơi",
    "t 3 con rồi": "tôi 3 con rồi",
    "v có sao ko": "vậy có sao không",
}


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line]


@pytest.mark.parametrize("text", _lines(TERMS + UNITS + WORDS))
def test_what_only_looks_like_chat_stays(text: str) -> None:
    shared = {"bs ơi ": "bác sĩ ơi ", "ko ta": "không ta"}  # beside them a chat word is still one
    expected = text
    for chat, written in shared.items():
        expected = expected.replace(chat, written)
    assert plain(text) == expected


@pytest.mark.parametrize("text", CHAT)
def test_chat_is_written_out(text: str) -> None:
    assert plain(text) == CHAT[text]


@pytest.mark.parametrize("text", [*CHAT, *_lines(TERMS), "", "bv", "🙂 ko"])
def test_changes_say_where_they_are(text: str) -> None:
    at, parts = 0, []
    for start, end, written in changes(text):
        assert at <= start < end <= len(text)
        parts += [text[at:start], written]
        at = end
    assert "".join([*parts, text[at:]]) == plain(text)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("bị cúm a nằm nhà", "epidemic"),
        ("nha em bi cum a nam het", "epidemic"),
        ("mất thẻ bhyt rồi", "health_insurance"),
        ("mat the BHYT roi", "health_insurance"),
    ],
)
def test_the_words_of_a_topic_are_found_in_chat(text: str, topic: str) -> None:
    assert np.flatnonzero(topic_matrix([text])[0])[0] == list(TOPICS).index(topic)


@pytest.mark.parametrize(
    ("text", "one_way"),
    [
        ("hoá chất, sức khoẻ, thuỷ đậu, UỶ BAN", "hóa chất, sức khỏe, thủy đậu, ỦY BAN"),
        ("hóa chất, sức khỏe, thủy đậu", "hóa chất, sức khỏe, thủy đậu"),
        ("quý khách, quỹ, hoàn toàn, khoẻn, hoài", "quý khách, quỹ, hoàn toàn, khoẻn, hoài"),
    ],
)
def test_the_mark_of_a_tone_has_one_place(text: str, one_way: str) -> None:
    assert placed(text) == one_way and len(one_way) == len(text)
