"""Slack: one narrative is one thread, whose head is kept up to date. Nothing is sent twice."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from alerts import slack_content
from alerts.letterhead import Letterhead
from records.errors import DeliveryDelayed, DeliveryRefused
from records.message import Channel, Delivery, Letter, Message, NoticeKind, ThreadRoot

EVENT_TYPE = "tin3c_message"
TIMEOUT_SECONDS = 20
#: Slack takes about one message a second and channel.
SECONDS_BETWEEN_POSTS = 1.05
#: What Slack itself may fail with: tried again. Every other error wants a person.
_PASSING = frozenset(
    {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
)
_ERROR_CODE = re.compile(r"[a-z0-9_:]{1,100}")
_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{6,}")
_PAGE = 200
#: How far back `find` looks: a crash is followed by the next run, not by the next month.
_PAGES_LOOKED_AT = 10


class SlackDeliverer:
    """Implements `records.ports.Deliverer`. `base_url` is Slack's own, but for tests and the demo."""

    channel = Channel.SLACK

    def __init__(
        self,
        token: str,
        letterhead: Letterhead,
        base_url: str = "https://slack.com/api/",
        pause: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        # Without the kit's own retries: a post whose answer was lost must be looked for before it is sent again.
        self._client = WebClient(token=token, base_url=base_url, timeout=TIMEOUT_SECONDS, retry_handlers=[])
        self._letterhead = letterhead
        self._pause = pause
        self._monotonic = monotonic
        self._posted_at: dict[str, float] = {}
        self._ids: dict[str, str] = {}

    def deliver(self, message: Message, root: ThreadRoot | None) -> Delivery:
        """Raises DeliveryDelayed or DeliveryRefused. A reply's head is updated first, which can be done twice."""
        if isinstance(message.notice, Letter):
            return self._post(message, slack_content.letter(message.notice, self._letterhead))
        notice = message.notice
        if root is None:
            return self._post(message, slack_content.head(notice, self._letterhead))
        self._update(message, root)
        return self._post(message, slack_content.reply(notice, self._letterhead), root)

    def _post(self, message: Message, content: slack_content.SlackContent, root: ThreadRoot | None = None) -> Delivery:
        target = root.external_channel if root and root.external_channel else message.to.recipient
        thread: dict[str, Any] = {}
        if root is not None:
            # A rise is shown in the channel too: who does not follow the thread must see it.
            loud = slack_content.notice_of(message).kind is NoticeKind.LEVEL_RAISED
            thread = {"thread_ts": root.external_id, "reply_broadcast": loud}
        with self._at_pace(target):
            answer = self._call(
                message.key,
                "chat.postMessage",
                channel=target,
                text=content.text,
                blocks=list(content.blocks),
                metadata={"event_type": EVENT_TYPE, "event_payload": {"key": message.key}},
                link_names=False,
                parse="none",
                unfurl_links=False,
                unfurl_media=False,
                **thread,
            )
        return Delivery(external_id=answer["ts"], external_channel=answer["channel"])

    def _update(self, message: Message, root: ThreadRoot) -> None:
        content = slack_content.head(slack_content.notice_of(message), self._letterhead)
        self._call(
            message.key,
            "chat.update",
            channel=root.external_channel or self._id_of(message),
            ts=root.external_id,
            text=content.text,
            blocks=list(content.blocks),
            link_names=False,
            parse="none",
        )

    @contextmanager
    def _at_pace(self, target: str) -> Iterator[None]:
        """One post. The pace is kept from its end: when Slack took it in between, only Slack knows."""
        if target in self._posted_at:
            wait = self._posted_at[target] + SECONDS_BETWEEN_POSTS - self._monotonic()
            if wait > 0:
                self._pause(wait)
        try:
            yield
        finally:
            self._posted_at[target] = self._monotonic()

    def find(self, message: Message, root: ThreadRoot | None) -> Delivery | None:
        """Slack is asked by the message's metadata, newest first, or through the thread."""
        channel = root.external_channel if root and root.external_channel else self._id_of(message)
        method = "conversations.history" if root is None else "conversations.replies"
        thread = {} if root is None else {"ts": root.external_id}
        pages = self._pages(message.key, method, channel=channel, include_all_metadata=True, **thread)
        for number, page in enumerate(pages, 1):
            for posted in page["messages"]:
                metadata = posted.get("metadata") or {}
                if metadata.get("event_type") == EVENT_TYPE and metadata["event_payload"].get("key") == message.key:
                    return Delivery(external_id=posted["ts"], external_channel=channel)
            if root is None and number == _PAGES_LOOKED_AT:
                break
        return None

    def _id_of(self, message: Message) -> str:
        """The id of the recipient's channel: Slack reads a channel's history by its id only."""
        recipient = message.to.recipient
        if _CHANNEL_ID.fullmatch(recipient):
            return recipient
        name = recipient.removeprefix("#")
        if name not in self._ids:
            kinds = "public_channel,private_channel"
            for page in self._pages(message.key, "conversations.list", types=kinds, exclude_archived=True):
                self._ids |= {channel["name"]: channel["id"] for channel in page["channels"]}
        if name not in self._ids:
            raise DeliveryRefused(message.key, f"Slack: there is no channel {recipient}; write its id in the settings")
        return self._ids[name]

    def _pages(self, key: str, method: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        cursor = ""
        while True:
            more = {"cursor": cursor} if cursor else {}
            page = self._call(key, method, http_verb="GET", limit=_PAGE, **arguments, **more)
            yield page
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    def _call(self, key: str, method: str, *, http_verb: str = "POST", **arguments: Any) -> dict[str, Any]:
        body = {"params": arguments} if http_verb == "GET" else {"json": arguments}
        try:
            answer = self._client.api_call(method, http_verb=http_verb, **body)
        except SlackApiError as error:
            raise _delivery_error(key, method, error) from error
        except (OSError, HTTPException, SlackClientError) as error:
            raise DeliveryDelayed(key, f"Slack, {method}: {type(error).__name__}") from error
        return dict(answer.data) if isinstance(answer.data, dict) else {}


def _delivery_error(key: str, method: str, error: SlackApiError) -> DeliveryDelayed | DeliveryRefused:
    response = error.response
    status = response.status_code
    problem = str(response.data.get("error", "")) if isinstance(response.data, dict) else ""
    if not _ERROR_CODE.fullmatch(problem):  # not Slack's own answer: a proxy's page, say
        problem = f"status {status} without an error code"
    if status == 429 or status >= 500 or problem in _PASSING or " " in problem:
        headers = {name.lower(): value for name, value in response.headers.items()}
        wait = str(headers.get("retry-after", ""))
        return DeliveryDelayed(key, f"Slack, {method}: {problem}", float(wait) if wait.isdecimal() else None)
    return DeliveryRefused(key, f"Slack, {method}: {problem}")
