"""The console in real Chromium: every page at two widths, no request elsewhere, and the main job from end to end."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

import casework
from console.app import create_app
from console.services import Services
from records.case import CaseStage
from tests.console.conftest import Desk
from tests.support import console_seed as seed
from tests.support.desk_records import CLAIM

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = (1280, 390)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not Path(CHROMIUM).exists() and not os.environ.get("CI"), reason="Debian's chromium is not installed"
    ),
]


@contextmanager
def served(services: Services) -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = uvicorn.Server(uvicorn.Config(create_app(services), log_level="warning", ws="none", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as found:
        yield found


@pytest.fixture(scope="module")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(os.environ.get("TIN3C_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Watched:
    """A browser window that notes what must not happen."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.page = context.new_page()
        self.address = address
        self.problems: list[str] = []
        self.page.on("console", lambda said: self._note(said.type in {"error", "warning"}, f"console: {said.text}"))
        self.page.on("pageerror", lambda error: self._note(True, f"error: {error}"))
        self.page.on("request", lambda asked: self._note(not self._ours(asked.url), f"request: {asked.url}"))

    def _ours(self, url: str) -> bool:
        return url.startswith((self.address + "/", "data:", "about:"))

    def _note(self, bad: bool, problem: str) -> None:
        if bad:
            self.problems.append(problem)

    def open(self, path: str) -> Page:
        response = self.page.goto(self.address + path)
        assert response is not None and response.status == 200, path
        return self.page

    def overflow(self) -> int:
        width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(self.page.evaluate(width))


@contextmanager
def window(playwright: Playwright, address: str, width: int, **more: object) -> Iterator[Watched]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    try:
        context = browser.new_context(viewport={"width": width, "height": 900}, locale="vi-VN", **more)  # type: ignore[arg-type]
        yield Watched(context, address)
    finally:
        browser.close()


def _sit_down(page: Page, address: str, name: str, role: str) -> None:
    page.goto(address + "/person")
    page.get_by_label("Họ và tên").fill(name)
    page.get_by_label(role, exact=True).check()
    page.get_by_role("button", name="Lưu").click()


def _pages() -> dict[str, str]:
    rumor = seed.narrative_of("du-du")
    return {
        "hop-tin": "/",
        "hop-tin-trong": "/?level=medium&topic=mental",
        "luong-tin": f"/narratives/{rumor}",
        "luong-tin-vac-xin": f"/narratives/{seed.narrative_of('vac-xin')}",
        "luong-tin-khong-tinh-bac-bo": f"/narratives/{seed.narrative_of('bhyt')}",
        "tin": f"/items/{rumor}",
        "ban-luu": f"/items/{rumor}/capture",
        "tim-kiem": "/search?q=l%C3%A1%20%C4%91u%20%C4%91%E1%BB%A7",
        "tim-khong-dau": "/search?q=sot%20xuat%20huyet&not_health=1",
        "nguon": "/sources",
        "mo-hinh": "/models",
        "kiem-chung": "/claims",
        "kiem-chung-nhap": "/claims/import",
        "phat-ngon": "/statements",
        "nguoi": "/person",
    }


