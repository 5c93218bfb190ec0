"""From the outbox to the channels, at least once, and never twice where the channel can be asked."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from records.errors import DeliveryDelayed, DeliveryRefused
from records.message import Channel, Delivery, Message
from records.ports import Clock, Deliverer, Outbox

FIRST_WAIT_SECONDS = 30
LONGEST_WAIT_SECONDS = 3600
#: No channel's Retry-After keeps a message back for longer than this.
LONGEST_ASKED_SECONDS = 86_400.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DeliveryOutcome:
    """`found`: of the delivered, those that the channel had already. `refused` wait for a person."""

    delivered: int = 0
    found: int = 0
    delayed: int = 0
    refused: int = 0


def deliver_due(
    outbox: Outbox,
    deliverers: Mapping[Channel, Deliverer],
    clock: Clock,
    patience_seconds: float = 0.0,
    pause: Callable[[float], None] = time.sleep,
) -> DeliveryOutcome:
    """Deliver what is due, oldest first, until nothing is.

    Trying and waiting go by `clock`, the wall's: a run may have been given another "now", which is what its messages
    speak of, but a server's patience is real. A wait that a channel itself asked for (Retry-After) is waited out here
    as long as all waits together stay within `patience_seconds`; else the next call sees to it.
    """
    run = _Run(outbox, deliverers)
    waited = 0.0
    while True:
        messages = outbox.due(clock())
        for message in messages:
            run.deliver(message, clock())
        if messages:
            continue
        wait, run.asked_to_wait = run.asked_to_wait, None
        if wait is None or waited + wait > patience_seconds:
            return run.outcome
        pause(wait)
        waited += wait


class _Run:
    """One call's work: `asked_to_wait` is the shortest wait in seconds that a channel asked for."""

    def __init__(self, outbox: Outbox, deliverers: Mapping[Channel, Deliverer]) -> None:
        self._outbox = outbox
        self._deliverers = deliverers
        self.outcome = DeliveryOutcome()
        self.asked_to_wait: float | None = None

    def deliver(self, message: Message, moment: datetime) -> None:
        """Bring one message to an end that the outbox knows: delivered, delayed or refused."""
        key, outcome = message.key, self.outcome
        try:
            delivery, found = self._delivery(message, moment)
        except DeliveryRefused as error:
            log.warning("a message of %s was refused by %s: %s", message.thread, message.to.channel, error)
            self._outbox.refused(key, str(error), moment)
            self.outcome = replace(outcome, refused=outcome.refused + 1)
        except DeliveryDelayed as error:
            asked = error.retry_after_seconds
            if asked is not None:
                asked = min(max(asked, 1.0), LONGEST_ASKED_SECONDS)
                self.asked_to_wait = min(asked, self.asked_to_wait or asked)
            self._delay(message, str(error), moment, asked)
        except Exception as error:
            # A fault of ours in one message must not keep the others back, nor may the message be lost.
            # Not its key, which holds a mail address.
            log.exception("a message of %s to %s could not be composed or sent", message.thread, message.to.channel)
            self._delay(message, type(error).__name__, moment, None)
        else:
            self._outbox.delivered(key, delivery, moment)
            self.outcome = replace(outcome, delivered=outcome.delivered + 1, found=outcome.found + found)

    def _delivery(self, message: Message, moment: datetime) -> tuple[Delivery, bool]:
        """(the server's word, whether it had the message before). A try without an end may have been accepted."""
        deliverer = self._deliverers.get(message.to.channel)
        if deliverer is None:
            raise DeliveryRefused(message.key, f"no {message.to.channel} channel is configured")
        begun_before = self._outbox.sending(message.key, moment)
        root = self._outbox.thread_root(message.thread, message.to)
        if (begun_before or message.attempts > 0) and (found := deliverer.find(message, root)):
            return found, True
        return deliverer.deliver(message, root), False

    def _delay(self, message: Message, problem: str, moment: datetime, asked: float | None) -> None:
        """By the channel's own wish, else twice as long each time, from half a minute to an hour."""
        growing = min(FIRST_WAIT_SECONDS * 2 ** min(message.attempts, 10), LONGEST_WAIT_SECONDS)
        wait = timedelta(seconds=asked if asked is not None else growing)
        self._outbox.delayed(message.key, problem, moment + wait)
        self.outcome = replace(self.outcome, delayed=self.outcome.delayed + 1)
