"""PostgreSQL cannot hold the character NUL in a text; nobody can read it, so neither database is given it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection


def without_nul(_: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> Any:
    """For SQLAlchemy's event `before_cursor_execute`."""
    return statement, [_cleaned(one) for one in parameters] if many else _cleaned(parameters)


def _cleaned(parameters: Any) -> Any:
    values = parameters.values() if isinstance(parameters, Mapping) else parameters
    if not any(isinstance(value, str) and "\0" in value for value in values):
        return parameters
    if isinstance(parameters, Mapping):
        return {name: _no_nul(value) for name, value in parameters.items()}
    return tuple(_no_nul(value) for value in parameters)


def _no_nul(value: Any) -> Any:
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value
