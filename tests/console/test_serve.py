"""Serving on a port that was taken before the rest began, until told to stop."""

from __future__ import annotations

import threading
from pathlib import Path

import httpx
import pytest

from console.serve import listening, serve_at
from flows.parts import use
from flows.settings import Console, build
from records.errors import Tin3CError
from tests.support import stores


def test_it_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    stores.prepare(tmp_path)
    parts = use(build({"home": tmp_path, "store": stores.section(tmp_path)}))
    stop, ready = threading.Event(), threading.Event()
    with listening(Console(port=0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(Tin3CError, match="--port"), listening(Console(port=port)):
            pass
        thread = threading.Thread(target=serve_at, args=(listener, parts, lambda _: ready.set(), stop), daemon=True)
        thread.start()
        assert ready.wait(30)
        assert httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False, timeout=30).text == "ok"
        stop.set()
        thread.join(20)
        assert not thread.is_alive()
    parts.close()
