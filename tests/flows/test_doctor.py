"""What `tin3c doctor` finds in a real store: nothing that does not work is called good."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows import doctor
from flows.doctor import Finding, Health
from flows.parts import Parts, use
from flows.settings import build
from records.crawl import CrawlLimits, CrawlOrder, FetchState, SourceReading
from records.message import Address, Channel, Message, Notice, NoticeKind
from records.source import Owner, Source, SourceKind, SourceState
from tests.support import stores
from tests.support.desk_records import risk

NOW = datetime(2026, 8, 23, 1, 0, tzinfo=UTC)
SOURCE = Source("bao", "Báo thử", "https://bao.example/rss", SourceKind.FEED, Owner.PRESS, enabled=True)
NOTICE = Notice(
    NoticeKind.CASE_OPENED, "case-n1", "n1", "Tin đồn thử", risk(), None, (), 1, "Báo thử", None, NOW, ()
)  # fmt: skip


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    parts = use(build({"home": tmp_path, "store": stores.section(tmp_path)}))
    yield parts
    parts.close()


def found(check: Callable[[Parts], Iterator[Finding]], parts: Parts) -> list[tuple[Health, str]]:
    return [(finding.health, finding.what) for finding in check(parts)]


def test_sources_are_good_only_when_one_works(parts: Parts) -> None:
    assert found(doctor._sources, parts) == [(Health.BAD, "no source is switched on")]
    parts.store.sources.save(SOURCE, NOW)
    assert [health for health, _ in found(doctor._sources, parts)] == [Health.NOTE]  # never read: no more is known
    order = CrawlOrder("run", NOW, (SOURCE,), CrawlLimits("test"))
    parts.store.runs.start("run", NOW, NOW)
    for state, last in (
        (SourceState.FAILING, (Health.BAD, "none of 1 sources works")),
        (SourceState.WORKING, (Health.GOOD, "1 of 1 sources work")),
    ):
        parts.store.sink.source_read(order, SourceReading("bao", state, "", FetchState(SOURCE.address), ()))
        assert found(doctor._sources, parts)[-1] == last


def test_a_refused_message_is_told_with_its_reason(parts: Parts) -> None:
    message = Message("case:n1:high", Address(Channel.SLACK, "#canh-bao"), "n1", NOTICE, NOW)
    with parts.store.casebook.work() as work:
        work.enqueue(message)
    assert found(doctor._messages, parts) == [(Health.GOOD, "0 delivered, 1 waiting")]
    parts.store.outbox.refused(message.key, "Slack, chat.postMessage: not_in_channel", NOW)
    assert found(doctor._messages, parts)[:2] == [
        (Health.BAD, "1 messages were refused by their server"),
        (Health.BAD, "slack to #canh-bao, since 08:00 23/08/2026: Slack, chat.postMessage: not_in_channel"),
    ]
