"""The library of known claims in files: what was read, what it would change, doing it, and taking it back.

A file is somebody else's: what cannot be read or must not be taken is named by its place, and the rest is done.
"""

from __future__ import annotations

import hashlib
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
from casework.claims import bring_back_claim, checked, put_back_claim, same_content, save_claim
from casework.rules_of_work import named, reasoned
from records.case import Act, TrailEntry
from records.claim import Claim, claim_id
from records.claim_row import ClaimRow, Fault
from records.errors import ActRefused, InputError, NotFound, StoreAway, StoreError, StoreFull, StoreMoved
from records.ports import Casebook, Reader

_PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
#: A whole file, bytes.
LARGEST_FILE = 8_000_000
#: What the trail calls the library as a whole.
LIBRARY = "claims"


class FileForm(StrEnum):
    CSV = "csv"
    CLAIM_REVIEW = "claim_review"


class Change(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    WITHDRAWN = "withdrawn"  # it was withdrawn here: left as it is
    BROUGHT_BACK = "brought_back"  # it was withdrawn here: back again, and as the file has it


_DOING = frozenset({Change.NEW, Change.CHANGED, Change.BROUGHT_BACK})


@dataclass(frozen=True, slots=True)
class Planned:
    """What an import would do with one row. `before`: the claim as it is now."""

    line: int
    claim: Claim
    change: Change
    before: Claim | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """`sha256`: of the file."""

    form: FileForm
    sha256: str
    rows: tuple[Planned, ...]
    faults: tuple[Fault, ...]

    @property
    def counts(self) -> dict[Change, int]:
        found = Counter(row.change for row in self.rows)
        return {change: found[change] for change in Change}


def form_of(data: bytes) -> FileForm:
    """By what it begins with."""
    return FileForm.CLAIM_REVIEW if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[") else FileForm.CSV


def plan(data: bytes, known: Iterable[Claim], actor: str, now: datetime, bring_back: bool = False) -> Plan:
    """`known`: the library, withdrawn claims included, which `bring_back` brings back. Raises InputError for the whole
    file.

    A row is the claim of the same id, or else of the same text. What a row does not say stays as it is.
    """
    if len(data) > LARGEST_FILE:
        raise InputError(refusals.FILE_TOO_LARGE)
    form = form_of(data)
    rows, faults = read_csv(data) if form is FileForm.CSV else read_claim_reviews(data)
    library = tuple(known)
    by_id = {claim.id: claim for claim in library}
    by_text = {claim_id(claim.text): claim for claim in library}
    seen: set[str] = set()
    planned: list[Planned] = []
    for row in rows:
        text = row.values.get("text", "")
        before = by_id.get(row.values.get("id", "")) or by_text.get(claim_id(text))
        try:
            after = checked(_merged(before, row, actor, now), now)
            names = {after.id}
            if before is None or claim_id(before.text) != claim_id(after.text):
                names.add(claim_id(after.text))
                twin = by_text.get(claim_id(after.text))
                if twin is not None and twin.withdrawn_at is None:
                    raise InputError(refusals.CLAIM_KNOWN)
            if seen & names:
                raise InputError(refusals.CLAIM_TWICE)
        except InputError as error:
            faults.append(Fault(row.line, str(error), text))
            continue
        seen |= names
        planned.append(Planned(row.line, after, _change(before, after, bring_back), before))
    faults.sort(key=lambda fault: fault.line)
    return Plan(form, hashlib.sha256(data).hexdigest(), tuple(planned), tuple(faults))


def apply(casebook: Casebook, planned: Plan, actor: str, now: datetime) -> tuple[Counter[Change], list[Fault]]:
    """Do what was planned, each claim in a transaction of its own: (how many of each, those that were not done).

    Killed half way, the same file again does the rest. All versions that come of it have the time `now`: by that
    `undo_import` finds them.
    """
    done: Counter[Change] = Counter()
    faults = list(planned.faults)
    if any(row.change in _DOING for row in planned.rows):
        with casebook.work() as work:
            work.trail(now, named(actor), Act.IMPORT_CLAIMS, LIBRARY, {"file_sha256": planned.sha256})
    for row in planned.rows:
        if row.change in _DOING:
            try:
                _do(casebook, row, actor, now)
            except (ActRefused, InputError) as error:
                faults.append(Fault(row.line, str(error), row.claim.text))
                continue
            except StoreError:
                faults.append(Fault(row.line, refusals.CLAIM_CHANGED, row.claim.text))
                continue
        done[row.change] += 1
    return done, sorted(faults, key=lambda fault: fault.line)


def _do(casebook: Casebook, row: Planned, actor: str, now: datetime) -> None:
    claim = row.claim
    if row.change is Change.BROUGHT_BACK:
        claim = replace(claim, version=bring_back_claim(casebook, claim.id, actor, now).version)
    save_claim(casebook, claim, actor, now, new=row.change is Change.NEW)


@dataclass(frozen=True, slots=True)
class Import:
    """`number`: of its entry in the trail. `undone`: somebody has taken it back."""

    number: int
    actor: str
    at: datetime
    undone: bool


def imports(reader: Reader, limit: int = 10) -> tuple[Import, ...]:
    """The last ones, latest first."""
    entries = reader.trail_of(LIBRARY)
    done = [entry for entry in reversed(entries) if entry.act is Act.IMPORT_CLAIMS]
    return tuple(Import(one.number, one.actor, one.at, _is_undone(entries, one.number)) for one in done[:limit])


def _is_undone(entries: Iterable[TrailEntry], number: int) -> bool:
    return any(one.act is Act.UNDO_IMPORT and one.detail["import"] == str(number) for one in entries)


@dataclass(frozen=True, slots=True)
class Left:
    """A claim that undoing an import left as it is. `reason`: one of casework.refusals; where it is not
    `changed_since`, the same again may put it back."""

    claim: Claim
    reason: str

    @property
    def changed_since(self) -> bool:
        return self.reason == refusals.CLAIM_CHANGED_SINCE


@dataclass(frozen=True, slots=True)
class Undoing:
    """`count`: claims that are what they were before the import, by this act."""

    count: int
    left: tuple[Left, ...] = ()

    @property
    def whole(self) -> bool:
        """Nothing is left but what somebody has changed since: the import counts as undone."""
        return all(one.changed_since for one in self.left)


def undo_import(casebook: Casebook, reader: Reader, number: int, reason: str, actor: str, now: datetime) -> Undoing:
    """Make each claim what it was before that import, and say which were left, each with its reason.

    What the import added is withdrawn, for `reason`. Imports are undone from the last to the first: a claim that only
    undone imports changed since is put back. Killed half way, or not whole, the same again does the rest.
    """
    actor, reason = named(actor), reasoned(reason)
    entries = reader.trail_of(LIBRARY)
    entry = next((one for one in entries if one.number == number), None)
    if entry is None or entry.act is not Act.IMPORT_CLAIMS:
        raise NotFound("import", str(number))
    imported = [one for one in entries if one.act is Act.IMPORT_CLAIMS]
    undone = {(one.actor, one.at) for one in imported if _is_undone(entries, one.number)}
    count, left = 0, []
    for id in reader.claims_changed(entry.actor, entry.at):
        versions = reader.claim_versions(id)
        current = versions[0].claim
        ours = [at for at, one in enumerate(versions) if (one.actor, one.at) == (entry.actor, entry.at)]
        older = versions[ours[-1] + 1 :]
        before = older[0].claim if older else replace(current, withdrawn_at=entry.at)
        if _as_good_as(before, current):
            continue
        imported_as, since = versions[ours[0]].claim, versions[: ours[0]]
        if not all((one.actor, one.at) in undone or _as_good_as(imported_as, one.claim) for one in since):
            left.append(Left(current, refusals.CLAIM_CHANGED_SINCE))
            continue
        try:
            put_back_claim(casebook, replace(before, version=current.version), reason, actor, now)
        except (StoreAway, StoreFull, StoreMoved):
            raise  # of the store, and not of this claim
        except (ActRefused, InputError, StoreError) as error:
            left.append(Left(current, _why_left(reader, current, error)))
            continue
        count += 1
    undoing = Undoing(count, tuple(left))
    if undoing.whole and not _is_undone(entries, number):
        with casebook.work() as work:
            work.trail(now, actor, Act.UNDO_IMPORT, LIBRARY, {"import": str(number)})
    return undoing


def _as_good_as(one: Claim, other: Claim) -> bool:
    return same_content(one, other) and (one.withdrawn_at is None) == (other.withdrawn_at is None)


def _why_left(reader: Reader, claim: Claim, error: ActRefused | InputError | StoreError) -> str:
    if reader.claim(claim.id).version != claim.version:
        return refusals.CLAIM_CHANGED_SINCE
    return refusals.CLAIM_NOT_PUT_BACK if isinstance(error, StoreError) else str(error)


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
    """Raises InputError where a new verdict is said to have been decided when, and by whom, the old one was."""
    given = dict(row.values)
    if row.publisher and (before is None or given.get("verdict") is not before.verdict):
        given["decided_by"] = row.publisher  # a verdict that is here already keeps the person who decided it
    if before is not None:
        given.pop("id", None)
        if given.get("verdict", before.verdict) is not before.verdict:
            if (given.get("decided_by"), given.get("decided_at")) == (before.decided_by, before.decided_at):
                raise InputError(refusals.CLAIM_DECIDER_OLD)
            # What was approved of the old verdict is not said of the new one unless the file says so.
            given = {"decided_by": actor, "decided_at": now, "response": ""} | given
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


def _change(before: Claim | None, after: Claim, bring_back: bool) -> Change:
    if before is None:
        return Change.NEW
    if before.withdrawn_at is not None:
        return Change.BROUGHT_BACK if bring_back else Change.WITHDRAWN
    return Change.UNCHANGED if same_content(before, after) else Change.CHANGED
