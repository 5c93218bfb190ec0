"""A backup taken while runs write; everything deleted; restored on either database: rows, captures and trail hold."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows import backup, manifest, wiring
from flows.manifest import Contents
from flows.restore import Restoring
from flows.settings import Settings, build, load
from records.address import item_id
from records.errors import InputError, LeaseTaken, NotFound, StoreError, StoreMoved
from records.message import Address, Channel, Message, Notice, NoticeKind
from records.work import WorkPart
from store import Store, moving, open_store
from tests.support import busy_store, stores
from tests.support.busy_store import KEY, NOW, SOURCE
from tests.support.command_line import CommandLine
from tests.support.databases import database
from tests.support.desk_records import risk

AFTER = datetime(2026, 3, 3, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ELSEWHERE = "elsewhere:1:1.0"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("TIN3C_") and not n.startswith("TIN3C_TEST")]:
        monkeypatch.delenv(name)


def home_at(folder: Path, url: str | None = None) -> Settings:
    """A home with a key, settings, heads and a delivered message."""
    for name, content in {
        "keys/author.key": KEY,
        "tin3c.toml": b'[department]\nname = "S\xe1\xbb\x9f Y t\xe1\xba\xbf"\n',
        "models/heads/topic.json": b"{}",
        "messages/0001-x.txt": b"Slack",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return settings_of(folder, url)


def settings_of(folder: Path, url: str | None) -> Settings:
    return build({"home": folder, "store": {"url": url} if url else {}})


def opened(folder: Path, url: str | None) -> Store:
    return open_store(url, home=folder, author_key=KEY)


@contextmanager
def busy(home: Path, url: str | None) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", busy_store.__name__, str(home), *([url] if url else [])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "busy\n"
        yield process
        assert process.poll() is None, "it must have written all the time"
    finally:
        process.kill()
        process.communicate()


def verified(store: Store) -> tuple[int, int]:
    """(items, captures), every capture's body read and its hash checked, the trail verified."""
    assert store.reader.verify_trail() > 3
    items = captures = 0
    for number in range(100_000):
        try:
            item = store.reader.item(item_id(busy_store.address(number)))
        except NotFound:
            break
        items += 1
        if found := store.reader.capture_of(item.id):
            assert found[1].decode() == f"Nội dung số {number}. " * 40
            captures += 1
    return items, captures


@pytest.mark.parametrize(("source", "target"), [("sqlite", "postgresql"), ("postgresql", "sqlite")])
def test_taken_under_load_everything_deleted_and_restored(source: str, target: str, tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "backups"
    with database(source) as url:
        settings = home_at(home, url)
        with busy(home, url):
            first = backup.make(settings, folder)
            second = backup.make(settings, folder)
        before = second.manifest.snapshot
        assert before.tables["items"].rows >= first.manifest.snapshot.tables["items"].rows > 0
        shutil.rmtree(home)
    assert {stat.S_IMODE(path.stat().st_mode) for path in second.path.rglob("*") if path.is_file()} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in [folder, *second.path.rglob("*")] if path.is_dir()} == {0o700}
    # A day's segment that did not grow between the two is one file on the disk.
    assert backup.verify(second.path) == second.manifest
    with database(target) as url:
        outcome = Restoring(home, second.path, to_store=url or "sqlite").carry_out(AFTER)
        assert (home / "keys/author.key").read_bytes() == KEY
        assert (home / "messages/0001-x.txt").exists()
        assert (home / "models/heads/topic.json").exists()
        with closing(opened(home, url)) as store:
            items, captures = verified(store)
            assert items == before.tables["items"].rows
            assert captures >= 0.9 * before.tables["captures"].rows > 0
            assert store.reader.verify_trail() == before.trail_entries + 1  # that it was restored
            assert store.reader.counts()["index_queue"] == outcome.restored.queued_for_index > 0
            # It goes on where it was: numbers, revisions, files.
            busy_store.write_round(store, 5_000)
            with closing(wiring.database(settings_of(home, url))) as again, again.reading() as connection:
                from store.table_copy import figures

                assert figures(connection)["leases"].rows == 0


def test_messages_are_not_said_twice_after_a_restore(tmp_path: Path) -> None:
    settings = home_at(tmp_path / "home")
    with closing(opened(settings.home, None)) as store:
        store.sources.save(SOURCE, NOW)
        with store.casebook.work() as work:
            for channel in Channel:
                work.enqueue(_message(f"open:{channel}", channel))
    made = backup.make(settings, tmp_path / "backups")
    now = datetime.now(UTC)
    done = Restoring(settings.home, made.path, replace=True).carry_out(now)
    assert (done.restored.held, done.restored.asked) == (1, 1)
    with closing(opened(settings.home, None)) as store:
        (message,) = store.outbox.due(now)
        assert message.to.channel is Channel.SLACK
        assert store.outbox.sending(message.key, now), "Slack must be asked first"
        assert store.outbox.counts()["refused"] == 1
        with store.casebook.work() as work:
            work.enqueue(_message("open:again", Channel.SLACK))
        # The lost store may have said it after the backup.
        assert store.outbox.sending("open:again", now)
    undone = done.replaced
    assert undone is not None
    assert (undone / "tin3c.db").exists()


