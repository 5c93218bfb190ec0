"""Frozen records to JSON values and back, by their type hints: enums, times, tuples, dicts and what may be None."""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_json(value: Any) -> Any:
    """`value` as what json.dumps takes. Raises TypeError for what no record holds."""
    if value is None or isinstance(value, bool | int | float) or type(value) is str:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, tuple | list):
        return [to_json(part) for part in value]
    if isinstance(value, dict):
        return {to_json(key): to_json(part) for key, part in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} cannot be stored")


def from_json(kind: type[T], value: Any) -> T:
    """The `kind` that `to_json` made `value` from. Fields that were added since take their defaults."""
    made: T = _reader(kind)(value)  # type: ignore[arg-type]  # mypy: a class is not hashable
    return made


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        (inner,) = [argument for argument in arguments if argument is not type(None)]
        read = _reader(inner)
        return lambda value: None if value is None else read(value)
    if origin is tuple:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            read = _reader(arguments[0])
            return lambda value: tuple(read(part) for part in value)
        readers = [_reader(argument) for argument in arguments]
        return lambda value: tuple(read(part) for read, part in zip(readers, value, strict=True))
    if origin is dict:
        read_key, read = (_reader(argument) for argument in arguments)
        return lambda value: {read_key(key): read(part) for key, part in value.items()}
    if is_dataclass(kind):
        return _dataclass_reader(kind)
    if kind is datetime:
        return datetime.fromisoformat
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if kind is float:
        return float
    if kind in (str, int, bool):
        return lambda value: value
    raise TypeError(f"{kind} cannot be stored")


def _dataclass_reader(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind)}
    return lambda value: kind(**{name: read(value[name]) for name, read in readers.items() if name in value})
