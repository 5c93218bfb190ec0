"""E-mail over SMTP: TLS verified, and a repeat repeats its Message-ID, so that a mailbox can tell it is the same."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any, Literal

from alerts.letterhead import Letterhead
from alerts.mail_content import MailContent, composed
from records.errors import DeliveryDelayed, DeliveryRefused
from records.message import Channel, Delivery, Message, ThreadRoot

TIMEOUT_SECONDS = 30
_OUR_NAME = "Tin3C"
#: What this machine calls itself to the server: its real name is nobody's business.
_HELLO_NAME = "tin3c.invalid"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed over. `security` is "starttls", "tls" or, to loopback only, "none".

    `certificates`: a file of authorities to trust in the place of the system's.
    """

    host: str
    port: int
    sender: str
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = ""
    certificates: str | None = None

    def message_id(self, key: str) -> str:
        """The same key gives the same Message-ID, for ever."""
        domain = parseaddr(self.sender)[1].rpartition("@")[2] or "tin3c.invalid"
        return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"


def build(
    server: SmtpServer, key: str, to: str, content: MailContent, at: datetime, thread: str | None = None
) -> EmailMessage:
    """The mail as it is sent. `thread`: the Message-ID of the mail that it answers.

    Raises DeliveryRefused when `to` or the sender is no mail address.
    """
    mail = EmailMessage(policy=SMTP)
    try:
        mail["From"] = _address(server.sender, _OUR_NAME)
        mail["To"] = _address(to)
    except (MessageError, ValueError, IndexError) as error:
        raise DeliveryRefused(key, "mail: an address cannot be read") from error
    mail["Subject"] = " ".join(content.subject.split())
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = server.message_id(key)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    if thread:
        mail["In-Reply-To"] = thread
        mail["References"] = thread
    mail.set_content(content.text)
    mail.add_alternative(content.html, subtype="html")
    return mail


def _address(text: str, default_name: str = "") -> Address:
    """One address, with its name when it has one. Raises ValueError for anything else, line breaks included."""
    if any(ord(character) < 32 for character in text) or text.count("@") != 1:
        raise ValueError("not one mail address")
    name, specification = parseaddr(text)
    return Address(name or default_name, addr_spec=specification)


def send(server: SmtpServer, key: str, mail: EmailMessage) -> None:
    """Hand `mail` over. Raises DeliveryDelayed (try again) or DeliveryRefused (a person must change something)."""
    with _errors_of(key), _connected(server) as connection:
        connection.send_message(mail)


def check(server: SmtpServer) -> None:
    """Connect, secure and log in, and send nothing. Raises as `send` does."""
    with _errors_of("check"), _connected(server) as connection:
        connection.noop()


@contextmanager
def _errors_of(key: str) -> Iterator[None]:
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise _error(key, max(codes), "recipient") from error
    except smtplib.SMTPNotSupportedError as error:
        raise DeliveryRefused(key, "mail: the server does not offer what the settings ask for (TLS, login)") from error
    except smtplib.SMTPResponseException as error:
        raise _error(key, error.smtp_code, type(error).__name__) from error
    except ssl.SSLCertVerificationError as error:
        raise DeliveryRefused(key, f"mail: the server's certificate is not valid: {error.verify_message}") from error
    except (OSError, smtplib.SMTPException) as error:
        raise DeliveryDelayed(key, f"mail: {type(error).__name__}") from error


@contextmanager
def _connected(server: SmtpServer) -> Iterator[smtplib.SMTP]:
    """A connection, secured and logged in. Leaving it never fails: the mail is taken or refused by then."""
    context = ssl.create_default_context(cafile=server.certificates)
    told: dict[str, Any] = {"local_hostname": _HELLO_NAME, "timeout": TIMEOUT_SECONDS}
    if server.security == "tls":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, context=context, **told)
    else:
        connection = smtplib.SMTP(server.host, server.port, **told)
    try:
        if server.security == "starttls":
            connection.starttls(context=context)
        if server.user:
            connection.login(server.user, server.password)
        yield connection
        with suppress(OSError, smtplib.SMTPException):
            connection.quit()
    finally:
        connection.close()


def _error(key: str, code: int, what: str) -> DeliveryDelayed | DeliveryRefused:
    problem = f"mail: the server answered {code} ({what})"
    return DeliveryDelayed(key, problem) if 400 <= code < 500 or code < 0 else DeliveryRefused(key, problem)


class MailDeliverer:
    """Implements `records.ports.Deliverer`."""

    channel = Channel.MAIL

    def __init__(self, server: SmtpServer, letterhead: Letterhead) -> None:
        self._server = server
        self._letterhead = letterhead

    def deliver(self, message: Message, root: ThreadRoot | None) -> Delivery:
        """Raises DeliveryDelayed or DeliveryRefused."""
        content = composed(message.notice, self._letterhead)
        thread = root.external_id if root else None
        mail = build(self._server, message.key, message.to.recipient, content, message.notice.at, thread)
        send(self._server, message.key, mail)
        return Delivery(external_id=str(mail["Message-ID"]))

    def find(self, message: Message, root: ThreadRoot | None) -> Delivery | None:
        """A mail server cannot be asked; the repeat has the same Message-ID."""
        return None
