"""`tin3c demo`: the main job on the bundled newsroom, so that everything can be seen working offline."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Annotated

import typer

from flows.loopback import free_port
from records.calendar import local
from records.item import Fate
from records.run import RunReport

_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


def demo(
    leave: Annotated[bool, typer.Option("--exit", help="End after the alerts; do not open the console.")] = False,
    port: Annotated[int, typer.Option(help="The console's port; 0 takes a free one.")] = 0,
) -> None:
    """Five invented days in an invented province: two rumors break out, spread and are corrected."""
    started = time.monotonic()
    typer.echo("Tin3C, bản trình diễn: năm ngày ở tỉnh Yên Hà. Mọi tên gọi và nội dung đều là hư cấu.\n")
    typer.echo("Đang khởi động (lần đầu cần dựng bộ mã hóa văn bản, khoảng một phút) …")
    from alerts.files import printed
    from console.serve import serve_console
    from demo.showing import show
    from flows.settings import home_folder

    port = port or free_port()

    first_alert: list[float] = []

    def progress(moment: datetime, number: int, of: int, report: RunReport) -> None:
        when = local(moment)
        fates = report.fates
        health = fates.get(Fate.NEW, 0) + fates.get(Fate.EDITED, 0)
        typer.echo(
            f"[{number:>2}/{of}] {_WEEKDAYS[when.weekday()]} {when:%d/%m %H:%M}  "
            f"{health:>3} tin y tế mới, {fates.get(Fate.NOT_HEALTH, 0):>3} tin khác, "
            f"{report.narratives_new} luồng tin mới, {report.cases_opened} vụ việc mở"
        )
        if report.messages_delivered and not first_alert:
            first_alert.append(time.monotonic() - started)
            typer.echo(f"        → cảnh báo đầu tiên, {first_alert[0]:.0f} giây sau khi bắt đầu")

    parts = show(home_folder(), port, progress)
    try:
        typer.echo("\nCÁC THÔNG BÁO, như Slack và thư điện tử sẽ hiển thị")
        for text in printed(parts.settings.home / "messages"):
            typer.echo(f"\n{'─' * 78}\n{text}")
        if not leave:
            serve_console(parts, lambda address: typer.echo(f"\nMàn hình làm việc: {address}  (Ctrl-C để kết thúc)"))
    finally:
        parts.close()
