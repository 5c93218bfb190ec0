"""Digest: what a day or a week brought, composed and mailed to the leaders. A repeat repeats its Message-ID."""

from __future__ import annotations

from datetime import datetime

from alerts.digest import compose_digest, send_digest
from alerts.mail_content import MailContent
from flows import wiring
from flows.parts import Parts
from records.digest import Digest, Period
from records.errors import SettingsError


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


def send(parts: Parts, period: Period, until: datetime, recipient: str) -> None:
    """Mail it to one recipient. Raises DeliveryDelayed, DeliveryRefused or SettingsError."""
    digest, content = compose(parts, period, until)
    send_digest(wiring.smtp_server(parts.settings), digest, content, recipient)
