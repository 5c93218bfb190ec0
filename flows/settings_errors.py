"""What is wrong with a setting, in plain words: which one, where it stands, and what is allowed there. Pure.

The values themselves are named only where they cannot be a secret.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from records.errors import SettingsError

_LONGEST_SHOWN = 60  # characters of a wrong value

_PLAIN = {
    "extra_forbidden": "is not a setting",
    "missing": "is missing",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "finite_number": "must be a number",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "must be a whole number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be a text in quotation marks",
    "path_type": "must be a path in quotation marks",
    "tuple_type": 'must be a list, such as ["a", "b"]',
    "list_type": 'must be a list, such as ["a", "b"]',
    "model_type": "must be a section with keys of its own",
    "model_attributes_type": "must be a section with keys of its own",
    "dict_type": "must be a section with keys of its own",
}


def settings_error(
    error: ErrorDetails, model: type[BaseModel], environment: Mapping[tuple[str, ...], str], file_name: str
) -> SettingsError:
    """The sentence for one error that pydantic found in `model`.

    `environment`: which (section, key) came from which variable; all else stands in `file_name`.
    """
    path = tuple(str(part) for part in error["loc"])
    field = _field(model, error["loc"])
    problem = _problem(error, field) + _near(error, model, path)
    if variable := environment.get(path[:2]):
        inner = "".join(f", number {int(part) + 1}" if part.isdecimal() else f", {part}" for part in path[2:])
        return SettingsError(variable, problem, f"{inner.removeprefix(', ')}, in the environment".removeprefix(", "))
    return SettingsError(_key(error["loc"]), problem, file_name)


def _key(loc: Sequence[int | str]) -> str:
    """`alerts.rules 2.level`: as it stands in the file, the tables of a list counted from 1."""
    written = ""
    for part in loc:
        written += f" {part + 1}" if isinstance(part, int) else f".{part}"
    return written.removeprefix(".")


def _problem(error: ErrorDetails, field: FieldInfo | None) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if field is not None and kind == "string_pattern_mismatch":
        said = f"must be {field.description}" if field.description else "has another form than it must"
    elif kind in {"greater_than_equal", "greater_than", "less_than_equal", "less_than"}:
        said = f"must be {_bounds(field, context)}"
    elif kind in {"literal_error", "enum"}:
        said = f"must be one of: {context['expected'].replace(' or ', ', ').replace(chr(39), '')}"
    elif kind == "too_long":
        said = f"must have {context['max_length']} values"
    elif kind == "missing" and isinstance(error["loc"][-1], int):
        return "is missing: every position wants a value"
    else:
        said = _PLAIN.get(kind, error["msg"][:1].lower() + error["msg"][1:])
    return said + _shown(error, field)


def _bounds(field: FieldInfo | None, context: Mapping[str, Any]) -> str:
    limits = dict(context)
    for one in field.metadata if field else ():
        limits |= {name: getattr(one, name) for name in ("ge", "gt", "le", "lt") if hasattr(one, name)}
    words = {"ge": "{} or more", "gt": "more than {}", "le": "{} or less", "lt": "less than {}"}
    if "ge" in limits and "le" in limits:
        return f"from {limits['ge']} to {limits['le']}"
    return " and ".join(words[name].format(limits[name]) for name in words if name in limits)


def _shown(error: ErrorDetails, field: FieldInfo | None) -> str:
    """The wrong value, where it is one and no secret."""
    value = error["input"]
    if field is None or SecretStr in {field.annotation, *get_args(field.annotation)}:
        return ""
    if not isinstance(value, str | int | float) or len(str(value)) > _LONGEST_SHOWN:
        return ""
    return f", not {str(value).lower()}" if isinstance(value, bool) else f", not {value!r}"


def _near(error: ErrorDetails, model: type[BaseModel], path: tuple[str, ...]) -> str:
    """What an unknown key was perhaps meant to be."""
    if error["type"] != "extra_forbidden":
        return ""
    parent = _model(model, error["loc"][:-1])
    names = [name for name in parent.model_fields if name != "home"] if parent else []
    found = get_close_matches(path[-1], names, n=1, cutoff=0.6)
    if found:
        return f"; is {found[0]} meant?"
    return f"; here stand: {', '.join(names)}" if names else ""


def _field(model: type[BaseModel], loc: Sequence[int | str]) -> FieldInfo | None:
    """The field at `loc`; of a list's value, the list's."""
    found: FieldInfo | None = None
    at: type[BaseModel] | None = model
    for part in loc:
        if isinstance(part, int):
            continue
        if at is None or part not in at.model_fields:
            return None
        found = at.model_fields[part]
        at = _model_in(found.annotation)
    return found


def _model(model: type[BaseModel], loc: Sequence[int | str]) -> type[BaseModel] | None:
    if not loc:
        return model
    field = _field(model, loc)
    return _model_in(field.annotation) if field else None


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that a field holds, itself or in a list."""
    for one in (annotation, *get_args(annotation)):
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one
    return None
