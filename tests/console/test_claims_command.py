"""`tin3c claims`, with a real store."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from tests.support import stores

ADD = ("add", "Lá đu đủ chữa sốt xuất huyết", "--verdict", "false", "--source", "https://a.example", "--by", "Lê Mai")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    stores.use_here(monkeypatch, tmp_path / "home")
    app = importlib.import_module("console.cli.main").app
    return lambda *arguments: CliRunner().invoke(app, ["claims", *arguments])


def test_add_list_show_check_export_import(run: Callable[..., Result], tmp_path: Path) -> None:
    assert "No claim" in run("list").output
    assert run("check").exit_code == 0
    added = run(*ADD, "--wording", "la du du tri sot", "--topic", "epidemic", "--valid-until", "31/12/2099")
    assert added.exit_code == 0, added.output
    id = added.output.split()[-1]
    assert run(*ADD, "--explanation", "Khác").exit_code == 1, "it is there already"
    (line,) = run("list", "sot xuat", "--verdict", "false", "--topic", "epidemic", "--json").output.splitlines()
    assert json.loads(line)["wordings"] == ["la du du tri sot"]
    assert run("list", "--verdict", "true", "--json").output == ""
    shown = run("show", id).output
    assert "valid until  2099-12-31" in shown and "https://a.example" in shown and "1, " in shown
    assert run("show", "none").exit_code == 2
    checked = run("check")
    assert checked.exit_code == 1 and "It has no explanation." in checked.output
    for name in ("a.csv", "a.jsonld"):
        file = tmp_path / name
        assert run("export", str(file)).exit_code == 0
        again = run("import", str(file), "--by", "Lê Mai", "--json")
        assert again.exit_code == 0, again.output
        assert json.loads(again.stdout)["unchanged"] == 1, name
    wide = run("export", "-", "--format", "csv", "--semicolons")
    assert wide.stdout_bytes.decode("utf-8-sig").startswith("Mã;Nội dung;")
    assert run("export", "-").stdout_bytes.startswith(b"\xef\xbb\xbf")
    assert run("export", str(tmp_path / "none" / "a.csv")).exit_code == 2


def test_import_names_each_faulty_line_and_a_dry_run_changes_nothing(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    file = tmp_path / "a.csv"
    file.write_text("Nội dung;Kết luận;Nguồn\nMột;Sai;https://a.example\nHai;?;https://a.example\n", "utf-8")
    for options, count in ((["--dry-run"], 0), ([], 1), ([], 1)):
        done = run("import", str(file), "--by", "Lê Mai", *options)
        assert done.exit_code == 1 and "line 3: There is no such verdict." in done.output
        assert len(run("list", "--json").output.splitlines()) == count
    (done,) = (json.loads(line) for line in run("imports", "--json").output.splitlines())
    assert (done["by"], done["undone"]) == ("Lê Mai", False), "the one that changed anything"
    undone = run("undo", str(done["number"]), "--by", "Trần Bình")
    assert undone.exit_code == 0 and "Undone: 1; 0 left" in undone.output
    assert run("list", "--json").output == "" and "(undone)" in run("imports").output
    assert run("undo", "999999", "--by", "Trần Bình").exit_code == 2
    assert "0 brought_back" in run("import", str(file), "--by", "Lê Mai").output
    assert "1 brought_back" in run("import", str(file), "--by", "Lê Mai", "--bring-back").output
    assert len(run("list", "--json").output.splitlines()) == 1
    assert run("import", str(file)).exit_code == 2, "who does it is wanted"
    assert run("import", str(tmp_path / "none"), "--by", "Lê Mai").exit_code == 2
    file.write_bytes(b"\xff\x00\xfe")
    assert run("import", str(file), "--by", "Lê Mai").exit_code == 2


def test_undo_says_why_it_left_a_claim_as_it_is(run: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    header = "Mã;Nội dung;Kết luận;Nguồn;Giải thích\n"
    id = run(*ADD).output.split()[-1]
    for explanation in ("Từ tệp.", "Từ tệp sau."):
        file.write_text(f"{header}{id};{ADD[1]};Sai;https://a.example;{explanation}\n", "utf-8")
        assert run("import", str(file), "--by", "Lê Mai").exit_code == 0
    first = json.loads(run("imports", "--json").output.splitlines()[-1])["number"]
    undone = run("undo", str(first), "--by", "Trần Bình")
    assert undone.exit_code == 1 and "Undone: 0; 1 left as they are.\n" in undone.output
    assert "left as it is: Somebody changed this claim after the import.  Lá đu đủ" in undone.output
    said = json.loads(run("undo", str(first), "--by", "Trần Bình", "--json").output)
    assert (said["left"], said["whole"], list(said["reasons"])) == ([id], True, [id])
