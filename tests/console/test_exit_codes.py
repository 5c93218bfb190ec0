"""How commands end: the same code for the same thing, as the table in docs/command-line.md has it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.cli import exits
from console.cli.main import app
from tests.support import stores

ROOT = Path(__file__).parents[2]
NONE = "/none/there.jsonl"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    stores.use_here(monkeypatch, tmp_path / "home")
    return tmp_path


def ends(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stderr


def test_the_table_has_every_code_and_no_other() -> None:
    text = (ROOT / "docs/command-line.md").read_text("utf-8")
    listed = [int(code) for code in re.findall(r"^\| (\d+) \|", text, re.M)]
    assert listed == [exits.DONE, exits.FAILED, exits.WRONG_USAGE, exits.ALREADY_RUNNING, exits.INTERRUPTED]


@pytest.mark.parametrize(
    "arguments",
    [
        ("assess", NONE),
        ("narratives", NONE),
        ("extract", NONE),
        ("sources", "import", NONE),
        ("sources", "export", "/none/there.toml"),
        ("digest", "day", "--output", "/none/there.html"),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_a_file_that_cannot_be_had_is_wrong_usage(arguments: tuple[str, ...]) -> None:
    code, said = ends(*arguments)
    assert code == exits.WRONG_USAGE
    assert said.startswith("tin3c: /none/there") and len(said.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("sources", "add", "file:///etc/passwd"),
        ("sources", "add", "https://bao.example/", "--link-pattern", "("),
        ("sources", "enable", "none"),
        ("sources", "check", "none"),
        ("sources", "remove", "none", "--yes"),
        ("search", ""),
        ("search", "  "),
        ("search", "!!!"),
        ("search", "x", "--since", "hôm qua"),
        ("digest", "day", "--until", "hôm qua"),
        ("digest", "month"),
        ("watch", "--once", "--now", "hôm qua"),
        ("watch", "--now", "2026-01-01"),
        ("assess", NONE, "--resume"),
        ("nothing",),
    ],
    ids=" ".join,
)
def test_what_cannot_be_meant_is_wrong_usage(arguments: tuple[str, ...]) -> None:
    code, said = ends(*arguments)
    assert code == exits.WRONG_USAGE
    assert said and "Traceback" not in said


def test_a_wrong_setting_is_wrong_usage_everywhere(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIN3C_CRAWL__RETRIES", "many")
    for arguments in (("search", "x"), ("doctor",), ("sources", "list"), ("digest", "day"), ("models", "fetch")):
        assert ends(*arguments) == (
            exits.WRONG_USAGE,
            "tin3c: settings: TIN3C_CRAWL__RETRIES (in the environment): must be a whole number, not 'many'. "
            "See docs/settings.md.\n",
        )


def test_a_model_that_is_not_there_is_a_failure(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIN3C_MODELS__ENCODER", str(home / "none"))
    (home / "rows.jsonl").write_text('{"text": "x"}\n')
    for arguments in (("models", "fetch"), ("narratives", str(home / "rows.jsonl"))):
        code, said = ends(*arguments)
        assert code == exits.FAILED and said.startswith("tin3c: ")


def test_a_page_without_an_article_is_a_failure(home: Path) -> None:
    (home / "empty.html").write_text("")
    code, said = ends("extract", str(home / "empty.html"))
    assert code == exits.FAILED
    assert said.endswith("empty.html: it is empty\n")
