"""What stands between quotation marks."""

from __future__ import annotations

import pytest

from models.quotations import quotations


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("“Cho trẻ uống nước tro” – mẹo này nguy hiểm.", ["Cho trẻ uống nước tro"]),
        ("'Cứ truyền nước ở nhà là khỏi.' Trời ơi", ["Cứ truyền nước ở nhà là khỏi."]),
        ('Bài "ăn 20 ngày" và bài «uống lá khỏi bệnh» đều sai', ["ăn 20 ngày", "uống lá khỏi bệnh"]),
        ("Họ nói ‘tiêm là chết’ mà", ["tiêm là chết"]),
        ("“Chị bảo 'tiêm xong là khỏi' đó” là sai", ["Chị bảo 'tiêm xong là khỏi' đó"]),
        ('“Chị bảo "tiêm xong là khỏi" đó” là sai', ['Chị bảo "tiêm xong là khỏi" đó']),
        ("”Uống lá là khỏi” mà cũng tin", ["Uống lá là khỏi"]),
        ('"dỏm" và "xịn" đều có, "uống là hết bệnh"', ["uống là hết bệnh"]),
        (f'"{"x" * 700}" Bộ Y tế bác bỏ tin này. "Không có ca nào"', ["Không có ca nào"]),
        ("Chị kể: “uống lá cây này xong là", ["uống lá cây này xong là"]),
        ('Chị kể: "uống lá cây này xong là', ["uống lá cây này xong là"]),
        # Two sorts of marks mixed, the same sort nested, a mark too many, and no space where one belongs.
        ('Thông tin "uống tro chữa giun” là sai', ["uống tro chữa giun"]),
        ('Thông tin “uống tro chữa giun" là sai', ["uống tro chữa giun"]),
        ("Thông tin „uống tro chữa giun“ là sai", ["uống tro chữa giun"]),
        ("Tin “Bệnh viện “chặt chém” bệnh nhân” là sai", ["Bệnh viện “chặt chém” bệnh nhân"]),
        ("“Không có vắc xin”” hết thuốc rồi", ["Không có vắc xin"]),
        ("…khỏi bệnh” – bà Lan nói rồi về", []),
        ('Ông Ba nói"thuốc ấy là giả". Dân không tin', ["thuốc ấy là giả"]),
        ("Họ viết ‘thuốc ấy là giả’nhưng dân không tin", ["thuốc ấy là giả"]),
        ("Tivi 55” giá rẻ, mua ở đây", []),
        ("Bác sĩ 'dỏm' và thuốc \"xịn\"", []),  # a word held at arm's length
        ("it's what they don't say", []),
        ('cao 15" và rộng 16" đó', []),
        ("“" + "x" * 700 + "”", []),
        ("", []),
    ],
)
def test_what_is_quoted(text: str, quoted: list[str]) -> None:
    assert [text[start:end] for start, end in quotations(text)] == quoted


@pytest.mark.parametrize("piece", ["“", '"', "“a ", "'a ", "“a”", '"a ', ' "a', "‘a ", "„a", "““”", "”a", "«a "])
def test_hostile_marks_take_no_time(piece: str) -> None:
    """Each of 300,000 characters is looked at a few times; were it all pairs of them, this would take hours."""
    assert len(quotations(piece * (300_000 // len(piece)))) <= 300_000