def _message(key: str, channel: Channel) -> Message:
    said = Notice(
        NoticeKind.CASE_OPENED, "case-n", "n", "Tin đồn", risk(), None, (), 1, "Báo Ví Dụ", None, NOW, ()
    )  # fmt: skip
    return Message(key, Address(channel, "#x"), "n", said, NOW)


def test_a_killed_backup_is_seen_as_unfinished_and_thrown_away(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "backups"
    settings = home_at(home)
    with closing(opened(home, None)) as store:
        store.sources.save(SOURCE, NOW)
        busy_store.write_round(store, 0)
    program = (
        "import os, signal, sys, pathlib; from flows import backup, manifest; from flows.settings import build\n"
        "manifest.write = lambda *a: os.kill(os.getpid(), signal.SIGKILL)\n"
        "backup.make(build({'home': pathlib.Path(sys.argv[1])}), pathlib.Path(sys.argv[2]))"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(home), str(folder)], check=False)
    assert killed.returncode == -signal.SIGKILL
    ((left, _, alive),) = manifest.unfinished(folder)
    assert not alive
    with pytest.raises(InputError, match="unfinished"):
        Restoring(tmp_path / "new", left)
    made = [backup.make(settings, folder) for _ in range(3)]  # its lease is taken over
    shutil.copytree(made[0].path, other := folder / f"{manifest.PREFIX}another-home")
    text = json.loads((other / "manifest.json").read_text())
    (other / "manifest.json").write_text(json.dumps(text | {"installation": "another"}))
    what = backup.pruning(settings, folder, keep=2)
    assert (what.old, what.unfinished) == ((made[0].path,), (left,))
    assert made[0].path.exists()
    backup.prune(what)
    assert sorted(folder.iterdir()) == sorted([made[1].path, made[2].path, other])
    linked = [path.stat().st_nlink for path in made[2].path.glob("captures/*.warc.gz")]
    assert linked
    assert set(linked) == {2}


def test_what_cannot_be_read_beside_it_keeps_no_backup_from_being_made(tmp_path: Path) -> None:
    settings, folder = home_at(tmp_path / "home"), tmp_path / "backups"
    with closing(opened(settings.home, None)) as store:
        store.sources.save(SOURCE, NOW)
        busy_store.write_round(store, 0)
    first = backup.make(settings, folder)
    for name, file in [("broken", "manifest.json"), ("cut-off", "begun.json")]:
        (folder / f"{manifest.PREFIX}{name}").mkdir()
        (folder / f"{manifest.PREFIX}{name}" / file).touch()
    (segment,) = first.path.glob("captures/*.warc.gz")
    segment.write_bytes(bytes(segment.stat().st_size))
    made = backup.make(settings, folder)
    assert backup.verify(made.path) == made.manifest, "not linked to what went bad in the one before"
    assert backup.pruning(settings, folder, keep=1) == backup.Pruning((first.path,), ())


def test_what_was_changed_in_a_backup_is_found(tmp_path: Path) -> None:
    settings = home_at(tmp_path / "home")
    opened(settings.home, None).close()
    made = backup.make(settings, tmp_path / "backups")
    key = made.path / "home/keys/author.key"
    key.write_bytes(bytes(32))
    with pytest.raises(StoreError, match=r"author\.key"):
        backup.verify(made.path)
    key.unlink()
    with pytest.raises(StoreError, match=r"author\.key"):
        Restoring(tmp_path / "new", made.path)
    assert not (tmp_path / "new").exists()


def test_the_stores_address_may_lie_in_the_backup_alone(tmp_path: Path) -> None:
    home, database = tmp_path / "home", tmp_path / "elsewhere.db"
    home_at(home)
    (home / "keys/store-url").write_text(f"sqlite:///{database}")
    (home / "tin3c.toml").write_text(f'[store]\nurl_file = "{home / "keys/store-url"}"\n')
    settings = load(home)
    opened(home, f"sqlite:///{database}").close()
    made = backup.make(settings, tmp_path / "backups")
    shutil.rmtree(home)
    database.unlink()
    assert Restoring(home, made.path).plan().place == str(database)


