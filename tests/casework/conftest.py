"""The desk on a real store: items go in at the front, and acts are done on what comes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from casework import JudgeOutcome, Recipients, judge_narratives
from records.address import item_id
from records.alert_rules import AlertRule
from records.assessment import AssessedItem, Harm, Kind, Stance
from records.case import Act, Case
from records.claim import Claim
from records.crawl import CrawlLimits, CrawlOrder, FetchState, SourceReading
from records.item import CapturedPage, Entry
from records.message import Delivery, Message
from records.narrative import Merge, Placement
from records.risk import DEFAULT_TABLE, Level
from records.source import Source, SourceState
from records.trend import TrendSettings
from store import Store
from tests.support import stores
from tests.support.desk_records import NOW, RUMOR_TITLE, assessment, source

HIGH_RULE = AlertRule("nguy cơ cao", level=Level.HIGH)
RECIPIENTS = Recipients(slack=("#tin3c",), mail=("truc-ban@soyte.example",))
_KEY = b"a key for tests"
_VECTOR = bytes.fromhex("003c") + bytes(2 * 383)  # float16 1.0, then zeros: length 1


@dataclass
class Newsroom:
    """`now` passes by `later`. Narratives have their first item's id."""

    store: Store
    now = NOW
    rules: tuple[AlertRule, ...] = (HIGH_RULE,)
    recipients: Recipients = RECIPIENTS

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)

    def item(
        self,
        name: str,
        into: str | None = None,
        from_: Source | None = None,
        title: str = RUMOR_TITLE,
        kind: Kind = Kind.RUMOR,
        stance: Stance = Stance.ASSERTS,
        harm: Harm = Harm.HIGH,
        attention: bool = False,
    ) -> str:
        """One more item, assessed and narrated: `into` a narrative, or the first of its own. The narrative's id."""
        origin = from_ or source()
        self.store.sources.save(replace(origin, enabled=True), self.now)
        run = f"run-{name}"
        self.store.runs.start(run, self.now, self.now)
        address = f"https://nguon.example/{name}"
        order = CrawlOrder(run, self.now, (origin,), CrawlLimits("Tin3C test"))
        entry = Entry(address, title, text=f"{title}. Nghe nói thế.", published=self.now)
        reading = SourceReading(origin.id, SourceState.WORKING, "", FetchState(origin.address), (entry,))
        self.store.sink.source_read(order, reading)
        said = assessment(kind, stance, harm, attention)
        waiting = self.store.assessment_queue.waiting(100)
        answers = [AssessedItem(item.id, item.version, said, _VECTOR, "encoder-1") for item in waiting]
        self.store.assessment_queue.save(run, answers, self.now)
        id = item_id(address)
        self.store.narration.save(run, [Placement(id, into or id, 1.0)], self.now)
        if into is None:
            self.store.narration.describe(id, title, ("lá đu đủ",))
        self.store.runs.finish(run, self.now)
        return into or id

    def narrator_merges(self, narrative_id: str, into: str) -> None:
        name = f"joining-{narrative_id}-{into}"
        self.item(name, into)
        merge = Merge(narrative_id, into, 0.9, item_id(f"https://nguon.example/{name}"))
        self.store.narration.merge(merge, "narrator", self.now)

    def judge(self, *narrative_ids: str, resembles: Callable[[str], Claim | None] | None = None) -> JudgeOutcome:
        return judge_narratives(
            self.store.casebook,
            self.store.risk,
            self.rules,
            self.recipients,
            DEFAULT_TABLE,
            TrendSettings(),
            self.now,
            narrative_ids or None,
            resembles,
        )

    def spread(self, narrative_id: str, name: str = "Nhóm khác", platform: str = "youtube") -> None:
        self.later(minutes=1)
        self.item(f"{narrative_id}-{name}-{platform}", narrative_id, source(name, platform=platform))

    def case(self, narrative_id: str) -> Case:
        found = self.store.reader.case_of(narrative_id)
        assert found is not None
        return found

    def outbox(self) -> list[Message]:
        """All that waits, by key, each thread's in its order; taking them out is a delivery."""
        found: list[Message] = []
        while due := self.store.outbox.due(self.now, 100):
            for message in due:
                found.append(message)
                self.store.outbox.delivered(message.key, Delivery(f"ts-{message.key}"), self.now)
        return found

    def acts(self, subject: str) -> list[Act]:
        return [entry.act for entry in self.store.reader.trail_of(subject)]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    store = stores.open_at(tmp_path, _KEY)
    yield Newsroom(store)
    store.reader.verify_trail()
    store.close()


@pytest.fixture
def capture() -> CapturedPage:
    return CapturedPage(
        "https://nguon.example/trang", NOW, 200, (("Content-Type", "text/html; charset=utf-8"),), b"<p>Nghe noi</p>"
    )
