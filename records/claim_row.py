"""What a file says of a claim, before it is one; and what in a file cannot be taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """`values`: fields of Claim that the row says anything of. `line`: of the file, or the object's place, from 1.

    `publisher`: whose verdict it is, where it says no more than that; "" where it does not.
    """

    line: int
    values: Mapping[str, Any]
    publisher: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """`problem`: one of casework.refusals."""

    line: int
    problem: str
