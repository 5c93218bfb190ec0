"""The messages that their server did not take: why, what to do, and a button to have them tried again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

import casework
from console.acting import actor_of, attempt
from console.notice import Message
from console.render import render, see, words
from console.services import Services
from console.trail import history
from console.undelivered import CHANNELS, why
from records.ports import Casebook

router = APIRouter()

MOST_SHOWN = 100


@router.get("/messages")
def messages(request: Request) -> Response:
    return _page(request)


@router.post("/messages/retry")
def retry(request: Request, key: Annotated[str, Form()] = "") -> Response:
    """Of the message with that key, or of all that were refused."""

    def act(casebook: Casebook, name: str, now: datetime) -> None:
        if key:
            casework.retry_message(casebook, key, name, now)
        else:
            casework.retry_messages(casebook, name, now)

    return _done(request, act)


@router.post("/messages/discard")
def discard(request: Request, key: Annotated[str, Form()] = "", reason: Annotated[str, Form()] = "") -> Response:
    return _done(request, lambda casebook, name, now: casework.discard_message(casebook, key, reason, name, now))


def _done(request: Request, act: Callable[[Casebook, str, datetime], None]) -> Response:
    services: Services = request.app.state.services
    name, now = actor_of(request).name, services.clock()
    status, message = attempt(request, lambda: act(services.casebook, name, now), "")
    return see("/messages") if status == 200 else _page(request, status, message)


def _page(request: Request, status: int = 200, message: Message | None = None) -> Response:
    services: Services = request.app.state.services
    found = services.outbox.undelivered(MOST_SHOWN)
    return render(
        request,
        "messages.html",
        status=status,
        message=message,
        refused=[(one, why(one.problem)) for one in found if one.retry_at is None],
        delayed=[one for one in found if one.retry_at is not None],
        channels=CHANNELS,
        trail=history(services.reader, words(request), casework.OUTBOX),
    )