def test_what_the_environment_names_is_what_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As under Compose: an address that only tin3c.toml has would never be looked at."""
    settings = home_at(tmp_path / "home")
    opened(settings.home, None).close()
    made = backup.make(settings, tmp_path / "backups")
    new, named = tmp_path / "new", f"sqlite:///{tmp_path / 'named.db'}"
    monkeypatch.setenv("TIN3C_STORE__URL", named)
    for other in ("sqlite", f"sqlite:///{tmp_path / 'other.db'}"):
        with pytest.raises(InputError, match=r"TIN3C_STORE__URL is set and wins over tin3c\.toml"):
            Restoring(new, made.path, to_store=other).plan()
    assert Restoring(new, made.path, to_store=named).plan().place == str(tmp_path / "named.db")
    Restoring(new, made.path).carry_out(AFTER)
    with closing(opened(new, named)) as store:
        assert store.reader.verify_trail() == 1


@pytest.mark.parametrize("name", ["run", "backfill:1"])
def test_nothing_is_restored_while_somebody_is_at_work(name: str, tmp_path: Path) -> None:
    settings = home_at(tmp_path / "home")
    with closing(opened(settings.home, None)) as store:
        made = backup.make(settings, tmp_path / "backups")
        restoring = Restoring(settings.home, made.path, replace=True)
        lease = store.leases.acquire(name, ELSEWHERE, MINUTE)
        with pytest.raises(LeaseTaken):
            restoring.plan()
        store.leases.release(lease)
        store.leases.acquire("host bao.example", ELSEWHERE, MINUTE)
        restoring.plan()
        store.work_parts.plan([WorkPart("job/0", "job", 0, {})])
        assert store.work_parts.claim("job", ELSEWHERE, MINUTE)
        with pytest.raises(LeaseTaken):
            restoring.plan()


def test_a_console_that_has_the_old_store_open_writes_no_more_to_it(tmp_path: Path) -> None:
    """On SQLite it would go on in the file that was moved aside, and what was decided there would be lost."""
    settings = home_at(tmp_path / "home")
    with closing(opened(settings.home, None)) as console:
        made = backup.make(settings, tmp_path / "backups")
        done = Restoring(settings.home, made.path, replace=True).carry_out(AFTER)
        with pytest.raises(StoreMoved, match=f"restored from {made.path.name}"), console.casebook.work() as work:
            work.keep_note("Viết sau khi khôi phục", AFTER)
    with closing(opened(settings.home, None)) as store, store.casebook.work() as work:
        work.keep_note("Viết vào kho đã khôi phục", AFTER)
    assert done.replaced is not None
    with closing(wiring.database(settings_of(done.replaced, None))) as old:
        assert moving.reopen(old)


def test_captures_are_not_copied_while_they_are_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows import watching

    monkeypatch.setattr(watching, "_TAKE_OVER_SECONDS", 0.0)
    settings = home_at(tmp_path / "home")
    with closing(opened(settings.home, None)) as store, watching.held(store.leases, backup.CAPTURES_LEASE):
        with pytest.raises(LeaseTaken):
            backup.make(settings, tmp_path / "backups")
        assert list((tmp_path / "backups").iterdir()) == []
        assert backup.make(settings, tmp_path / "backups", Contents.STORE).manifest.files == {}


def test_the_commands(tmp_path: Path) -> None:
    home_at(tmp_path / "home")
    with stores.open_at(tmp_path / "home", KEY) as store:
        store.sources.save(SOURCE, NOW)
    command, folder = CommandLine(tmp_path / "home", {}), str(tmp_path / "backups")
    for _ in range(2):
        made = command.run("backup", "--to", folder, "--keep", "1")
        assert made.status == 0, made.complaints
    assert "would go" in made.output
    listed = command.run("backup", "list", folder).output.splitlines()
    assert [line.split()[1] for line in listed] == ["complete", "complete"]
    newest = str(tmp_path / "backups" / listed[-1].split()[0])
    assert command.run("backup", "check", newest).status == 0
    refused = command.run("restore", newest)
    assert (refused.status, "not empty" in refused.complaints) == (2, True)
    assert "Nothing to do" in command.run("upgrade").output
    dry = command.run("restore", newest, "--replace", "--dry-run")
    if stores.ON_POSTGRESQL:  # nobody's database is emptied: a new one is to be named
        assert "create an empty database, and let TIN3C_STORE__URL name it" in dry.complaints
        return
    assert "Would move aside" in dry.output
    assert not (tmp_path / "home/replaced").exists()
    done = command.run("restore", newest, "--replace")
    assert "Restored" in done.output, done.complaints
    assert "Nothing to do" in command.run("upgrade").output
