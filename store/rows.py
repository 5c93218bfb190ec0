"""Rows to records, and records to the values of a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import Row, RowMapping, Table

from records.assessment import Assessment, Correction, Harm, Kind, Reason, Stance
from records.case import Act, Case, CaseStage, SetAsideReason, Statement, StatementStage, TrailEntry
from records.claim import Claim, Verdict
from records.crawl import FetchState
from records.item import Capture, Engagement, Item, ItemStage, ItemVersion
from records.message import Address, Channel, Letter, Message, Notice
from records.narrative import NarratableItem, Narrative
from records.risk import Level, Risk
from records.source import Owner, Source, SourceKind
from store.serialize import from_json, to_json

Values = RowMapping | Mapping[str, Any]

SOURCE_FIELDS = tuple(field.name for field in fields(Source))
ENGAGEMENT_FIELDS = tuple(field.name for field in fields(Engagement))
CASE_FIELDS = tuple(field.name for field in fields(Case))
STATEMENT_FIELDS = tuple(field.name for field in fields(Statement))
#: The owner is its source's: it is asked for, and not kept with a correction.
CORRECTION_FIELDS = tuple(field.name for field in fields(Correction) if field.name != "owner")
CLAIM_FIELDS = tuple(field.name for field in fields(Claim))


def prefixed(table: Table, prefix: str) -> list[Any]:
    """The columns of `table` under other names, for a query over several tables; `part` takes them apart again."""
    return [column.label(prefix + column.name) for column in table.columns]


def part(row: Row[*tuple[Any, ...]], prefix: str) -> dict[str, Any]:
    return {name[len(prefix) :]: value for name, value in row._mapping.items() if name.startswith(prefix)}


def source(row: Values) -> Source:
    values = {name: row[name] for name in SOURCE_FIELDS}
    return Source(**values | {"kind": SourceKind(row["kind"]), "owner": Owner(row["owner"])})


def fetch_state(row: Values) -> FetchState:
    return FetchState(row["address"], row["etag"], row["last_modified"], row["body_sha256"], row["fetched_at"])


def item(row: Values) -> Item:
    counts = {name: row[name] for name in ENGAGEMENT_FIELDS}
    return Item(
        id=row["id"],
        source_id=row["source_id"],
        address=row["address"],
        title=row["title"],
        summary=row["summary"],
        text=row["text"],
        published=row["published"],
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        version=row["version"],
        stage=ItemStage(row["stage"]),
        text_hash=row["text_hash"],
        author_hash=row["author_hash"],
        engagement=Engagement(**counts) if any(value is not None for value in counts.values()) else None,
        capture_sha256=row["capture_sha256"],
        quiet=bool(row["quiet"]),
        context=row["context"],
        parent_id=row["parent_id"] or "",
        health_chance=row["health_probability"],
    )


def item_version(row: Values) -> ItemVersion:
    return ItemVersion(row["item_id"], row["version"], row["title"], row["text"], row["seen_at"], row["text_hash"])


def capture(row: Values) -> Capture:
    return Capture(
        row["sha256"],
        row["address"],
        row["fetched_at"],
        row["status"],
        row["content_type"],
        row["bytes"],
        row["warc_file"],
        row["warc_offset"],
    )


def narratable(row: Values) -> NarratableItem:
    return NarratableItem(
        id=row["id"],
        title=row["title"],
        text=row["text"] or row["summary"],
        published=row["published"],
        first_seen=row["first_seen"],
        vector=row["vector"] or b"",
        version=row["version"],
    )


def assessment(row: Values) -> Assessment:
    return Assessment(
        health=row["health"],
        attention=row["attention"],
        topic=row["topic"],
        kind=Kind(row["kind"]),
        stance=Stance(row["stance"]),
        harm=Harm(row["harm"]),
        probabilities=row["probabilities"],
        places=tuple(row["places"]),
        reasons=from_json(tuple[Reason, ...], row["reasons"]),
        model_version=row["model_version"],
        full=row["full"],
    )


def assessment_values(said: Assessment) -> dict[str, Any]:
    return {field.name: to_json(getattr(said, field.name)) for field in fields(Assessment)}


def narrative(row: Values) -> Narrative:
    return Narrative(
        id=row["id"],
        label=row["label"],
        words=tuple(row["words"]),
        topic=row["topic"],
        places=tuple(row["places"]),
        items=row["items"],
        first_published=row["first_published"],
        first_seen=row["first_seen"],
        last_seen=row["last_seen"],
        first_source_id=row["first_source_id"],
        kinds={Kind(kind): count for kind, count in row["kinds"].items()},
        stances={Stance(stance): count for stance, count in row["stances"].items()},
        risk=from_json(Risk, row["risk"]) if row["risk"] else None,
        merged_into=row["merged_into"],
    )


def case(row: Values) -> Case:
    values = {name: row[name] for name in CASE_FIELDS}
    reason = row["set_aside_reason"]
    return Case(
        **values
        | {
            "stage": CaseStage(row["stage"]),
            "level": Level(row["level"]),
            "set_aside_reason": SetAsideReason(reason) if reason else None,
        }
    )


def case_values(value: Case) -> dict[str, Any]:
    # Times stay times here: the columns are of their own type.
    return {name: getattr(value, name) for name in CASE_FIELDS}


def statement(row: Values) -> Statement:
    values = {name: row[name] for name in STATEMENT_FIELDS}
    return Statement(**values | {"stage": StatementStage(row["stage"])})


def trail_entry(row: Values) -> TrailEntry:
    return TrailEntry(
        row["number"],
        row["at"],
        row["actor"],
        Act(row["act"]),
        row["subject"],
        row["detail"],
        row["previous_hash"],
        row["hash"],
    )


def notice(value: Any) -> Notice | Letter:
    return from_json(Letter, value) if "html" in value else from_json(Notice, value)


def message(row: Values) -> Message:
    return Message(
        key=row["key"],
        to=Address(Channel(row["channel"]), row["recipient"]),
        thread=row["thread"],
        notice=notice(row["notice"]),
        created_at=row["created_at"],
        attempts=row["attempts"],
    )


def correction(row: Values, owner: str) -> Correction:
    """`owner`: of the item's source."""
    return Correction(**{name: row[name] for name in CORRECTION_FIELDS}, owner=Owner(owner))


def correction_values(value: Correction) -> dict[str, Any]:
    return {name: getattr(value, name) for name in CORRECTION_FIELDS}


def claim(row: Values) -> Claim:
    values = {name: row[name] for name in CLAIM_FIELDS}
    lists = {name: tuple(row[name]) for name in ("sources", "wordings")}
    return Claim(**values | lists | {"verdict": Verdict(row["verdict"])})


def claim_values(value: Claim) -> dict[str, Any]:
    lists = {"sources": list(value.sources), "wordings": list(value.wordings)}
    return {name: getattr(value, name) for name in CLAIM_FIELDS} | lists
