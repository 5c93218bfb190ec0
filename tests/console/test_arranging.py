"""People arrange narratives: seen before, done once, taken back, and judged at once."""

from __future__ import annotations

import re

from records.case import Act, CaseStage
from tests.console.conftest import Desk
from tests.support import console_seed as seed

RUMOR = seed.narrative_of("du-du")
VACCINE = seed.narrative_of("vac-xin")
POISONING = seed.narrative_of("ngo-doc")


def _members(desk: Desk, narrative: str) -> list[str]:
    return [member.item.id for member in desk.store.reader.members(narrative, limit=50)]


def _undo_number(page: str) -> str:
    found = re.search(r'name="number" value="(\d+)"', page)
    assert found
    return found[1]


def test_single_items_and_names_are_a_verifiers(desk: Desk) -> None:
    path = f"/narratives/{RUMOR}/arrange"
    assert desk.post(path, what="whole", into=POISONING, reason="x").status_code == 403
    assert "Để sắp xếp lại luồng tin, trước hết hãy khai họ tên." in desk.page(path)
    desk.sit_down("Trần Thị Lan")
    page = desk.page(path)
    assert "Chỉ cán bộ xác minh" in page and "Một luồng tin mới" not in page and "/rename" not in page
    assert "Sắp xếp lại luồng tin" not in desk.page(f"/narratives/{RUMOR}")
    chosen: dict[str, object] = {"items": _members(desk, RUMOR)[-1:], "what": "items", "into": "new", "reason": "x"}
    for refused in (
        desk.post(path, **chosen, confirmed="yes"),  # type: ignore[arg-type]
        desk.post(f"{path}/undo", number="7"),
        desk.post(f"/narratives/{RUMOR}/rename", label="Tên khác"),
    ):
        assert refused.status_code == 422 and "Chỉ cán bộ xác minh" in refused.text
    assert not desk.store.reader.arrangements(RUMOR)


def test_every_act_wants_a_reason_and_a_choice(desk: Desk) -> None:
    path = f"/narratives/{RUMOR}/arrange"
    desk.sit_down("Trần Thị Lan", "verifier")
    assert "Sắp xếp lại luồng tin" in desk.page(f"/narratives/{RUMOR}")
    for fields, words in (
        ({"what": "items", "into": "new", "reason": "x"}, "chọn các tin"),
        ({"what": "whole", "into": "new", "reason": "x"}, "luồng tin tiếp nhận"),
        ({"what": "whole", "into": POISONING}, "lý do"),
        ({"what": "whole", "into": RUMOR, "reason": "x", "confirmed": "yes"}, "một luồng tin khác"),
    ):
        response = desk.post(path, **fields)
        assert response.status_code in {409, 422} and words in response.text, fields
    everything = {"items": _members(desk, RUMOR), "what": "items", "into": "new", "reason": "x", "confirmed": "yes"}
    response = desk.post(path, **everything)  # type: ignore[arg-type]
    assert response.status_code == 409 and "gộp cả luồng tin" in response.text
    assert desk.post(f"{path}/undo", number="7").status_code == 404


def test_items_are_split_off_after_a_look_and_come_back(desk: Desk) -> None:
    desk.sit_down("Trần Thị Lan", "verifier")
    path, before = f"/narratives/{RUMOR}/arrange", _members(desk, RUMOR)
    chosen = [id for id in before if id != RUMOR][:2]
    fields = {"items": chosen, "what": "items", "into": "new", "reason": "khác tin đồn"}
    seen = desk.post(path, **fields)  # type: ignore[arg-type]
    assert seen.status_code == 200 and "2 tin mở ra một luồng tin mới" in seen.text
    assert _members(desk, RUMOR) == before, "only looked at"
    done = desk.post(path, **fields, confirmed="yes")  # type: ignore[arg-type]
    assert done.status_code == 303
    new = done.headers["location"].split("/")[2]
    assert sorted(_members(desk, new)) == sorted(chosen)
    risk = desk.store.reader.narrative(new).risk
    assert risk is not None and desk.store.reader.narrative(RUMOR).items == len(before) - 2
    assert [entry.act for entry in desk.store.reader.trail_of(RUMOR)][-1] is Act.MOVE_ITEMS
    assert "khác tin đồn" in desk.page(f"/narratives/{RUMOR}"), "the history tells the reason"
    with desk.store.casebook.work() as work:  # the page waits for nobody's writing
        work.rename(new, "Tên do người đặt", "Trần Thị Lan")
        number = _undo_number(desk.page(path))
    officer = desk.other_person()
    officer.sit_down("Lê Thị Mai")
    assert "Chỉ cán bộ xác minh" in officer.post(f"{path}/undo", number=number).text
    assert desk.post(f"{path}/undo", number=number).status_code == 303
    assert _members(desk, RUMOR) == before


