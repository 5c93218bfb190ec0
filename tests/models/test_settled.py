"""Denials and rumors that were dealt with, by their words alone."""

from __future__ import annotations

import pytest

from models.reading import read
from models.settled import is_settled
from records.assessment import AssessableItem
from records.source import Owner

SETTLED = [
    "Chủ tịch xã: tin vỡ đập chứa nước thải bệnh viện là bịa đặt, bà con yên tâm sinh hoạt.",
    "Phạt 10 triệu đồng người tung tin trường mầm non có dịch.",
    "SO Y TE BAC BO thong tin het thuoc tieu duong",
]
OPEN = [
    "Sự thật là bệnh viện đã giấu số ca, không ai dám nói ra.",
    "Phạt 10 triệu đồng quán phở dùng nước dùng để qua đêm.",
    "Trạm y tế khuyên bà con đắp lá lên vết rắn cắn trước khi đi viện.",
]


@pytest.mark.parametrize("text", SETTLED)
@pytest.mark.parametrize("owner", [Owner.OFFICIAL, Owner.PRESS])
def test_an_office_or_a_newspaper_settles_a_rumor(text: str, owner: Owner) -> None:
    assert is_settled(read(AssessableItem("1", text)), owner)


@pytest.mark.parametrize("text", SETTLED)
@pytest.mark.parametrize("owner", [Owner.CITIZEN, Owner.SOCIAL, None])
def test_others_may_mock_what_they_repeat(text: str, owner: Owner | None) -> None:
    assert not is_settled(read(AssessableItem("1", text)), owner)


@pytest.mark.parametrize("text", OPEN)
def test_what_is_no_denial_is_left_to_the_heads(text: str) -> None:
    assert not is_settled(read(AssessableItem("1", text)), Owner.OFFICIAL)
