"""What a person does about messages that their server refused."""

from __future__ import annotations

from datetime import datetime

from casework import refusals
from casework.rules_of_work import named, noted, reasoned
from records.case import Act
from records.errors import ActRefused
from records.ports import Casebook

#: What the trail says the act was done to.
OUTBOX = "outbox"


def retry_messages(casebook: Casebook, actor: str, now: datetime) -> int:
    """Have the refused messages tried again, once what stood in their way is mended; how many.

    Where there is none nothing is written.
    """
    actor = named(actor)
    with casebook.work() as work:
        count = work.retry_refused(now)
        if count:
            work.trail(now, actor, Act.RETRY_MESSAGES, OUTBOX, {"messages": str(count)})
    return count


def retry_message(casebook: Casebook, key: str, actor: str, now: datetime) -> None:
    """As `retry_messages`, of one. Raises ActRefused when it is not refused, by now."""
    actor = named(actor)
    with casebook.work() as work:
        if not work.retry_refused(now, key):
            raise ActRefused(OUTBOX, refusals.MESSAGE_NOT_REFUSED)
        work.trail(now, actor, Act.RETRY_MESSAGES, OUTBOX, {"messages": "1"})


def discard_message(casebook: Casebook, key: str, reason: str, actor: str, now: datetime) -> None:
    """Have a refused message sent no more, and forget whom it was for. The trail names it by its number.

    Raises ActRefused when it is not refused, by now.
    """
    actor, reason = named(actor), reasoned(reason)
    with casebook.work() as work:
        number = work.discard_refused(key)
        if number is None:
            raise ActRefused(OUTBOX, refusals.MESSAGE_NOT_REFUSED)
        detail = {"message": str(number)} | noted(work, reason, now)
        work.trail(now, actor, Act.DISCARD_MESSAGE, OUTBOX, detail)
