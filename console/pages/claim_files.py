"""The library of known claims in files: handed in, looked at before anything changes, done and undone; and written
out."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response, UploadFile

from casework import refusals
from casework.claim_csv import write_csv
from casework.claim_files import Change, FileForm, Plan, Undoing, apply, form_of, imports, plan, undo_import
from casework.claim_review import write_claim_reviews
from console.acting import actor_of, attempt
from console.notice import Message, bad
from console.pages.claims import may_write, require_verifier
from console.render import render, words
from console.services import Services
from records.claim_row import Fault
from records.errors import InputError

router = APIRouter()

#: A file, bytes. It goes to the browser and back once more as base64, within what a form may hold.
LARGEST_FILE = 650_000
MOST_SHOWN = 300


@router.get("/claims/import")
def choose(request: Request) -> Response:
    return _page(request)


@router.post("/claims/import")
def hand_in(
    request: Request,
    file: UploadFile | None = None,
    content: Annotated[str, Form()] = "",
    bring_back: Annotated[str, Form()] = "",
) -> Response:
    """Without `content`: what the file would change. With `content`, the same file from that page: do it; `bring_back`
    is for the claims that are withdrawn here."""
    services: Services = request.app.state.services
    actor, now, word = actor_of(request).name, services.clock(), words(request)
    if not may_write(request):
        return _page(request, 422, bad(word("Only a verifier changes the library of known claims.")))
    try:
        data = _decoded(content) if content else file.file.read(LARGEST_FILE + 1) if file else b""
        if not data:
            return _page(request, 422, bad(word("Choose a file.")))
        if len(data) > LARGEST_FILE:
            raise InputError(refusals.FILE_TOO_LARGE)
        planned = plan(data, services.reader.claims(withdrawn=True), actor, now, bool(content and bring_back))
    except InputError as error:
        return _page(request, 422, bad(word(str(error))))
    if not content:
        return _page(request, planned=planned, faults=planned.faults, content=base64.b64encode(data).decode())
    done, faults = apply(services.casebook, planned, actor, now)
    return _page(request, done={change: done[change] for change in Change}, faults=tuple(faults), form=form_of(data))


@router.post("/claims/import/undo")
def undo(request: Request, number: Annotated[str, Form()] = "") -> Response:
    services: Services = request.app.state.services
    actor, now, word = actor_of(request).name, services.clock(), words(request)
    result: list[Undoing] = []

    def act() -> None:
        require_verifier(request, word)
        wanted = int(number) if number.isdecimal() and len(number) < 15 else 0
        reason = word("The import of the file was undone.")
        result.append(undo_import(services.casebook, services.reader, wanted, reason, actor, now))

    status, message = attempt(request, act, "")
    return _page(request, undone=result[0]) if result else _page(request, status, message)


@router.get("/claims/export.csv")
def export_csv(request: Request, separator: str = "") -> Response:
    """`separator`: "semicolon" for an Excel whose country writes numbers with a comma."""
    services: Services = request.app.state.services
    data = write_csv(services.reader.claims(), ";" if separator == "semicolon" else ",")
    return _file(data, "text/csv; charset=utf-8", "thong-tin-da-kiem-chung.csv")


@router.get("/claims/export.json")
def export_reviews(request: Request) -> Response:
    services: Services = request.app.state.services
    data = write_claim_reviews(services.reader.claims(), services.department)
    return _file(data, "application/ld+json", "thong-tin-da-kiem-chung.json")


def _file(data: bytes, kind: str, name: str) -> Response:
    return Response(data, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _decoded(content: str) -> bytes:
    try:
        return base64.b64decode(content, validate=True)
    except binascii.Error as error:
        raise InputError(refusals.FILE_UNREADABLE) from error


def _page(
    request: Request,
    status: int = 200,
    message: Message | None = None,
    planned: Plan | None = None,
    faults: tuple[Fault, ...] = (),
    content: str = "",
    done: dict[Change, int] | None = None,
    form: FileForm = FileForm.CSV,
    undone: Undoing | None = None,
) -> Response:
    services: Services = request.app.state.services
    changing = [row for row in planned.rows if row.change is not Change.UNCHANGED] if planned else []
    return render(
        request,
        "claim_import.html",
        status=status,
        message=message,
        may_write=may_write(request),
        planned=planned,
        counts=planned.counts if planned else done,
        rows=changing[:MOST_SHOWN],
        more=max(0, len(changing) - MOST_SHOWN),
        faults=faults[:MOST_SHOWN],
        fault_count=len(faults),
        content=content,
        done=done,
        undone=undone,
        rows_are_counted=(planned.form if planned else form) is FileForm.CSV,
        something=bool(changing),
        imports=[] if planned else imports(services.reader),
    )
