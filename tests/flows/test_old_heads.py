"""Heads that the desk taught an older program: the shipped ones are used as a whole, and everybody hears of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.cli.main import app
from flows import doctor, learn, wiring
from flows.parts import Parts
from flows.settings import Settings, build
from models import versions
from models.heads import IDF_FILE, SHIPPED
from tests.support.small_learning import SmallEncoder


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Of a home with two heads and an idf of an older program."""
    monkeypatch.setenv("TIN3C_HOME", str(tmp_path))
    settings = build({"home": tmp_path})
    heads = wiring.heads_folder(settings)
    heads.mkdir(parents=True)
    for name in ("kind", "stance"):
        shutil.copy2(SHIPPED / f"{name}.npz", heads)
        words = json.loads((SHIPPED / f"{name}.json").read_text("utf-8"))
        (heads / f"{name}.json").write_text(json.dumps(words | {"features": "2"}), "utf-8")
    (heads / IDF_FILE).write_bytes(b"of other features")
    return settings


def test_the_shipped_heads_are_used_as_a_whole(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    encoder, shipped = SmallEncoder(), build({"home": settings.home / "new"})
    assessor = wiring.assessor(settings, encoder)
    assert "base does not fit this program" in caplog.text
    assert assessor.version == wiring.assessor(shipped, encoder).version

    parts = Parts(settings)
    parts.__dict__ |= {"encoder": encoder, "assessor": assessor}
    (note,) = [one for one in doctor._models(parts) if one.health is doctor.Health.NOTE]
    assert "does not fit" in note.what and "models learn" in note.advice and "models train" in note.advice
    assert "does not fit" in CliRunner().invoke(app, ["models", "list"]).stdout
    assert learn._known_until(wiring.heads_folder(settings)) == {}, "the shipped heads know no correction"


def test_heads_of_this_program_are_used(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    heads = wiring.heads_folder(settings)
    for name in ("kind", "stance"):
        shutil.copy2(SHIPPED / f"{name}.json", heads)
    assert versions.folder_to_load(heads) == heads
    (heads / IDF_FILE).unlink()
    wiring.assessor(settings, SmallEncoder())
    assert "does not fit" not in caplog.text
