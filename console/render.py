"""Pages from templates: one environment a language, a whole page or, for HTMX, only its fragment."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache, partial
from gettext import NullTranslations
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from console import formats, labels
from console.guard import TOKEN_FIELD
from console.language import translations
from console.search_state import search_state
from console.session import ROLES, Signer, keep_session, language_of, session_of
from records.address import is_web_address
from records.places import shown
from records.reasons import percent
from records.text import excerpt, mask_personal

FOLDER = Path(__file__).parent
STATIC_FOLDER = FOLDER / "static"


@cache
def environment_of(language: str) -> Environment:
    """Made once a process: it holds nothing of one console, and compiling the templates takes a while."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    for name in ("moment", "day", "short_day", "number", "percent", "size"):
        environment.filters[name] = partial(_with_language(getattr(formats, name)), language=language)
    environment.filters |= {"masked": mask_personal, "marked": formats.marked, "excerpt": excerpt, "places": shown}
    environment.filters["platform"] = partial(labels.platform_name, translated=translations(language).gettext)
    environment.tests["web_address"] = is_web_address
    environment.globals |= {
        "labels": labels,
        "roles": ROLES,
        "language": language,
        "topic_name": partial(labels.topic_name, language=language),
        "exact_percent": partial(percent, language=language),
        "token_field": TOKEN_FIELD,
        "static": _static_address,
    }
    environment.globals["ui"] = environment.get_template("macros.html").module
    return environment


def _with_language(show: Callable[..., str]) -> Callable[..., str]:
    return lambda value, language: "" if value is None else show(value, language)


def _static_address(name: str) -> str:
    """The address of a file of static/, changed with its content so that browsers may keep it."""
    digest = hashlib.sha256((STATIC_FOLDER / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?{digest}"


def wants_fragment(request: Request) -> bool:
    return "hx-request" in request.headers and "hx-history-restore-request" not in request.headers


def words(request: Request) -> Callable[[str], str]:
    """gettext in the request's language."""
    known: dict[str, NullTranslations] = request.app.state.translations
    return known[language_of(request)].gettext


def render(request: Request, whole: str, fragment: str | None = None, /, status: int = 200, **context: Any) -> Response:
    """The template `whole`, or `fragment` when HTMX asks and the page has one."""
    environment: Environment = request.app.state.environments[language_of(request)]
    services = request.app.state.services
    session = session_of(request)
    signer: Signer = request.app.state.signer
    name = fragment if fragment and wants_fragment(request) else whole
    html = environment.get_template(name).render(
        now=services.clock(),
        department=services.department,
        province=services.province,
        session=session,
        token=signer.token(session),
        here=_here(request),
        search_state=search_state(services.index, services.index_queue) if name == whole and status < 500 else None,
        refused_messages=services.outbox.counts()["refused"] if name == whole and status < 500 else 0,
        **context,
    )
    response = HTMLResponse(html, status, headers={"Vary": "HX-Request, Cookie"})
    if request.state.session_is_new:
        keep_session(request, response, session)
    return response


def _here(request: Request) -> str:
    """The address to come back to: of a page that can be read again by GET."""
    if request.method != "GET":
        return "/"
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def local_path(given: str) -> str:
    """`given` when it is a path on this console, else "/": nobody is sent elsewhere by a form's field."""
    plain = given.isprintable() and "\\" not in given
    return given if plain and given.startswith("/") and not given.startswith("//") else "/"


def see(address: str) -> RedirectResponse:
    """After an act: the page to read next."""
    return RedirectResponse(address, 303)
