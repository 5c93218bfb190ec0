"""`tin3c sources`, with a real store."""

import importlib
import json

import pytest
from typer.testing import CliRunner

from crawlers.source_files import to_opml, to_toml
from records.source import Owner, Probe, Source, SourceKind, SourceState
from tests.support import stores

SOURCE = Source("bao-thu", "Báo thử", "https://bao-thu.example/rss", SourceKind.FEED, Owner.PRESS, region="Lạng Sơn")


@pytest.fixture
def run(tmp_path, monkeypatch):
    stores.use_here(monkeypatch, tmp_path / "home")
    app = importlib.import_module("console.cli.main").app
    return lambda *arguments, **given: CliRunner().invoke(app, ["sources", *arguments], **given)


def test_import_list_switch_export_remove(run, tmp_path):
    file = tmp_path / "sources.toml"
    file.write_text(to_toml([SOURCE]), "utf-8")
    assert "1 new, 0 changed, 0 unchanged. Nothing" in run("import", str(file), "--dry-run").output
    assert run("list", "--json").output == ""
    assert "1 new, 0 changed, 0 unchanged." in run("import", str(file)).output
    (tmp_path / "sources.opml").write_text(to_opml([SOURCE]), "utf-8")
    assert "0 new, 0 changed, 1 unchanged." in run("import", str(tmp_path / "sources.opml")).output
    assert run("enable", "bao-thu").exit_code == 0
    listed = json.loads(run("list", "--json").output)
    assert listed["source"]["enabled"] and listed["state"] == "never"
    assert "Lạng Sơn" in run("export").output
    assert "Removed" in run("remove", "bao-thu", "--yes").output
    assert "No sources yet" in run("list").output
    file.write_text("[other]\n", "utf-8")
    assert run("import", str(file)).exit_code == 2
    assert run("import", str(tmp_path / "none")).exit_code == 2
    nowhere = run("export", str(tmp_path / "none" / "sources.toml"))
    assert nowhere.exit_code == 2 and "cannot be written" in nowhere.output


def test_add_and_check_go_by_what_is_found(run, monkeypatch):
    crawling = importlib.import_module("flows.crawling")
    found = Probe(
        SOURCE.address, SourceState.WORKING, "A feed with 3 entries.", SourceKind.FEED, title="Báo thử", entries=3
    )
    monkeypatch.setattr(crawling, "probe_all", lambda settings, targets: [found for _ in targets])
    assert run("add", "file:///etc/passwd").exit_code == 2
    assert run("add", SOURCE.address, input="n\n").exit_code == 1
    added = run("add", SOURCE.address, "--yes", "--owner", "official")
    assert added.exit_code == 0 and "A feed with 3 entries." in added.output
    assert run("add", SOURCE.address, "--yes").exit_code == 1  # on the list already
    assert run("check").exit_code == 0
    found = Probe(SOURCE.address, SourceState.CHALLENGE, "A challenge page.")
    assert run("check").exit_code == 1
    assert run("add", "https://khac.example/", "--yes").exit_code == 1
