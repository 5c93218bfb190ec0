"""`narratives`: a line out for every row that can be read, in order; a broken line is named, and the rest is done."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.cli.main import app
from tests.support import stores

TOLD = (
    "Mn ơi trạm y tế Hòa Lạc tiêm vắc xin hết hạn, hai bé ngất phải đi cấp cứu kìa",
    "tram y te hoa lac lay thuoc het han tiem cho be, may be ngat xiu roi, dung cho con di tiem",
    "Sở Y tế: vắc xin tại trạm y tế Hòa Lạc còn hạn đến năm 2028, không có trẻ nào phải cấp cứu sau tiêm",
)
EDGES = (
    "",
    "sốt",
    "x" * 100_000,
    "bệnh viện " * 10_000,
    unicodedata.normalize("NFD", "Bệnh viện tỉnh khánh thành khu khám bệnh mới"),
    "😀😀🎉",
    "Пациент выздоровел и выписан из больницы",
)


@pytest.fixture
def home(builtin_encoder_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "e5-small").symlink_to(
        builtin_encoder_home / "models" / "e5-small", target_is_directory=True
    )
    stores.use_here(monkeypatch, tmp_path)
    return tmp_path


@pytest.mark.encoder
def test_every_readable_row_is_answered_in_order(home: Path) -> None:
    rows = [json.dumps({"id": f"e{n}", "text": text}) for n, text in enumerate(EDGES)]
    rows.insert(3, "{broken")
    # A claim's rows keep the order of the file, whenever they were published; an id may come twice.
    rows += [
        json.dumps({"id": "told", "text": text, "published": f"2026-08-0{3 - n}T08:00:00+07:00"})
        for n, text in enumerate(TOLD)
    ]
    file = home / "rows.jsonl"
    file.write_text("\n".join(rows) + "\n", "utf-8")
    result = CliRunner().invoke(app, ["narratives", str(file)])
    assert result.exit_code == 1
    assert "line 4: not JSON" in result.stderr
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == [f"e{n}" for n in range(len(EDGES))] + ["told"] * len(TOLD)
    assert {answer["narrative"] for answer in answers[-len(TOLD) :]} == {"told"}
    assert all(answer["narrative"] != "told" for answer in answers[: len(EDGES)])


@pytest.mark.encoder
def test_rows_of_csv_and_ids_that_were_not_given(home: Path) -> None:
    file = home / "rows.csv"
    file.write_text(f'text\n"{TOLD[0]}"\n"{TOLD[0]} nhé"\nHội làng khai mạc sáng nay\n', "utf-8")
    result = CliRunner().invoke(app, ["narratives", str(file)])
    assert result.exit_code == 0, result.output
    assert [json.loads(line) for line in result.stdout.splitlines()] == [
        {"id": 2, "narrative": "2"},
        {"id": 3, "narrative": "2"},
        {"id": 4, "narrative": "4"},
    ]
