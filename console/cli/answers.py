"""Where `tin3c assess` writes, and where a run that was cut off goes on.

While a run is at work, `OUTPUT.unfinished` lies beside OUTPUT: how many rows are answered, the bytes that their
answers take, a hash of these rows, and what answered them. It is written anew after each batch, once the answers are on
the disk, and goes when the run is done. A kill, a power cut or a full disk costs the last batch alone, and answers to
another input, of other models or by other options are never mixed with those that are there.
"""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import fcntl
import hashlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from console.cli.rows import Row
from records.errors import InputError, LeaseTaken, Tin3CError


class Answers(Protocol):
    """`earlier`: rows that an earlier run answered; `answered`: rows, from the first one on, that are answered now."""

    earlier: int
    answered: int

    @property
    def to_go_on(self) -> str:
        """What a person is told after an interruption."""
        ...

    def has(self, row: Row) -> bool:
        """Whether an earlier run answered this row; asked of every row, in order."""
        ...

    def write(self, rows: Sequence[Row], lines: Sequence[bytes]) -> None:
        """One line for each of the rows. Raises Tin3CError when the disk is full."""
        ...

    def finish(self) -> None:
        """The input is at its end."""
        ...

    def close(self) -> None: ...


def answers(output: Path | None, model_version: str, *, cascade: bool, resume: bool) -> Answers:
    """The place that `output` names; standard output when None.

    What a run left unfinished in a file is gone on with; with `resume` any file is, after its last whole line. Raises
    InputError when it cannot be written, or holds what must not be added to; LeaseTaken while another run writes it.
    """
    if output is None:
        return _Stream(getattr(sys.stdout.buffer, "raw", sys.stdout.buffer), "standard output", ours=False)
    try:
        if output.exists() and not output.is_file():
            return _Stream(output.open("wb", buffering=0), str(output), ours=True)
        return _File(output, {"models": model_version, "cascade": cascade}, resume=resume)
    except OSError as error:
        raise InputError(f"{output}: cannot be written: {error.strerror}") from error


class _Stream:
    """Standard output, a pipe or a device. It is not buffered: no half of an answer comes after an error was told."""

    def __init__(self, file: Any, name: str, *, ours: bool) -> None:
        self._file, self._name, self._ours = file, name, ours
        self.earlier = self.answered = 0

    @property
    def to_go_on(self) -> str:
        return f"{self.answered:,} rows are answered. With --output FILE the same command would go on from there."

    def has(self, row: Row) -> bool:
        return False

    def write(self, rows: Sequence[Row], lines: Sequence[bytes]) -> None:
        try:
            _write_all(self._file, b"".join(lines))
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # who reads has had enough, such as `head`: the command ends without a word
            raise Tin3CError(f"{self._name}: {error.strerror}. {self.to_go_on}") from error
        self.answered += len(rows)

    def finish(self) -> None:
        pass

    def close(self) -> None:
        if self._ours:
            self._file.close()


@dataclasses.dataclass(frozen=True, slots=True)
class _Mark:
    """The first `rows` rows are answered, in the first `size` bytes. `sha256`: of these rows, "" where it is not known.

    `made_by`: the models' version and the options."""

    made_by: dict[str, Any]
    rows: int = 0
    size: int = 0
    sha256: str = ""


