"""What Slack's Block Kit allows, as far as Tin3C's messages go: a schema, and limits that a schema cannot say."""

from __future__ import annotations

import re
from typing import Any

from jsonschema import Draft202012Validator

_PLAIN = {
    "type": "object",
    "required": ["type", "text"],
    "additionalProperties": False,
    "properties": {
        "type": {"const": "plain_text"},
        "text": {"type": "string", "minLength": 1, "maxLength": 3000},
        "emoji": {"type": "boolean"},
    },
}
_HEADER_TEXT = {
    **_PLAIN,
    "properties": {**_PLAIN["properties"], "text": {"type": "string", "minLength": 1, "maxLength": 150}},
}


def _mrkdwn(longest: int) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", "text"],
        "additionalProperties": False,
        "properties": {
            "type": {"const": "mrkdwn"},
            "text": {"type": "string", "minLength": 1, "maxLength": longest},
            "verbatim": {"type": "boolean"},
        },
    }


_STYLE = {
    "type": "object",
    "additionalProperties": False,
    "properties": {name: {"type": "boolean"} for name in ("bold", "italic", "strike", "code")},
}
_RICH_ELEMENT = {
    "oneOf": [
        {
            "type": "object",
            "required": ["type", "text"],
            "additionalProperties": False,
            "properties": {"type": {"const": "text"}, "text": {"type": "string", "minLength": 1}, "style": _STYLE},
        },
        {
            "type": "object",
            "required": ["type", "url"],
            "additionalProperties": False,
            "properties": {
                "type": {"const": "link"},
                "url": {"type": "string", "pattern": "^https?://", "maxLength": 3000},
                "text": {"type": "string", "minLength": 1},
                "style": _STYLE,
            },
        },
    ]
}
_RICH_SECTION = {
    "type": "object",
    "required": ["type", "elements"],
    "additionalProperties": False,
    "properties": {
        "type": {"const": "rich_text_section"},
        "elements": {"type": "array", "minItems": 1, "items": _RICH_ELEMENT},
    },
}
_RICH_LIST = {
    "type": "object",
    "required": ["type", "style", "elements"],
    "additionalProperties": False,
    "properties": {
        "type": {"const": "rich_text_list"},
        "style": {"enum": ["bullet", "ordered"]},
        "elements": {"type": "array", "minItems": 1, "items": _RICH_SECTION},
    },
}


def _block(kind: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["type", *properties],
        "additionalProperties": False,
        "properties": {"type": {"const": kind}, **properties},
    }


SCHEMA = {
    "type": "array",
    "minItems": 1,
    "maxItems": 50,
    "items": {
        "oneOf": [
            _block("header", text=_HEADER_TEXT),
            _block(
                "section",
                fields={"type": "array", "minItems": 1, "maxItems": 10, "items": {"oneOf": [_mrkdwn(2000), _PLAIN]}},
            ),
            _block("section", text={"oneOf": [_mrkdwn(3000), _PLAIN]}),
            _block(
                "context",
                elements={"type": "array", "minItems": 1, "maxItems": 10, "items": {"oneOf": [_mrkdwn(3000), _PLAIN]}},
            ),
            _block(
                "rich_text", elements={"type": "array", "minItems": 1, "items": {"oneOf": [_RICH_SECTION, _RICH_LIST]}}
            ),
            _block("divider"),
        ]
    },
}
_validator = Draft202012Validator(SCHEMA)
_ENTITY = re.compile(r"&(?!amp;|lt;|gt;)")
_COMMAND = re.compile(r"<[!@#]")


def problems_of(blocks: object) -> list[str]:
    """What Slack, or a careful reader of its guide, would object to; empty when all is well."""
    found = [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in _validator.iter_errors(blocks)
    ]
    if not found:
        found = [problem for text in _mrkdwn_texts(blocks) for problem in mrkdwn_problems(text)]
    return found


def mrkdwn_problems(text: str) -> list[str]:
    found = []
    if _ENTITY.search(text):
        found.append(f"an & that is not escaped: {text[:80]}")
    if _COMMAND.search(text):
        found.append(f"a mention or command: {text[:80]}")
    return found


def _mrkdwn_texts(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["text"]] if value.get("type") == "mrkdwn" else []
        return own + [text for inner in value.values() for text in _mrkdwn_texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _mrkdwn_texts(inner)]
    return []
