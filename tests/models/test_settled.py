"""Denials and rumors that were dealt with, by their words alone: what is one, and what only has its letters."""

from __future__ import annotations

import pytest

from models.reading import read
from models.settled import Settled, settle
from records.assessment import AssessableItem
from records.source import Owner
from records.text import fold

#: They name what they deny …
DENIED = [
    "Mạng xã hội lan truyền thông tin “uống nước lá đu đủ chữa khỏi ung thư”. Thực hư ra sao? Bác sĩ Bệnh viện K cho"
    " biết đây là thông tin sai, chưa có bằng chứng khoa học nào.",
    "Clip “muối biển diệt vi rút” được chia sẻ hàng nghìn lượt, Sở Y tế khẳng định đây là tin giả.",
    "Chủ tịch xã: tin vỡ đập chứa nước thải bệnh viện là bịa đặt, bà con yên tâm sinh hoạt.",
    "SO Y TE BAC BO thong tin het thuoc tieu duong",
    "Sở Y tế bác bỏ tin đồn bệnh viện giấu ca tử vong vì sốt xuất huyết.",
    "Sở Y tế khẳng định thông tin trạm y tế đóng cửa từ tháng sau là không đúng.",
    "“Ăn mít lạnh chữa khỏi tiểu đường” là tin giả, Bộ Y tế cảnh báo.",
    "Trung tâm Y tế xã đính chính nội dung phát trên loa chiều qua: lịch tiêm không đổi.",
    "Bảo hiểm xã hội tỉnh: không thu 200.000 đồng khi gia hạn thẻ như tin đồn.",
    "Chi cục An toàn thực phẩm bác tin “chợ huyện bán thịt chuột”. Kết quả lấy mẫu đạt.",
    "Công an phường cho biết, video “dịch tả ở chợ” lan truyền mấy ngày nay là giả mạo.",
    "Bệnh viện tỉnh phản bác thông tin thiếu máu điều trị; kho máu còn hơn 900 đơn vị.",
    "Vắc xin cúm không gây vô sinh, trạm y tế mời các chị đến tiêm.",
    "Xã đề nghị bà con không chia sẻ clip trẻ ngất sau tiêm vì nội dung cắt ghép.",
    "Trang lạ đăng “tặng máy đo huyết áp, chỉ trả phí gửi”; bệnh viện huyện khẳng định không tổ chức đợt tặng nào.",
    "Tin đồn “ăn gừng thay được thuốc chống đông” khiến nhiều cụ đổi đơn, chuyên gia tim mạch lo ngại.",
    "“Trẻ mọc răng phải chích lợi”? Bác sĩ nha khoa trả lời: không, lợi tự lành sau vài hôm.",
    "Fact-check: Uống nước cốt chanh không trị được tiểu đường.",
    "Sự thật về clip điều dưỡng bỏ quên bệnh nhân: hình ảnh bị cắt ghép.",
    "Tin người lạ rút máu học sinh ở cổng trường là tin giả.",
    "Tin nhắn “mỗi hộ nộp 300 nghìn phun muỗi” đã được đoàn kiểm tra của phường kết luận là sai sự thật.",
    "Kiểm chứng. Nội dung lan truyền: muỗi vằn nay truyền được bệnh lao. Kết luận: SAI.",
]
#: … or tell that its spreader was dealt with.
DEALT_WITH = [
    "Phạt 10 triệu đồng người tung tin trường mầm non có dịch.",
    "Công an mời hai người phụ nữ lên làm việc vì đăng tin sai sự thật về bệnh dại.",
    "Chủ tài khoản chia sẻ clip cắt ghép về bệnh viện huyện đã gỡ bài và bị phạt 5 triệu đồng.",
    "Một thanh niên bị triệu tập vì livestream nói trạm y tế tiêm nước muối.",
    "Làm rõ đối tượng tung tin bệnh viện huyện giấu dịch.",
    "Yêu cầu gỡ video sai sự thật về thuốc ngừa thai.",
    "Bịa chuyện phong tỏa cả xã, nam thanh niên nộp phạt 7,5 triệu đồng.",
]
#: Ordinary sentences of offices and newspapers that have the letters of such words.
ORDINARY = [
    "Bác sĩ bị phạt vì đăng quảng cáo khi chưa có phép.",
    "Bệnh viện xin lỗi người bệnh vì chia sẻ ảnh mà chưa hỏi.",
    "Công an làm rõ người bán thuốc không hóa đơn ở chợ huyện.",
    "Tin đồn “trạm y tế nghỉ trưa sớm” là đúng, lịch mới dán ở cổng.",
    "Kết luận: sai phạm trong đấu thầu thiết bị của bệnh viện huyện đã rõ.",
    "Kết luận: không đúng quy trình, khoa Dược rút kinh nghiệm.",
    "Kết luận: sai một phần, vì thuốc cấp theo thẻ có hai hãng.",
    "Kết luận: tin đồn là có thật, bệnh viện đang thiếu thuốc.",
    "Kết luận: giả mạo chữ ký bệnh nhân để thanh toán bảo hiểm.",
    "Thong tin gia thuoc moi: “Insulin tang tu thang sau.” Benh vien dan bang o cong.",
    "Bác sĩ trả lời: không phải thuốc nào cũng uống lúc đói.",
    "Vắc xin không gây sốt ở đa số trẻ, theo dõi 30 phút tại trạm.",
    "Hỗ trợ khám miễn phí cho gia đình chính sách và hộ nghèo ở ba xã vùng cao.",
    "Ho tro kham mien phi cho gia dinh chinh sach",
    "Hội nghị triển khai quy định chính sách bảo hiểm y tế năm nay.",
    "Trao quyết định chính thức cho 12 bác sĩ trẻ về trạm y tế.",
    "Trao quyet dinh chinh thuc cho 12 bac si tre",
    "Khăn mặt dùng chung làm lây đau mắt đỏ; cách tốt nhất là không dùng chung khăn mặt.",
    "Thông tin giá thuốc bị xử phạt nếu nhà thuốc không niêm yết.",
    "Nha thuoc khong niem yet, thong tin gia thuoc se bi xu phat 10 trieu dong",
    "Chuyên gia khẳng định tiêm vắc xin sởi gây vô sinh.",
    # In doubt, negated, granted, taken back.
    "Sở Y tế xác nhận chuyện nước nhiễm khuẩn không phải là tin đồn.",
    "Sở Y tế đang xác minh bài đăng trên mạng có phải là tin giả.",
    "Công an đang làm rõ thông tin bệnh viện giấu dịch là sai sự thật hay không.",
    "Nếu thông tin lan truyền trên mạng là sai sự thật, sở sẽ xử phạt.",
    "Bệnh viện không chứng minh được thông tin kia là sai sự thật.",
    "Không phải mọi thông tin trên mạng về vắc xin đều là tin giả, chuyên gia nói.",
    "Sở Y tế thừa nhận thông tin trước đó nói nước sạch là không chính xác.",
    "Lúc đầu bệnh viện nói tin lan truyền trên mạng, đây là tin giả, nay phải nhận là có thật.",
    # What is true denied, and a cure put in its place.
    "Thông tin vắc xin phòng HPV ngừa ung thư là bịa đặt, phụ huynh không nên cho con tiêm.",
    "Quan niệm ung thư phải hóa trị là hoàn toàn sai, nhịn ăn là khối u tự chết.",
    "Chuyên gia Mỹ: chuyện bệnh sởi nguy hiểm là bịa đặt để bán vắc xin.",
    "Nhiều người cho rằng sốt xuất huyết phải nhập viện, đây là quan niệm sai, ở nhà uống nước lá là đủ.",
    "Nhiều người vẫn tin rằng bị chó cắn phải tiêm. Bài viết chỉ ra đây là quan niệm sai, chỉ cần đắp lá trầu.",
    "Video của bác sĩ Minh: Bộ Y tế khuyên tiêm sởi, đây là thông tin sai, tiêm vào là tự kỷ.",
    "Clip day la bia hoi keo, uong mat lanh",
    "Bác sĩ nói bé khỏe sau khi tiêm, đây là thông tin sai.",
    "Bộ Y tế nói vắc xin an toàn. Thông tin do Bộ đưa ra không thuyết phục, bác sĩ cho biết đây là thông tin sai.",
    "Bác sĩ khẳng định chế độ ăn ít muối giúp hạ huyết áp.",
    "Rét đậm ở Bắc Bộ, người cao tuổi cần giữ ấm khi ra ngoài sáng sớm.",
    "Ret dam o Bac Bo, tin khong khi lanh tang cuong trong dem",
    "Bộ Y tế đính chính Thông tư 21/2026 về danh mục thuốc hiếm.",
    "Hướng dẫn đính chính thông tin cá nhân trên thẻ bảo hiểm y tế qua ứng dụng.",
    "Đề xuất phạt tới 20 triệu đồng người đăng tin giả về dịch bệnh; dự thảo lấy ý kiến đến hết tháng.",
    "Người đăng tin sai sự thật về dịch bệnh có thể bị phạt 10 triệu đồng.",
    "Thanh tra: thông tin ghi trên nhãn lô sữa là giả mạo, đã niêm phong 600 hộp.",
    "Bác sĩ bị xử phạt vì kê đơn không đúng quy định, phòng khám đóng cửa ba tháng.",
    "Xử phạt hai quán ăn gần cổng trường vì dùng thịt không rõ nguồn gốc.",
    "Các nhà khoa học tin rằng ăn nhiều đường là sai lầm của nhiều gia đình trẻ.",
    "Sự thật là bệnh viện đã giấu số ca, không ai dám nói ra.",
    "Sở bảo tin giấu dịch là bịa đặt, nhưng thực tế xóm nào cũng có người nằm viện.",
    "Bệnh viện bác bỏ tin hết thuốc. Bệnh viện lại giấu, nhà thuốc cổng sau bán đầy.",
    "Người nhà khẳng định thông tin bệnh viện đưa ra là sai sự thật.",
    "Tin đồn phòng khám đóng cửa là thật hay là tin giả? Bệnh viện chưa trả lời.",
    "Công ty khẳng định tin sữa nhiễm khuẩn là bịa đặt, cơ quan chức năng chưa có kết quả.",
    "Bệnh viện chưa bác bỏ thông tin hết thuốc gây mê.",
    "Phạt 10 triệu đồng quán phở dùng nước dùng để qua đêm.",
    "Trạm y tế khuyên bà con đắp lá lên vết rắn cắn trước khi đi viện.",
    # Beginnings of whole articles.
    "Ba bếp ăn bị đình chỉ sau đợt kiểm tra\nĐoàn liên ngành của Sở Y tế kiểm tra 42 bếp ăn bán trú trong tuần qua. Ba"
    " nơi không đúng quy trình một chiều, bị phạt tổng cộng 27 triệu đồng. Quyết định chính thức sẽ gửi về từng trường."
    " Phụ huynh được mời giám sát khâu giao nhận mỗi sáng thứ hai.",
    "Thêm 40 máy lọc máu cho tuyến tỉnh\nBệnh viện Đa khoa tỉnh vừa đưa vào dùng 40 máy lọc máu mới, rút thời gian chờ"
    " còn một tuần. Bác sĩ khẳng định người bệnh không phải trả thêm tiền. Danh sách ca lọc niêm yết tại sảnh và gửi"
    " qua tin nhắn; ai được xếp không đúng giờ thì báo khoa để đổi.",
    "Nhiều tỉnh Bắc Bộ vào đỉnh dịch cúm\nTheo Cục Phòng bệnh, số ca cúm A tăng ba tuần liền. Gia đình chính sách,"
    " người trên 65 tuổi được tiêm miễn phí ở trạm. Chuyên gia khuyên đeo khẩu trang nơi đông người và không tự ý mua"
    " thuốc kháng vi rút; thuốc giả đang bị rao bán.",
]
#: People were harmed: whatever is denied beside it, it is for the heads, and wants attention where they say so.
HARMED = [
    "Quyết định chính thức về vụ 12 cháu ngộ độc ở trường mầm non.",
    "Quyet dinh chinh thuc ve vu 12 chau ngo doc",
    "Mưa lũ ở nhiều tỉnh Bắc Bộ, 3 trẻ tử vong vì tiêu chảy cấp.",
    "Mua lu o nhieu tinh Bac Bo, 3 tre tu vong",
    "Thông tin này hoàn toàn đúng, hai sản phụ tử vong tại bệnh viện huyện.",
    "Bác sĩ khẳng định 12 cháu nhập viện do ngộ độc bữa trưa ở trường.",
    "Gia đình chính sách ở xã vùng cao có hai trẻ tử vong nghi do ngộ độc nấm.",
    "Hai sản phụ tử vong trong một đêm. Bệnh viện bác bỏ thông tin kíp trực tắc trách.",
    "Sau khi bé trai tử vong, bệnh viện bác bỏ thông tin tiêm nhầm thuốc.",
    "30 công nhân nhập viện sau bữa ca\nTối qua 30 công nhân một xưởng may nhập viện vì nôn ói. Công ty nói suất ăn đạt"
    " chuẩn. Sở Y tế khẳng định thông tin “có người chết” là sai sự thật, mẫu thức ăn đang được xét nghiệm.",
    "Cháu bé không qua khỏi sau mũi tiêm\nTin “cả lô vắc xin bị thu hồi” là bịa đặt, Sở Y tế nói và lập hội đồng.",
    "Nhập viện vì đắp lá chữa bỏng\nBác sĩ bác bỏ quan niệm lá bỏng làm liền da.",
]


