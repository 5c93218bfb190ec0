"""What only one of the two databases would hold is given to neither."""

from __future__ import annotations

import random
from collections.abc import Callable

from records.address import item_id
from records.crawl import FetchState
from records.item import Entry, Fate


def test_an_address_longer_than_an_index_takes(desk, entries: Callable[..., Entry]) -> None:  # type: ignore[no-untyped-def]
    letters = [chr(n) for n in range(0x1EA0, 0x1EFF)]  # three bytes each, and nothing that could be compressed
    noise = random.Random(3).choices(letters, k=1_900)
    long = entries("x/" + "".join(noise), "Tin ở địa chỉ dài")
    assert len(desk.read(long, long)) == 1
    assert desk.store.reader.item(item_id(long.address)).address == long.address
    assert desk.fates() == {Fate.NEW: 1}
    state = FetchState(long.address, etag='"7"', fetched_at=desk.now)
    from store.pages import known_fetch, remember_fetch

    with desk.store._database.writing() as connection:
        remember_fetch(connection, state, unchanged=False)
        assert known_fetch(connection, long.address) == state


def test_the_character_nul(desk, entries: Callable[..., Entry]) -> None:  # type: ignore[no-untyped-def]
    desk.read(entries("nul", "Trước\0sau", text="Một\0hai"))
    assert (desk.item("nul").title, desk.item("nul").text) == ("Trước\ufffdsau", "Một\ufffdhai")
