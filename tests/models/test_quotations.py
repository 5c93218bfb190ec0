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
        ("Bác sĩ 'dỏm' và thuốc \"xịn\"", []),  # a word held at arm's length
        ("it's what they don't say", []),
        ('cao 5" và 6" đó', []),
        ("“" + "x" * 700 + "”", []),
        ("“mở mà không đóng lại", []),
        ("", []),
    ],
)
def test_what_is_quoted(text: str, quoted: list[str]) -> None:
    assert [text[start:end] for start, end in quotations(text)] == quoted
