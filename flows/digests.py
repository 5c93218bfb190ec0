"""Digest: what a day or a week brought, composed and sent to the leaders. Sending again repeats the Message-ID."""

from __future__ import annotations

from datetime import datetime

from alerts.digest import MailContent, compose_digest
from flows import wiring
from flows.parts import Parts
from records.digest import Period


def compose(parts: Parts, period: Period, until: datetime) -> MailContent:
    settings = parts.settings
    return compose_digest(
        parts.store.reader.digest(period, until), settings.department.name, wiring.console_address(settings)
    )
