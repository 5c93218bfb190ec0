"""Finding claims by their words, and what is kept between two searches."""

from __future__ import annotations

from dataclasses import replace

from casework import claim_search
from casework.claim_search import found, nearest
from records.text import sort_key
from tests.support.desk_records import CLAIM

TEXTS = ("Uống lá đu đủ khỏi sốt", "Ăn muối chữa ung thư", "Đắp lá trị bỏng", "ăn tỏi ngừa cúm", "Hòa giấm với muối")
LIBRARY = [
    replace(CLAIM, id=f"search-{number}", text=text, wordings=(f"Cách khác {number}",), explanation="Chưa có căn cứ.")
    for number, text in enumerate(TEXTS)
]


def test_words_are_found_with_marks_or_without_in_the_order_of_the_alphabet() -> None:
    assert [claim.text for claim in found(LIBRARY)] == sorted(TEXTS, key=sort_key)
    assert [claim.text for claim in found(LIBRARY, "MUOI")] == ["Ăn muối chữa ung thư", "Hòa giấm với muối"]
    assert found(LIBRARY, "hoà giấm") == [LIBRARY[4]] and found(LIBRARY, "muố") == [], "whole words"
    assert found(LIBRARY, "search 2, khác") == [LIBRARY[2]], "words of its id and of another wording"
    assert len(found(LIBRARY, "căn cứ")) == 5 and found(LIBRARY, "căn cứ giấm", verdict=CLAIM.verdict) == [LIBRARY[4]]


def test_the_nearest_has_at_least_half_of_the_words_in_one_wording() -> None:
    assert nearest(LIBRARY, "ăn muối khỏi ung thư", 5) == [LIBRARY[1]]
    assert nearest(LIBRARY, "khác giấm lá xyz", 5) == [] == nearest(LIBRARY, "?!", 5)
    assert nearest(LIBRARY, "lá muối", 2) == [LIBRARY[1], LIBRARY[2]], "of equal ones the first of the alphabet"


def test_a_search_reads_only_what_was_changed_since_the_last() -> None:
    found(LIBRARY, "muối")
    before = claim_search._read.cache_info().misses
    nearest(LIBRARY, "giấm", 5)
    found([replace(claim) for claim in LIBRARY], "lá")  # as the next request has them from the store
    assert claim_search._read.cache_info().misses == before
    changed = replace(LIBRARY[0], explanation="Lá sen cũng không.", version=2)
    assert found([changed, *LIBRARY[1:]], "sen") == [changed]
    assert claim_search._read.cache_info().misses == before + 1
    assert found(LIBRARY, "sen") == []
