"""The spokesperson's list: what waits for a decision, and what was decided."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

import casework
from casework.rules_of_work import LONGEST_NOTE, same_person
from console.acting import actor_of, attempt
from console.notice import FormProblem, Given, Message
from console.render import render, see, wants_fragment, words
from console.services import Services
from console.session import Role, session_of
from records.case import StatementStage

router = APIRouter()

LONGEST = {"note": LONGEST_NOTE}
MOST_WAITING = 50
MOST_DECIDED = 20


@router.get("/statements")
def statements(request: Request) -> Response:
    return _page(request)


@router.post("/statements/{statement_id}/approve")
def approve(request: Request, statement_id: str) -> Response:
    services: Services = request.app.state.services
    name, now, word = actor_of(request).name, services.clock(), words(request)

    def act() -> None:
        _require_spokesperson(request, word)
        casework.approve(services.casebook, statement_id, name, now)

    return _after(request, statement_id, act, word("The statement is approved."))


@router.post("/statements/{statement_id}/return")
def send_back(request: Request, statement_id: str, note: Annotated[str, Form()] = "") -> Response:
    services: Services = request.app.state.services
    name, now, word = actor_of(request).name, services.clock(), words(request)

    def act() -> None:
        _require_spokesperson(request, word)
        if not note.strip():
            raise FormProblem(word("Say what must be changed."))
        casework.return_statement(services.casebook, statement_id, note, name, now)

    return _after(request, statement_id, act, word("The statement goes back to the team with your note."))


def _require_spokesperson(request: Request, word: Callable[[str], str]) -> None:
    if session_of(request).role is not Role.SPOKESPERSON:
        raise FormProblem(word("Only a spokesperson approves or returns a statement."))


def _after(request: Request, statement_id: str, act: Callable[[], object], done: str) -> Response:
    status, message = attempt(request, act, done)
    if status == 200 and not wants_fragment(request):
        return see("/statements")
    return _page(request, status, message, Given() if status == 200 else Given(id=statement_id))


def _page(request: Request, status: int = 200, message: Message | None = None, given: Given | None = None) -> Response:
    services: Services = request.app.state.services
    listed = services.reader.statements(limit=MOST_WAITING + MOST_DECIDED)
    session = session_of(request)
    return render(
        request,
        "statements.html",
        "_statements.html",
        status=status,
        message=message,
        given=given or Given(),
        longest=LONGEST,
        waiting=services.reader.statements(waiting_only=True, limit=MOST_WAITING),
        decided=[row for row in listed if row[0].stage is not StatementStage.ASKED][:MOST_DECIDED],
        drafted_here=lambda statement: same_person(statement.drafted_by, session.name),
    )
