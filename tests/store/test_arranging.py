"""People move items between narratives: kept, undone, and never undone by the narrator."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest

from models.narration import StreamNarrator
from records.errors import NotFound, StoreError
from records.narrative import Merge, Placement
from store.changes import change_item
from store.merging import merge_now
from store.recount import recount

HOUR = timedelta(hours=1)


@pytest.fixture
def placed(desk, entries):
    """Six items: a, b, c, d in one narrative, e and f in another."""
    for hour, name in enumerate("abcdef"):
        desk.read(entries(name, text=f"Nội dung {name}", title=f"Tin {name}", published=desk.now - (9 - hour) * HOUR))
    desk.assess()
    ids = [item.id for item in desk.store.narration.waiting()]
    a, b, c, d, e, f = ids
    into = {a: a, b: a, c: a, d: a, e: e, f: e}
    desk.store.narration.save(desk.run, [Placement(id, into[id], 0.9) for id in ids], desk.now)
    return ids


def of(desk, ids):
    return [desk.store.reader.narrative_of(id) for id in ids]


def move(desk, items, narrative, into=None):
    with desk.store.casebook.work() as work:
        return work.move_items(items, narrative, into, "lan", desk.now)


def undo(desk, narrative):
    with desk.store.casebook.work() as work:
        return work.take_back_move(work.arrangements(narrative)[0].number, "lan", desk.now)


def test_items_begin_a_narrative_of_their_own_and_come_back(desk, placed):
    a, _, c, d, *_ = placed
    assert move(desk, [d, c], a) == c
    assert of(desk, placed[:4]) == [a, a, c, c]
    assert [desk.store.reader.narrative(id).items for id in (a, c)] == [2, 2]
    assert {a, c} <= set(desk.store.risk.to_judge())
    words = desk.store.narration.persons_words()
    assert words.apart == {tuple(sorted((a, c)))} and words.halves == ()
    assert {pair.together for pair in desk.store.narration.pairs()} == {False}
    assert undo(desk, c).begun
    assert of(desk, placed[:4]) == [a] * 4 and desk.store.reader.narrative(c).id == a
    assert desk.store.narration.pairs() == () and not desk.store.narration.persons_words().apart
    assert move(desk, [c], a) == c, "and again, under the same id"
    assert desk.store.reader.narrative(c).items == 1
    assert list(desk.store.problems()) == []


def test_the_item_that_began_a_narrative_is_split_off_alone(desk, placed):
    a = placed[0]
    assert move(desk, [a], a) == f"{a}-2"
    assert of(desk, placed[:2]) == [f"{a}-2", a]
    assert [desk.store.reader.narrative(id).items for id in (a, f"{a}-2")] == [3, 1]
    assert undo(desk, f"{a}-2").begun
    assert of(desk, placed[:4]) == [a] * 4 and desk.store.reader.narrative(f"{a}-2").id == a
    assert move(desk, [a], a) == f"{a}-3", "and again"
    assert list(desk.store.problems()) == []


def test_a_narrative_that_begins_anew_leaves_no_old_merge_to_undo(desk, placed):
    a, *_, e, f = placed
    desk.store.narration.merge(Merge(e, a, 1.0, None), "lan", desk.now)
    assert move(desk, [e], a) == e
    with desk.store.casebook.work() as work:
        assert [one.whole for one in work.arrangements(a)] == [False]
    undo(desk, a)
    assert of(desk, [a, e, f]) == [a] * 3 and desk.store.reader.narrative(e).id == a
    with desk.store.casebook.work() as work:
        assert work.arrangements(a) == ()
    with pytest.raises(NotFound), desk.store.casebook.work() as work:
        work.split_narratives(e, "lan", desk.now)


def test_items_go_into_another_narrative_which_then_takes_in_what_resembles_them(desk, placed):
    a, b, c, _, e, _ = placed
    assert move(desk, [b, c], a, e) == e
    assert of(desk, placed) == [a, e, e, a, e, e]
    words = desk.store.narration.persons_words()
    assert words.apart == {tuple(sorted((a, e)))}
    assert {half for _, half in words.halves} == {frozenset({b, c}), frozenset(placed[4:])}
    undo(desk, a)
    assert of(desk, placed) == [a] * 4 + [e] * 2


def test_what_cannot_be_moved_is_refused_and_nothing_changes(desk, placed):
    a, b, *_, e, _ = placed
    for wanted, narrative, into in ((placed[:4], a, None), ([], a, None), ([e], a, None), ([b], a, a)):
        with pytest.raises(StoreError):
            move(desk, wanted, narrative, into)
    with pytest.raises(NotFound):
        move(desk, [b], a, "none")
    assert of(desk, placed) == [a] * 4 + [e] * 2
    with pytest.raises(NotFound), desk.store.casebook.work() as work:
        work.take_back_move(99, "lan", desk.now)


def test_the_narrator_merges_nothing_that_a_person_parted(desk, entries, placed):
    a, *_, e, _ = placed
    desk.store.narration.save(desk.run, [Placement(placed[5], e, 0.9, merges=(Merge(e, a, 0.9, placed[5]),))], desk.now)
    assert desk.store.reader.narrative(e).id == a
    with desk.store.casebook.work() as work:
        work.split_narratives(e, "lan", desk.now)
    assert desk.store.narration.persons_words().apart == {tuple(sorted((a, e)))}
    again = Placement(placed[5], e, 0.9, merges=(Merge(e, a, 0.9, placed[5]),))
    desk.store.narration.save(desk.run, [again], desk.now)
    assert desk.store.reader.narrative(e).id == e
    desk.store.narration.merge(Merge(e, a, 1.0, None), "lan", desk.now)
    assert desk.store.reader.narrative(e).id == a, "a person may"
    assert {half for _, half in desk.store.narration.persons_words().halves} == {
        frozenset(placed[:4]),
        frozenset(placed[4:]),
    }
    assert {pair.together for pair in desk.store.narration.pairs()} == {True}, "the later word holds"


def test_a_persons_merge_meanwhile_costs_the_narrator_one_merge_and_not_its_batch(desk, entries, placed):
    a, *_, e, f = placed
    desk.read(entries("g", text="Nội dung g", title="Tin g", published=desk.now))
    desk.assess()
    (g,) = [item.id for item in desk.store.narration.waiting()]
    desk.store.narration.save(desk.run, [Placement(g, g, 0.9)], desk.now)
    desk.store.narration.merge(Merge(e, a, 1.0, None), "lan", desk.now)
    desk.store.narration.save(desk.run, [Placement(f, e, 0.9, merges=(Merge(e, g, 0.9, f),))], desk.now)
    assert of(desk, [a, e, f, g]) == [a, a, a, g]
    assert list(desk.store.problems()) == []


def test_an_item_that_is_placed_anew_goes_where_a_person_put_it(desk, placed):
    a, b, *_, e, _ = placed
    move(desk, [b], a, e)
    with desk.store._database.writing() as connection:
        change_item(connection, b, narrative_id=None)
    words = desk.store.narration.persons_words()
    assert words.belongs == {b: e} and words.outside == {b: frozenset({a})}
    (again,) = desk.store.narration.waiting()
    window = desk.store.narration.window(desk.now - 20 * HOUR)
    (placement,) = StreamNarrator().place(window, [again], words)
    assert placement.narrative_id == e


def placed_anew(desk, item, narrative, narrator=None):
    """The item is judged not health and comes back; where the narrator puts it, that sees `narrative` alone."""
    was_in = desk.store.reader.narrative_of(item)
    with desk.store._database.writing() as connection:
        change_item(connection, item, narrative_id=None)
        recount(connection, [was_in])
    (again,) = desk.store.narration.waiting()
    window = [one for one in desk.store.narration.window(desk.now - 20 * HOUR) if one.narrative_id == narrative]
    words = desk.store.narration.persons_words()
    placements = list((narrator or StreamNarrator()).place(window, [again], words))
    desk.store.narration.save(desk.run, placements, desk.now)
    assert list(desk.store.problems()) == []
    return placements[0].narrative_id


def test_what_a_person_split_off_never_lands_with_the_living_original(desk, placed):
    a, b, c, d, *_ = placed
    assert move(desk, [a], a) == f"{a}-2"
    assert placed_anew(desk, a, a) == f"{a}-2", "the narrative of its own begins again"
    assert of(desk, [a, b, c, d]) == [f"{a}-2", a, a, a]
    assert [desk.store.reader.narrative(id).items for id in (a, f"{a}-2")] == [3, 1]
    undo(desk, f"{a}-2")
    assert of(desk, [a, b]) == [a, a]
    assert placed_anew(desk, a, a, StreamNarrator(similarity=1.0)) == f"{a}-3", "the second went into the original"
    assert of(desk, [a, b]) == [f"{a}-3", a]


def test_a_first_item_that_resembles_its_narrative_no_more_begins_another(desk, placed):
    a, b, _, _, e, _ = placed
    assert placed_anew(desk, a, e, StreamNarrator(similarity=1.0)) == f"{a}-2", "also where the window does not show it"
    assert of(desk, [a, b]) == [f"{a}-2", a]
    assert desk.store.reader.narrative(a).items == 3


def test_what_the_narrator_merges_meanwhile_comes_back_all_the_same(desk, entries, placed):
    a, b, *_, e, f = placed
    desk.store.narration.merge(Merge(e, a, 1.0, None), "lan", desk.now)
    desk.read(entries("g", text="Nội dung g", title="Tin g", published=desk.now))
    desk.assess()
    (g,) = [item.id for item in desk.store.narration.waiting()]
    desk.store.narration.save(desk.run, [Placement(g, g, 0.9)], desk.now)

    def split():
        with desk.store.casebook.work() as work:
            work.split_narratives(e, "lan", desk.now)

    with ThreadPoolExecutor(1) as pool:
        with desk.store._database.writing() as connection:
            merge_now(connection, Merge(a, g, 0.9, None), "narrator", desk.now)
            splitting = pool.submit(split)
            assert not wait([splitting], timeout=0.5).done, "it waits for the narrator"
        splitting.result(timeout=30)
    assert of(desk, [a, b, e, f, g]) == [g, g, e, e, g]
    assert [desk.store.reader.narrative(id).items for id in (e, g)] == [2, 5]
    assert list(desk.store.problems()) == []


def test_a_persons_label_stays(desk, placed):
    a = placed[0]
    with desk.store.casebook.work() as work:
        work.rename(a, "Tên do người đặt", "lan")
    desk.store.narration.describe(a, "Tên khác", ("từ khóa",))
    narrative = desk.store.reader.narrative(a)
    assert (narrative.label, narrative.words) == ("Tên do người đặt", ("từ khóa",))
