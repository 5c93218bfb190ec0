"""`tin3c digest` on an empty home and to a real mail server."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from alerts.delivery import deliver_due
from console.cli.main import app
from flows import alert, watching
from flows.parts import use
from flows.settings import load
from tests.support import stores
from tests.support.mail_server import mail_server

UNTIL = "2026-03-02T03:00+00:00"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    stores.use_here(monkeypatch, tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["digest", *arguments])


def test_without_send_it_prints_the_text(home: Path) -> None:
    result = run("week", "--until", UNTIL)
    assert result.exit_code == 0, result.output
    assert "ĐIỂM TIN TUẦN TỪ 23/02/2026 ĐẾN 01/03/2026" in result.stdout


def test_a_file_and_figures(home: Path) -> None:
    output = home / "digest.html"
    result = run("day", "--until", UNTIL, "--output", str(output), "--json")
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert (figures["period"], figures["items"], figures["sent"]) == ("day", 0, [])
    assert figures["since"] == "2026-02-28T17:00:00+00:00"
    assert output.read_text().lstrip().startswith("<!DOCTYPE html>")


def mail_settings(home: Path, port: int) -> None:
    (home / "tin3c.toml").write_text(
        f'[mail]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\nsender = "tin3c@soyte.example"\n'
        'digest_recipients = ["da-nghi@soyte.example", "giam-doc@soyte.example"]\n'
    )


def test_send_mails_every_recipient_once(home: Path) -> None:
    with mail_server() as running:
        mail_settings(home, running.port)
        running.mailbox.answers.append("550 No such person here")
        result = run("week", "--until", UNTIL, "--send", "--json")
        assert result.exit_code == 1
        figures = json.loads(result.stdout.splitlines()[-1])
        assert figures["sent"] == ["giam-doc@soyte.example"] and list(figures["failed"]) == ["da-nghi@soyte.example"]
        (mail,) = running.mailbox.mails
        assert mail["Subject"].startswith("[Tin3C] Điểm tin tuần")
        # The same week, asked for an hour later: who has it does not get it twice.
        result = run("week", "--until", "2026-03-02T04:00+00:00", "--send", "--json")
        assert "giam-doc@soyte.example: was sent already" in result.stderr
        figures = json.loads(result.stdout.splitlines()[-1])
        assert (figures["sent"], figures["sent_before"]) == ([], ["giam-doc@soyte.example"])
        assert len(running.mailbox.mails) == 1
        result = run("week", "--until", UNTIL, "--send", "--again", "--json")
        assert result.exit_code == 0, result.output
        assert len(json.loads(result.stdout.splitlines()[-1])["sent"]) == 2
        assert len(running.mailbox.mails) == 3
        assert run("day", "--until", UNTIL, "--send").exit_code == 0, "another period is another digest"
        assert len(running.mailbox.mails) == 5


def test_a_server_that_is_away_gets_it_later(home: Path) -> None:
    with mail_server() as running:
        mail_settings(home, running.port)
        running.mailbox.answers += ["451 Later", "451 Later"]
        result = run("day", "--until", UNTIL, "--send")
        assert result.exit_code == 1
        assert "tries again" in result.stderr
        parts = use(load(home))
        later = datetime.now(UTC) + timedelta(seconds=40)
        outcome = deliver_due(parts.store.outbox, parts.deliverers, lambda: later)
        parts.close()
        assert outcome.delivered == 2
        assert {mail["To"] for mail in running.mailbox.mails} == {"da-nghi@soyte.example", "giam-doc@soyte.example"}


def test_it_waits_for_another_process_that_is_delivering(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "_TAKE_OVER_SECONDS", 0.0)
    with mail_server() as running:
        mail_settings(home, running.port)
        parts = use(load(home))
        with watching.held(parts.store.leases, alert.DELIVERY_LEASE):
            result = run("day", "--until", UNTIL, "--send")
        parts.close()
        assert result.exit_code == 1
        assert "not sent yet" in result.stderr
        assert running.mailbox.mails == []
        assert "sent" in run("day", "--until", UNTIL, "--send").stderr
        assert len(running.mailbox.mails) == 2


def test_again_wants_send(home: Path) -> None:
    assert run("day", "--again").exit_code == 2


def test_a_time_that_cannot_be_read(home: Path) -> None:
    assert run("day", "--until", "hôm qua").exit_code == 2


def test_a_home_that_has_read_nothing(home: Path) -> None:
    text = run("day", "--until", UNTIL).stdout
    assert "Không có tin về y tế trong ngày." in text
    assert "Chưa bật nguồn nào để theo dõi." in text
