"""`tin3c store copy` and `check`, as commands: they wait for a run, say what to change, and never say the password."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from flows import moving, watching, wiring
from flows.settings import build
from records.run import RUN_LEASE
from store import table_copy
from store.tables import leases
from tests.support import busy_store, postgresql, stores
from tests.support.command_line import CommandLine, finished
from tests.support.databases import KINDS, database

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


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_that_lost_its_machine_stops_runs_for_minutes_only(
    kind: str, other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process cannot be told to be dead once the machine was started anew: its lease has to run out."""
    monkeypatch.setattr(moving, "_RENEW_SECONDS", 0.05)
    seen: list[tuple[str, datetime]] = []
    with database(kind) as url:
        settings = build({"home": tmp_path, "store": {"url": url} if url else {}})
        with wiring.open_store(settings) as store:
            for number in range(3):
                store.sources.save(replace(busy_store.SOURCE, id=f"bao-{number}"), busy_store.NOW)

        def look(table: str, rows: int) -> None:
            with closing(wiring.database(settings)) as same, same.reading() as connection:
                seen.extend((row.name, row.expires_at) for row in connection.execute(select(leases)))
            time.sleep(0.3)

        monkeypatch.setattr(table_copy, "BATCH", 1)
        moving.copy_store(settings, other, look, print)
    assert {name for name, _ in seen} == {RUN_LEASE}
    assert max(expires_at for _, expires_at in seen) < datetime.now(UTC) + timedelta(minutes=5)
    if kind == "postgresql":
        assert len({expires_at for _, expires_at in seen}) > 1, "it was renewed"


def test_what_does_not_hold_together_ends_with_1(tmp_path: Path) -> None:
    command = CommandLine(tmp_path / "home", {})
    with stores.open_at(command.home) as store, store._database.writing() as connection:
        connection.execute(text("INSERT INTO warc_files (name, bytes) VALUES ('2026-03-01.warc.gz', 7)"))
    done = command.run("store", "check")
    assert done.status == 1
    assert "2026-03-01.warc.gz" in done.output