@pytest.mark.parametrize("width", WIDTHS)
def test_arranging_fits_and_shows_what_would_change(
    desk: Desk, playwright: Playwright, screenshots: Path, width: int
) -> None:
    rumor = seed.narrative_of("du-du")
    with served(desk.services) as address, window(playwright, address, width) as watched:
        _sit_down(watched.page, address, "Trần Thị Lan", "Cán bộ xác minh")
        page = watched.open(f"/narratives/{rumor}/arrange")
        assert watched.overflow() <= 0
        page.screenshot(path=screenshots / f"sap-xep-{width}.png", full_page=True, caret="initial")
        page.get_by_role("checkbox").last.check()
        page.get_by_label("Luồng tin tiếp nhận").select_option(label="Một luồng tin mới")
        page.get_by_label("Lý do").fill("khác tin đồn")
        page.get_by_role("button", name="Xem trước thay đổi").click()
        assert page.get_by_text("1 tin mở ra một luồng tin mới.").is_visible() and watched.overflow() <= 0
        page.screenshot(path=screenshots / f"sap-xep-xem-{width}.png", full_page=True, caret="initial")
        page.get_by_role("button", name="Thực hiện").click()
        page.get_by_role("button", name="Hoàn tác").wait_for()


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_fits_and_stays_here(desk: Desk, playwright: Playwright, screenshots: Path, width: int) -> None:
    desk.sit_down("Trần Thị Lan")
    narrative = seed.narrative_of("du-du")
    desk.post(f"/narratives/{narrative}/acknowledge")
    desk.post(f"/narratives/{narrative}/ask", text=DRAFT)
    with served(desk.services) as address, window(playwright, address, width) as watched:
        _sit_down(watched.page, address, "Nguyễn Văn Hùng", "Người phát ngôn")
        for name, path in _pages().items():
            page = watched.open(path)
            page.screenshot(path=screenshots / f"{name}-{width}.png", full_page=True, caret="initial")
            assert watched.overflow() <= 0, name
        _hold_messages_up(desk)
        for name, path in {"thong-bao": "/messages", "hop-tin-bao-loi": "/"}.items():
            page = watched.open(path)
            page.screenshot(path=screenshots / f"{name}-{width}.png", full_page=True, caret="initial")
            assert watched.overflow() <= 0, name
        assert not watched.problems


def test_a_known_claim_is_found_by_hand_on_a_telephone(desk: Desk, playwright: Playwright, screenshots: Path) -> None:
    rumor = seed.narrative_of("du-du")
    casework.save_claim(desk.store.casebook, CLAIM, "Trần Bình", seed.NOW, new=True)
    services = replace(desk.services, similar_claims=None)
    with served(services) as address, window(playwright, address, 390) as watched:
        _sit_down(watched.page, address, "Trần Thị Lan", "Cán bộ xác minh")
        page = watched.open(f"/narratives/{rumor}")
        page.get_by_label("Từ trong thông tin đã kiểm chứng").fill("la du du")
        page.get_by_role("button", name="Tìm", exact=True).click()
        confirm = page.get_by_role("button", name="Đúng là thông tin này")
        confirm.wait_for()
        assert watched.overflow() <= 0
        page.screenshot(path=screenshots / "tim-thong-tin-390.png", full_page=True, caret="initial")
        confirm.click()
        page.get_by_role("button", name="Bỏ xác nhận này").wait_for()
        for name, path in {"tim": f"/narratives/{rumor}/claims", "moi": f"/claims/new?narrative={rumor}"}.items():
            page = watched.open(path)
            page.screenshot(path=screenshots / f"kiem-chung-{name}-390.png", full_page=True, caret="initial")
            assert watched.overflow() <= 0, name
        assert not watched.problems


def _hold_messages_up(desk: Desk) -> None:
    outbox = desk.store.outbox
    first, second, *_ = outbox.due(seed.NOW)
    outbox.refused(first.key, "Slack, chat.postMessage: not_in_channel", seed.NOW)
    outbox.delayed(second.key, "mail: TimeoutError", seed.NOW + timedelta(minutes=5))


@pytest.mark.parametrize("width", WIDTHS)
def test_empty_console(empty_desk: Desk, playwright: Playwright, screenshots: Path, width: int) -> None:
    with served(empty_desk.services) as address, window(playwright, address, width) as watched:
        page = watched.open("/")
        page.screenshot(path=screenshots / f"chua-co-tin-{width}.png", full_page=True, caret="initial")
        assert page.get_by_text("Chưa thu thập được tin nào").is_visible()
        assert watched.overflow() <= 0
        assert not watched.problems


DRAFT = (
    "Sở Y tế Bình Sơn khẳng định: chưa có bằng chứng nước lá đu đủ chữa khỏi sốt xuất huyết. Người sốt cao liên tục từ "
    "hai ngày cần đến cơ sở y tế để được khám, không tự điều trị tại nhà."
)


