"""What a back-fill brings alerts nobody, waits until it is whole, and is like any other once a source shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest

from flows import alert, narrate
from flows.parts import Parts, use
from flows.settings import build
from records.address import item_id
from records.assessment import AssessedItem, Assessment, Harm, Kind, Stance
from records.crawl import CrawlLimits, CrawlOrder, FetchState, SourceReading
from records.item import Entry
from records.search import Interval
from records.source import Owner, Source, SourceKind, SourceState
from records.work import ArchivedItem, Backfill
from store import this_process
from tests.support import stores

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
OLD = NOW - timedelta(days=700)
SOURCE = Source("kho", "Kho", "https://kho.example/rss", SourceKind.FEED, Owner.PRESS, enabled=True)
SAID = Assessment(True, True, "epidemic", Kind.RUMOR, Stance.ASSERTS, Harm.HIGH, {"health": 0.9}, (), (), "test")
VECTOR = bytes.fromhex("003c") + bytes(2 * 383)
TEXT = "Nghe nói uống nước lá đu đủ chữa khỏi sốt xuất huyết, không cần đến bệnh viện"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    stores.prepare(tmp_path)
    parts = use(build({"home": tmp_path, "store": stores.section(tmp_path)}))
    parts.store.sources.save(SOURCE, NOW)
    parts.store.runs.start("run", NOW, NOW)
    yield parts
    parts.close()


def backfill(parts: Parts, *, alert: bool = False) -> Backfill:
    return parts.store.backfills.begin(Backfill("backfill:1", "/kho", "kho", "run", NOW, alert))


def archived(number: int, published: datetime | None) -> ArchivedItem:
    address = f"https://kho.example/{number}"
    return ArchivedItem(item_id(address), address, address, "Lá đu đủ", f"{TEXT} {number}", published)


def assess(parts: Parts, of: str | None = None, run_id: str = "run", *, health: bool = True) -> int:
    queue = parts.store.assessment_queue
    items = queue.claim(100, this_process(), MINUTE, of)
    said = replace(SAID, health=health)
    return queue.save(run_id, [AssessedItem(one.id, one.version, said, VECTOR, "e") for one in items], NOW)


def show(parts: Parts, *numbers: int) -> None:
    """The source lists these."""
    entries = tuple(Entry(f"https://kho.example/{n}", "Lá đu đủ", text=f"{TEXT} {n}") for n in numbers)
    reading = SourceReading("kho", SourceState.WORKING, "", FetchState(SOURCE.address), entries)
    parts.store.sink.source_read(CrawlOrder("run", NOW, (SOURCE,), CrawlLimits("test")), reading)


def tell(parts: Parts) -> int:
    """Narrate and judge; the cases opened."""
    narrate.narrate(parts, "run", NOW, this_process())
    return alert.judge(parts, NOW).opened


def test_only_its_own_workers_assess_it_and_it_is_narrated_when_all_of_it_is_there(parts: Parts) -> None:
    begun = backfill(parts)
    assert parts.store.backfills.write(begun, [archived(n, OLD) for n in range(3)]) == (3, 0)
    assert parts.store.backfills.write(begun, [archived(n, OLD) for n in range(3)]) == (0, 3)
    assert assess(parts) == 0, "a run that collects has nothing to do with it"
    assert assess(parts, begun.id) == 3
    assert parts.store.narration.waiting() == ()
    parts.store.backfills.read(begun.id)
    assert len(parts.store.narration.waiting()) == 3


@pytest.mark.parametrize("older", [OLD - timedelta(days=1), None])
def test_of_two_records_of_one_piece_the_same_stands_in_whatever_order(parts: Parts, older: datetime | None) -> None:
    """As two workers, or one that was killed, come upon two pages of one address in different parts."""

    def told(job: str, number: int, *texts: str) -> list[tuple[object, ...]]:
        begun = parts.store.backfills.begin(Backfill(job, "/kho", "kho", f"run:{job}", NOW))
        parts.store.runs.start(f"run:{job}", NOW, NOW)
        records = {
            "older": replace(archived(number, older), text="Bản cũ"),
            "newer": replace(archived(number, OLD), text="Bản mới"),
            "same day": replace(archived(number, OLD), text="Bản khác cùng ngày"),
        }
        for text in texts:
            parts.store.backfills.write(begun, [records[text]])
            assess(parts, job, f"run:{job}", health=text != "older")
        parts.store.backfills.read(job)
        with stores.rows(parts.settings.home) as rows:
            said = "i.version, stage, title, text, published, moment, a.version, health, v.version"
            joined = "items i left join assessments a on a.item_id = i.id left join vectors v on v.item_id = i.id"
            found = rows(f"select {said} from {joined} where i.id = '{archived(number, None).id}'")
        return [*found, tuple(parts.store.runs.report(f"run:{job}").fates.items())]

    orders = list(permutations(("older", "newer", "same day")))
    stories = [told(f"backfill:{n}", n, *order) for n, order in enumerate(orders)]
    assert stories == [stories[0]] * len(orders)
    assert stories[0][0][:2] == (1, "assessed")
    assert stories[0][0][3] != "Bản cũ"


def test_a_record_that_comes_while_another_is_assessed_is_not_judged_by_that(parts: Parts) -> None:
    begun = backfill(parts)
    parts.store.backfills.write(begun, [archived(1, OLD - timedelta(days=1))])
    queue = parts.store.assessment_queue
    (claimed,) = queue.claim(10, "elsewhere:1:1.0", MINUTE, begun.id)
    parts.store.backfills.write(begun, [replace(archived(1, OLD), text="Bản mới")])
    assert queue.save("run", [AssessedItem(claimed.id, claimed.version, SAID, VECTOR, "e")], NOW) == 0
    assert assess(parts, begun.id) == 1
    assert parts.store.reader.item(claimed.id).text == "Bản mới"


def test_what_was_known_before_an_archive_stays_as_it_is(parts: Parts) -> None:
    """By a source, or by an earlier reading of the archive, whose items have been narrated."""
    show(parts, 1)
    begun = backfill(parts)
    parts.store.backfills.write(begun, [archived(2, OLD - timedelta(days=1))])
    later = replace(begun, now=NOW + timedelta(days=1))
    parts.store.backfills.again(later)
    for number in (1, 2):
        assert parts.store.backfills.write(later, [replace(archived(number, OLD), text="Bản khác")]) == (0, 1)
        assert parts.store.reader.item(archived(number, None).id).text == f"{TEXT} {number}"


def test_it_is_judged_and_found_and_alerts_nobody(parts: Parts) -> None:
    begun = backfill(parts)
    parts.store.backfills.write(begun, [archived(n, OLD if n % 2 else None) for n in range(6)])
    assess(parts, begun.id)
    parts.store.backfills.read(begun.id)
    assert tell(parts) == 0
    ids = {parts.store.reader.narrative_of(archived(n, None).id) for n in range(6)}
    assert None not in ids
    for id in ids:
        narrative = parts.store.reader.narrative(id or "")
        assert narrative.risk is not None
        assert not narrative.risk.trend.rising, "when an undated one was read says nothing of a trend"
        assert parts.store.reader.narrative_timeline(narrative.id, Interval.DAY)
    assert parts.store.outbox.counts()["waiting"] == 0
    assert tell(parts) == 0


def test_a_source_that_shows_one_makes_it_heard(parts: Parts) -> None:
    begun = backfill(parts)
    parts.store.backfills.write(begun, [archived(n, NOW - timedelta(days=1)) for n in range(3)])
    assess(parts, begun.id)
    parts.store.backfills.read(begun.id)
    assert tell(parts) == 0
    show(parts, 1)
    assert not parts.store.reader.item(archived(1, None).id).quiet
    assert parts.store.reader.item(archived(2, None).id).quiet
    assert tell(parts) == 1
    assert parts.store.outbox.counts()["waiting"] > 0


def test_with_alert_it_counts_like_any_other(parts: Parts) -> None:
    begun = backfill(parts, alert=True)
    parts.store.backfills.write(begun, [archived(n, OLD) for n in range(3)])
    assess(parts, begun.id)
    parts.store.backfills.read(begun.id)
    assert tell(parts) == 1


def test_batches_of_old_items_see_the_window_of_their_own_time(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not of today's: else what joins what would hang on where one batch ends."""

    def told(size: int, job: str, first: int) -> list[int]:
        monkeypatch.setattr(narrate, "BATCH_ITEMS", size)
        begun = parts.store.backfills.begin(Backfill(job, "/kho", "kho", "run", NOW))
        times = [OLD + timedelta(days=first + n) for n in range(8)]
        items = [archived(first + n, moment) for n, moment in enumerate(times)]
        parts.store.backfills.write(begun, items)
        assess(parts, begun.id)
        parts.store.backfills.read(begun.id)
        tell(parts)
        return [first + 0 if parts.store.reader.narrative_of(one.id) == items[0].id else -1 for one in items]

    assert told(100, "backfill:1", 0) == [0] * 8
    assert told(2, "backfill:2", 200) == [200] * 8


def test_a_claim_ends_with_a_new_wording(parts: Parts) -> None:
    show(parts, 1)
    queue = parts.store.assessment_queue
    (item,) = queue.claim(10, "elsewhere:1:1.0", MINUTE)
    assert queue.claim(10, "elsewhere:2:1.0", MINUTE) == ()
    assert queue.at_work("elsewhere:2:1.0") == ("elsewhere:1:1.0",)
    entry = Entry("https://kho.example/1", "Lá đu đủ, nói lại", text=TEXT)
    reading = SourceReading("kho", SourceState.WORKING, "", FetchState(SOURCE.address), (entry,))
    parts.store.sink.source_read(CrawlOrder("run", NOW, (SOURCE,), CrawlLimits("test")), reading)
    (newer,) = queue.claim(10, "elsewhere:2:1.0", MINUTE)
    assert newer.version == item.version + 1
    queue.let_go("elsewhere:2:1.0")
    assert replace(newer) in queue.waiting(10)
    assert queue.at_work("elsewhere:1:1.0") == ()
