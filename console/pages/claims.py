"""The library of known claims: found, read, added, changed and withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

import casework
from casework.claim_search import found
from casework.claim_words import addresses_of, end_of, moment_of
from casework.claims import LONGEST_CLAIM, LONGEST_EXPLANATION, claim_subject
from casework.rules_of_work import LONGEST_NOTE, LONGEST_STATEMENT
from console import labels
from console.acting import actor_of, attempt
from console.language import mark as N_
from console.notice import FormProblem, Given, Message
from console.pages.choices import address, last_page, one, page_number, pairs, topic_pairs
from console.render import render, see, words
from console.services import Services
from console.session import Role, language_of, session_of
from console.trail import history
from records.calendar import local
from records.claim import Claim, Verdict, claim_id
from records.errors import InputError
from records.source import Owner
from records.text import mask_personal
from records.topics import TOPICS

router = APIRouter()

PER_PAGE = 30
MOST_NARRATIVES = 50
MOST_OFFICIAL = 5  # items offered as sources of a claim that is made of a narrative
LONGEST = {
    "text": LONGEST_CLAIM,
    "explanation": LONGEST_EXPLANATION,
    "response": LONGEST_STATEMENT,
    "note": LONGEST_NOTE,
    "lists": 20_000,
}


@router.get("/claims")
def claims(
    request: Request, q: str = "", topic: str = "", verdict: str = "", withdrawn: str = "", page: str = "1"
) -> Response:
    services: Services = request.app.state.services
    chosen_verdict = one(Verdict, verdict)
    chosen = {
        "q": q.strip()[:200],
        "topic": topic if topic in TOPICS else "",
        "verdict": chosen_verdict.value if chosen_verdict else "",
        "withdrawn": "yes" if withdrawn else "",
    }
    library = services.reader.claims(withdrawn=True)
    shown = library if chosen["withdrawn"] else [claim for claim in library if claim.withdrawn_at is None]
    hits = found(shown, chosen["q"], chosen["topic"] or None, chosen_verdict)
    last = last_page(len(hits), PER_PAGE)
    number = min(page_number(page), last)
    word = words(request)
    return render(
        request,
        "claims.html",
        "_claims.html",
        chosen=chosen,
        topics=topic_pairs(language_of(request), word("All topics")),
        verdicts=pairs(word, labels.VERDICTS.items(), N_("All verdicts")),
        empty=not library,
        may_write=may_write(request),
        total=len(hits),
        rows=hits[(number - 1) * PER_PAGE : number * PER_PAGE],
        page=number,
        last_page=last,
        page_address=lambda other: address("/claims", [*chosen.items(), ("page", str(other))]),
    )


@router.get("/claims/new")
def new(request: Request, narrative: str = "") -> Response:
    """`narrative`: an id, when the claim is made of what that narrative says."""
    services: Services = request.app.state.services
    return _form(request, None, _given_by(services, narrative) if narrative else Given())


async def typed(request: Request) -> Given:
    """The fields of the form."""
    return Given({name: str(value) for name, value in (await request.form()).items()})


Typed = Annotated[Given, Depends(typed)]


@router.post("/claims/new")
def add(request: Request, given: Typed) -> Response:
    services: Services = request.app.state.services
    actor, word, narrative = actor_of(request).name, words(request), given["narrative"]
    saved: list[Claim] = []

    def act() -> None:
        require_verifier(request, word)
        now = services.clock()
        claim = replace(_claim_of(given, word, now, actor), id=claim_id(given["text"]))
        if narrative:
            saved.append(casework.add_claim_for(services.casebook, claim, narrative, actor, now))
        else:
            saved.append(casework.save_claim(services.casebook, claim, actor, now, new=True))

    status, message = attempt(request, act, "")
    if status != 200:
        return _form(request, None, given, status, message)
    return see(f"/narratives/{narrative}#claims" if narrative else f"/claim/{saved[0].id}")


@router.get("/claim/{claim_id}")
def claim(request: Request, claim_id: str) -> Response:
    return _page(request, claim_id)


@router.get("/claim/{claim_id}/edit")
def edit(request: Request, claim_id: str) -> Response:
    services: Services = request.app.state.services
    known = services.reader.claim(claim_id)
    return _form(request, known, _given_of(known))


@router.post("/claim/{claim_id}/edit")
def change(request: Request, claim_id: str, given: Typed) -> Response:
    services: Services = request.app.state.services
    actor, word = actor_of(request).name, words(request)
    known = services.reader.claim(claim_id)

    def act() -> None:
        require_verifier(request, word)
        now = services.clock()
        changed = _claim_of(given, word, now, actor, known)
        version = int(given["version"]) if given["version"].isdecimal() and len(given["version"]) < 8 else 0
        casework.save_claim(services.casebook, replace(changed, id=claim_id, version=version), actor, now)

    status, message = attempt(request, act, "")
    return see(f"/claim/{claim_id}") if status == 200 else _form(request, known, given, status, message)


@router.post("/claim/{claim_id}/withdraw")
def withdraw(request: Request, claim_id: str, reason: Annotated[str, Form()] = "") -> Response:
    services: Services = request.app.state.services
    name, now, word = actor_of(request).name, services.clock(), words(request)

    def act() -> None:
        require_verifier(request, word)
        casework.withdraw_claim(services.casebook, claim_id, reason, name, now)

    status, message = attempt(request, act, "")
    return see(f"/claim/{claim_id}") if status == 200 else _page(request, claim_id, status, message)


@router.post("/claim/{claim_id}/bring-back")
def bring_back(request: Request, claim_id: str) -> Response:
    services: Services = request.app.state.services
    name, now, word = actor_of(request).name, services.clock(), words(request)

    def act() -> None:
        require_verifier(request, word)
        casework.bring_back_claim(services.casebook, claim_id, name, now)

    status, message = attempt(request, act, "")
    return see(f"/claim/{claim_id}") if status == 200 else _page(request, claim_id, status, message)


def may_write(request: Request) -> bool:
    session = session_of(request)
    return bool(session.name) and session.role is Role.VERIFIER


def require_verifier(request: Request, word: Callable[[str], str]) -> None:
    if not may_write(request):
        raise FormProblem(word("Only a verifier changes the library of known claims."))


def _page(request: Request, claim_id: str, status: int = 200, message: Message | None = None) -> Response:
    services: Services = request.app.state.services
    known = services.reader.claim(claim_id)
    return render(
        request,
        "claim.html",
        status=status,
        message=message,
        claim=known,
        holds=known.holds(services.clock()),
        may_write=may_write(request),
        longest=LONGEST,
        versions=services.reader.claim_versions(claim_id)[1:],
        narratives=services.reader.narratives_of_claim(claim_id, MOST_NARRATIVES),
        responses=services.reader.responses_to(claim_id),
        trail=history(services.reader, words(request), claim_subject(claim_id)),
    )


def _form(
    request: Request, known: Claim | None, given: Given, status: int = 200, message: Message | None = None
) -> Response:
    word = words(request)
    services: Services = request.app.state.services
    return render(
        request,
        "claim_form.html",
        status=status,
        message=message,
        claim=known,
        narrative=services.reader.narrative(given["narrative"]) if given["narrative"] else None,
        given=given,
        may_write=may_write(request),
        longest=LONGEST,
        today=local(services.clock()).date().isoformat(),
        topics=topic_pairs(language_of(request), word("No topic")),
        verdicts=pairs(word, labels.VERDICTS.items(), N_("Choose…")),
    )


def _given_by(services: Services, narrative_id: str) -> Given:
    """What a narrative says of a claim that is made of it: label, topic, and where official bodies wrote of it."""
    narrative = services.reader.narrative(narrative_id)
    members = services.reader.members(narrative.id)
    official = [one.item.address for one in members if one.source.owner is Owner.OFFICIAL]
    return Given(
        narrative=narrative.id,
        text=mask_personal(narrative.label),
        topic=narrative.topic if narrative.topic in TOPICS else "",
        sources="\n".join(official[-MOST_OFFICIAL:]),
    )


def _given_of(claim: Claim) -> Given:
    return Given(
        text=claim.text,
        wordings="\n".join(claim.wordings),
        verdict=claim.verdict.value,
        explanation=claim.explanation,
        sources="\n".join(claim.sources),
        topic=claim.topic or "",
        decided_on=_day(claim.decided_at),
        valid_until=_day(claim.valid_until) if claim.valid_until else "",
        response=claim.response,
        version=str(claim.version),
    )


def _claim_of(given: Given, word: Callable[[str], str], now: datetime, actor: str, known: Claim | None = None) -> Claim:
    """What was typed. A day that was left as it is keeps its hour, or is today's with a new verdict. Raises
    FormProblem."""
    verdict = one(Verdict, given["verdict"])
    if verdict is None:
        raise FormProblem(word("Choose a verdict."))
    decided = _moment(given["decided_on"], word, moment_of) or now
    ends = _moment(given["valid_until"], word, end_of)
    if known is not None and known.verdict is verdict and _day(known.decided_at) == given["decided_on"]:
        decided = known.decided_at
    elif known is not None and known.verdict is not verdict and _day(known.decided_at) == given["decided_on"]:
        decided = now  # the day was left as it stood: the new verdict is of today
    elif local(decided).date() == local(now).date():
        decided = now
    if known is not None and known.valid_until is not None and _day(known.valid_until) == given["valid_until"]:
        ends = known.valid_until
    return Claim(
        id=known.id if known else "new",
        text=given["text"],
        verdict=verdict,
        explanation=given["explanation"],
        sources=addresses_of(given["sources"]),
        topic=given["topic"] or None,
        decided_at=decided,
        wordings=tuple(given["wordings"].splitlines()),
        # Who changes the verdict has decided it.
        decided_by=known.decided_by if known is not None and known.verdict is verdict else actor,
        valid_until=ends,
        response=given["response"],
    )


def _moment(day: str, word: Callable[[str], str], read: Callable[[str], datetime]) -> datetime | None:
    try:
        return read(day) if day else None
    except InputError as error:
        raise FormProblem(word(str(error))) from None


def _day(when: datetime) -> str:
    found: date = local(when).date()
    return found.isoformat()
