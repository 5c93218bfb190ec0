"""`tin3c search --meaning`: what the encoder is asked."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from console.cli.main import app
from flows import wiring
from tests.support import stores

QUESTION = "Bệnh viện tỉnh hết thuốc"


class AskedEncoder:
    """Keeps the questions; their vectors say nothing."""

    version, dimensions = "asked", 384

    def __init__(self) -> None:
        self.questions: list[str] = []

    def encode_query(self, text: str) -> NDArray[np.float32]:
        self.questions.append(text)
        return np.eye(1, self.dimensions, dtype=np.float32)[0]


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        (QUESTION, QUESTION),
        (unicodedata.normalize("NFD", QUESTION), QUESTION),
        ("Benh vien tinh het thuoc", QUESTION),
        ("bv tinh het thuoc", QUESTION.replace("B", "b")),
    ],
)
def test_a_question_is_asked_with_its_marks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, asked: str
) -> None:
    stores.prepare(tmp_path)
    stores.use_here(monkeypatch, tmp_path)
    encoder = AskedEncoder()
    monkeypatch.setattr(wiring, "encoder", lambda settings: encoder)
    said = CliRunner().invoke(app, ["search", typed, "--meaning", "--json"])
    assert (said.exit_code, encoder.questions) == (0, [asked]), said.output
