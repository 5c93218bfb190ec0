"""What tests of several packages share."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def builtin_encoder_home() -> Path:
    """A TIN3C_HOME with the built-in encoder in it: built once on this machine, kept for the next session.

    Tests that use it are marked `encoder`. They read from it, and put their own files elsewhere.
    """
    from models.builtin import BUILD, WEIGHTS_SHA256, build_builtin
    from models.encoder import BUILTIN_NAME

    home = Path(tempfile.gettempdir()) / f"tin3c-encoder-{BUILD}-{WEIGHTS_SHA256[:8]}"
    build_builtin(home / "models" / BUILTIN_NAME)
    return home


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store without anything in it, to be copied into a home: migrating takes longer than most tests."""
    from store import open_store

    home = tmp_path_factory.mktemp("empty-store")
    open_store(None, home=home, author_key=b"a key for tests").close()
    return home / "tin3c.db"
