"""What stands between the web and the pages: headers on every answer, and the check of every form."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.session import Signer, session_of

TOKEN_FIELD = "token"  # noqa: S105  (the name of a form's field)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LARGEST_FORM_BYTES = 200_000
#: Where a file is handed in: larger ones go by the command line.
UPLOADS = {"/claims/import": 1_000_000}

PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
#: A capture's page: nothing runs, nothing is fetched, and it may stand in our own frame only.
CAPTURE_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-DNS-Prefetch-Control": "off",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


class SecurityHeaders:
    """Puts HEADERS on every answer that does not say otherwise itself, error pages included."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class FormRefused(Exception):
    """The form did not come from a page of ours, or its session is gone."""


class LargeFormsRefused:
    """Turns a body away before it is read when it is longer than its page takes or does not say its length."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            length = Headers(scope=scope).get("content-length", "")
            largest = UPLOADS.get(scope["path"], LARGEST_FORM_BYTES)
            if not length.isdecimal() or int(length) > largest:
                await PlainTextResponse("413", 413)(scope, receive, send)
                return
        await self.app(scope, receive, send)


async def check_form(request: Request) -> None:
    """For every request that changes something: it comes from our own page, and carries its session's token."""
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None and site not in {"same-origin", "none"}:
        raise FormRefused
    # "null" is what a privacy-minded browser sends for a form under Referrer-Policy: no-referrer; the token decides.
    if origin not in {None, "null"} and urlsplit(origin).netloc != request.headers.get("host"):
        raise FormRefused
    form = await request.form()
    token = form.get(TOKEN_FIELD)
    signer: Signer = request.app.state.signer
    if not isinstance(token, str) or not signer.token_fits(session_of(request), token):
        raise FormRefused
