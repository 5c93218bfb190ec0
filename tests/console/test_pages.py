"""What the pages say, over a real store and index."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from console.formats import marked
from records.errors import SearchUnavailable
from tests.console.conftest import Desk
from tests.support import console_seed as seed

RUMOR = seed.narrative_of("du-du")


def test_inbox_lists_narratives_by_risk(desk: Desk) -> None:
    page = desk.page("/")
    titles = ("tiêm vắc xin 5 trong 1", "Bảy người nhập viện", "Hướng dẫn dùng thẻ")
    places = [page.index(title) for title in titles]
    assert places == sorted(places)
    for words in ("Rất cao", "Mức gây hại", "Độ lan truyền", "6/6", "Tăng", "Mới phát hiện", "Hội Mẹ và Bé Bình Sơn"):
        assert words in page
    assert "10:15, 20/8/2026" in page  # Asia/Ho_Chi_Minh
    assert page.count('<svg class="spark"') == 5


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("level=medium", "Bảy người", "lá đu đủ"),
        ("topic=nutrition", "Trà giảm cân", "Bảy người"),
        ("period=1", "tiêm vắc xin", "no such words"),
        ("stage=set_aside", "Không có luồng tin nào phù hợp", "Bảy người"),
        ("level=nonsense&page=x", "Bảy người", "no such words"),
    ],
)
def test_inbox_filters(desk: Desk, query: str, shown: str, hidden: str) -> None:
    page = desk.page(f"/?{query}")
    assert shown in page and hidden not in page


def test_inbox_without_anything_says_what_to_do(empty_desk: Desk) -> None:
    page = empty_desk.page("/")
    assert "Chưa thu thập được tin nào" in page and "tin3c watch --once" in page


def test_htmx_gets_the_fragment_alone(desk: Desk) -> None:
    fragment = desk.page("/", **{"HX-Request": "true"})
    assert fragment.lstrip().startswith('<section id="inbox">') and "<html" not in fragment
    restored = desk.page("/", **{"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in restored


def test_narrative_shows_risk_items_and_claims(desk: Desk) -> None:
    page = desk.page(f"/narratives/{RUMOR}")
    for words in (
        'aria-current="true"',
        "Từ ngữ ảnh hưởng nhiều nhất",
        "Sai sự thật",
        "91%",
        "Bác bỏ",
        "Đã mở vụ việc",
        "nguy cơ cao",
    ):
        assert words in page
    assert "javascript:" not in page
    assert "Vì sao có nhận định này" in page
    assert "Khai họ tên" in page and "Tiếp nhận</button>" not in page


def test_a_narrative_says_what_its_spread_leaves_out_and_names_platforms(desk: Desk) -> None:
    page = desk.page(f"/narratives/{seed.narrative_of('bhyt')}")
    assert "Không tính 1 tin bác bỏ hoặc đính chính: không tin nào trong luồng khẳng định điều bị bác bỏ." in page
    assert "Nền tảng: trang web" in page
    assert "Nền tảng: Facebook, trang web, YouTube" in desk.page(f"/narratives/{seed.narrative_of('du-du')}")


def test_texts_are_escaped_and_masked(desk: Desk) -> None:
    hostile = next(piece for piece in seed.PIECES if "<script>" in piece.text)
    page = desk.page(f"/items/{seed.id_of(hostile)}")
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page
    page = desk.page(f"/items/{RUMOR}")
    assert "0912" not in page and "[số điện thoại đã che]" in page
    assert 'rel="noopener noreferrer nofollow"' in page
    found = desk.page("/search?q=0912 345 678")
    assert "1 tin" in found and "0912" not in found.partition('id="search"')[2].partition('class="items')[2]


def test_marks_never_uncover_what_is_masked() -> None:
    assert "678" not in marked("gọi 0912 \x02345\x03 678 nhé")
    assert marked("<b>\x02lá\x03</b>") == "&lt;b&gt;<mark>lá</mark>&lt;/b&gt;"
    assert marked("\x02lá") == "lá"


def test_item_shows_its_assessment(desk: Desk) -> None:
    page = desk.page(f"/items/{RUMOR}")
    for words in ("Tin đồn", "Khẳng định", "83%", "heads-1", "Tin chưa bị sửa", "Mở bản lưu"):
        assert words in page


def test_search(desk: Desk) -> None:
    page = desk.page("/search?q=lá đu đủ")
    assert "7 tin" in page and "<mark>" in page and "Tin đồn" in page
    without = desk.page("/search?q=la du du")
    assert "7 tin" in without and "khớp khi bỏ dấu" in without
    narrowed = desk.page("/search?q=lá đu đủ&kind=correction")
    assert "1 tin" in narrowed and "checked" in narrowed
    assert "Không tìm thấy tin nào" in desk.page("/search?q=khôngcógìđâu")
    assert "Đội bóng" not in desk.page("/search?q=bóng")
    assert "không thuộc lĩnh vực y tế" in desk.page("/search?q=bóng&not_health=1")


def test_search_says_when_it_is_behind_or_away(empty_desk: Desk, desk_with: Callable[..., Desk]) -> None:
    seed.collect(empty_desk.store)
    assert "Tìm kiếm chưa cập nhật kịp" in empty_desk.page("/search?q=x")

    assert "Tìm kiếm chưa cập nhật kịp" in empty_desk.page("/")

    class Away:
        def search(self, _: object) -> object:
            raise SearchUnavailable("away")

        def reachable(self) -> bool:
            return False

    away = desk_with(index=Away())
    response = away.client.get("/search?q=x")
    assert response.status_code == 503 and "Hiện chưa tìm kiếm được" in response.text
    assert "Tìm kiếm chưa cập nhật kịp" in response.text  # and how many wait
    for page in ("/", "/sources", "/statements"):
        assert "Tìm kiếm đang gián đoạn" in away.page(page) and "tin đang chờ" in away.page(page)


def test_sources_say_how_they_are(desk: Desk) -> None:
    page = desk.page("/sources")
    for words in ("Đang lỗi", "Chặn đọc tự động", "Chưa đọc lần nào", "Đang tắt", "2 nguồn cần kiểm tra", "Hãy"):
        assert words in page
    assert page.index("Đang lỗi") < page.index("Hoạt động tốt") < page.index("Đang tắt")


def test_english(desk: Desk) -> None:
    assert desk.post("/language", language="en", next="/sources").headers["location"] == "/sources"
    page = desk.page("/")
    assert '<html lang="en">' in page and "Narratives by risk" in page and "20 Aug 2026" in page
    assert "Epidemics" in page and "Luồng tin" not in page
    desk.post("/language", language="xx")
    assert '<html lang="en">' in desk.page("/")
    desk.post("/language", language="vi")
    assert "Luồng tin theo mức rủi ro" in desk.page("/")


def test_unknown_things_are_not_found(desk: Desk) -> None:
    for path in ("/narratives/x", "/items/x", "/items/x/capture"):
        response = desk.client.get(path)
        assert response.status_code == 404 and "Không tìm thấy" in response.text


def test_no_address_but_our_own_is_loaded(desk: Desk) -> None:
    for path in ("/", f"/narratives/{RUMOR}", f"/items/{RUMOR}", "/search?q=vắc xin", "/sources", "/statements"):
        page = desk.page(path)
        assert 'src="http' not in page and "<style" not in page and ' style="' not in page and " onclick" not in page
