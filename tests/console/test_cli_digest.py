"""`tin3c digest` on an empty home and to a real mail server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from console.cli.main import app
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


def test_send_mails_every_recipient(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with mail_server() as running:
        (home / "tin3c.toml").write_text(
            f'[mail]\nhost = "127.0.0.1"\nport = {running.port}\nsecurity = "none"\nsender = "tin3c@soyte.example"\n'
            'digest_recipients = ["da-nghi@soyte.example", "giam-doc@soyte.example"]\n'
        )
        running.mailbox.answers.append("550 No such person here")
        result = run("week", "--until", UNTIL, "--send", "--json")
    assert result.exit_code == 1
    figures = json.loads(result.stdout.splitlines()[-1])
    assert figures["sent"] == ["giam-doc@soyte.example"] and list(figures["failed"]) == ["da-nghi@soyte.example"]
    (mail,) = running.mailbox.mails
    assert mail["Subject"].startswith("[Tin3C] Điểm tin tuần")


def test_a_time_that_cannot_be_read(home: Path) -> None:
    assert run("day", "--until", "hôm qua").exit_code == 2


def test_a_home_that_has_read_nothing(home: Path) -> None:
    text = run("day", "--until", UNTIL).stdout
    assert "Không có tin về y tế trong ngày." in text
    assert "Chưa bật nguồn nào để theo dõi." in text
