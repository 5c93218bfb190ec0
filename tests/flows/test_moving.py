"""`tin3c store copy` and `check`, as commands: they wait for a run, say what to change, and never say the password."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from flows import watching
from records.run import RUN_LEASE
from tests.support import postgresql, stores
from tests.support.command_line import CommandLine, finished

pytestmark = pytest.mark.postgresql


@pytest.fixture
def other() -> Iterator[str]:
    name = f"tin3c_moved_{secrets.token_hex(6)}"
    yield postgresql.create(name).set(drivername="postgresql").render_as_string(hide_password=False)
    postgresql.drop(name)


def test_it_waits_for_a_run_then_copies_and_says_what_to_change(tmp_path: Path, other: str) -> None:
    password = tmp_path / "password"
    password.write_text(secret := postgresql.server().password or "")
    bare = other.replace(f":{secret}@", "@")
    command = CommandLine(tmp_path / "home", {})
    with stores.open_at(command.home) as store, watching.held(store.leases, RUN_LEASE):
        copying = command.start("store", "copy", "--to", bare, "--password-file", str(password))
        assert copying.stderr is not None
        assert copying.stderr.readline().startswith("Waiting for ")
    done = finished(copying, 60)
    assert done.status == 0, done.complaints
    assert "every count and checksum is the same" in done.complaints
    assert f'url = "{bare}"\npassword_file = "{password}"' in done.complaints
    moved = CommandLine(command.home, {"STORE__URL": bare, "STORE__PASSWORD_FILE": str(password)})
    checked, examined = moved.run("store", "check"), command.run("store", "copy", "--to", bare, "--dry-run")
    assert checked.status == 0, checked.complaints
    assert "PostgreSQL" in checked.complaints
    assert examined.status == 1, "without its password it is not let in"
    old = command.run("keep", "--dry-run")
    assert old.status == 1 and "run `tin3c store reopen`" in old.complaints, "a timer that still names it is refused"
    opened = command.run("store", "reopen", "--yes")
    assert opened.status == 0 and "it had been moved to" in opened.complaints
    assert command.run("keep", "--dry-run").status == 0
    for one in (done, checked, examined, old, opened):
        assert secret not in one.output + one.complaints


def test_what_does_not_hold_together_ends_with_1(tmp_path: Path) -> None:
    command = CommandLine(tmp_path / "home", {})
    with stores.open_at(command.home) as store, store._database.writing() as connection:
        connection.execute(text("INSERT INTO warc_files (name, bytes) VALUES ('2026-03-01.warc.gz', 7)"))
    done = command.run("store", "check")
    assert done.status == 1
    assert "2026-03-01.warc.gz" in done.output
