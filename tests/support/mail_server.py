"""A real SMTP server (aiosmtpd) on loopback, with a certificate of its own making."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Server
from aiosmtpd.smtp import AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "tin3c", "mat-khau-thu"


@dataclass
class Mailbox:
    """Handler of aiosmtpd. `answers`: for the next mails, in the place of taking them."""

    mails: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    refuse_recipient: str = ""
    secured: list[bool] = field(default_factory=list)

    async def handle_RCPT(
        self, server: Server, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuse_recipient:
            return self.refuse_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Server, session: Session, envelope: Envelope) -> str:
        if self.answers:
            return self.answers.pop(0)
        self.secured.append(session.ssl is not None)
        mail = message_from_bytes(envelope.original_content or b"", policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 Taken"


@dataclass(frozen=True)
class RunningMailServer:
    host: str
    port: int
    mailbox: Mailbox


class _OnFreePort(Controller):
    def _trigger_server(self) -> None:
        # Before it is looked at for the first time: which port it was given.
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def _authenticate(server: Server, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    ok = (getattr(data, "login", b""), getattr(data, "password", b"")) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=ok, handled=ok)


@contextmanager
def mail_server(certificate: Certificate | None = None, *, login: bool = False) -> Iterator[RunningMailServer]:
    """With a certificate the server wants STARTTLS before anything else."""
    context = certificate.server_context() if certificate else None
    mailbox = Mailbox()
    controller = _OnFreePort(
        mailbox,
        hostname="127.0.0.1",
        port=0,
        tls_context=context,
        require_starttls=context is not None,
        auth_required=login,
        auth_require_tls=context is not None,
        authenticator=_authenticate if login else None,
    )
    controller.start()
    try:
        yield RunningMailServer("127.0.0.1", controller.port, mailbox)
    finally:
        controller.stop()


@dataclass(frozen=True)
class Certificate:
    """`authority`: the file that a client has to trust."""

    authority: Path
    key: Path

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.authority, self.key)
        return context


def make_certificate(folder: Path, address: str = "127.0.0.1") -> Certificate:
    """Self-signed, for `address`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tin3C test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    made = Certificate(folder / "authority.pem", folder / "key.pem")
    made.authority.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    made.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return made