class _File:
    def __init__(self, path: Path, made_by: dict[str, Any], *, resume: bool) -> None:
        self._path, self._made_by = path, made_by
        self._mark = path.with_name(f"{path.name}.unfinished")
        self._file = _locked(path)
        try:
            self._left = self._left_by_earlier(resume)
        except BaseException:
            self._file.close()
            raise
        self.earlier = self._expected = self._left.rows
        self._lines = _first_lines(path, self.earlier)
        self._seen, self._rows = 0, hashlib.sha256()
        self._begun = False
        self.answered = 0

    @property
    def to_go_on(self) -> str:
        if not self._begun:
            return f"Nothing was changed in {self._path}."
        return f"{self.answered:,} rows are answered in {self._path}: the same command goes on from there."

    def has(self, row: Row) -> bool:
        """Raises InputError when what was answered before were other rows."""
        if not self._expected:
            return False
        self._take(row)
        self._expected -= 1
        if not self._answers(next(self._lines, b""), row):
            raise self._refused("rows of another input, or of other models")
        if not self._expected and self._left.sha256 not in {"", self._rows.hexdigest()}:
            raise self._refused("rows of another input")
        return True

    def write(self, rows: Sequence[Row], lines: Sequence[bytes]) -> None:
        if not rows:
            return
        self._begin()
        try:
            _write_all(self._file, b"".join(lines))
            os.fsync(self._file.fileno())
            for row in rows:
                self._take(row)
            self._put_mark()
        except OSError as error:
            raise self._cannot(error) from error

    def finish(self) -> None:
        """Raises InputError when more rows were answered before than the input has."""
        if self._expected:
            raise self._refused("more rows than the input has")
        self._begin()
        self._mark.unlink(missing_ok=True)

    def close(self) -> None:
        self._file.close()

    def _begin(self) -> None:
        """From here on the file is changed: what an earlier run did not finish to write is cut off."""
        if self._begun:
            return
        try:
            self._put_mark()
            self._file.truncate(self._left.size)
            self._file.seek(0, os.SEEK_END)
        except OSError as error:
            raise self._cannot(error) from error
        self._begun = True

    def _left_by_earlier(self, resume: bool) -> _Mark:
        size = os.fstat(self._file.fileno()).st_size
        mark = self._read_mark() if self._mark.exists() else None
        if size and mark and mark.rows:  # a file that was emptied is begun anew
            if mark.made_by != self._made_by:
                raise self._refused("rows answered by other models or options")
            if size < mark.size:
                raise self._refused("less than its run had written")
            return mark
        if resume and not mark:
            return _Mark(self._made_by, *_whole_lines(self._path))
        return _Mark(self._made_by)

    def _read_mark(self) -> _Mark:
        try:
            return _Mark(**json.loads(self._mark.read_text("utf-8")))
        except (ValueError, TypeError) as error:
            advice = f"delete it, and add --resume to go on, or delete {self._path} too"
            raise InputError(f"{self._mark} cannot be read: {advice}") from error

    def _put_mark(self) -> None:
        """Whole or not at all, and on the disk before it has its name."""
        size = self._file.tell() if self._begun else self._left.size
        mark = _Mark(self._made_by, self._seen, size, self._rows.hexdigest())
        part = self._mark.with_name(f"{self._mark.name}.part")
        try:
            with part.open("w", encoding="utf-8") as file:
                json.dump(dataclasses.asdict(mark), file)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._mark)
        except OSError:
            with contextlib.suppress(OSError):
                part.unlink()
            raise
        self.answered = mark.rows

    def _take(self, row: Row) -> None:
        self._seen += 1
        values = [row.id, *dataclasses.astuple(row.item)]
        self._rows.update(json.dumps(values, default=str).encode("ascii") + b"\n")

    def _answers(self, line: bytes, row: Row) -> bool:
        """Whether `line` is the answer of these models to `row`, as far as it tells."""
        try:
            answer = json.loads(line)
            return bool((answer["id"], answer["model_version"]) == (row.id, self._made_by["models"]))
        except (ValueError, TypeError, KeyError):
            return False

    def _refused(self, what: str) -> InputError:
        return InputError(f"{self._path} holds {what}: delete it to begin anew, or name another --output")

    def _cannot(self, error: OSError) -> Tin3CError:
        return Tin3CError(f"{self._path}: {error.strerror}. {self.to_go_on}")


def _locked(path: Path) -> Any:
    """`path`, opened and not emptied; no other run has it. Raises LeaseTaken when one does."""
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+b", buffering=0)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise LeaseTaken(str(path), f"it writes {path}") from error
    except OSError:
        pass  # a file system that knows no locks
    return file


def _write_all(file: Any, data: bytes) -> None:
    """A file without a buffer may take less than it is given."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) or 0 :]


def _first_lines(path: Path, count: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from islice(file, count)


def _whole_lines(path: Path) -> tuple[int, int]:
    """(lines, bytes) that are whole: the last line may be the half of one that a kill left."""
    whole = size = 0
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                break
            whole += 1
            size += len(line)
    return whole, size
