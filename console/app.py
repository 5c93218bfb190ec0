"""The web console: pages over the ports. `create_app` is all that others need."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from console import operations
from console.acting import NameNeeded
from console.exposition import registry_of
from console.guard import HEADERS, FormRefused, LargeFormsRefused, SecurityHeaders, check_form
from console.language import LANGUAGES, translations
from console.language import mark as N_
from console.pages import (
    arranging,
    claim_files,
    claims,
    inbox,
    item,
    messages,
    models,
    narrative,
    narrative_claims,
    person,
    search,
    sources,
    statements,
)
from console.render import STATIC_FOLDER, environment_of, render, words
from console.services import Services
from console.session import Signer
from records.errors import NotFound, StoreError

#: Until users exist, the console listens on loopback only. These names, and that of console.public_address, are ours.
HOSTS = ["127.0.0.1", "localhost", "[::1]"]

_NOT_FOUND = (N_("Not found"), N_("There is nothing at this address. It may have been merged, or its link is damaged."))
_STORE = (N_("The store did not answer"), N_("Try again in a moment. If it goes on, run “tin3c doctor”."))
_UNREADABLE = (N_("The form cannot be read"), N_("Go back, check what was typed, and send it again."))
_NOT_OURS = (
    N_("The form was not accepted"),
    N_("It did not come from a page of this console, or the page was too old. Load the page again and retry."),
)
_NAMELESS = (N_("First say who you are"), N_("Acts are recorded under a name. Give yours, then come back."))
_OTHER = (N_("This is not possible"), N_("The console does not answer this kind of request."))
_BROKEN = (
    N_("Something went wrong"),
    N_("The mistake is ours. What was saved before is safe. If it happens again, run “tin3c doctor”."),
)


def create_app(services: Services) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(check_form)])
    app.state.services = services
    app.state.signer = Signer(services.signing_key)
    app.state.translations = {language: translations(language) for language in LANGUAGES}
    app.state.environments = {language: environment_of(language) for language in LANGUAGES}
    for page in (
        inbox,
        narrative,
        narrative_claims,
        arranging,
        item,
        search,
        claim_files,
        claims,
        sources,
        statements,
        messages,
        models,
        person,
    ):
        app.include_router(page.router)
    app.state.metrics = registry_of(services.operations, services.clock, services.home)
    app.include_router(operations.router)
    app.mount("/static", _Static(directory=STATIC_FOLDER))
    app.add_exception_handler(NotFound, _says(404, *_NOT_FOUND))
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _says(422, *_UNREADABLE))
    app.add_exception_handler(NameNeeded, _says(403, *_NAMELESS))
    app.add_exception_handler(FormRefused, _says(403, *_NOT_OURS))
    app.add_exception_handler(StoreError, _says(503, *_STORE))
    app.add_exception_handler(Exception, _broken)
    # The last added stands first: headers go on every answer, a foreign host's refusal included.
    app.add_middleware(LargeFormsRefused)
    public = [urlsplit(services.public_address).hostname] if services.public_address else []
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*HOSTS, *filter(None, public)], www_redirect=False)
    app.add_middleware(SecurityHeaders)
    return app


class _Static(StaticFiles):
    """Files whose address changes with their content: browsers may keep them."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "max-age=31536000, immutable"
        return response


def _says(status: int, heading: str, explanation: str) -> Callable[[Request, Exception], Response]:
    def handle(request: Request, error: Exception) -> Response:
        return _error_page(request, status, heading, explanation)

    return handle


def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    heading, explanation = _NOT_FOUND if status == 404 else _OTHER
    return _error_page(request, status, heading, explanation)


def _broken(request: Request, error: Exception) -> Response:
    """Answered outside all middleware, so it puts the headers on itself."""
    response = _error_page(request, 500, *_BROKEN)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _error_page(request: Request, status: int, heading: str, explanation: str) -> Response:
    word = words(request)
    return render(
        request, "error.html", "_error.html", status=status, heading=word(heading), explanation=word(explanation)
    )
