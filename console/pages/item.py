"""An item: its text, what the models say of it and why, a person's word on that, and its capture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
from console.pages.choices import one, pairs, topic_pairs
from console.render import render, see, wants_fragment, words
from console.services import Services
from console.session import Role, language_of, session_of
from console.trail import history
from models.consistent import STANCES
from records.assessment import Assessment, Kind, Stance
from records.errors import NotFound
from records.item import Item
from records.retention import COMMENT_COMES_BACK_WITHIN
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
    shown: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """`shown`: field=value as the page showed it. What the person left as it was shown is no word of theirs."""
    services: Services = request.app.state.services
    name, now, word = actor_of(request).name, services.clock(), words(request)
    found = services.reader.item(item_id)
    typed = {"health": health, "attention": attention, "topic": topic, "kind": kind, "stance": stance, "harm": harm}
    seen = _as_shown(shown)
    # "" is an answer of the topic alone.
    asked = {about: typed[about] for about in seen if about in typed and (typed[about] or about == "topic")}
    changes = {about: value for about, value in asked.items() if value != seen[about]}

    def act() -> None:
        if not changes:
            raise FormProblem(word("Nothing differs from the assessment as it is."))
        if not reason.strip():
            raise FormProblem(word("Give a reason for the correction."))
        stands = services.reader.assessment(item_id)
        if stands is not None and changes.keys() & {"kind", "stance"}:
            _require_pair(word, _said(stands) | changes)
        narrative_id = services.reader.narrative_of(item_id)  # what is not about health leaves it
        casework.correct_as_shown(services.casebook, item_id, changes, seen, reason, name, now)
        if services.judge is not None and narrative_id:
            services.judge(services.reader.narrative(narrative_id).id)

    status, message = attempt(request, act, word("The correction is saved. The models will learn from it."))
    if status == 200 and not wants_fragment(request):
        return see(f"/items/{item_id}#assessment")
    return _page(request, found, status, message, None if status == 200 else Given(**changes, reason=reason))


@router.post("/items/{item_id}/agree")
def agree(request: Request, item_id: str, shown: Annotated[list[str] | None, Form()] = None) -> Response:
    """`shown`: field=value of what the person found right, as the page showed it."""
    services: Services = request.app.state.services
    name, now, word = actor_of(request).name, services.clock(), words(request)
    found = services.reader.item(item_id)

    def act() -> None:
        if not shown:
            raise FormProblem(word("Choose what is right."))
        casework.agree(services.casebook, item_id, _as_shown(shown), name, now)

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
    spoken = reader.words_on(item.id)  # corrected or found right: it stands over the models' word
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
        rows=field_rows(assessment, word, language_of(request), spoken.keys()) if assessment else [],
        chances=chances(assessment, word, language_of(request)) if assessment else [],
        # Read now and not kept with the assessment: claims are added, confirmed and withdrawn after it, and a source's
        # record grows.
        known=known_claims(reader, narrative_id, services.clock()) if narrative_id else None,
        similar=services.similar_claims(narrative_id) if narrative_id and services.similar_claims else (),
        record=reader.source_records([item.source_id])[item.source_id],
        choices=_choices(assessment, word, language_of(request)) if assessment else [],
        # The fields on which nobody has said anything yet, with what stands there.
        unspoken={
            about: value
            for about, value in (_said(assessment) if assessment and assessment.health else {}).items()
            if about not in spoken
        },
        brought_back=spoken.get("health") == "true",
        comes_back_days=COMMENT_COMES_BACK_WITHIN.days,
        trail=history(reader, word, item.id),
    )


def _require_pair(word: Callable[[str], str], said: Mapping[str, str]) -> None:
    """Refuse a kind and a stance that no item has together."""
    kind, stance = one(Kind, said.get("kind", "")), one(Stance, said.get("stance", ""))
    if kind is None or stance is None or stance in STANCES[kind]:
        return
    problem = word(
        "“%(kind)s” and “%(stance)s” do not go together. With “%(kind)s” choose the stance: %(stances)s; or choose "
        "another kind."
    )
    stances = ", ".join(f"“{word(labels.STANCES[each])}”" for each in STANCES[kind])
    names = {"kind": word(labels.KINDS[kind]), "stance": word(labels.STANCES[stance]), "stances": stances}
    raise FormProblem(problem % names)


def _as_shown(shown: list[str] | None) -> dict[str, str]:
    """Field → value, of what a form says as field=value."""
    return {about: value for about, _, value in (one.partition("=") for one in shown or ())}


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
