"""What a killed process left half-written: it goes with the next writing, once nobody can still be at it."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

#: No file is written for so long.
_LEFT_AFTER_SECONDS = 3_600.0


def clear(folder: Path, pattern: str) -> None:
    """Delete the files in `folder` whose names match `pattern`, and which nobody has written to for an hour."""
    for left in folder.glob(pattern):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > _LEFT_AFTER_SECONDS:
                left.unlink()
