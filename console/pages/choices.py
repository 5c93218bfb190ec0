"""What the pages' filters offer, and how what was chosen is read back from an address. Wrong values count as none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlencode

from console import labels
from console.language import mark as N_
from records.text import sort_key
from records.topics import TOPICS

Chosen = TypeVar("Chosen", bound=StrEnum)

#: Length of a period in days by its key; "" is all time.
PERIODS = {"1": N_("Last 24 hours"), "7": N_("Last 7 days"), "30": N_("Last 30 days"), "": N_("All time")}
LARGEST_PAGE = 10_000


def since(period: str, now: datetime) -> datetime | None:
    return now - timedelta(days=int(period)) if period in PERIODS and period else None


def one(kind: type[Chosen], value: str) -> Chosen | None:
    try:
        return kind(value)
    except ValueError:
        return None


def page_number(value: str) -> int:
    """A page from 1, whatever was typed."""
    return min(max(1, int(value)), LARGEST_PAGE) if value.isascii() and value.isdecimal() and len(value) < 8 else 1


def last_page(total: int, per_page: int) -> int:
    return max(1, -(-total // per_page))


def pairs(words: Callable[[str], str], names: Iterable[tuple[str, str]], none: str | None = None) -> list[Any]:
    """(value, name) for a list of options, with `none` first as the choice of everything."""
    first = [("", words(none))] if none is not None else []
    return first + [(str(value), words(name)) for value, name in names]


def topic_pairs(language: str, none: str) -> list[Any]:
    """All topics by name, in the order of the Vietnamese alphabet, after `none`."""
    names = [(key, labels.topic_name(key, language)) for key in TOPICS]
    return [("", none), *sorted(names, key=lambda pair: sort_key(pair[1]))]


def address(path: str, fields: Iterable[tuple[str, str]]) -> str:
    """`path` with the fields that say anything."""
    query = urlencode([(name, value) for name, value in fields if value])
    return path + (f"?{query}" if query else "")
