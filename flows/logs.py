"""Logs as lines, of JSON or to be read, without anything personal.

Nobody can tell a title from other words once it stands in a line. So a line is made of what our own code wrote
beforehand (the template), numbers, and words that cannot be a text: ids, names of our classes. All else is left out. Of
errors that are ours, which are sentences for people, addresses, mail addresses, handles, numbers and tokens are
covered. What libraries say is cut to their template; of an unforeseen error its kind and place are told.
"""

from __future__ import annotations

import contextlib
import logging
import re
import sys
import traceback
from contextvars import ContextVar
from enum import Enum
from logging.handlers import RotatingFileHandler, WatchedFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import urlsplit

from records.errors import FetchError, Tin3CError
from records.text import mask_personal

if TYPE_CHECKING:
    from flows.settings import Log

OURS = frozenset({"records", "crawlers", "models", "store", "index", "alerts", "casework", "flows", "demo", "console"})
#: What a line may say of where it belongs: ids only.
CONTEXT = ("run", "step", "source", "item")
WITHHELD = "…"
_WORD = re.compile(r"[A-Za-z0-9_.:#/+-]{1,80}")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[^\s\"'<>]+", re.I)
_TOKEN = re.compile(r"\b(?:xox[a-z]-|xapp-)[\w-]+|\bbearer\s+\S+", re.I)
_context: ContextVar[dict[str, str] | None] = ContextVar("log_context", default=None)


def bind(**ids: str) -> None:
    """From here on, in this task, lines say that they belong to these: run, step, source, item."""
    if unknown := set(ids) - set(CONTEXT):
        raise ValueError(f"a line does not name {', '.join(sorted(unknown))}")
    _context.set((_context.get() or {}) | ids)


def covered(text: str) -> str:
    """`text` without addresses but for their host, mail addresses, handles, numbers of people, and tokens."""
    return mask_personal(_TOKEN.sub(WITHHELD, _ADDRESS.sub(_host, text)))


def _host(found: re.Match[str]) -> str:
    try:
        parts = urlsplit(found.group())
        return f"{parts.scheme}://{parts.hostname or ''}/{WITHHELD}"
    except ValueError:
        return WITHHELD


def _argument(value: Any) -> Any:
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, FetchError):
        # What follows may be quoted from a page, or from a child that died over one.
        return f"{type(value).__name__}: {covered(value.problem.partition(': ')[0])}"
    if isinstance(value, Tin3CError):
        return covered(str(value))
    if isinstance(value, BaseException):
        return type(value).__name__
    if isinstance(value, str):
        return value if _WORD.fullmatch(value) and covered(value) == value else WITHHELD
    item = getattr(value, "item_id", None)
    return item if isinstance(item, str) else WITHHELD


def _where(error: BaseException) -> str:
    """The kinds of an error and of its causes, and where each was raised; never what it says."""
    told: list[str] = []
    current: BaseException | None = error
    while current is not None and len(told) < 5:
        frames = traceback.extract_tb(current.__traceback__)[-4:]
        places = " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames))
        told.append(f"{type(current).__name__} at {places or 'an unknown place'}")
        current = current.__cause__
    return "; because of ".join(told)


def discreet(record: logging.LogRecord) -> logging.LogRecord:
    """A copy of `record` that may be written down."""
    made = logging.makeLogRecord(record.__dict__)
    made.msg, made.args = _words(record), None
    if record.exc_info and record.exc_info[1] is not None:
        made.msg = f"{made.msg} ({_where(record.exc_info[1])})"
    made.exc_info = made.exc_text = made.stack_info = None
    context = _context.get() or {}
    for name in CONTEXT:
        value = getattr(record, name, None) or context.get(name)
        made.__dict__[name] = _argument(value) if value is not None else None
    return made


def _words(record: logging.LogRecord) -> str:
    template = str(record.msg)
    if record.name.partition(".")[0] not in OURS and not record.args:
        return WITHHELD  # put together already: nobody knows of what
    arguments = record.args if isinstance(record.args, tuple) else (record.args,) if record.args else ()
    try:
        return template % tuple(_argument(one) for one in arguments) if arguments else template
    except (TypeError, ValueError):
        return template


class _Stderr(logging.StreamHandler[TextIO]):
    """To whatever standard error is at the time."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:
        return sys.stderr

    @stream.setter
    def stream(self, _: TextIO) -> None:
        return


def set_up(log: Log, *, child: bool = False) -> None:
    """Have the whole process log as the settings say; may be called again. `child`: it does not turn files over."""
    root = logging.getLogger()
    for handler in [one for one in root.handlers if getattr(one, "is_ours", False)]:
        root.removeHandler(handler)
        handler.close()
    handler = _handler(log, child)
    handler.setFormatter(_formatter(log))
    handler.is_ours = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for name in OURS:
        logging.getLogger(name).setLevel(log.level.upper())


def _handler(log: Log, child: bool) -> logging.Handler:
    if log.file is None:
        return _Stderr()
    with contextlib.suppress(FileExistsError):
        log.file.parent.mkdir(mode=0o700, parents=True)
    log.file.touch(mode=0o600)
    if child or not log.largest_bytes:
        return WatchedFileHandler(log.file, encoding="utf-8")
    return RotatingFileHandler(log.file, maxBytes=log.largest_bytes, backupCount=log.files, encoding="utf-8")


def _formatter(log: Log) -> logging.Formatter:
    if log.format == "text":
        return _Text("%(asctime)s %(levelname)s %(name)s: %(message)s")
    from pythonjsonlogger.json import JsonFormatter

    class Lines(JsonFormatter):
        def format(self, record: logging.LogRecord) -> str:
            return super().format(discreet(record))

        def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
            log_data.update(
                time=self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
                level=record.levelname.lower(),
                logger=record.name,
                message=record.getMessage(),
            )
            log_data.update({name: value for name in CONTEXT if (value := record.__dict__.get(name)) is not None})

    return Lines(json_ensure_ascii=False)


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return super().format(discreet(record))
