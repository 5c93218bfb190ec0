"""The loop from the outbox: no message lost, none in another's way."""

from __future__ import annotations

from datetime import timedelta

from alerts.delivery import FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, deliver_due
from records.errors import DeliveryDelayed, DeliveryRefused
from records.message import Channel, Delivery, Message, ThreadRoot
from tests.alerts.conftest import MakeMessage
from tests.support.desk_records import NOW
from tests.support.memory_outbox import MemoryOutbox


class Recorder:
    """Fails for the keys it is told to."""

    channel = Channel.SLACK

    def __init__(self, **failures: Exception) -> None:
        self.failures = failures
        self.sent: list[str] = []
        self.asked: list[str] = []

    def deliver(self, message: Message, root: ThreadRoot | None) -> Delivery:
        if message.key in self.failures:
            raise self.failures[message.key]
        self.sent.append(message.key)
        return Delivery(message.key)

    def find(self, message: Message, root: ThreadRoot | None) -> Delivery | None:
        self.asked.append(message.key)
        return None


def test_one_bad_message_does_not_keep_the_others_back(make_message: MakeMessage) -> None:
    recorder = Recorder(late=DeliveryDelayed("late", "busy"), bad=DeliveryRefused("bad", "no"), bug=KeyError("x"))
    keys = ("late", "bad", "bug", *(f"k{n}" for n in range(45)))
    outbox = MemoryOutbox.holding(make_message(key, thread=key) for key in keys)
    outcome = deliver_due(outbox, {Channel.SLACK: recorder}, lambda: NOW)
    assert (outcome.delivered, outcome.delayed, outcome.refused) == (45, 2, 1)
    assert recorder.sent == [f"k{n}" for n in range(45)]
    assert outbox.counts() == {"waiting": 2, "delivered": 45, "refused": 1}


def test_a_thread_is_delivered_in_its_order(make_message: MakeMessage) -> None:
    recorder = Recorder()
    outbox = MemoryOutbox.holding(make_message(key) for key in "abc")
    deliver_due(outbox, {Channel.SLACK: recorder}, lambda: NOW)
    assert recorder.sent == list("abc")
    held = Recorder(a=DeliveryDelayed("a", "busy"))
    outbox = MemoryOutbox.holding(make_message(key) for key in "abc")
    deliver_due(outbox, {Channel.SLACK: held}, lambda: NOW)
    assert held.sent == []


def test_waits_grow_and_a_tried_message_is_asked_for_first(make_message: MakeMessage) -> None:
    recorder = Recorder(a=DeliveryDelayed("a", "time-out"))
    outbox = MemoryOutbox.holding([make_message("a")])
    moment, waits = NOW, []
    for _ in range(9):
        deliver_due(outbox, {Channel.SLACK: recorder}, lambda now=moment: now)
        waits.append((outbox.retry_at["a"] - moment).total_seconds())
        moment = outbox.retry_at["a"]
    assert waits[:3] == [FIRST_WAIT_SECONDS, 2 * FIRST_WAIT_SECONDS, 4 * FIRST_WAIT_SECONDS]
    assert waits[-1] == LONGEST_WAIT_SECONDS
    assert len(recorder.asked) == 8


def test_a_wait_goes_by_the_clock_whatever_now_its_cause_was_given(make_message: MakeMessage) -> None:
    recorder = Recorder(a=DeliveryDelayed("a", "busy", 5))
    outbox = MemoryOutbox.holding([make_message("a")])
    # The message is of a run whose "now" lies a year ahead of the clock: its retry is still five seconds away.
    clock = NOW - timedelta(days=365)
    deliver_due(outbox, {Channel.SLACK: recorder}, lambda: clock)
    assert outbox.retry_at["a"] == clock + timedelta(seconds=5)
    recorder.failures.clear()
    clock += timedelta(seconds=5)
    assert deliver_due(outbox, {Channel.SLACK: recorder}, lambda: clock).delivered == 1


def test_a_channel_without_a_deliverer_is_said(make_message: MakeMessage) -> None:
    outbox = MemoryOutbox.holding([make_message("a")])
    assert deliver_due(outbox, {}, lambda: NOW).refused == 1
    assert outbox.put_aside == {"a": "no slack channel is configured"}
