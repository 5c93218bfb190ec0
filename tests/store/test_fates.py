"""On any sequence of readings, failures and kills: each item met counts once, and the counts add up."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records.item import Fate, ItemStage

NAMES = st.sampled_from("abcd")
SOURCES = st.sampled_from(["bao", "cong"])
TITLES = st.sampled_from(["T1", "T2"])
SUMMARIES = st.sampled_from(["", "S1", "S2"])
STEPS = st.one_of(
    st.tuples(st.just("read"), NAMES, SOURCES, TITLES, SUMMARIES),
    st.tuples(st.just("post"), NAMES, st.sampled_from(["X1", "X2"])),
    st.tuples(st.just("page"), NAMES, st.sampled_from(["", "P1", "P2"])),
    st.tuples(st.just("unchanged"), NAMES),
    st.tuples(st.just("fail"), NAMES, st.sampled_from([Fate.FAILED, Fate.REFUSED, Fate.UNREADABLE]), st.booleans()),
    st.tuples(st.just("assess"), st.sets(NAMES)),
    st.tuples(st.just("kill")),
    st.tuples(st.just("end")),
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=1, max_size=14))
def test_fates_add_up(open_here, desk_class, entries, steps):
    from sqlalchemy import delete

    from store.tables import metadata

    store = open_here()
    with store._database.writing() as connection:  # a fresh store for each example
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))
    desk = desk_class(store)
    met: set[str] = set()
    for number, (step, *rest) in enumerate(steps):
        _do(desk, entries, met, step, rest, number)
        report = store.runs.report(desk.run)
        total = sum(report.fates.values())
        assert total == sum(sum(source.fates.values()) for source in report.sources)
        assert total == len(met)
    for name in "abcd":
        _hold(desk, name)


def _do(desk, entries, met, step, rest, number):
    known = {item.address[-1] for item in desk.store.reader.items([_id(name) for name in "abcd"])}
    if step == "read":
        name, source, title, summary = rest
        desk.read(entries(name, title, summary), source=source)
        met.add(name)
    elif step == "post":
        desk.read(entries(rest[0], "T1", text=rest[1]))
        met.add(rest[0])
    elif step in {"page", "unchanged", "fail"} and rest[0] in known:
        getattr(desk, step)(*rest)
        met.add(rest[0])
    elif step == "assess":
        waiting = {item.id for item in desk.store.assessment_queue.waiting(10)}
        desk.assess(*rest[0])
        met.update(name for name in "abcd" if _id(name) in waiting)
    elif step in {"kill", "end"}:
        if step == "end":
            assert sum(desk.end().fates.values()) == len(met)
        desk.begin(f"run-{number}-after", timedelta(hours=1))
        met.clear()


def _id(name):
    from records.address import item_id

    return item_id(f"https://bao.example/{name}")


def _hold(desk, name):
    for item in desk.store.reader.items([_id(name)]):
        has_text = bool(item.own_text)
        if item.stage in {ItemStage.COMPLETE, ItemStage.ASSESSED}:
            assert has_text
        if item.stage is ItemStage.NOT_HEALTH:
            assert not has_text
