"""Arranging narratives: people say which items are one story, see first what changes, and can take it back.

Whole narratives are merged, and parted again, by everybody who works on cases; single items and names are a verifier's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

import casework
from casework.arranging import LONGEST_LABEL
from casework.rules_of_work import LONGEST_NOTE
from console.acting import actor_of, attempt
from console.notice import FormProblem, Message
from console.render import render, see, words
from console.services import Services
from console.session import Role, session_of
from console.trail import who
from records.narrative import Arrangement, Narrative

router = APIRouter()

MOST_ITEMS = 200
MOST_TARGETS = 100  # narratives offered
NEW = "new"
Texts = Annotated[list[str], Form()]
Text = Annotated[str, Form()]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the form says. `whole`: the narrative with all its items; `into`: an id, NEW, or ""."""

    items: tuple[str, ...] = ()
    whole: bool = False
    into: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """How many items each narrative would have. `target`: None for a new one."""

    moved: int
    left: int
    there: int
    target: Narrative | None


@router.get("/narratives/{narrative_id}/arrange")
def page(request: Request, narrative_id: str, what: str = "") -> Response:
    """`what`: "whole" when that is chosen already."""
    services: Services = request.app.state.services
    found = services.reader.narrative(narrative_id)
    if found.id != narrative_id:
        return see(f"/narratives/{found.id}/arrange")
    return _page(request, found, chosen=Chosen(whole=what == "whole"))


@router.post("/narratives/{narrative_id}/arrange")
def arrange(
    request: Request,
    narrative_id: str,
    items: Texts = [],  # noqa: B006  (FastAPI copies it)
    what: Text = "",
    into: Text = "",
    reason: Text = "",
    confirmed: Text = "",
) -> Response:
    """`what`: "items" or "whole". Without `confirmed` it is only shown what would change."""
    services: Services = request.app.state.services
    name, now, word = actor_of(request).name, services.clock(), words(request)
    chosen = Chosen(tuple(dict.fromkeys(items)), what == "whole", into, reason)
    others: list[str] = []
    previews: list[Preview] = []

    def act() -> None:
        if not chosen.whole:
            _require_verifier(request)
        if not into or (chosen.whole and into == NEW):
            raise FormProblem(word("Choose the narrative that takes them in."))
        if not chosen.whole and not chosen.items:
            raise FormProblem(word("Choose the items to move."))
        if not reason.strip():
            raise FormProblem(word("Give a reason."))
        if not confirmed:
            previews.append(_preview(services, narrative_id, chosen))
        elif chosen.whole:
            casework.merge_narrative(services.casebook, narrative_id, into, reason, name, now)
            others.append(into)
        else:
            target = None if into == NEW else into
            others.append(casework.move_items(services.casebook, narrative_id, chosen.items, target, reason, name, now))

    status, message = attempt(request, act, "")
    if others:
        _judge(services, narrative_id, *others)
        return see(f"/narratives/{others[0]}/arrange")
    found = services.reader.narrative(narrative_id)
    return _page(request, found, status, message if status != 200 else None, chosen, next(iter(previews), None))


@router.post("/narratives/{narrative_id}/arrange/undo")
def undo(request: Request, narrative_id: str, number: Text = "") -> Response:
    services: Services = request.app.state.services
    name, now = actor_of(request).name, services.clock()
    done: list[Arrangement] = []

    def act() -> None:
        wanted = int(number) if number.isdecimal() and len(number) < 10 else 0
        if not any(one.whole and one.number == wanted for one in services.reader.arrangements(narrative_id)):
            _require_verifier(request)
        done.append(casework.undo_arrangement(services.casebook, narrative_id, wanted, name, now))

    status, message = attempt(request, act, "")
    if done:
        _judge(services, done[0].narrative_id, done[0].into)
        return see(f"/narratives/{narrative_id}/arrange")
    return _page(request, services.reader.narrative(narrative_id), status, message)


@router.post("/narratives/{narrative_id}/rename")
def rename(request: Request, narrative_id: str, label: Text = "") -> Response:
    services: Services = request.app.state.services
    name, now = actor_of(request).name, services.clock()

    def act() -> None:
        _require_verifier(request)
        casework.rename(services.casebook, narrative_id, label, name, now)

    status, message = attempt(request, act, "")
    if status == 200:
        _judge(services, narrative_id)
        return see(f"/narratives/{narrative_id}")
    return _page(request, services.reader.narrative(narrative_id), status, message)


def _is_verifier(request: Request) -> bool:
    return bool(session_of(request).name) and session_of(request).role is Role.VERIFIER


def _require_verifier(request: Request) -> None:
    if not _is_verifier(request):
        raise FormProblem(words(request)("Only a verifier moves single items or names a narrative."))


def _judge(services: Services, *narrative_ids: str) -> None:
    """Those that are left; the level and the name follow at once."""
    if services.judge is not None:
        for narrative_id in dict.fromkeys(services.reader.narrative(id).id for id in narrative_ids):
            services.judge(narrative_id)


def _preview(services: Services, narrative_id: str, chosen: Chosen) -> Preview:
    narrative = services.reader.narrative(narrative_id)
    target = services.reader.narrative(chosen.into) if chosen.into != NEW else None
    moved = narrative.items if chosen.whole else len(chosen.items)
    return Preview(moved, narrative.items - moved, moved + (target.items if target else 0), target)


def _page(
    request: Request,
    narrative: Narrative,
    status: int = 200,
    message: Message | None = None,
    chosen: Chosen | None = None,
    preview: Preview | None = None,
) -> Response:
    services: Services = request.app.state.services
    listed = services.reader.inbox(services.clock(), limit=MOST_TARGETS)
    arrangements = services.reader.arrangements(narrative.id)
    return render(
        request,
        "arrange.html",
        status=status,
        message=message,
        narrative=narrative,
        is_verifier=_is_verifier(request),
        members=services.reader.members(narrative.id, limit=MOST_ITEMS),
        targets=[(other.id, other.label) for other, _ in listed if other.id != narrative.id],
        arrangements=[(one, who(one.actor, words(request)), _other(services, one, narrative)) for one in arrangements],
        chosen=chosen or Chosen(),
        preview=preview,
        new=NEW,
        longest={"note": LONGEST_NOTE, "label": LONGEST_LABEL},
    )


def _other(services: Services, one: Arrangement, narrative: Narrative) -> Narrative:
    """The narrative at the other end of an arrangement, as it is now."""
    return services.reader.narrative(one.into if one.narrative_id == narrative.id else one.narrative_id)
