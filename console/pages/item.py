"""An item: its text, what the models say of it and why, a person's word on that, and its capture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response

import casework
from casework.rules_of_work import LONGEST_NOTE
from console import labels
from console.acting import actor_of, attempt
from console.assessed import chances, field_rows
from console.captured import displayed
from console.guard import CAPTURE_POLICY
from console.known import known_claims
from console.notice import FormProblem, Given, Message
from console.pages.choices import pairs, topic_pairs
from console.render import render, see, wants_fragment, words
from console.services import Services
from console.session import Role, language_of, session_of
from console.trail import history
from records.assessment import Assessment
from records.case import Act
from records.errors import NotFound
from records.item import Item
from records.ports import Reader
from records.source import Source

router = APIRouter()

LONGEST = {"note": LONGEST_NOTE}
#: Those of an assessment on which a person's word counts.
FIELDS = ("health", "attention", "topic", "kind", "stance", "harm")


@dataclass(frozen=True, slots=True)
class Choice:
    name: str
    value: str
    options: list[Any]


@router.get("/items/{item_id}")
def item(request: Request, item_id: str) -> Response:
    services: Services = request.app.state.services
    return _page(request, services.reader.item(item_id))


@router.post("/items/{item_id}/correct")
def correct(
    request: Request,
    item_id: str,
    health: Annotated[str, Form()] = "",
    attention: Annotated[str, Form()] = "",
    topic: Annotated[str, Form()] = "",
    kind: Annotated[str, Form()] = "",
    stance: Annotated[str, Form()] = "",
    harm: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    services: Services = request.app.state.services
    name, now, word = actor_of(request).name, services.clock(), words(request)
    found = services.reader.item(item_id)
    given = Given(health=health, attention=attention, topic=topic, kind=kind, stance=stance, harm=harm, reason=reason)

    def act() -> None:
        assessment = services.reader.assessment(item_id)
        # Nothing is kept of what was judged not health; "" is an answer of the topic alone.
        said = _said(assessment) if assessment else {"health": "false"}
        asked = {about: given[about] for about in said if given[about] or about == "topic"}
        changes = {about: value for about, value in asked.items() if value != said[about]}
        if not changes:
            raise FormProblem(word("Nothing differs from the assessment as it is."))
        if not reason.strip():
            raise FormProblem(word("Give a reason for the correction."))
        for about, value in changes.items():
            casework.correct(services.casebook, item_id, about, value, reason, name, now)

    status, message = attempt(request, act, word("The correction is saved. The models will learn from it."))
    if status == 200 and not wants_fragment(request):
        return see(f"/items/{item_id}#assessment")
    return _page(request, found, status, message, None if status == 200 else given)


@router.post("/items/{item_id}/agree")
def agree(request: Request, item_id: str, about: Annotated[list[str] | None, Form()] = None) -> Response:
    services: Services = request.app.state.services
    name, now, word = actor_of(request).name, services.clock(), words(request)
    found = services.reader.item(item_id)

    def act() -> None:
        if not about:
            raise FormProblem(word("Choose what is right."))
        casework.agree(services.casebook, item_id, about, name, now)

    status, message = attempt(request, act, word("It is saved that this is right. The models will learn from it."))
    if status == 200 and not wants_fragment(request):
        return see(f"/items/{item_id}#assessment")
    return _page(request, found, status, message)


@router.get("/items/{item_id}/capture")
def capture(request: Request, item_id: str) -> Response:
    services: Services = request.app.state.services
    found = services.reader.item(item_id)
    if found.capture_sha256 is None:
        raise NotFound("capture of item", item_id)
    return render(request, "capture.html", item=found, longest=LONGEST, may_open=_may_open(request))


@router.post("/items/{item_id}/capture")
def open_capture(request: Request, item_id: str, reason: Annotated[str, Form()] = "") -> Response:
    """The captured page itself, for the sandboxed frame. Each opening is recorded with its reason."""
    services: Services = request.app.state.services
    name, now, word = actor_of(request).name, services.clock(), words(request)
    opened = []

    def act() -> None:
        if not _may_open(request):
            raise FormProblem(word("Only a verifier opens captures: they may hold personal data."))
        opened.append(casework.open_capture(services.casebook, services.reader, item_id, name, reason, now))

    status, message = attempt(request, act, "")
    headers = {"Content-Security-Policy": CAPTURE_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    if not opened:
        return Response(message.text, status, headers, "text/plain; charset=utf-8")
    record, body = opened[0]
    shown, media_type = displayed(record.content_type, body)
    if shown is None:
        problem = word("This kind of content cannot be shown here: %(kind)s")
        return Response(problem % {"kind": record.content_type}, 200, headers, "text/plain; charset=utf-8")
    return Response(shown, 200, headers, f"{media_type}; charset=utf-8")


def _may_open(request: Request) -> bool:
    return session_of(request).role is Role.VERIFIER


def _page(
    request: Request, item: Item, status: int = 200, message: Message | None = None, given: Given | None = None
) -> Response:
    services: Services = request.app.state.services
    reader, word = services.reader, words(request)
    assessment = reader.assessment(item.id)
    source = _source(services, item)
    narrative_id = reader.narrative_of(item.id)
    return render(
        request,
        "item.html",
        "_assessment.html",
        status=status,
        item=item,
        message=message,
        given=given or Given(),
        longest=LONGEST,
        source_name=source.name if source else item.source_id,
        owner=source.owner if source else None,
        narrative=reader.narrative(narrative_id) if narrative_id else None,
        versions=[version for version in reader.versions(item.id) if version.version < item.version],
        assessment=assessment,
        rows=field_rows(assessment, word, language_of(request), _corrected(reader, item)) if assessment else [],
        chances=chances(assessment, word, language_of(request)) if assessment else [],
        # Read now and not kept with the assessment: claims are added, confirmed and withdrawn after it, and a source's
        # record grows.
        known=known_claims(reader, narrative_id, services.clock()) if narrative_id else None,
        similar=services.similar_claims(narrative_id) if narrative_id and services.similar_claims else (),
        record=reader.source_records([item.source_id])[item.source_id],
        choices=_choices(assessment, word, language_of(request)) if assessment else [],
        unspoken=_unspoken(reader, item) if assessment and assessment.health else [],
        trail=history(reader, word, item.id),
    )


def _corrected(reader: Reader, item: Item) -> frozenset[str]:
    """The fields in which a person's word stands."""
    return frozenset(entry.detail["about"] for entry in reader.trail_of(item.id) if entry.act is Act.CORRECT)


def _unspoken(reader: Reader, item: Item) -> list[str]:
    """The fields on which nobody has said anything yet."""
    spoken = reader.words_on(item.id)
    return [name for name in FIELDS if name not in spoken]


def _source(services: Services, item: Item) -> Source | None:
    try:
        return services.sources.get(item.source_id)
    except NotFound:  # taken off the list; its items stay
        return None


def _said(assessment: Assessment) -> dict[str, str]:
    return {
        "health": "true" if assessment.health else "false",
        "attention": "true" if assessment.attention else "false",
        "topic": assessment.topic or "",
        "kind": assessment.kind.value,
        "stance": assessment.stance.value,
        "harm": assessment.harm.value,
    }


def _choices(assessment: Assessment, word: Callable[[str], str], language: str) -> list[Choice]:
    yes_or_no = [("true", word("Yes")), ("false", word("No"))]
    options = {
        "health": yes_or_no,
        "attention": yes_or_no,
        "topic": topic_pairs(language, word("No topic")),
        "kind": pairs(word, labels.KINDS.items()),
        "stance": pairs(word, labels.STANCES.items()),
        "harm": pairs(word, labels.HARMS.items()),
    }
    said = _said(assessment)
    return [Choice(name, said[name], options[name]) for name in FIELDS]
