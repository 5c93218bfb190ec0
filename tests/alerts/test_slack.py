"""Delivery to a Slack that is as strict as the real one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.delivery import deliver_due
from alerts.letterhead import Letterhead
from alerts.slack import SlackDeliverer
from records.errors import DeliveryDelayed, DeliveryRefused
from records.message import Channel, NoticeKind, ThreadRoot
from records.risk import Level
from tests.alerts.conftest import MakeMessage
from tests.support.desk_records import NOW, risk
from tests.support.memory_outbox import MemoryOutbox
from tests.support.slack_server import CHANNEL, TOKEN, SlackServer

LATER = "case:n1:critical:slack:tin3c"


def test_a_narrative_is_one_thread_whose_head_is_kept_up_to_date(
    slack: SlackDeliverer, slack_server: SlackServer, make_message: MakeMessage
) -> None:
    first = make_message()
    second = make_message(LATER, kind=NoticeKind.LEVEL_RAISED, risk=risk(Level.CRITICAL, rising=True))
    other = make_message("case:n2:high:slack:tin3c", thread="n2")
    outbox = MemoryOutbox.holding([first, second, other])
    outcome = deliver_due(outbox, {Channel.SLACK: slack}, lambda: NOW)
    assert (outcome.delivered, outcome.found) == (3, 0)
    messages = slack_server.slack.messages
    head, reply = slack_server.slack.by_key(first.key) + slack_server.slack.by_key(second.key)
    assert reply["thread_ts"] == head["ts"] and reply["reply_broadcast"] is True
    assert "rất cao" in head["blocks"][0]["text"]["text"] and head["edits"] == 1
    assert [m for m in messages if "thread_ts" not in m] == [head, *slack_server.slack.by_key(other.key)]


@pytest.mark.parametrize("recipient", [CHANNEL, "#tin3c", "tin3c"])
def test_a_crash_between_acceptance_and_commit_sends_nothing_twice(
    slack: SlackDeliverer, slack_server: SlackServer, make_message: MakeMessage, recipient: str
) -> None:
    first, second = make_message(recipient=recipient), make_message(LATER, recipient=recipient)
    outbox = MemoryOutbox.holding([first, second])
    outbox.crash_for = {first.key, second.key}
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            deliver_due(outbox, {Channel.SLACK: slack}, lambda: NOW)
    outcome = deliver_due(outbox, {Channel.SLACK: slack}, lambda: NOW)
    assert (outcome.delivered, outcome.found) == (1, 1)
    assert len(slack_server.slack.messages) == 2
    assert slack_server.slack.messages[1]["thread_ts"] == slack_server.slack.messages[0]["ts"]


def test_a_post_whose_answer_was_lost_is_looked_for_first(
    slack: SlackDeliverer, slack_server: SlackServer, make_message: MakeMessage
) -> None:
    slack_server.slack.lose_answers = 1
    outbox = MemoryOutbox.holding([make_message()])
    assert deliver_due(outbox, {Channel.SLACK: slack}, lambda: NOW).delayed == 1
    later = NOW + timedelta(minutes=1)
    outcome = deliver_due(outbox, {Channel.SLACK: slack}, lambda: later)
    assert (outcome.delivered, outcome.found, len(slack_server.slack.messages)) == (1, 1, 1)


def test_a_crash_between_update_and_reply_repeats_the_update_only(
    slack: SlackDeliverer, slack_server: SlackServer, make_message: MakeMessage
) -> None:
    root = slack.deliver(make_message(), None)
    thread = ThreadRoot(root.external_id, make_message().notice, root.external_channel)
    reply = make_message(LATER)
    slack._update(reply, thread)  # killed here
    assert slack.find(reply, thread) is None
    slack.deliver(reply, thread)
    assert slack.find(reply, thread) is not None
    assert len(slack_server.slack.messages) == 2


def test_find_reads_page_after_page(
    slack: SlackDeliverer, slack_server: SlackServer, make_message: MakeMessage
) -> None:
    slack_server.slack.page = 2
    wanted = make_message("wanted")
    slack.deliver(wanted, None)
    for number in range(5):
        slack.deliver(make_message(f"other {number}"), None)
    found = slack.find(wanted, None)
    assert found is not None and found.external_id == slack_server.slack.messages[0]["ts"]
    assert slack.find(make_message("never sent"), None) is None


@pytest.mark.parametrize(
    "error", ["invalid_auth", "channel_not_found", "not_in_channel", "missing_scope", "invalid_blocks"]
)
def test_what_a_person_must_change_is_refused(
    slack: SlackDeliverer, slack_server: SlackServer, make_message: MakeMessage, error: str
) -> None:
    slack_server.slack.fail_with = [(200, {}, {"ok": False, "error": error})]
    with pytest.raises(DeliveryRefused, match=error):
        slack.deliver(make_message(), None)


def test_a_wrong_token_and_an_unknown_channel(
    slack_server: SlackServer, slack: SlackDeliverer, letterhead: Letterhead, make_message: MakeMessage
) -> None:
    with pytest.raises(DeliveryRefused, match="invalid_auth"):
        SlackDeliverer("xoxb-wrong", letterhead, slack_server.base_url).deliver(make_message(), None)
    with pytest.raises(DeliveryRefused, match="channel_not_found"):
        slack.deliver(make_message(recipient="#khong-co"), None)
    with pytest.raises(DeliveryRefused, match="no channel #khong-co"):
        slack.find(make_message(recipient="#khong-co"), None)


@pytest.mark.parametrize(
    ("status", "headers", "body", "wait"),
    [
        (429, {"Retry-After": "7"}, {"ok": False, "error": "ratelimited"}, 7.0),
        (429, {}, {"ok": False, "error": "ratelimited"}, None),
        (503, {"Retry-After": "120"}, {"ok": False, "error": "service_unavailable"}, 120.0),
        (500, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, {"ok": False}, None),
        (200, {}, {"ok": False, "error": "internal_error"}, None),
        (200, {"Content-Type": "text/html"}, b"<html>Please log in to the network</html>", None),
    ],
)
def test_what_passes_is_tried_again(
    slack: SlackDeliverer, slack_server: SlackServer, make_message: MakeMessage, status: int, headers: dict, body, wait
) -> None:
    slack_server.slack.fail_with = [(status, headers, body)]
    with pytest.raises(DeliveryDelayed) as delayed:
        slack.deliver(make_message(), None)
    assert delayed.value.retry_after_seconds == wait
    assert "<html>" not in str(delayed.value)
    assert slack_server.slack.messages == []


def test_nobody_at_home_is_tried_again(letterhead: Letterhead, make_message: MakeMessage) -> None:
    with SlackServer() as server:
        gone = server.base_url
    with pytest.raises(DeliveryDelayed):
        SlackDeliverer(TOKEN, letterhead, gone).deliver(make_message(), None)


def test_the_rate_limit_is_kept_to(
    slack_server: SlackServer, letterhead: Letterhead, make_message: MakeMessage
) -> None:
    now = 0.0
    waits: list[float] = []

    def pause(seconds: float) -> None:
        nonlocal now
        waits.append(seconds)
        now += seconds

    def at_slack() -> float:
        nonlocal now
        now += 0.4  # Slack takes its time: how long the way there was is not known here
        return now

    slack_server.slack.seconds_between_posts = 1.0
    slack_server.slack.monotonic = at_slack
    paced = SlackDeliverer(TOKEN, letterhead, slack_server.base_url, pause, lambda: now)
    outbox = MemoryOutbox.holding(make_message(f"case:n{n}:high:slack:x", thread=f"n{n}") for n in range(3))
    outcome = deliver_due(outbox, {Channel.SLACK: paced}, lambda: NOW)
    assert (outcome.delivered, outcome.delayed) == (3, 0)
    assert waits == pytest.approx([1.05, 1.05])


def test_retry_after_is_waited_out_within_patience(
    slack_server: SlackServer, slack: SlackDeliverer, make_message: MakeMessage
) -> None:
    busy = (429, {"Retry-After": "5"}, {"ok": False, "error": "ratelimited"})
    slack_server.slack.fail_with = [busy]
    waits: list[float] = []
    now = NOW

    def pause(seconds: float) -> None:
        nonlocal now
        waits.append(seconds)
        now += timedelta(seconds=seconds)

    outbox = MemoryOutbox.holding([make_message()])
    outcome = deliver_due(outbox, {Channel.SLACK: slack}, lambda: now, patience_seconds=10, pause=pause)
    assert (outcome.delivered, outcome.delayed, waits) == (1, 1, [5.0])
    slack_server.slack.fail_with = [busy] * 9
    outbox = MemoryOutbox.holding([make_message("another")])
    outcome = deliver_due(outbox, {Channel.SLACK: slack}, lambda: now, patience_seconds=4, pause=pause)
    assert (outcome.delivered, outcome.delayed, waits) == (0, 1, [5.0])
