"""Digest: what a day or a week brought, composed and mailed to the leaders through the outbox, each once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from alerts.digest import compose_digest
from alerts.mail_content import MailContent
from flows import alert, wiring
from flows.parts import Parts
from records.digest import Digest, Period
from records.errors import SettingsError
from records.message import Address, Channel, Letter, Message, MessageState


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one recipient's digest. `before`: it was in the outbox already when this was asked for."""

    recipient: str
    before: bool
    state: MessageState


def compose(parts: Parts, period: Period, until: datetime) -> tuple[Digest, MailContent]:
    """The whole day or week that ends at or before `until`."""
    settings = parts.settings
    digest = parts.store.reader.digest(period, until)
    return digest, compose_digest(digest, settings.department.name, wiring.console_address(settings))


def recipients(parts: Parts) -> tuple[str, ...]:
    """Who gets digests. Raises SettingsError when nobody does."""
    found = parts.settings.mail.digest_recipients
    if not found:
        raise SettingsError("mail.digest_recipients", "is empty: nobody would get the digest")
    return found


def send(parts: Parts, period: Period, until: datetime, *, again: bool = False) -> tuple[Sent, ...]:
    """Put it into the outbox for everybody who gets digests, and deliver what is due there.

    A period is mailed to a recipient once, however often this is asked for, and what a server does not take now is
    tried again with the alerts; `again` mails it once more. Raises SettingsError when mail is not configured.
    """
    wiring.smtp_server(parts.settings)
    digest, content = compose(parts, period, until)
    now = datetime.now(UTC)
    letter = Letter(content.subject, content.text, content.html, at=digest.until)
    thread = f"digest:{digest.period}:{digest.since.isoformat()}"
    keys = {to: f"{thread}:{to}" + (f":{now.isoformat()}" if again else "") for to in recipients(parts)}
    with parts.store.casebook.work() as work:
        new = {
            to
            for to, key in keys.items()
            if work.enqueue(Message(key, Address(Channel.MAIL, to), thread, letter, created_at=now))
        }
    alert.deliver(parts)
    return tuple(Sent(to, to not in new, parts.store.outbox.state(key)) for to, key in keys.items())
