"""An archive of the test's own: made-up posts, one in ten about health, over four months, some without a date."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

BEGINS = datetime(2024, 1, 5, tzinfo=UTC)
DAYS = 120
_PLACES = ("Hà Nội", "Nghệ An", "Cần Thơ", "Đắk Lắk", "Quảng Ninh", "Đồng Tháp", "Lào Cai", "Thanh Hóa")
#: What the one in ten tell.
CLAIMS = (
    "uống nước lá đu đủ chữa khỏi sốt xuất huyết, không cần đến bệnh viện",
    "vắc xin sởi làm trẻ bị tự kỷ nên đừng cho con đi tiêm",
    "xông hơi bằng cồn diệt được vi rút cúm trong phổi",
    "bệnh viện giấu số ca tử vong vì tay chân miệng",
    "ăn tỏi sống mỗi sáng thay được thuốc huyết áp",
    "nước máy bị nhiễm khuẩn tả, cả khu phố phải nhập viện",
    "truyền nước biển tại nhà giúp khỏi sốt rét sau một ngày",
    "bôi dầu gió lên vết chó dại cắn thì không cần tiêm phòng dại",
)
_OPENINGS = ("Nghe nói", "Mọi người ơi", "Chị hàng xóm kể", "Một bác sĩ nói", "Tin nóng", "Có ai biết không")
_ENDINGS = (
    "Chia sẻ cho nhiều người biết nhé.", "Không biết có đúng không?", "Ai bị rồi thì cho ý kiến.",
    "Sở Y tế chưa nói gì cả.", "Tôi thấy nhiều người làm theo rồi.", "Bệnh nhân trong xóm tôi làm vậy đó.",
)  # fmt: skip
_OTHER = (
    "Đội bóng {place} thắng {a}-{b} ở vòng {n}, tiền đạo ghi bàn phút {m}",
    "Cổ phiếu ngân hàng tăng {a},{b}% trong phiên thứ {n}, nhà đầu tư ở {place} chốt lời",
    "Bán nhà mặt tiền đường số {n} ở {place}, diện tích {m} mét vuông, sổ hồng chính chủ",
    "Ca sĩ quê {place} ra mắt album thứ {a} với {m} bài hát, đêm nhạc bán {n} nghìn vé",
    "Cổ phiếu thép giảm {a},{b}% sau {m} phiên, quỹ đầu tư ở {place} mua {n} nghìn cổ phiếu",
    "Cầu qua sông ở {place} thông xe sau {m} tháng thi công, dài {n} mét",
)


def records(number: int, seed: int = 3) -> Iterator[dict[str, Any]]:
    """`number` records; the same number gives the same ones. Every hundredth is there twice, in two wordings."""
    generator = random.Random(seed)
    for at in range(number):
        place = generator.choice(_PLACES)
        if at % 10 == 0:
            claim, opening, ending = (generator.choice(words) for words in (CLAIMS, _OPENINGS, _ENDINGS))
            title = f"{opening} {claim}"
            text = f"{opening} ở {place}: {claim}. {ending} ({generator.randrange(10_000)})"
        else:
            values = {name: generator.randrange(2, 90) for name in "abnm"}
            title = generator.choice(_OTHER).format(place=place, **values)
            text = f"{title}. Người dân {place} nói về chuyện này suốt {values['n']} ngày qua."
        record: dict[str, Any] = {"address": f"https://luu-tru.example/{at}", "title": title, "text": text}
        if at % 40:
            record["published"] = (BEGINS + timedelta(minutes=generator.randrange(DAYS * 1440))).isoformat()
        if at % 25 == 7:
            del record["address"]  # known by its id within its source
            record["id"] = f"bài-{at}"
        yield record
        if at % 100 == 99:
            yield record | {"text": f"{text} Đã sửa."}


def write(folder: Path, number: int, files: int = 2) -> Path:
    """As JSON lines, in `files` files of about the same length."""
    folder.mkdir(parents=True)
    lines = [json.dumps(record, ensure_ascii=False) for record in records(number)]
    for file in range(files):
        (folder / f"{file:03}.jsonl").write_text("\n".join(lines[file::files]) + "\n", "utf-8")
    return folder
