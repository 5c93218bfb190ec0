"""Who sits before the screen: a signed cookie. Until users exist, a display name and a role, given once."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlsplit

from fastapi import Request, Response

from console.language import LANGUAGES
from console.language import mark as N_
from records.text import normalize

COOKIE = "tin3c_session"
COOKIE_SECONDS = 30 * 24 * 3600
LONGEST_NAME = 60


class Role(StrEnum):
    OFFICER = "officer"
    VERIFIER = "verifier"
    SPOKESPERSON = "spokesperson"
    LEADER = "leader"


ROLES = {
    Role.OFFICER: N_("Communication officer"),
    Role.VERIFIER: N_("Verifier"),
    Role.SPOKESPERSON: N_("Spokesperson"),
    Role.LEADER: N_("Leader"),
}


@dataclass(frozen=True, slots=True)
class Session:
    """`id` is random; the forms' token is derived from it. `name` is "" until the person has given one."""

    id: str
    name: str = ""
    role: Role = Role.OFFICER
    language: str | None = None

    def known_as(self, name: str, role: Role) -> Session:
        return replace(self, name=name, role=role)


class Signer:
    """Signs the session's cookie, and derives the forms' token from the session's id."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def _mac(self, purpose: str, content: bytes) -> str:
        return hmac.new(self._key, purpose.encode() + b"\x00" + content, hashlib.sha256).hexdigest()

    def token(self, session: Session) -> str:
        return self._mac("form", session.id.encode())

    def token_fits(self, session: Session, token: str) -> bool:
        return hmac.compare_digest(self.token(session).encode(), token.encode("utf-8", "replace"))

    def write(self, session: Session) -> str:
        fields = {"id": session.id, "name": session.name, "role": session.role, "language": session.language}
        content = base64.urlsafe_b64encode(json.dumps(fields).encode())
        return f"{content.decode()}.{self._mac('session', content)}"

    def read(self, cookie: str) -> Session | None:
        """The session that this console signed; None for anything else."""
        content, _, mac = cookie.partition(".")
        if not hmac.compare_digest(self._mac("session", content.encode()).encode(), mac.encode("utf-8", "replace")):
            return None
        try:
            fields = json.loads(base64.urlsafe_b64decode(content))
            return Session(fields["id"], fields["name"], Role(fields["role"]), fields["language"])
        except (binascii.Error, ValueError, KeyError, TypeError):
            return None


def session_of(request: Request) -> Session:
    """The request's session, a fresh one when it has none; the same one throughout the request."""
    if not hasattr(request.state, "session"):
        signer: Signer = request.app.state.signer
        found = signer.read(request.cookies.get(COOKIE, ""))
        request.state.session = found or Session(secrets.token_urlsafe(18))
        request.state.session_is_new = found is None
    session: Session = request.state.session
    return session


def keep_session(request: Request, response: Response, session: Session) -> None:
    signer: Signer = request.app.state.signer
    response.set_cookie(
        COOKIE,
        signer.write(session),
        max_age=COOKIE_SECONDS,
        httponly=True,
        samesite="lax",  # strict would lose the session of a person who comes by a link in a mail
        secure=request.url.scheme == "https" or _came_by_tls(request),
    )


def _came_by_tls(request: Request) -> bool:
    """Whether it was asked for by the address under which a proxy shows us: we see the proxy's plain request only."""
    public: str = request.app.state.services.public_address
    return bool(public) and request.url.netloc == urlsplit(public).netloc


def language_of(request: Request) -> str:
    chosen = session_of(request).language
    default: str = request.app.state.services.language
    return chosen if chosen in LANGUAGES else default


def clean_name(given: str) -> str:
    """A display name: one line, no longer than LONGEST_NAME characters; "" when nothing is left."""
    return " ".join(normalize(given).split())[:LONGEST_NAME]
