"""`tin3c watch` on the bundled newsroom: one run at a time, each message once, and of what is not health no text."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawlers.source_files import to_toml
from demo.showing import moments, source_of
from demo.site import serving
from flows import watching
from flows.parts import use
from flows.settings import build
from flows.wiring import open_store
from records.assessment import Correction
from records.errors import LeaseTaken
from records.item import ItemStage
from store import Store
from tests.support import stores
from tests.support.command_line import CommandLine, Finished, home_with_encoder, items_met
from tests.support.mail_server import Mailbox, mail_server
from tests.support.slack_server import CHANNEL, TOKEN, Slack, SlackServer

pytestmark = [pytest.mark.encoder, pytest.mark.timeout(600)]

NOW = moments()[-1]
SOON = NOW + timedelta(minutes=15)
#: On the next day in Viet Nam.
LATER = NOW + timedelta(hours=4)
RECIPIENTS = ("truc-ban@soyte.example", "truyen-thong@soyte.example")


@dataclass(frozen=True)
class Desk:
    """A home after two runs. What Slack and the mailbox held after the first, and hold now."""

    command: CommandLine
    imported: list[Finished]
    reports: list[dict[str, Any]]
    slack: Slack
    mailbox: Mailbox
    after_first: tuple[int, int]

    def store(self) -> Store:
        return open_store(build({"home": self.command.home, "store": stores.section(self.command.home)}))

    def ids(self, *stages: ItemStage) -> list[str]:
        with stores.rows(self.command.home) as rows:
            return [id for id, stage in rows("select id, stage from items order by id") if stage in stages]


@pytest.fixture(scope="module")
def desk(builtin_encoder_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("watch")
    with serving() as site, SlackServer(Slack(seconds_between_posts=0.3)) as slack, mail_server() as mail:
        site.show(NOW)
        settings = {
            "CRAWL__DELAY_SECONDS": "0",
            "SLACK__TOKEN": TOKEN,
            "SLACK__CHANNEL": "#tin3c",
            "SLACK__BASE_URL": slack.base_url,
            "MAIL__HOST": mail.host,
            "MAIL__PORT": str(mail.port),
            "MAIL__SECURITY": "none",
            "MAIL__SENDER": "tin3c@soyte.example",
            "MAIL__RECIPIENTS": str(list(RECIPIENTS)).replace("'", '"'),
        }
        command = CommandLine(home_with_encoder(folder / "home", builtin_encoder_home), settings)
        (folder / "sources.toml").write_text(to_toml(source_of(one) for one in site.servers), "utf-8")
        imported = [command.run("sources", "import", str(folder / "sources.toml")) for _ in range(2)]
        reports = [command.watch(NOW.isoformat())]
        after_first = len(slack.slack.messages), len(mail.mailbox.mails)
        reports.append(command.watch(SOON.isoformat()))
        yield Desk(command, imported, reports, slack.slack, mail.mailbox, after_first)


# --- wrong usage ------------------------------------------------------------------------------------------------------


def test_a_fixed_now_wants_once(tmp_path: Path) -> None:
    done = CommandLine(tmp_path, {}).run("watch", "--now", "2026-08-23T12:00")
    assert done.status == 2
    assert "--once" in done.complaints
    assert not (tmp_path / "tin3c.db").exists()


def test_a_now_that_is_no_time(tmp_path: Path) -> None:
    assert CommandLine(tmp_path, {}).run("watch", "--once", "--now", "hôm qua").status == 2


def test_a_setting_that_is_none(tmp_path: Path) -> None:
    done = CommandLine(tmp_path, {"CRAWL__DELAY": "0"}).run("watch", "--once")
    assert done.status == 2
    assert "TIN3C_CRAWL__DELAY (in the environment)" in done.complaints


# --- one run at a time ------------------------------------------------------------------------------------------------


def test_a_second_run_is_refused_while_one_is_at_work(tmp_path: Path) -> None:
    with closing(stores.open_at(tmp_path)) as store, watching.held(store.leases, watching.RUN_LEASE):
        done = CommandLine(tmp_path, {}).run("watch", "--once")
        assert done.status == 3
        assert "another run is at work" in done.complaints
        assert done.output == ""
        assert store.runs.latest() is None


def test_the_refusal_names_the_holder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_TAKE_OVER_SECONDS", 0.0)
    parts = use(build({"home": tmp_path, "store": stores.section(tmp_path)}))
    with closing(parts):
        with watching.held(parts.store.leases, watching.RUN_LEASE), pytest.raises(LeaseTaken) as refused:
            watching.run_once(parts, NOW)
        assert refused.value.name == watching.RUN_LEASE
        with watching.held(parts.store.leases, watching.RUN_LEASE):
            pass  # it was given back, and the refused run took nothing


# --- sources ----------------------------------------------------------------------------------------------------------


def test_a_list_imported_twice_changes_nothing(desk: Desk) -> None:
    assert [one.status for one in desk.imported] == [0, 0]
    count = len(desk.reports[0]["sources"])
    assert f"{count} new, 0 changed, 0 unchanged." in desk.imported[0].output
    assert f"0 new, 0 changed, {count} unchanged." in desk.imported[1].output


def test_a_source_added_twice_is_there_once(tmp_path: Path) -> None:
    command = CommandLine(tmp_path, {"CRAWL__DELAY_SECONDS": "0"})
    with serving() as site:
        site.show(NOW)
        address = site.servers[0].address
        assert command.run("sources", "add", "--yes", address).status == 0
        # The same place in other words: a fragment, and a parameter that only says where a reader came from.
        for same in (address, f"{address}?utm_source=zalo#top"):
            again = command.run("sources", "add", "--yes", same)
            assert again.status == 1
            assert "on the list already" in again.complaints
    assert len(command.run("sources", "list", "--json").output.splitlines()) == 1


# --- what a run says --------------------------------------------------------------------------------------------------


def test_the_last_line_is_one_object_and_its_counts_add_up(desk: Desk) -> None:
    first, second = desk.reports
    assert set(first["fates"]) == {"new", "edited", "seen", "not_health", "unreadable", "refused", "failed"}
    assert items_met(first) == len(desk.ids(*ItemStage)) > 100
    assert first["fates"]["new"] == len(desk.ids(ItemStage.ASSESSED))
    assert first["fates"]["not_health"] == len(desk.ids(ItemStage.NOT_HEALTH)) > 0
    assert all(source["state"] == "working" for source in first["sources"].values())
    assert first["cases_opened"] > 0
    assert first["messages"]["waiting"] == first["index_behind"] == 0
    assert items_met(second) == second["fates"]["seen"]
    assert second["cases_opened"] == second["messages"]["delivered"] == 0


# --- messages ---------------------------------------------------------------------------------------------------------


def test_each_message_is_delivered_once(desk: Desk) -> None:
    with stores.rows(desk.command.home) as rows:
        outbox = rows("select key, channel, status from outbox")
    assert {status for *_, status in outbox} == {"delivered"}
    keys = {channel: {key for key, of, _ in outbox if of == channel} for channel in ("slack", "mail")}
    posted = Counter(one["metadata"]["event_payload"]["key"] for one in desk.slack.messages)
    assert posted == Counter(keys["slack"])
    assert {one["channel"] for one in desk.slack.messages} == {CHANNEL}
    assert desk.slack.problems == []
    mailed = Counter(one["Message-ID"] for one in desk.mailbox.mails)
    assert set(mailed.values()) == {1}
    assert len(mailed) == len(keys["mail"]) > 0
    assert {one["To"] for one in desk.mailbox.mails} == set(RECIPIENTS)
    assert desk.reports[0]["messages"]["delivered"] == len(outbox) == sum(desk.after_first)


def test_a_second_run_says_nothing_twice(desk: Desk) -> None:
    assert (len(desk.slack.messages), len(desk.mailbox.mails)) == desk.after_first


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_captures_of_health_items_can_be_read(desk: Desk) -> None:
    with closing(desk.store()) as store:
        health = store.reader.items(desk.ids(ItemStage.ASSESSED))
        with_page = [item for item in health if item.capture_sha256]
        # A post has its whole text in its feed, and so no page.
        assert len(with_page) > len(health) / 2
        for item in with_page:
            found = store.reader.capture_of(item.id)  # its sha256 is checked on the way
            assert found is not None
            capture, body = found
            assert capture.status == 200
            assert capture.warc_file is not None
            assert len(body) == capture.bytes
            assert "<article>" in body.decode()
    assert not list((desk.command.home / "captures" / "staged").iterdir())


def test_of_what_is_not_health_no_text_and_no_capture_is_left(desk: Desk) -> None:
    ids = desk.ids(ItemStage.NOT_HEALTH)
    with closing(desk.store()) as store:
        for item in store.reader.items(ids):
            assert item.title or item.address
            assert (item.text, item.summary, item.capture_sha256) == ("", "", None)
            assert store.reader.capture_of(item.id) is None
            assert store.reader.assessment(item.id) is None
            assert store.reader.versions(item.id) == ()
    with stores.rows(desk.command.home) as rows:
        for table in ("captures", "vectors", "assessments", "item_versions", "page_queue"):
            left = {id for (id,) in rows(f"select item_id from {table}")}
            assert not left & set(ids), table
        judged = rows("select health_probability, judged_at from items where stage = 'not_health'")
    assert all(probability is not None and moment for probability, moment in judged)


def test_what_was_judged_not_health_comes_back(desk: Desk, tmp_path: Path) -> None:
    """One by the undo alone, judged again by the same models; another with an officer's word, which stands."""
    # On a copy: the other tests look at the home as the two runs left it.
    shutil.copytree(desk.command.home, tmp_path / "home", symlinks=True)
    stores.copy(desk.command.home, tmp_path / "home")
    desk = replace(desk, command=replace(desk.command, home=tmp_path / "home"))
    undone, corrected = desk.ids(ItemStage.NOT_HEALTH)[:2]
    at = datetime.fromisoformat(desk.reports[-1]["now"])
    with closing(desk.store()) as store:
        assert store.assessment_queue.undo_not_health([undone], at) == 1
        with store.casebook.work() as work:
            work.correct(Correction(corrected, "health", "false", "true", "Trần Bình", at, "thử"))
        assert {item.stage for item in store.reader.items([undone, corrected])} == {ItemStage.AWAITING_PAGE}
    report = desk.command.watch(LATER.isoformat())
    assert (report["fates"]["not_health"], report["fates"]["new"]) == (1, 1)
    assert items_met(report) >= 2
    with stores.rows(desk.command.home) as rows:
        assert rows("select count(*) from counted_days") == [(1,)], "of the day that was over"
    with closing(desk.store()) as store:
        again, back = store.reader.items([undone, corrected])
        assert (again.stage, again.text) == (ItemStage.NOT_HEALTH, "")
        assert back.stage is ItemStage.ASSESSED
        assert back.text
        assert store.reader.capture_of(corrected) is not None
        assert store.reader.assessment(corrected).health  # type: ignore[union-attr]
        assert store.reader.narrative_of(corrected) is not None
