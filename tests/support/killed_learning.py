"""A learning that kill -9 ends in the middle, in a process of its own: what it leaves is what a power cut leaves.

`python -m tests.support.killed_learning HOME STORE NOW MOMENT`, STORE the section [store] as JSON. MOMENT is a pattern:
it ends when it says a line of progress like that, or before it gives a file or folder of such a name its last name.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from flows import learn as learning
from flows.parts import use
from flows.settings import build
from models import remains
from tests.support.small_learning import WideEncoder, learn_from_little


def main() -> None:
    home, store, now, moment = sys.argv[1:]
    patch = pytest.MonkeyPatch()

    def end_at(name: str) -> None:
        if fnmatchcase(name, moment):
            os.kill(os.getpid(), signal.SIGKILL)

    def ending(real: Callable[[Path, Path], Path]) -> Callable[[Path, Path], Path]:
        def move(self: Path, target: Path) -> Path:
            end_at(self.name)
            return real(self, target)

        return move

    for name in ("replace", "rename"):
        patch.setattr(Path, name, ending(getattr(Path, name)))
    patch.setattr(remains, "_LEFT_AFTER_SECONDS", 0.0)  # the one before was killed long ago
    learn_from_little(patch)
    parts = use(build({"home": home, "store": json.loads(store)}))
    parts.__dict__["encoder"] = WideEncoder()
    learning.learn(parts, datetime.fromisoformat(now), progress=end_at)


if __name__ == "__main__":
    main()
