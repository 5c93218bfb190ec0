"""`reconsider`: what comes back with the next run, and what waits for its feed, are told apart."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.cli.main import app
from flows import wiring
from flows.settings import load
from records.assessment import AssessedItem, Assessment, Harm, Kind, Stance
from records.crawl import CrawlLimits, CrawlOrder, FetchState, SourceReading
from records.item import Entry
from records.source import SourceState
from tests.support import stores
from tests.support.desk_records import source

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
AWAY = Assessment(False, False, None, Kind.CHATTER, Stance.NEUTRAL, Harm.NONE, {"health": 0.3}, (), (), "test")


def test_comments_are_told_apart_from_what_comes_back_with_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores.use_here(monkeypatch, tmp_path)
    entries = (
        Entry("https://bao.example/a", "Chung kết", text="Trận chung kết."),
        Entry("https://bao.example/a#comment-1", "Hay", text="Hay quá.", context="Chung kết"),
    )
    with wiring.open_store(load()) as store:
        store.sources.save(source(), NOW)
        store.runs.start("run", NOW, NOW)
        order = CrawlOrder("run", NOW, (source(),), CrawlLimits("Tin3C test"))
        fetch = FetchState(source().address)
        store.sink.source_read(order, SourceReading(source().id, SourceState.WORKING, "", fetch, entries))
        answers = [AssessedItem(item.id, item.version, AWAY) for item in store.assessment_queue.waiting(10)]
        store.assessment_queue.save("run", answers, NOW)
    result = CliRunner().invoke(app, ["reconsider", "--above", "0"])
    assert result.exit_code == 0, result.output
    assert "1 items come back with the next `tin3c watch`." in result.stderr
    assert "1 comments come back when a feed shows them again, within 7 days" in result.stderr