def _settle(text: str, owner: Owner | None = Owner.PRESS, title: str = "") -> Settled | None:
    return settle(read(AssessableItem("1", text, title=title)), owner)


@pytest.mark.parametrize("text", DENIED + DEALT_WITH)
@pytest.mark.parametrize("owner", [Owner.OFFICIAL, Owner.PRESS])
def test_an_office_or_a_newspaper_settles_a_rumor(text: str, owner: Owner) -> None:
    found = _settle(text, owner)
    assert found
    assert found.words in text
    assert found.denied is (text in DENIED)


@pytest.mark.parametrize("text", DENIED + DEALT_WITH)
@pytest.mark.parametrize("owner", [Owner.CITIZEN, Owner.SOCIAL, Owner.FORUM, None])
def test_others_may_mock_what_they_repeat(text: str, owner: Owner | None) -> None:
    assert not _settle(text, owner)


@pytest.mark.parametrize("text", DENIED + DEALT_WITH)
def test_a_text_without_marks_settles_it_too(text: str) -> None:
    assert _settle(fold(text), Owner.OFFICIAL)


@pytest.mark.parametrize("text", ORDINARY + HARMED)
@pytest.mark.parametrize("owner", [Owner.OFFICIAL, Owner.PRESS])
def test_what_is_no_denial_is_left_to_the_heads(text: str, owner: Owner) -> None:
    assert not _settle(text, owner)


