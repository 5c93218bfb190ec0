"""How much memory a process and all that it started take, looked at several times a second."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psutil

_LOOK_SECONDS = 0.2


@dataclass
class Peaks:
    """The largest sums seen, in bytes. Proportional: memory that processes share is divided among them.

    `crawl*` are of the crawling child and its workers; `child` is that child alone.
    """

    crawl: int = 0
    crawl_proportional: int = 0
    child: int = 0
    all: int = 0
    all_proportional: int = 0
    looks: int = 0
    processes: set[int] = field(default_factory=set, repr=False)


def _memory(process: psutil.Process) -> tuple[int, int]:
    """(resident, proportional) bytes; (0, 0) of a process that has ended."""
    try:
        told = process.memory_full_info()
        return told.rss, getattr(told, "pss", told.rss)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0, 0


def _is_crawl(process: psutil.Process) -> bool:
    try:
        return "flows.crawl" in process.cmdline()
    except psutil.Error:
        return False


def _look(root: psutil.Process, peaks: Peaks) -> None:
    children = root.children(recursive=True)
    taken = {one.pid: _memory(one) for one in [root, *children]}
    child = next((one for one in children if _is_crawl(one)), None)
    crawl: list[int] = []
    if child is not None:
        with suppress(psutil.NoSuchProcess):
            crawl = [child.pid, *(one.pid for one in child.children(recursive=True))]
        peaks.child = max(peaks.child, taken[child.pid][0])
    none = (0, 0)
    peaks.crawl = max(peaks.crawl, sum(taken.get(pid, none)[0] for pid in crawl))
    peaks.crawl_proportional = max(peaks.crawl_proportional, sum(taken.get(pid, none)[1] for pid in crawl))
    peaks.all = max(peaks.all, sum(rss for rss, _ in taken.values()))
    peaks.all_proportional = max(peaks.all_proportional, sum(pss for _, pss in taken.values()))
    peaks.looks += 1
    peaks.processes |= set(taken)


@contextmanager
def watched(pid: int) -> Iterator[Peaks]:
    """Look at the process `pid` and all that it started until the block ends."""
    root, peaks, ended = psutil.Process(pid), Peaks(), threading.Event()

    def look() -> None:
        while not ended.wait(_LOOK_SECONDS):
            try:
                _look(root, peaks)
            except psutil.NoSuchProcess:
                return

    thread = threading.Thread(target=look, name="memory", daemon=True)
    thread.start()
    try:
        yield peaks
    finally:
        ended.set()
        thread.join()
