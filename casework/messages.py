"""What a person does about messages that their server refused."""

from __future__ import annotations

from datetime import datetime

from casework.rules_of_work import named
from records.case import Act
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
