"""The bundled newsroom: invented sources and what they published over some invented days.

demo/data/sources.json: [{key, name, form, owner}], form one of feed, listing, posts, portal.
demo/data/pieces.jsonl, by time: {source, at (Vietnam time), title ("" for a post), summary, paragraphs, author?,
edits?}, where edits is [{at, title, paragraphs}]. All is invented: the texts, the province, people and facilities.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from records.calendar import to_utc
from records.claim import Claim, Verdict
from records.source import Owner
from records.text import fold

DATA = Path(__file__).parent / "data"


class Form(StrEnum):
    FEED = "feed"  # a newspaper: a feed of summaries, and article pages
    LISTING = "listing"  # a newspaper without a feed: a listing page, and article pages
    POSTS = "posts"  # a public page of posts: a feed that carries the whole post
    PORTAL = "portal"  # an official portal: a listing page that names a feed


@dataclass(frozen=True, slots=True)
class Newsroom:
    key: str
    name: str
    form: Form
    owner: Owner


@dataclass(frozen=True, slots=True)
class Wording:
    """What a piece said from `at` (UTC) on."""

    at: datetime
    title: str
    summary: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """`slug` ends its address. `wordings` begins with the first; later ones are edits."""

    number: int
    source: str
    published: datetime
    author: str
    wordings: tuple[Wording, ...]
    slug: str

    def wording(self, at: datetime) -> Wording:
        return max((w for w in self.wordings if w.at <= at), key=lambda w: w.at)


@cache
def sources() -> tuple[Newsroom, ...]:
    rows = json.loads((DATA / "sources.json").read_text("utf-8"))
    return tuple(Newsroom(r["key"], r["name"], Form(r["form"]), Owner(r["owner"])) for r in rows)


@cache
def pieces() -> tuple[Piece, ...]:
    lines = (DATA / "pieces.jsonl").read_text("utf-8").splitlines()
    return tuple(_piece(number, json.loads(line)) for number, line in enumerate(lines, 1))


@cache
def claims() -> tuple[Claim, ...]:
    """The department's library of known claims, invented like the rest."""
    rows = [json.loads(line) for line in (DATA / "claims.jsonl").read_text("utf-8").splitlines()]
    return tuple(
        Claim(
            id=row["id"],
            text=row["text"],
            verdict=Verdict(row["verdict"]),
            explanation=row["explanation"],
            sources=tuple(row["sources"]),
            topic=row["topic"],
            decided_at=to_utc(datetime.fromisoformat(row["decided_at"])),
        )
        for row in rows
    )


def _piece(number: int, row: dict[str, Any]) -> Piece:
    first = _wording(row, row)
    words = "".join(c if c.isalnum() else " " for c in fold(first.title or first.paragraphs[0])).split()
    return Piece(
        number=number,
        source=str(row["source"]),
        published=first.at,
        author=str(row.get("author", "")),
        wordings=(first, *(_wording(edit, row) for edit in row.get("edits", []))),
        slug="-".join(words[:9]) + f"-{100000 + number}",
    )


def _wording(row: dict[str, Any], first: dict[str, Any]) -> Wording:
    return Wording(
        at=to_utc(datetime.fromisoformat(str(row["at"]))),
        title=str(row.get("title", first.get("title", ""))),
        summary=str(row.get("summary", first.get("summary", ""))),
        paragraphs=tuple(row.get("paragraphs", first["paragraphs"])),
    )
