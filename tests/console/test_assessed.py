"""How an assessment is told: never a yes beside a chance that speaks against it without a word of why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

import casework
from console.assessed import FieldRow, chances, field_rows
from console.language import translations
from records.assessment import Assessment, Harm, Kind, Reason, Stance
from records.claim import MatchDecision
from records.reasons import percent
from tests.console.conftest import Desk
from tests.support import console_seed as seed
from tests.support.desk_records import CLAIM

WORDS: Callable[[str], str] = translations("vi").gettext
RUMOR = seed.narrative_of("du-du")
OLD = Assessment(
    health=True,
    attention=True,
    topic="epidemic",
    kind=Kind.RUMOR,
    stance=Stance.ASSERTS,
    harm=Harm.HIGH,
    probabilities={"health": 0.97, "unreliable": 0.4, "attention": 0.2383, "rumor": 0.76, "news": 0.24},
    places=("Hà Nội",),
    reasons=(Reason("attention", "rule"), Reason("places", "places", ("Hà Nội",))),
    model_version="old",
)
NEW = replace(
    OLD,
    probabilities=OLD.probabilities
    | {"stance.asserts": 0.95, "harm.high": 0.5, "harm.low": 0.3, "topic.epidemic": 0.6},
    reasons=(
        Reason("health", "health_from", detail="0.0598"),
        Reason("attention", "attention_from", detail="0.2383"),
        Reason("reliability", "reliability_from", detail="0.34"),
        Reason("places", "place_former", ("Hà Tây",), "Hà Nội"),
    ),
)


def rows(said: Assessment, corrected: frozenset[str] = frozenset()) -> dict[str, FieldRow]:
    return {row.name: row for row in field_rows(said, WORDS, "vi", corrected)}


def test_every_answer_says_how_sure_it_is() -> None:
    told = rows(NEW)
    assert {name: row.sure for name, row in told.items()} == {
        "health": "rất chắc, khả năng 97%",
        "attention": "chưa chắc, khả năng 24%",
        "topic": "chưa chắc, khả năng 60%",
        "kind": "khá chắc, khả năng 76%",
        "stance": "rất chắc, khả năng 95%",
        "harm": "chưa chắc, khả năng 50%",
        "reliability": "chưa chắc, khả năng 40%",
        "places": "nhận ra theo danh mục tên gọi, không qua mô hình",
    }
    assert told["reliability"].value == "Có dấu hiệu thiếu tin cậy"  # from 34 % on, and the reason says so
    assert told["places"].reasons == ["Nêu tên cũ hoặc tên gọi khác: “Hà Tây”; nay thuộc: Hà Nội."]
    assert [(one.name, one.answers[0]) for one in chances(NEW, WORDS, "vi")] == [
        ("kind", ("Tin đồn", 0.76)),
        ("stance", ("Khẳng định", 0.95)),
        ("harm", ("Cao", 0.5)),
        ("topic", ("Dịch bệnh, bệnh truyền nhiễm", 0.6)),
    ]


def test_a_small_chance_is_possibly_and_the_level_is_told() -> None:
    told = rows(replace(NEW, probabilities=NEW.probabilities | {"health": 0.06}))["health"]
    assert (told.value, told.sure) == ("Có thể", "chưa chắc, khả năng 6%")
    assert told.reasons == ["Được đưa vào xem khi khả năng từ 6% trở lên; mức này đặt thấp để không bỏ sót."]


@pytest.mark.parametrize(("chance", "shown"), [(0.2381, "23,81%"), (0.2, "20%"), (0.0311, "3,1%")])
def test_what_is_below_its_level_never_looks_as_if_it_had_reached_it(chance: float, shown: str) -> None:
    below = (Reason("attention", "attention_below", detail="0.2383"),)
    said = replace(NEW, attention=False, probabilities=NEW.probabilities | {"attention": chance}, reasons=below)
    told = rows(said)["attention"]
    assert told.value == "Không" and told.sure.endswith(f"khả năng “có” là {shown}")
    assert told.reasons == ["Khả năng thấp hơn 24% là mức cần chú ý."]


def test_a_rule_and_a_veto_are_told_as_such() -> None:
    told = rows(OLD)["attention"]
    assert (told.value, told.sure) == ("Có", "theo quy tắc; mô hình cho khả năng 24%")
    veto = replace(OLD, attention=False, reasons=(Reason("attention", "refuting"),))
    told = rows(veto)["attention"]
    assert (told.value, told.sure) == ("Không", "theo quy tắc; mô hình cho khả năng “có” là 24%")
    assert "bác bỏ" in told.reasons[0]
    settled = replace(OLD, kind=Kind.CORRECTION, reasons=(Reason("kind", "settled"),))
    swayed = replace(settled, probabilities=OLD.probabilities | {"correction": 0.1})
    assert rows(swayed)["kind"].sure == "theo quy tắc; mô hình cho khả năng 10%"


def test_a_rule_that_the_heads_agree_with_leaves_their_word() -> None:
    both = (Reason("attention", "rule"), Reason("attention", "attention_from", detail="0.2383"))
    told = rows(replace(OLD, reasons=both, probabilities=OLD.probabilities | {"attention": 0.98}))["attention"]
    assert (told.value, told.sure, len(told.reasons)) == ("Có", "rất chắc, khả năng 98%", 2)
    settled = replace(OLD, kind=Kind.CORRECTION, reasons=(Reason("kind", "settled"),))
    agreed = replace(settled, probabilities={"correction": 0.9, "rumor": 0.05})
    assert rows(agreed)["kind"].sure == "rất chắc, khả năng 90%"


def test_an_older_assessment_is_read_as_far_as_it_goes() -> None:
    told = rows(OLD)
    assert [told[name].sure for name in ("stance", "harm", "topic")] == ["", "", ""]
    assert told["kind"].sure == "khá chắc, khả năng 76%"
    assert told["places"].reasons == ["Nhắc đến: “Hà Nội”."]
    assert [one.name for one in chances(OLD, WORDS, "vi")] == ["kind"]


def test_a_persons_word_is_not_given_the_models_chance() -> None:
    told = rows(replace(NEW, kind=Kind.NEWS), frozenset({"kind"}))["kind"]
    assert (told.value, told.sure, told.reasons) == ("Tin tức", "do cán bộ xác định", [])


def test_what_the_filter_stopped_was_judged_no_further() -> None:
    stopped = (Reason("health", "filter_below", detail="0.0111"),)
    told = rows(
        replace(OLD, health=False, attention=False, probabilities={"health": 0.004}, reasons=stopped, full=False)
    )
    assert told["health"].sure == "rất chắc, khả năng “có” là 0,4%"
    assert "1,1%" in told["health"].reasons[0]
    assert told["kind"].value == "Không xét" and "reliability" not in told


def test_percentages_are_written_as_the_language_does() -> None:
    assert [percent(0.0598), percent(0.06), percent(0.0598, "en"), percent(0.2383)] == ["6%", "6%", "6%", "24%"]
    assert [percent(0.0111), percent(0.0111, "en"), percent(1.0)] == ["1,1%", "1.1%", "100%"]


def test_the_item_shows_the_claim_that_its_narrative_resembles(desk: Desk) -> None:
    page = desk.page(f"/items/{RUMOR}")
    assert CLAIM.text in page and "Hệ thống gợi ý cho cả luồng tin" in page and "Độ tương tự: 91%" in page
    with desk.store.casebook.work() as work:
        work.save_claim(CLAIM, "Lan", seed.NOW)
    casework.decide_match(desk.store.casebook, RUMOR, CLAIM.id, MatchDecision.CONFIRMED, "Lan", seed.NOW, 0.91)
    assert "Lan đã xác nhận cho cả luồng tin" in desk.page(f"/items/{RUMOR}")


def test_the_source_s_record_stands_with_the_item_and_its_narrative(desk: Desk) -> None:
    said = "cán bộ đã xác định: 1 tin đồn hoặc tin sai, 0 tin cải chính, 0 tin không thuộc lĩnh vực y tế"
    assert "Chưa có cán bộ nào xác nhận" in desk.page(f"/items/{RUMOR}")
    for kind in ("news", "rumor"):
        casework.correct(desk.store.casebook, RUMOR, "kind", kind, "xem lại", "Lan", seed.NOW)
    page = desk.page(f"/items/{RUMOR}")
    assert said in page and "thu thập từ 23/8/2026" in page and "do cán bộ xác định" in page
    assert said in desk.page(f"/narratives/{RUMOR}")


def test_a_narrative_sums_up_what_is_said_of_its_items_and_no_levels(desk: Desk) -> None:
    page = desk.page(f"/narratives/{RUMOR}")
    assert "Từ ngữ ảnh hưởng nhiều nhất" in page and "Được đưa vào xem khi" not in page


def test_an_item_that_was_let_go_says_its_chance(desk: Desk) -> None:
    page = desk.page(f"/items/{seed.id_of(seed.NOT_HEALTH)}")
    assert "khả năng chỉ là 4%" in page and "Mô hình chưa đưa ra nhận định" not in page
