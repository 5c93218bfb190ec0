"""`tin3c init`, whole by options, and at a real terminal."""

from __future__ import annotations

import os
import pty
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from console.cli.main import app
from tests.support import stores
from tests.support.command_line import CommandLine

GIVEN = ["--province", "tỉnh Bắc Giang", "--contact", "https://soyte.vi-du.vn/lien-he", "--no-sources"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    stores.use_here(monkeypatch, tmp_path / "home")
    return tmp_path / "home"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["init", *arguments])


def written(home: Path) -> dict[str, dict[str, object]]:
    return tomllib.loads((home / "tin3c.toml").read_text("utf-8"))


def test_without_a_terminal_the_rest_has_its_default(home: Path) -> None:
    done = CommandLine(home, {}).run("init", *GIVEN)
    assert done.status == 0, done.complaints
    assert "belongs to Bắc Ninh since July 2025" in done.complaints
    assert written(home) == {
        "department": {
            "name": "Sở Y tế Bắc Ninh", "province": "Bắc Ninh", "contact": "https://soyte.vi-du.vn/lien-he",
        }
    }  # fmt: skip
    again = CommandLine(home, {}).run("init", *GIVEN)
    assert again.status == 1 and "--force" in again.complaints


def test_without_a_terminal_what_is_missing_is_named(home: Path) -> None:
    done = CommandLine(home, {}).run("init")
    assert done.status == 2
    assert done.complaints == "tin3c: --province is missing, and there is no terminal to ask at\n"
    assert not home.exists()


def test_everything_by_options(home: Path, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("xoxb-1\n")
    done = run(
        *GIVEN, "--department", "Sở Y tế thử", "--slack-channel", "#canh-bao", "--slack-token-file",
        str(tmp_path / "token"), "--mail-host", "mail.vi-du.vn", "--mail-port", "465", "--mail-sender", "a@vi-du.vn",
        "--recipient", "b@vi-du.vn", "--recipient", "c@vi-du.vn", "--mail-password-file", str(tmp_path / "token"),
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    found = written(home)
    assert found["slack"] == {"channel": "#canh-bao", "token_file": str(tmp_path / "token")}
    assert found["mail"] == {
        "host": "mail.vi-du.vn", "port": 465, "sender": "a@vi-du.vn", "recipients": ["b@vi-du.vn", "c@vi-du.vn"],
        "password_file": str(tmp_path / "token"),
    }  # fmt: skip
    assert (home / "tin3c.toml").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--contact", "phòng truyền thông"], "mail address"),
        (["--contact", ""], "reach you"),
        (["--province", "Lạng Sown"], "Lạng Sơn"),
        (["--slack-channel", "#a"], "--slack-token-file is missing"),
        (["--slack-channel", "#a", "--slack-token-file", "/none/token"], "cannot be read"),
        (["--slack-channel", "#a", "--slack-token-file", "/dev/null"], "is empty"),
        (["--mail-host", "https://mail.vi-du.vn:25"], "name alone"),
        (
            ["--mail-host", "m.vn", "--mail-port", "0", "--mail-sender", "a@b.vn", "--recipient", "a@b.vn"],
            "--mail-port",
        ),
        (["--mail-host", "m.vn", "--mail-sender", "a", "--recipient", "a@b.vn"], "no mail address"),
        (["--mail-host", "m.vn", "--mail-sender", "a@b.vn", "--recipient", "a b"], "no mail address"),
        (["--mail-host", "m.vn", "--mail-sender", "a@b.vn"], "--recipient is missing"),
    ],
)
def test_what_cannot_be_used_is_refused_and_nothing_is_written(home: Path, wrong: list[str], said: str) -> None:
    done = run(*GIVEN, *wrong)
    assert done.exit_code == 2, done.output
    assert said in " ".join(done.stderr.split())
    assert not home.exists()


def test_at_a_terminal_a_wrong_answer_is_asked_again(home: Path) -> None:
    answers = ["Lang Sown", "Lạng Sơn", "", "không có", "yt@vi-du.vn", "", ""]
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TIN3C_HOME"] = str(home)
        program = "from console.cli import main; import sys; sys.argv[0] = 'tin3c'; main()"
        os.execv(sys.executable, [sys.executable, "-c", program, "init", "--no-sources"])
    os.write(terminal, "".join(f"{answer}\n" for answer in answers).encode())
    shown = b""
    try:
        while piece := os.read(terminal, 4096):
            shown += piece
    except OSError:  # how a terminal ends on Linux
        pass
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, shown.decode()
    assert "none of the 34 provinces" in shown.decode()
    assert written(home)["department"] == {
        "name": "Sở Y tế Lạng Sơn", "province": "Lạng Sơn", "contact": "yt@vi-du.vn",
    }  # fmt: skip