def test_who_works_on_a_case_merges_its_narrative_and_takes_it_back_where_it_went(desk: Desk) -> None:
    desk.sit_down("Trần Thị Lan")
    path = f"/narratives/{VACCINE}/arrange?what=whole"
    assert path in desk.page(f"/narratives/{VACCINE}") and 'name="what" value="whole"' in desk.page(path)
    fields = {"what": "whole", "into": RUMOR, "reason": "trùng tin đồn", "confirmed": "yes"}
    for _ in range(2):  # a double click
        done = desk.post(f"/narratives/{VACCINE}/arrange", **fields)
        assert done.status_code == 303 and done.headers["location"] == f"/narratives/{RUMOR}/arrange"
    assert [entry.act for entry in desk.store.reader.trail_of(VACCINE)].count(Act.MERGE) == 1
    moved = desk.client.get(f"/narratives/{VACCINE}").headers["location"]
    assert moved == f"/narratives/{RUMOR}?merged={VACCINE}"
    page = desk.page(moved)
    assert "Hoàn tác việc gộp" in page and "10 tin" in page
    back = desk.post(f"/narratives/{VACCINE}/arrange/undo", number=_undo_number(page))
    assert back.status_code == 303 and back.headers["location"] == f"/narratives/{VACCINE}/arrange"
    assert "3 tin" in desk.page(f"/narratives/{VACCINE}")
    assert "Hoàn tác việc gộp" not in desk.page(f"/narratives/{RUMOR}?merged={VACCINE}")


def test_what_is_chosen_on_the_case_is_chosen_on_the_page(desk: Desk) -> None:
    desk.sit_down("Trần Thị Lan", "verifier")
    for what, chosen in (("whole", "whole"), ("", "items")):
        page = desk.page(f"/narratives/{RUMOR}/arrange?what={what}")
        (line,) = [line for line in page.splitlines() if 'name="what"' in line and " checked" in line]
        assert f'value="{chosen}"' in line


def test_a_whole_narrative_takes_its_case_along_and_comes_back(desk: Desk) -> None:
    desk.sit_down("Trần Thị Lan", "verifier")
    path, before = f"/narratives/{RUMOR}/arrange", _members(desk, RUMOR)
    fields = {"what": "whole", "into": POISONING, "reason": "cùng một chuyện"}
    assert "Toàn bộ" in desk.post(path, **fields).text
    assert desk.post(path, **fields, confirmed="yes").status_code == 303
    assert desk.store.reader.narrative(RUMOR).id == POISONING and set(before) <= set(_members(desk, POISONING))
    case = desk.store.reader.case_of(RUMOR)
    assert case is not None and case.stage is CaseStage.MERGED and desk.store.reader.case_of(POISONING) is not None
    number = _undo_number(desk.page(f"/narratives/{POISONING}/arrange"))
    assert desk.post(f"/narratives/{POISONING}/arrange/undo", number=number).status_code == 303
    assert _members(desk, RUMOR) == before
    case = desk.store.reader.case_of(RUMOR)
    assert case is not None and case.stage is CaseStage.DETECTED


def test_a_person_names_a_narrative(desk: Desk) -> None:
    desk.sit_down("Trần Thị Lan", "verifier")
    path = f"/narratives/{RUMOR}/rename"
    assert desk.post(path, label="Tin đồn <b>lá đu đủ</b>").status_code == 303
    desk.store.narration.describe(RUMOR, "Tên của máy", ())
    assert "<h1>Tin đồn &lt;b&gt;lá đu đủ&lt;/b&gt;</h1>" in desk.page(f"/narratives/{RUMOR}")
    for _ in range(2):
        assert desk.post(path, label=" ").status_code == 303
    desk.store.narration.describe(RUMOR, "Tên của máy", ())
    assert "<h1>Tên của máy</h1>" in desk.page(f"/narratives/{RUMOR}")
    acts = [entry.act for entry in desk.store.reader.trail_of(RUMOR)]
    assert acts.count(Act.RENAME) == 2, "taken back once, whatever is pressed"
