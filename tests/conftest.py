"""What tests of several packages share."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.support import stores

if TYPE_CHECKING:
    from tests.support.elasticsearch_node import Running

# How long an example takes says more of the machine than of the code. CI draws the same ones every time: what fails
# there is a change's own; new ones are met wherever else the tests are run.
settings.register_profile("any machine", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("any machine")

# A shell's background job ignores Ctrl-C, and so would what the tests start and then interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


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
def elasticsearch() -> Iterator[Running]:
    """A real, password-protected Elasticsearch, one node for the session. Tests that use it are marked so."""
    from tests.support.elasticsearch_node import running

    with running() as found:
        yield found


@pytest.fixture(scope="session", autouse=True)
def _databases_of_the_session() -> Iterator[None]:
    """What wider fixtures opened on PostgreSQL goes at the end."""
    yield
    stores.discard_all()


@pytest.fixture(autouse=True)
def _databases_of_the_test() -> Iterator[None]:
    """What a test opened on PostgreSQL goes with it. Fixtures of a wider scope were there before."""
    before = stores.made()
    yield
    stores.discard(stores.made() - before)
