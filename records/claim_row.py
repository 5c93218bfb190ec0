"""What a file says of a claim, before it is one; and what in a file cannot be taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """`values`: fields of Claim that the row says anything of. `line`: as a spreadsheet counts its rows, the first of
    which names the columns; or the object's place, from 1.

    `publisher`: whose verdict it is, where it says no more than that; "" where it does not.
    """

    line: int
    values: Mapping[str, Any]
    publisher: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """`problem`: one of casework.refusals. `text`: what the row claims, by which a person finds it; "" where that
    cannot be read."""

    line: int
    problem: str
    text: str = ""