@pytest.mark.parametrize("scripts", [True, False], ids=["htmx", "plain"])
def test_main_job(desk: Desk, playwright: Playwright, screenshots: Path, scripts: bool) -> None:
    """Open, acknowledge, draft, approve by somebody else; with and without JavaScript."""
    narrative = seed.narrative_of("du-du")
    with served(desk.services) as address:
        with window(playwright, address, 1280, java_script_enabled=scripts) as officer:
            page = officer.page
            _sit_down(page, address, "Trần Thị Lan", "Cán bộ truyền thông")
            page.get_by_role("link", name="Uống nước lá đu đủ chữa khỏi sốt xuất huyết").first.click()
            page.get_by_role("button", name="Tiếp nhận").click()
            page.get_by_text("Phụ trách").or_(page.get_by_text("Người phụ trách")).first.wait_for()
            page.get_by_text("Trình người phát ngôn").first.click()
            page.get_by_label("Dự thảo nội dung phát ngôn").fill(DRAFT)
            page.screenshot(
                path=screenshots / f"du-thao-{'htmx' if scripts else 'thuong'}.png", full_page=True, caret="initial"
            )
            page.get_by_role("button", name="Trình dự thảo").click()
            page.get_by_text("Chờ duyệt").first.wait_for()
            assert not officer.problems
        with window(playwright, address, 390, java_script_enabled=scripts) as spokesperson:
            page = spokesperson.page
            _sit_down(page, address, "Nguyễn Văn Hùng", "Người phát ngôn")
            page.get_by_role("link", name="Phát ngôn", exact=True).click()
            page.get_by_role("button", name="Duyệt", exact=True).click()
            page.get_by_text("Đã duyệt", exact=True).first.wait_for()
            page.screenshot(
                path=screenshots / f"da-duyet-{'htmx' if scripts else 'thuong'}.png", full_page=True, caret="initial"
            )
            assert not spokesperson.problems
    case = desk.store.reader.case_of(narrative)
    assert case is not None and case.stage is CaseStage.APPROVED and case.owner == "Trần Thị Lan"


def test_setting_aside_and_the_capture(desk: Desk, playwright: Playwright, screenshots: Path) -> None:
    narrative = seed.narrative_of("du-du")
    with served(desk.services) as address, window(playwright, address, 1280) as watched:
        page = watched.page
        _sit_down(page, address, "Lê Thị Mai", "Cán bộ xác minh")
        page.goto(f"{address}/items/{narrative}/capture")
        page.get_by_label("Lý do mở bản lưu").fill("Đối chiếu nội dung gốc")
        page.get_by_role("button", name="Mở bản lưu").click()
        page.frame_locator("iframe").get_by_text("Nguyên văn trên trang.").wait_for()
        page.screenshot(path=screenshots / "ban-luu-mo.png", full_page=True, caret="initial")
        page.goto(f"{address}/narratives/{seed.narrative_of('vac-xin')}")
        page.get_by_role("button", name="Gác lại…").click()
        page.get_by_label("Theo dõi, không làm lan rộng thêm").check()
        page.get_by_label("Ngày xem lại").fill("2026-08-26")
        page.screenshot(path=screenshots / "gac-lai.png", caret="initial")
        page.get_by_role("dialog").get_by_role("button", name="Gác lại", exact=True).click()
        page.get_by_text("Đã gác lại vụ việc. Có thể mở lại tại đây.").wait_for()
        page.screenshot(path=screenshots / "da-gac-lai.png", full_page=True, caret="initial")
        page.get_by_role("button", name="Mở lại vụ việc").click()
        page.get_by_text("Vụ việc đã được mở lại.").wait_for()
        assert not watched.problems


def test_filters_and_language_by_htmx(desk: Desk, playwright: Playwright, screenshots: Path) -> None:
    with served(desk.services) as address, window(playwright, address, 1280) as watched:
        page = watched.open("/")
        page.get_by_label("Mức rủi ro", exact=True).select_option("critical")
        page.wait_for_url("**level=critical**")
        assert page.locator(".narrative").count() == 2
        page.get_by_role("button", name="English").click()
        page.get_by_role("heading", name="Narratives by risk").wait_for()
        page.screenshot(path=screenshots / "english.png", full_page=True, caret="initial")
        page = watched.open("/search?q=vac%20xin")
        page.get_by_label("Rumor").check()
        page.wait_for_url("**kind=rumor**")
        page.get_by_role("link", name="5 trong 1").first.wait_for()
        assert not watched.problems