@pytest.mark.parametrize("text", ORDINARY + HARMED)
def test_nor_is_it_one_without_its_marks(text: str) -> None:
    assert not _settle(fold(text), Owner.OFFICIAL)


def test_a_newspaper_denies_nothing_by_itself() -> None:
    assert not _settle("Thông tin ca sĩ bỏ diễn vì ốm là không chính xác.", Owner.PRESS)
    assert _settle("Thông tin ca sĩ bỏ diễn vì ốm là không chính xác.", Owner.OFFICIAL)


def test_what_is_quoted_is_not_said() -> None:
    text = "Nhiều tài khoản viết “tin trạm y tế hết vắc xin là bịa đặt” rồi xóa. Trạm y tế chưa trả lời."
    assert not _settle(text)


@pytest.mark.parametrize(
    "text",
    [
        'Thông tin "uống tro bếp chữa giun” là sai sự thật, Bộ Y tế khẳng định.',
        'Thông tin “uống tro bếp chữa giun" là sai sự thật, Bộ Y tế khẳng định.',
        "Thông tin „uống tro bếp chữa giun“ là sai sự thật, Bộ Y tế khẳng định.",
        "Thông tin “Bệnh viện “chặt chém” bệnh nhân” là sai sự thật, Sở Y tế khẳng định.",
        "Màn hình 55” bị trộm. Thông tin bệnh viện hết thuốc là sai sự thật.",
    ],
)
def test_marks_that_do_not_match_hide_no_denial(text: str) -> None:
    assert _settle(text)


@pytest.mark.parametrize(
    "quoted",
    [
        'nói"thông tin vắc xin gây vô sinh là sai sự thật". Dân',
        'nói:"thông tin vắc xin gây vô sinh là sai sự thật"và dân',
        "nói‘thông tin vắc xin gây vô sinh là sai sự thật’. Dân",
        "viết ‘thông tin vắc xin gây vô sinh là sai sự thật’nhưng dân",
    ],
)
def test_a_quoted_denial_without_spaces_is_quoted(quoted: str) -> None:
    assert not _settle(f"Ông Ba {quoted} không tin.")


def test_only_how_a_text_begins_is_read() -> None:
    before = "Trạm y tế xã tổ chức khám cho người cao tuổi vào sáng thứ bảy. " * 7
    denial = "Sở Y tế bác bỏ tin trạm y tế đóng cửa."
    assert _settle(f"{before[:200]}. {denial}")
    assert not _settle(f"{before} {denial}")


def test_a_title_denies_for_its_text() -> None:
    assert _settle("Kho còn đủ dùng ba tháng.", title="Sở Y tế bác bỏ tin hết vắc xin") == Settled(
        "bác bỏ tin hết vắc xin", True
    )
