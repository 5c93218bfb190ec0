"""What the shipped heads say of short texts of our own, with the real encoder: a suite of behaviours, not a figure.

None of these texts is in the corpus. A case that the heads cannot do yet is an expected failure with its reason.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from models.assessor import load_assessor
from models.encoder import load_encoder
from records.assessment import AssessableItem, Assessment, Harm, Kind, Stance
from records.ports import Assessor
from records.source import Owner

pytestmark = pytest.mark.encoder


@pytest.fixture(scope="module")
def real_assessor(builtin_encoder_home: Path) -> Assessor:
    return load_assessor(load_encoder("builtin", builtin_encoder_home))


def _assessment(assessor: Assessor, text: str, owner: Owner | None = None) -> Assessment:
    return assessor.assess([AssessableItem("1", text, owner=owner)], cascade=True)[0].assessment


@pytest.mark.parametrize(
    "text",
    [
        "Virus máy tính mới tấn công hàng loạt máy trạm của doanh nghiệp vận tải, dữ liệu bị mã hóa.",
        "Giá đất vùng ven lên cơn sốt, môi giới đổ về săn lô nền.",
        "Căn bệnh thành tích trong giáo dục khiến lớp nào cũng toàn học sinh giỏi.",
        "Sân bóng xã mới trồng lại, cỏ dại mọc lan cả khung thành, đội trẻ phải dời buổi tập.",
        "Đội chủ nhà thắng ngược ở phút bù giờ, khán đài vỡ òa.",
        "Giá xăng giảm từ 15 giờ chiều nay, dầu đi-ê-zen giữ nguyên.",
        "Hội chùa khai mạc sáng mùng sáu, du khách xếp hàng dài chờ đò.",
    ],
)
def test_ordinary_news_and_figures_of_speech_are_not_health(real_assessor: Assessor, text: str) -> None:
    said = _assessment(real_assessor, text, Owner.PRESS)
    assert not said.health
    assert not said.attention


@pytest.mark.parametrize(
    "text",
    [
        "co dai moc day san bong xa roi moi nguoi oi, ai di cat voi",
        "sot dat o huyen roi, lo nen tang gap doi trong mot tuan",
    ],
)
def test_figures_of_speech_without_marks_are_not_health(real_assessor: Assessor, text: str) -> None:
    assert not _assessment(real_assessor, text).health


@pytest.mark.parametrize(
    "text",
    [
        "Bệnh viện tỉnh tiếp nhận 40 ca sốt xuất huyết trong tuần qua.",
        "Trạm y tế phường tổ chức tiêm vắc xin sởi cho trẻ dưới hai tuổi vào sáng thứ bảy.",
        "Cả lớp nôn ói, đau bụng sau bữa trưa ở trường, 12 cháu phải nhập viện.",
        "bv tinh het giuong roi mn oi, sxh nhieu qua",
        "tiem vx xong con em sot 39 do, co sao ko bs",
    ],
)
def test_health_is_health_however_it_is_spelt(real_assessor: Assessor, text: str) -> None:
    assert _assessment(real_assessor, text).health


@pytest.mark.parametrize(
    "text",
    [
        "Sở Y tế khẳng định thông tin có ca tử vong do bạch hầu tại huyện là sai sự thật, đề nghị không chia sẻ.",
        "Công an phường đã mời người đăng tin bịa đặt về dịch bệnh lên làm việc và xử phạt 7,5 triệu đồng.",
        "Người tung tin vắc xin dại làm chết người ở bệnh viện huyện bị phạt 5 triệu đồng; sự thật là không có ca nào.",
        "CDC tỉnh bác bỏ tin đồn vắc xin sởi gây vô sinh: không có bằng chứng nào cho thấy điều này.",
    ],
)
def test_an_authority_that_corrects_spreads_no_rumor(real_assessor: Assessor, text: str) -> None:
    said = _assessment(real_assessor, text, Owner.OFFICIAL)
    assert said.health
    assert said.kind is Kind.CORRECTION
    assert said.stance is Stance.REFUTES
    assert not said.attention


def test_a_fact_check_that_quotes_a_claim_does_not_assert_it(real_assessor: Assessor) -> None:
    text = (
        "Mạng xã hội lan truyền thông tin “uống nước lá đu đủ chữa khỏi ung thư”. Thực hư ra sao? Bác sĩ Bệnh viện K"
        " cho biết đây là thông tin sai, chưa có bằng chứng khoa học nào, người bệnh không nên bỏ điều trị."
    )
    said = _assessment(real_assessor, text, Owner.PRESS)
    assert said.stance is not Stance.ASSERTS
    assert said.kind is not Kind.RUMOR
    assert not said.attention


@pytest.mark.parametrize(
    "text",
    [
        "Mọi người đừng cho con tiêm vắc xin nữa, tiêm xong vô sinh hết đấy, bệnh viện giấu không nói đâu.",
        "moi nguoi dung cho con tiem vac xin nua, tiem xong vo sinh het day, benh vien giau khong noi dau",
        "mn đừng cho con tiêm vx nữa nha, tiêm xong vô sinh hết đó, bv giấu ko nói đâu",
        "Nghe nói bệnh viện tỉnh giấu mấy ca chết vì dịch rồi, share gấp cho mọi người biết trước khi bị xóa!",
        "Bỏ hết insulin đi, uống nước lá này mười ngày là khỏi tiểu đường, thuốc tây toàn chất độc.",
    ],
)
def test_a_harmful_rumor_wants_attention_in_any_spelling(real_assessor: Assessor, text: str) -> None:
    said = _assessment(real_assessor, text)
    assert said.health
    assert said.kind is Kind.RUMOR
    assert said.stance is Stance.ASSERTS
    assert said.harm >= Harm.MEDIUM
    assert said.attention


@pytest.mark.parametrize(
    "text",
    [
        "Có thật là tiêm mũi này xong bị vô sinh không ạ? Em lo quá.",
        "co that la benh vien giau ca chet khong moi nguoi?",
    ],
)
def test_who_asks_about_a_claim_does_not_assert_it(real_assessor: Assessor, text: str) -> None:
    said = _assessment(real_assessor, text)
    assert said.kind is Kind.QUESTION
    assert said.stance is Stance.ASKS


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Từ tháng sau, thẻ bảo hiểm y tế hộ gia đình gia hạn được qua VssID.", "health_insurance"),
        ("Thu hồi lô thuốc kháng sinh giả tại ba nhà thuốc trong tỉnh.", "pharma"),
        ("Số ca sốt xuất huyết tăng gấp đôi, ngành y tế phun hóa chất diệt muỗi tại các ổ dịch.", "epidemic"),
    ],
)
def test_the_topic_is_named_by_its_words(real_assessor: Assessor, text: str, topic: str) -> None:
    assert _assessment(real_assessor, text).topic == topic


def test_an_advert_with_a_false_promise_is_no_news(real_assessor: Assessor) -> None:
    text = "Viên uống đánh bay mỡ thừa, giảm 10 kg trong hai tuần, cam kết hoàn tiền, inbox đặt hàng ngay hôm nay!"
    assert _assessment(real_assessor, text).kind is Kind.ADVERT


#: Short texts of our own: corrections by those who know, reports of rumors dealt with, claims quoted in
#: fact checks, figures of speech, and posts without marks.
CASES: list[dict[str, Any]] = [
    json.loads(line) for line in (Path(__file__).parent / "behaviours.jsonl").read_text("utf-8").splitlines()
]
#: Of each group, the share that is right: what was measured, and never to fall further. Of figures 11 of 13 were right
#: before marks were put back, 10 since; of those of all three suites 32 of 41, and 34. Of quoted claims 10 of 11 were
#: right until part m; the tenth is still called a correction, by the doubt that a newspaper spreads rumors, but wants a
#: look (decision 0023). Since what is said and what is quoted stand apart, 8: on 1,090 texts of the corpus that gave
#: much, on 72 corrections of the fourth suite nothing (decision 0024).
RIGHT = {"correction": 0.92, "handled": 0.9, "quoted": 0.72, "figure": 0.76, "unmarked": 0.92}


def _right(case: dict[str, Any], said: Assessment) -> bool:
    match case["group"]:
        case "figure":
            return not said.health and not said.attention
        case "unmarked":
            wanted = said.health and said.kind in case["kind"]
            return wanted and said.attention == case.get("attention", said.attention)
        case _:
            return not said.attention and said.kind is not Kind.RUMOR and said.stance is not Stance.ASSERTS


def test_what_never_goes_wrong_goes_right_as_often_as_was_measured(real_assessor: Assessor) -> None:
    items = [AssessableItem(str(at), case["text"], owner=Owner(case["owner"])) for at, case in enumerate(CASES)]
    right: dict[str, list[bool]] = defaultdict(list)
    wrong = []
    for case, assessed in zip(CASES, real_assessor.assess(items, cascade=True), strict=True):
        said = assessed.assessment
        right[case["group"]].append(_right(case, said))
        if not right[case["group"]][-1]:
            wrong.append(f"{case['text']}: {said.health} {said.kind} {said.stance} {said.harm} {said.attention}")
    rates = {group: round(sum(each) / len(each), 4) for group, each in right.items()}
    below = {group: rate for group, rate in rates.items() if rate < RIGHT[group]}
    assert len(CASES) >= 60 and rates.keys() == RIGHT.keys()
    assert not below, "\n".join([str(rates), *wrong])
