"""The library of known claims in files: what was read, what it would change, and doing it.

A file is somebody else's: what cannot be read or must not be taken is named by its place, and the rest is done.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from casework import refusals
from casework.claim_csv import read_csv
from casework.claim_review import read_claim_reviews
from casework.claims import checked, same_content, save_claim
from records.claim import Claim, claim_id
from records.claim_row import ClaimRow, Fault
from records.errors import ActRefused, InputError, StoreError
from records.ports import Casebook

_PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
#: A whole file, bytes.
LARGEST_FILE = 8_000_000


class Change(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    WITHDRAWN = "withdrawn"  # it was withdrawn here: left as it is


@dataclass(frozen=True, slots=True)
class Planned:
    """What an import would do with one row. `before`: the claim as it is now."""

    line: int
    claim: Claim
    change: Change
    before: Claim | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    rows: tuple[Planned, ...]
    faults: tuple[Fault, ...]

    @property
    def counts(self) -> dict[Change, int]:
        found = Counter(row.change for row in self.rows)
        return {change: found[change] for change in Change}


def read_file(data: bytes) -> tuple[list[ClaimRow], list[Fault]]:
    """Rows and faults of a CSV or JSON-LD file, by what it begins with. Raises InputError for the whole file."""
    if len(data) > LARGEST_FILE:
        raise InputError(refusals.FILE_TOO_LARGE)
    beginning = data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    return read_claim_reviews(data) if beginning in (b"{", b"[") else read_csv(data)


def plan(data: bytes, known: Iterable[Claim], actor: str, now: datetime) -> Plan:
    """`known`: the library, withdrawn claims included. Raises InputError for the whole file.

    A row is the claim of the same id, or else of the same text. What a row does not say stays as it is.
    """
    rows, faults = read_file(data)
    library = tuple(known)
    by_id = {claim.id: claim for claim in library}
    by_text = {claim_id(claim.text): claim for claim in library}
    seen: set[str] = set()
    planned: list[Planned] = []
    for row in rows:
        before = by_id.get(row.values.get("id", "")) or by_text.get(claim_id(row.values.get("text", "")))
        try:
            after = checked(_merged(before, row, actor, now), now)
        except InputError as error:
            faults.append(Fault(row.line, str(error)))
            continue
        if after.id in seen:
            faults.append(Fault(row.line, refusals.CLAIM_TWICE))
            continue
        seen.add(after.id)
        planned.append(Planned(row.line, after, _change(before, after), before))
    return Plan(tuple(planned), tuple(sorted(faults, key=lambda fault: fault.line)))


def apply(casebook: Casebook, planned: Plan, actor: str, now: datetime) -> tuple[Counter[Change], list[Fault]]:
    """Do what was planned, each claim in a transaction of its own: (how many of each, those that were not done).

    Killed half way, the same file again does the rest.
    """
    done: Counter[Change] = Counter()
    faults = list(planned.faults)
    for row in planned.rows:
        if row.change in (Change.NEW, Change.CHANGED):
            try:
                save_claim(casebook, row.claim, actor, now, new=row.change is Change.NEW)
            except (ActRefused, InputError) as error:
                faults.append(Fault(row.line, str(error)))
                continue
            except StoreError:
                faults.append(Fault(row.line, refusals.CLAIM_CHANGED))
                continue
        done[row.change] += 1
    return done, sorted(faults, key=lambda fault: fault.line)


def problems(claims: Sequence[Claim], now: datetime) -> list[tuple[Claim, str]]:
    """What a person should look at in the library, a refusal's sentence for each."""
    found: list[tuple[Claim, str]] = []
    texts: dict[str, str] = {}
    for claim in claims:
        if claim.withdrawn_at is not None:
            continue
        try:
            checked(claim, now)
        except InputError as error:
            found.append((claim, str(error)))
        if not claim.holds(now):
            found.append((claim, refusals.CLAIM_HAS_ENDED))
        if not claim.explanation:
            found.append((claim, refusals.CLAIM_UNEXPLAINED))
        for wording in claim.all_wordings:
            if texts.setdefault(claim_id(wording), claim.id) != claim.id:
                found.append((claim, refusals.CLAIM_WORDING_SHARED))
                break
    return found


def _merged(before: Claim | None, row: ClaimRow, actor: str, now: datetime) -> Claim:
    given = dict(row.values)
    if row.publisher and (before is None or given.get("verdict") is not before.verdict):
        given["decided_by"] = row.publisher  # a verdict that is here already keeps the person who decided it
    if before is not None:
        given.pop("id", None)
        return replace(before, **given)
    if not given.get("text"):
        raise InputError(refusals.CLAIM_TEXT_MISSING)
    if "verdict" not in given:
        raise InputError(refusals.CLAIM_VERDICT_UNKNOWN)
    defaults: dict[str, Any] = {
        "explanation": "",
        "sources": (),
        "topic": None,
        "decided_at": now,
        "decided_by": actor,
    }
    # Other people's ids are used where they can stand in an address.
    if not _PLAIN_ID.fullmatch(given.get("id", "")):
        given["id"] = claim_id(given["text"])
    return Claim(**defaults | given)


def _change(before: Claim | None, after: Claim) -> Change:
    if before is None:
        return Change.NEW
    if before.withdrawn_at is not None:
        return Change.WITHDRAWN
    return Change.UNCHANGED if same_content(before, after) else Change.CHANGED
