"""Who is working, and in which language."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from console.language import LANGUAGES
from console.notice import bad
from console.pages.choices import one
from console.render import local_path, render, see, words
from console.session import Role, clean_name, keep_session, session_of

router = APIRouter()


@router.get("/person")
def person(request: Request, next: str = "/") -> Response:
    session = session_of(request)
    chosen = session.role.value if session.name else ""
    return render(request, "person.html", next=local_path(next), name=session.name, chosen_role=chosen, message=None)


@router.post("/person")
def set_person(
    request: Request,
    name: Annotated[str, Form()] = "",
    role: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",
) -> Response:
    given_name, given_role = clean_name(name), one(Role, role)
    word = words(request)
    if not given_name or given_role is None:
        problem = word("Please give your full name.") if not given_name else word("Please choose your role.")
        return render(
            request,
            "person.html",
            status=422,
            next=local_path(next),
            name=given_name,
            chosen_role=role,
            message=bad(problem),
        )
    response = see(local_path(next))
    keep_session(request, response, session_of(request).known_as(given_name, given_role))
    return response


@router.post("/language")
def set_language(
    request: Request, language: Annotated[str, Form()] = "", next: Annotated[str, Form()] = "/"
) -> Response:
    response = see(local_path(next))
    if language in LANGUAGES:
        keep_session(request, response, replace(session_of(request), language=language))
    return response
