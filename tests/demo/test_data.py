"""The bundled newsroom holds what the demo needs: valid pieces, two rumors that break out early and are corrected."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from demo.newsroom import DATA, Form, Piece, pieces, sources
from demo.showing import moments, settings
from records.calendar import to_utc
from records.claim import Verdict
from records.source import Owner
from records.text import fold, normalize
from records.topics import TOPICS


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


def moment(text: str) -> datetime:
    return to_utc(datetime.fromisoformat(text))


def said(piece: Piece) -> str:
    first = piece.wordings[0]
    return fold("\n".join((first.title, first.summary, *first.paragraphs)))


def telling(*words: str) -> list[Piece]:
    return [p for p in pieces() if all(fold(word) in said(p) for word in words)]


def test_pieces_are_sorted_distinct_and_of_known_sources() -> None:
    found = pieces()
    assert [p.published for p in found] == sorted(p.published for p in found)
    assert {p.source for p in found} == {s.key for s in sources()}
    assert len({w.paragraphs for p in found for w in p.wordings}) == sum(len(p.wordings) for p in found)
    titles = [p.wordings[0].title for p in found if p.wordings[0].title]
    assert len(titles) == len(set(titles))


@pytest.mark.parametrize("name", ["pieces.jsonl", "claims.jsonl"])
def test_texts_are_as_ingest_would_leave_them(name: str) -> None:
    for line in (DATA / name).read_text("utf-8").splitlines():
        assert normalize(line) == line


def test_posts_have_an_author_and_no_title_and_articles_the_reverse() -> None:
    form = {s.key: s.form for s in sources()}
    for piece in pieces():
        first = piece.wordings[0]
        post = form[piece.source] is Form.POSTS
        assert bool(piece.author) == post, piece.slug
        assert bool(first.title) == bool(first.summary) == (not post), piece.slug
        assert all(first.paragraphs), piece.slug


def test_two_pieces_are_edited_after_they_were_seen() -> None:
    edited = [p for p in pieces() if len(p.wordings) > 1]
    assert len(edited) == 2
    for piece in edited:
        before, after = piece.wordings
        assert before.paragraphs != after.paragraphs
        assert any(piece.published <= look < after.at for look in moments())
        assert any(look >= after.at for look in moments())


def test_rumors_break_out_on_two_pages_and_are_corrected_by_the_department() -> None:
    owner = {s.key: s.owner for s in sources()}
    for words, breaks, corrected in (
        (("Đồng Mây", "ngất"), "2026-03-02T13:30", "2026-03-04T09:30"),
        (("Bến Ngự", "nước máy"), "2026-03-04T12:50", "2026-03-05T18:30"),
    ):
        told = telling(*words)
        assert told[0].published >= moment(breaks)
        assert {owner[p.source] for p in told[:3]} == {Owner.SOCIAL, Owner.FORUM}
        official = [p for p in told if owner[p.source] is Owner.OFFICIAL]
        assert official[0].published == moment(corrected)
        assert any(p.published > moment(corrected) for p in told if owner[p.source] is Owner.PRESS)


def test_vaccine_rumor_has_enough_early_posts_for_an_alert() -> None:
    early = [p for p in telling("Đồng Mây") if moment("2026-03-02T13:30") <= p.published < moment("2026-03-03T10:00")]
    assert len(early) >= 8


def test_claims_fit_the_library() -> None:
    found = rows("claims.jsonl")
    assert len({claim["id"] for claim in found}) == len(found) == 4
    for claim in found:
        assert Verdict(claim["verdict"])
        assert claim["topic"] in TOPICS
        assert datetime.fromisoformat(claim["decided_at"]).tzinfo is not None
        assert claim["sources"]
        assert all(str(urlsplit(address).hostname).endswith(".example") for address in claim["sources"])


def test_the_demo_has_settings(tmp_path: Path) -> None:
    assert settings(tmp_path).home == tmp_path / "demo"
