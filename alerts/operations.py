"""What the team is told about Tin3C's own work. Pure; it is sent through the outbox."""

from __future__ import annotations

from datetime import datetime

from alerts import words
from alerts.letterhead import Letterhead
from alerts.mail_content import MailContent, render

_GIGABYTE = 1_000_000_000


def compose_disk_full(free: int, least: int, letterhead: Letterhead, at: datetime) -> MailContent:
    """`free` and `least` in bytes: what is free on the disk, and under what collecting stops."""
    return render(
        "operations",
        "[Tin3C] Máy chủ sắp hết dung lượng: tạm dừng thu thập tin",
        heading="Máy chủ sắp hết dung lượng: tạm dừng thu thập tin",
        paragraphs=[
            f"Ổ đĩa còn trống {_gigabytes(free)} GB, thấp hơn mức tối thiểu {_gigabytes(least)} GB.",
            "Tin3C tạm dừng thu thập tin mới. Tin đã thu thập vẫn được xử lý và cảnh báo vẫn được gửi.",
            "Đề nghị quản trị viên giải phóng dung lượng ổ đĩa. Việc thu thập tự tiếp tục khi đủ dung lượng.",
        ],
        letterhead=letterhead,
        at=at,
    )


def _gigabytes(count: int) -> str:
    return words.number(count / _GIGABYTE)
