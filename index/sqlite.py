"""The search index in SQLite: the SearchIndex port, nothing to install.

An index is a folder with a file of its own (index/sqlite_file.py). The file `current` names the folder that is
searched; without it that is the outer folder itself. A folder with a higher number is a new index in the making: both
are written, until `current` names the new one and the old one is deleted. Other processes look at `current` before
each call.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.replacing import write_whole
from index.schema import FILE_NAME, is_of_another_version
from index.sqlite_file import IndexFile
from records.errors import SearchError, SearchUnavailable
from records.search import (
    Facet,
    IndexDocument,
    IndexedVersion,
    IndexState,
    Interval,
    Rejected,
    SearchFilter,
    SearchQuery,
    SearchResults,
    TimeCount,
)

_POINTER = "current"


class SqliteIndex:
    """Search over the items in `folder`. Safe for threads, which take turns; other processes may write meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._folders = Folders(folder)
        self._lock = threading.RLock()
        self._opened: dict[Path, IndexFile] = {}

    # --- writing ------------------------------------------------------------------------------------------------------

    def put(self, documents: Sequence[IndexDocument]) -> tuple[Rejected, ...]:
        with self._written() as files:
            rejected = {(one.id, one.version): one for file in files for one in file.put(documents)}
        return tuple(rejected.values())

    def delete(self, versions: Sequence[tuple[str, int]]) -> None:
        with self._written() as files:
            for file in files:
                file.delete(versions)

    def clear(self) -> None:
        with self._written() as files:
            for file in files:
                file.clear()

    def rebuild(self) -> Building:
        return Building(self._folders)

    def is_of_another_version(self) -> bool:
        """Whether search answers only after a rebuild: another program made the index. Changes nothing."""
        return is_of_another_version(self._folders.live)

    # --- reading ------------------------------------------------------------------------------------------------------

    def search(self, query: SearchQuery) -> SearchResults:
        with self._live() as file:
            return file.search(query)

    def hybrid(self, query: SearchQuery, vector: NDArray[np.float32]) -> SearchResults:
        with self._live() as file:
            return file.hybrid(query, vector)

    def distinguishing(self, query: SearchQuery, limit: int = 20) -> tuple[tuple[str, int], ...]:
        with self._live() as file:
            return file.distinguishing(query, limit)

    def timeline(self, query: SearchQuery, interval: Interval) -> tuple[TimeCount, ...]:
        with self._live() as file:
            return file.timeline(query, interval)

    def similar(self, vector: NDArray[np.float32], limit: int, filter: SearchFilter) -> tuple[tuple[str, float], ...]:
        with self._live() as file:
            return file.similar(vector, limit, filter)

    def suggest(self, facet: Facet, prefix: str, limit: int = 10) -> tuple[str, ...]:
        with self._live() as file:
            return file.suggest(facet, prefix, limit)

    def count(self) -> int:
        with self._live() as file:
            return file.count()

    def versions(self, after: str, limit: int) -> tuple[IndexedVersion, ...]:
        with self._live() as file:
            return file.versions(after, limit)

    def versions_of(self, item_ids: Sequence[str]) -> dict[str, IndexedVersion]:
        with self._live() as file:
            return file.versions_of(item_ids)

    def state(self) -> IndexState:
        documents = self.count()
        size = sum(path.stat().st_size for path in self._folders.live.iterdir() if path.is_file())
        building = self._folders.building is not None
        return IndexState("sqlite", documents, True, f"SQLite, {size / 1e6:,.0f} MB", rebuilding=building)

    def reachable(self) -> bool:
        try:
            with self._live():
                return True
        except SearchError:
            return False

    def close(self) -> None:
        with self._lock:
            self._close_all_but(())

    # --- inside -------------------------------------------------------------------------------------------------------

    @contextmanager
    def _live(self) -> Iterator[IndexFile]:
        with self._lock:
            yield self._files()[0]

    @contextmanager
    def _written(self) -> Iterator[list[IndexFile]]:
        """The one that is searched, and the one in the making."""
        with self._lock:
            yield self._files(written=True)

    def _files(self, written: bool = False) -> list[IndexFile]:
        while True:
            live = self._folders.live
            wanted = [live, *([self._folders.building] if written and self._folders.building else [])]
            self._close_all_but(wanted)
            for folder in wanted:
                if folder not in self._opened:
                    self._opened[folder] = IndexFile(folder)
            # Opened in the moment in which another took over, it would be an empty one.
            if live == self._folders.live:
                return [self._opened[folder] for folder in wanted]

    def _close_all_but(self, wanted: Sequence[Path]) -> None:
        for folder in [folder for folder in self._opened if folder not in wanted]:
            self._opened.pop(folder).close()


class Building:
    """The IndexBuild port: the folder with the number after that of the one that is searched."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self._folder = folders.building or folders.next
        try:
            self._file = IndexFile(self._folder)
        except SearchUnavailable:
            # Begun by another version of this code, or damaged.
            shutil.rmtree(self._folder)
            self._file = IndexFile(self._folder)

    def put(self, documents: Sequence[IndexDocument]) -> tuple[Rejected, ...]:
        return self._file.put(documents)

    def versions_of(self, item_ids: Sequence[str]) -> dict[str, IndexedVersion]:
        return self._file.versions_of(item_ids)

    def take_over(self) -> None:
        self._file.close()
        self._folders.replace_live(self._folder)

    def discard(self) -> None:
        self._file.close()
        shutil.rmtree(self._folder)

    def close(self) -> None:
        self._file.close()


class Folders:
    """Which folder is searched and which is in the making. Asked anew each time: another process may change it."""

    def __init__(self, outer: Path) -> None:
        self._outer = outer

    @property
    def live(self) -> Path:
        return self._folder(self._live_number)

    @property
    def building(self) -> Path | None:
        number = max(self._numbers(), default=0)
        return self._folder(number) if number > self._live_number else None

    @property
    def next(self) -> Path:
        return self._folder(self._live_number + 1)

    def replace_live(self, folder: Path) -> None:
        """From here on `folder` is searched; what was before goes. Killed in between, it goes with the next one."""
        write_whole(self._outer / _POINTER, folder.name)
        for number in self._numbers():
            if number < self._live_number:
                shutil.rmtree(self._folder(number), ignore_errors=True)
        for path in self._outer.iterdir():
            if path.name.startswith((FILE_NAME, "vectors-")):
                path.unlink(missing_ok=True)  # who has it open keeps it until the next call

    @property
    def _live_number(self) -> int:
        try:
            return int((self._outer / _POINTER).read_text("ascii"))
        except FileNotFoundError:
            return 0
        except ValueError as error:
            raise SearchUnavailable(f"{self._outer / _POINTER} names no index: run `tin3c index rebuild`") from error

    def _numbers(self) -> list[int]:
        if not self._outer.is_dir():
            return []
        return [int(path.name) for path in self._outer.iterdir() if path.name.isdecimal() and path.is_dir()]

    def _folder(self, number: int) -> Path:
        return self._outer / f"{number:06d}" if number else self._outer
