"""Processes that a test started, and whether they are gone."""

from __future__ import annotations

from collections.abc import Sequence

import psutil


def still_going(family: Sequence[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Those that have not ended within `seconds`.

    A zombie has ended: who adopts it, as process 1 of some machines, has only not asked for its exit status yet.
    """
    _, alive = psutil.wait_procs(family, timeout=seconds)
    return [each for each in alive if each.is_running() and not _is_zombie(each)]


def _is_zombie(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
